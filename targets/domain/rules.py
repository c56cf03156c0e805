"""What a rule looks at, and how bad it finds it."""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from indicators.domain.rounding import compared

from .assessment import Assessment
from .vocabulary import RESULTS, Status


class RuleKind(StrEnum):
    STATUS_IS = "status_is"
    VARIANCE_BEYOND = "variance_beyond"
    PACE_OUT_OF_REACH = "pace_out_of_reach"
    OVERDUE = "overdue"

    @property
    def by_time(self) -> bool:
        """It begins to hold when a day is over, without anything being posted."""
        return self is RuleKind.OVERDUE


class RuleSeverity(StrEnum):
    """How grave what a rule finds is; not stated: by the status."""

    BY_STATUS = ""
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Condition(NamedTuple):
    """`statuses` of `status_is`; `amount` of `variance_beyond`, in the unit of the indicator or percent of what was due."""

    kind: RuleKind
    statuses: frozenset[Status] = frozenset()
    amount: Decimal | None = None
    in_percent: bool = False


def grade(condition: Condition, found: Assessment) -> int:
    """0 where the condition does not hold, else greater for worse: a status by its severity, all else is as bad as it is."""
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
