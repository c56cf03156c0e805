"""States, due days and reminders of actions."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class ActionState(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def closed(self) -> bool:
        """Whether the action is done or cancelled."""
        return self in (ActionState.DONE, ActionState.CANCELLED)


OPEN_STATES: Final = tuple(state for state in ActionState if not state.closed)


class Reminder(StrEnum):
    """Why a reminder of an action is sent."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


def is_overdue(state: ActionState, due: date, today: date) -> bool:
    """Whether the due day has passed. The due day itself is still in time."""
    return not state.closed and due < today


def reminder(state: ActionState, due: date, today: date, days: int) -> Reminder | None:
    """The reminder due on a day: from `days_before` days before the due day, and after it; else None."""
    if state.closed or due > today + timedelta(days=days):
        return None
    return Reminder.OVERDUE if due < today else Reminder.DUE_SOON


def closed_day(state: ActionState, given: date | None, known: date | None, today: date) -> date | None:
    """The closing day of an action after a change: the requested, the current, else today; None while it is open."""
    return (given or known or today) if state.closed else None
