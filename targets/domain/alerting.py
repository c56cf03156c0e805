"""Whether somebody must be told of a status, and why."""

from enum import StrEnum
from typing import NamedTuple

from .vocabulary import WORRYING, Status


class Reason(StrEnum):
    """Why somebody is told: `recovered` closes an alert without a message."""

    NONE = "none"
    FIRST = "first"
    WORSE = "worse"
    RECOVERED = "recovered"


class Event(StrEnum):
    """What a receiver may ask to be told of. `opened` and `worse` happen; the others will, and may be asked for now."""

    OPENED = "opened"
    WORSE = "worse"
    RESOLVED = "resolved"
    REMINDER = "reminder"
    ESCALATION = "escalation"


class Told(NamedTuple):
    """The open alert of a target: the status that was told last."""

    status: Status


def reason_to_tell(*, status: Status, told: Told | None, before: Status | None = None) -> Reason:
    """Compare a status with what is open about its target (None: nothing).

    `before` is the status that the target had: one that stays what it was opens nothing.
    """
    if told is None:
        return Reason.FIRST if status in WORRYING and status != before else Reason.NONE
    if status not in WORRYING:
        return Reason.RECOVERED
    return Reason.WORSE if status.severity > told.status.severity else Reason.NONE
