"""Conditions of rules that depend on a change or a date, not only on the current assessment."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.calendars import Calendar
from indicators.domain.periods import Period
from indicators.domain.rounding import exact_arithmetic, round_for_comparison

from .assessment import AssessmentResult
from .choices import PROBLEM_STATUSES, RESULT_STATUSES, Status

_GOOD_STATUSES = frozenset({Status.ON_TRACK, Status.MET, Status.EXCEEDED})
_REACHED_STATUSES = RESULT_STATUSES - PROBLEM_STATUSES


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


def has_recovered(before: Status | None, after: Status) -> bool:
    """Whether a status that needed attention became on track, met or exceeded."""
    return before in PROBLEM_STATUSES and after in _GOOD_STATUSES


def is_met_early(before: Status | None, assessment: AssessmentResult, period_end: date, as_of: date) -> bool:
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
