"""What is done about a target, and by when."""

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
        """Whether nothing is waited for any more."""
        return self in (ActionState.DONE, ActionState.CANCELLED)


OPEN_STATES: Final = tuple(state for state in ActionState if not state.closed)


class Reminder(StrEnum):
    """Why somebody is reminded of an action."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


def is_overdue(state: ActionState, due: date, today: date) -> bool:
    """The day itself is still in time."""
    return not state.closed and due < today


def reminder(state: ActionState, due: date, today: date, days: int) -> Reminder | None:
    """What is to be said of an action on a day: `days` before it is due, and once it is overdue."""
    if state.closed or due > today + timedelta(days=days):
        return None
    return Reminder.OVERDUE if due < today else Reminder.DUE_SOON


def closed_day(state: ActionState, given: date | None, known: date | None, today: date) -> date | None:
    """The day on which an action ended, as it stands after a change; None while it is open."""
    return (given or known or today) if state.closed else None
