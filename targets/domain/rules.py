"""What a rule looks at, and how bad it finds it."""

from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from indicators.domain.rounding import compared

from .assessment import Assessment
from .vocabulary import RESULTS, Status


class RuleKind(StrEnum):
    STATUS_IS = "status_is"
    RECOVERED = "recovered"
    MET_EARLY = "met_early"
    VARIANCE_BEYOND = "variance_beyond"
    REVISED_BEYOND = "revised_beyond"
    PACE_OUT_OF_REACH = "pace_out_of_reach"
    TARGET_AMENDED = "target_amended"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    ACTION_OVERDUE = "action_overdue"

    @property
    def by_time(self) -> bool:
        """It begins to hold when a day is over, without anything being posted."""
        return self in (RuleKind.DUE_SOON, RuleKind.OVERDUE, RuleKind.ACTION_OVERDUE)

    @property
    def passing(self) -> bool:
        """It happens in a moment, and is told once: nothing stays open."""
        return self in _PASSING

    @property
    def by_occasion(self) -> bool:
        """It is found beside the assessment."""
        return self.passing or self in (RuleKind.DUE_SOON, RuleKind.ACTION_OVERDUE)

    @property
    def needs_amount(self) -> bool:
        return self in (RuleKind.VARIANCE_BEYOND, RuleKind.REVISED_BEYOND)


_PASSING: Final = (RuleKind.RECOVERED, RuleKind.MET_EARLY, RuleKind.REVISED_BEYOND, RuleKind.TARGET_AMENDED)


class RuleSeverity(StrEnum):
    """How grave what a rule finds is; not stated: by the status."""

    BY_STATUS = ""
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Condition(NamedTuple):
    """`statuses` of `status_is`; `amount` of `variance_beyond` and `revised_beyond`, in the unit of the indicator or percent
    of what was due, or of what the figure said before.
    """

    kind: RuleKind
    statuses: frozenset[Status] = frozenset()
    amount: Decimal | None = None
    in_percent: bool = False


def grade(condition: Condition, found: Assessment) -> int:
    """0 where the condition does not hold, else greater for worse: a status by its severity, all else is as bad as it is.

    Not of kinds that are found by an occasion.
    """
    if condition.kind is RuleKind.STATUS_IS:
        return found.status.severity if found.status in condition.statuses else 0
    if condition.kind is RuleKind.VARIANCE_BEYOND:
        return int(_beyond(condition, found))
    if condition.kind is RuleKind.PACE_OUT_OF_REACH:
        return int(bool(found.out_of_reach))
    return int(found.overdue)


def is_final(condition: Condition, found: Assessment) -> bool:
    """Whether nothing more can be brought about, because the result is known; figures that are overdue can still come."""
    return not condition.kind.by_time and found.status in RESULTS


def _beyond(condition: Condition, found: Assessment) -> bool:
    """Behind what was due by more than the amount; on the good side nothing is."""
    short = found.shortfall
    if condition.amount is None or not short:
        return False
    if condition.in_percent:
        return found.variance_percent is not None and compared(abs(found.variance_percent)) > condition.amount
    return compared(short) > condition.amount
