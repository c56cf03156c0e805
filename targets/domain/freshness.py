"""Due days of reporting periods, and what is overdue on a day (domain.md section 6)."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar, due_day, has_passed
from indicators.domain.choices import DueUnit, Frequency
from indicators.domain.periods import Period, reporting_periods
from indicators.domain.terms import IndicatorTerms

from .terms import TargetTerms


class Freshness(NamedTuple):
    """`first_due_passed`, `last_due_passed`: whether the first and the last due day of the target have passed."""

    expected_through: date | None
    overdue: bool
    next_due: date | None
    first_due_passed: bool
    last_due_passed: bool


def list_due_days(
    terms: TargetTerms, indicator: IndicatorTerms, calendar: Calendar = WEEKENDS_ONLY
) -> Sequence[tuple[Period, date]]:
    """Return every reporting period of a target with its due day; `result_due` replaces the last due day."""
    # Calendar days do not depend on the holidays: one calendar for all of them gives more cache hits.
    relevant_calendar = calendar if indicator.due_unit == DueUnit.WORKING_DAYS else WEEKENDS_ONLY
    dated_periods = _compute_due_days(
        terms.period, indicator.frequency, indicator.due_days, indicator.due_unit, relevant_calendar
    )
    return _replace_last_due_day(dated_periods, terms.result_due)


def _replace_last_due_day(
    dated_periods: tuple[tuple[Period, date], ...], result_due: date | None
) -> Sequence[tuple[Period, date]]:
    return dated_periods if result_due is None else [*dated_periods[:-1], (dated_periods[-1][0], result_due)]


# Targets of one plan share their period, and mostly the other arguments.
@lru_cache(maxsize=256)
def _compute_due_days(
    period: Period, frequency: Frequency, days: int, unit: DueUnit, calendar: Calendar
) -> tuple[tuple[Period, date], ...]:
    return tuple(
        (reporting_period, due_day(reporting_period.end, days, unit, calendar))
        for reporting_period in reporting_periods(period, frequency)
    )


def assess_freshness(
    terms: TargetTerms,
    indicator: IndicatorTerms,
    covered_through: date | None,
    as_of: date,
    calendar: Calendar = WEEKENDS_ONLY,
) -> Freshness:
    """Compare the last covered day (None: no value) with the due days that have passed."""
    relevant_calendar = calendar if indicator.due_unit == DueUnit.WORKING_DAYS else WEEKENDS_ONLY
    return _cached_freshness(
        terms.period,
        terms.result_due,
        indicator.frequency,
        indicator.due_days,
        indicator.due_unit,
        relevant_calendar,
        covered_through,
        as_of,
    )


# On one day the arguments are the same for all targets of a plan whose figures cover the same days.
@lru_cache(maxsize=1024)
def _cached_freshness(
    period: Period,
    result_due: date | None,
    frequency: Frequency,
    days: int,
    unit: DueUnit,
    calendar: Calendar,
    covered_through: date | None,
    as_of: date,
) -> Freshness:
    dated_periods = _replace_last_due_day(_compute_due_days(period, frequency, days, unit, calendar), result_due)
    due_periods = [period for period, due in dated_periods if has_passed(due, as_of)]
    latest = due_periods[-1] if due_periods else None
    return Freshness(
        None if latest is None else latest.end,
        latest is not None and (covered_through is None or covered_through < latest.start),
        min((due for _, due in dated_periods if due >= as_of), default=None),
        has_passed(dated_periods[0][1], as_of),
        has_passed(dated_periods[-1][1], as_of),
    )
