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
    def is_closed(self) -> bool:
        """Whether the action is done or cancelled."""
        return self in (ActionState.DONE, ActionState.CANCELLED)


OPEN_STATES: Final = tuple(state for state in ActionState if not state.is_closed)


class ReminderReason(StrEnum):
    """Why a reminder of an action is sent."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


def is_overdue(state: ActionState, due: date, today: date) -> bool:
    """Whether the due day has passed. The due day itself is still in time."""
    return not state.is_closed and due < today


def due_reminder(state: ActionState, due: date, today: date, days_before: int) -> ReminderReason | None:
    """The reminder due on a day: from `days_before` days before the due day, and after it; else None."""
    if state.is_closed or due > today + timedelta(days=days_before):
        return None
    return ReminderReason.OVERDUE if due < today else ReminderReason.DUE_SOON


def resolve_closed_day(
    state: ActionState, requested_day: date | None, current_day: date | None, today: date
) -> date | None:
    """The closing day of an action after a change: the requested, the current, else today; None while it is open."""
    return (requested_day or current_day or today) if state.is_closed else None
