"""What a person has found of a target that has no number (domain.md section 5)."""

from datetime import date
from typing import Final, NamedTuple

from .vocabulary import Status

# What somebody may find; that nothing is known yet is found by nobody.
VERDICTS: Final = (
    Status.EXCEEDED,
    Status.MET,
    Status.MISSED,
    Status.ON_TRACK,
    Status.AT_RISK,
    Status.OFF_TRACK,
)
# After these nobody need look again.
_LAST_WORDS: Final = (Status.EXCEEDED, Status.MET, Status.MISSED)


class Judgement(NamedTuple):
    """`day`: from when on it holds; `by`: who judged."""

    status: Status
    day: date
    reason: str
    by: str

    @property
    def lasts(self) -> bool:
        """Whether it does not grow stale."""
        return self.status in _LAST_WORDS
