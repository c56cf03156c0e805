"""Due days of reporting periods, and what is overdue on a day (domain.md section 6)."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar, due_day, has_passed
from indicators.domain.choices import DueUnit, Frequency
from indicators.domain.periods import UNLIMITED, Period, ValidityRange, reporting_periods
from indicators.domain.terms import IndicatorTerms

from .terms import TargetTerms


class Freshness(NamedTuple):
    """What was due by a day, of the periods on whose last day the area existed: see `list_owed_periods`.

    `first_due_passed`: whether the first due day has passed. `last_due_passed`: that of the result, of an area that
    ended too. `unchanged_through`: the day after which another due day has passed; None: there is none left.
    """

    expected_through: date | None
    overdue: bool
    next_due: date | None
    first_due_passed: bool
    last_due_passed: bool
    unchanged_through: date | None


DatedPeriods = Sequence[tuple[Period, date]]


def list_due_days(terms: TargetTerms, indicator: IndicatorTerms, calendar: Calendar = WEEKENDS_ONLY) -> DatedPeriods:
    """Return every reporting period of a target with its due day; `result_due` replaces the last due day."""
    # Calendar days do not depend on the holidays: one calendar for all of them gives more cache hits.
    relevant_calendar = calendar if indicator.due_unit == DueUnit.WORKING_DAYS else WEEKENDS_ONLY
    dated_periods = _compute_due_days(
        terms.period, indicator.frequency, indicator.due_days, indicator.due_unit, relevant_calendar
    )
    return _replace_last_due_day(dated_periods, terms.result_due)


def list_owed_periods(
    terms: TargetTerms, indicator: IndicatorTerms, calendar: Calendar = WEEKENDS_ONLY
) -> DatedPeriods:
    """Return those of `list_due_days` on whose last day the area existed: no figure is owed of the others."""
    return _select_owed(list_due_days(terms, indicator, calendar), terms.area)


def _select_owed(dated_periods: DatedPeriods, area: ValidityRange) -> DatedPeriods:
    if area == UNLIMITED:
        return dated_periods
    return [(period, due) for period, due in dated_periods if area.is_valid_on(period.end)]


def _replace_last_due_day(dated_periods: tuple[tuple[Period, date], ...], result_due: date | None) -> DatedPeriods:
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
        terms.area,
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
    area: ValidityRange,
    covered_through: date | None,
    as_of: date,
) -> Freshness:
    dated_periods = _replace_last_due_day(_compute_due_days(period, frequency, days, unit, calendar), result_due)
    owed_periods = _select_owed(dated_periods, area)
    due_periods = [period for period, due in owed_periods if has_passed(due, as_of)]
    latest = due_periods[-1] if due_periods else None
    return Freshness(
        None if latest is None else latest.end,
        latest is not None and (covered_through is None or covered_through < latest.start),
        _first_day_from(owed_periods, as_of),
        has_passed((owed_periods or dated_periods)[0][1], as_of),
        has_passed(dated_periods[-1][1], as_of),
        _first_day_from(dated_periods, as_of),
    )


def _first_day_from(dated_periods: DatedPeriods, day: date) -> date | None:
    return min((due for _, due in dated_periods if due >= day), default=None)
