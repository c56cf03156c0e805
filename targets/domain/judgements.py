"""Judgements of qualitative targets by a person (domain.md section 5)."""

from datetime import date
from typing import Final, NamedTuple

from .choices import Status

# The statuses that a person may choose. `not_due` and `no_data` follow from a missing judgement.
JUDGEMENT_STATUSES: Final = (
    Status.EXCEEDED,
    Status.MET,
    Status.MISSED,
    Status.ON_TRACK,
    Status.AT_RISK,
    Status.OFF_TRACK,
)
# A judgement with one of these is the result: no later judgement is expected.
_FINAL_STATUSES: Final = (Status.EXCEEDED, Status.MET, Status.MISSED)


class JudgementInForce(NamedTuple):
    """`day`: the first day on which it applies; `judged_by`: the name of the user."""

    status: Status
    day: date
    reason: str
    judged_by: str

    @property
    def never_stale(self) -> bool:
        """Whether the judgement never becomes overdue."""
        return self.status in _FINAL_STATUSES
