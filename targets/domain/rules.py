"""Conditions of alert rules, and how severe an assessment is under them."""

from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from indicators.domain.rounding import round_for_comparison

from .assessment import AssessmentResult
from .choices import RESULT_STATUSES, Status


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
    def is_time_based(self) -> bool:
        """Whether it begins to hold when a day has passed, without a new figure."""
        return self in (RuleKind.DUE_SOON, RuleKind.OVERDUE, RuleKind.ACTION_OVERDUE)

    @property
    def is_one_shot(self) -> bool:
        """Whether the alert opens and resolves with a single notification."""
        return self in _ONE_SHOT_KINDS

    @property
    def uses_trigger(self) -> bool:
        """Whether a trigger beside the assessment decides that it holds."""
        return self.is_one_shot or self in (RuleKind.DUE_SOON, RuleKind.ACTION_OVERDUE)

    @property
    def needs_amount(self) -> bool:
        return self in (RuleKind.VARIANCE_BEYOND, RuleKind.REVISED_BEYOND)


_ONE_SHOT_KINDS: Final = (RuleKind.RECOVERED, RuleKind.MET_EARLY, RuleKind.REVISED_BEYOND, RuleKind.TARGET_AMENDED)


class RuleSeverity(StrEnum):
    """The severity of alerts of a rule; `BY_STATUS`: it follows from the status."""

    BY_STATUS = ""
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Condition(NamedTuple):
    """`statuses` belong to `status_is`, `amount` to `variance_beyond` and `revised_beyond`.

    The amount is in the unit of the indicator, or in percent of the expected edge or of the value before the revision.
    """

    kind: RuleKind
    statuses: frozenset[Status] = frozenset()
    amount: Decimal | None = None
    in_percent: bool = False


def rank_severity(condition: Condition, assessment: AssessmentResult) -> int:
    """Return 0 if the condition does not hold, else a rank that is greater for worse: of a status its rank, else 1.

    Not for kinds that use a trigger.
    """
    if condition.kind is RuleKind.STATUS_IS:
        return assessment.status.severity_rank if assessment.status in condition.statuses else 0
    if condition.kind is RuleKind.VARIANCE_BEYOND:
        return int(_is_shortfall_beyond(condition, assessment))
    if condition.kind is RuleKind.PACE_OUT_OF_REACH:
        return int(bool(assessment.out_of_reach))
    return int(assessment.overdue)


def is_final(condition: Condition, assessment: AssessmentResult) -> bool:
    """Whether the result is known, so that nothing can change it. Overdue figures can still be reported."""
    return not condition.kind.is_time_based and assessment.status in RESULT_STATUSES


def _is_shortfall_beyond(condition: Condition, assessment: AssessmentResult) -> bool:
    """Whether the shortfall is greater than the amount. A favourable variance is no shortfall."""
    shortfall = assessment.shortfall
    if condition.amount is None or not shortfall:
        return False
    if condition.in_percent:
        return (
            assessment.variance_percent is not None
            and round_for_comparison(abs(assessment.variance_percent)) > condition.amount
        )
    return round_for_comparison(shortfall) > condition.amount
