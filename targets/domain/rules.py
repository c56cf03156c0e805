"""Conditions of alert rules: on the assessment, with its severity, and on a change or a date."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from indicators.domain.calendars import Calendar
from indicators.domain.periods import Period
from indicators.domain.rounding import exact_arithmetic, round_for_comparison

from .assessment import AssessmentResult
from .choices import PROBLEM_STATUSES, RESULT_STATUSES, Status

_GOOD_STATUSES = frozenset({Status.ON_TRACK, Status.MET, Status.EXCEEDED})
_REACHED_STATUSES = RESULT_STATUSES - PROBLEM_STATUSES


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
    def needs_amount(self) -> bool:
        return self in (RuleKind.VARIANCE_BEYOND, RuleKind.REVISED_BEYOND)


# Begin to hold when a day has passed, without a new figure.
TIME_BASED_KINDS: Final = frozenset({RuleKind.DUE_SOON, RuleKind.OVERDUE, RuleKind.ACTION_OVERDUE})
# The alert opens and resolves with a single notification.
ONE_SHOT_KINDS: Final = frozenset(
    {RuleKind.RECOVERED, RuleKind.MET_EARLY, RuleKind.REVISED_BEYOND, RuleKind.TARGET_AMENDED}
)
# A trigger beside the assessment decides whether they hold.
TRIGGER_KINDS: Final = ONE_SHOT_KINDS | {RuleKind.DUE_SOON, RuleKind.ACTION_OVERDUE}


# About the reports of a target: the department that owes its figures is told first, and who answers for it gets a copy.
REPORTING_KINDS: Final = frozenset({RuleKind.OVERDUE, RuleKind.DUE_SOON, RuleKind.REVISED_BEYOND})
# The actual of the target decides whether they hold.
VALUE_KINDS: Final = frozenset({RuleKind.STATUS_IS, RuleKind.VARIANCE_BEYOND, RuleKind.PACE_OUT_OF_REACH})


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
        return int(assessment.out_of_reach is True)
    return int(assessment.overdue)


def is_result_known(condition: Condition, assessment: AssessmentResult) -> bool:
    """Whether the result is known, so that a reminder can change nothing. Overdue figures can still be reported."""
    return condition.kind not in TIME_BASED_KINDS and assessment.status in RESULT_STATUSES


def is_data_missing(condition: Condition, assessment: AssessmentResult) -> bool:
    """Whether the value that the condition is about vanished or never came: it is then neither true nor over."""
    return condition.kind in VALUE_KINDS and assessment.status in (Status.NOT_DUE, Status.NO_DATA)


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


class ValueChange(NamedTuple):
    """The value of a figure before and after a revision."""

    before: Decimal
    after: Decimal

    @property
    def amount(self) -> Decimal:
        with exact_arithmetic():
            return self.after - self.before

    @property
    def percent(self) -> Decimal | None:
        """In percent of the value before; None if that value is 0."""
        if not self.before:
            return None
        with exact_arithmetic():
            return self.amount * 100 / abs(self.before)


def has_recovered(before: str | None, after: Status) -> bool:
    """Whether a status that needed attention became on track, met or exceeded. `before`: None or "" if there was none."""
    return before in PROBLEM_STATUSES and after in _GOOD_STATUSES


def is_met_early(before: str | None, assessment: AssessmentResult, period_end: date, as_of: date) -> bool:
    """Whether the target has just been met before its period is over, or by figures of a part of the period."""
    from_partial_period = not assessment.final and assessment.judgement is None
    return (
        assessment.status in _REACHED_STATUSES
        and before not in _REACHED_STATUSES
        and (as_of < period_end or from_partial_period)
    )


def exceeds_amount(change: ValueChange, amount: Decimal, *, in_percent: bool) -> bool:
    """Whether a value changed by more than an amount, up or down. In percent every change from 0 does."""
    if not in_percent:
        return round_for_comparison(abs(change.amount)) > amount
    percent = change.percent
    return bool(change.amount) if percent is None else round_for_comparison(abs(percent)) > amount


def find_due_soon(
    dated_periods: Sequence[tuple[Period, date]],
    assessment: AssessmentResult,
    as_of: date,
    days: int,
    calendar: Calendar,
) -> tuple[Period, date] | None:
    """Return the next period that is due and its due day, from `days` working days before that day.

    None before that, once its figure was reported, and while an earlier figure is overdue.
    """
    period, due_day = min(
        ((next_period, next_due) for next_period, next_due in dated_periods if next_due >= as_of),
        key=lambda candidate: candidate[1],
        default=(None, date.max),
    )
    if period is None or assessment.overdue or _is_covered(period, assessment):
        return None
    return (period, due_day) if as_of >= working_days_before(due_day, days, calendar) else None


def _is_covered(period: Period, assessment: AssessmentResult) -> bool:
    if assessment.judgement is not None:
        return assessment.judgement.never_stale or assessment.judgement.day >= period.start
    return assessment.covered_through is not None and assessment.covered_through >= period.start


def working_days_before(day: date, days: int, calendar: Calendar) -> date:
    """Return the day that lies `days` working days earlier."""
    while days:
        day -= timedelta(days=1)
        days -= calendar.is_working_day(day)
    return day
