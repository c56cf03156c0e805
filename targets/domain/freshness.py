"""Due days of reporting periods, and what is overdue on a day (domain.md section 6)."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar
from indicators.domain.due import due_day, has_passed
from indicators.domain.periods import Period, reporting_periods
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import DueUnit, Frequency

from .terms import TargetTerms


class Freshness(NamedTuple):
    """`first_due_passed`, `last_due_passed`: whether the first and the last due day of the target have passed."""

    expected_through: date | None
    overdue: bool
    next_due: date | None
    first_passed: bool
    last_passed: bool


def due_days(
    terms: TargetTerms, indicator: IndicatorTerms, calendar: Calendar = WEEKENDS_ONLY
) -> Sequence[tuple[Period, date]]:
    """Return every reporting period of a target with its due day; `result_due` replaces the last due day."""
    # Calendar days do not depend on the holidays: one calendar for all of them gives more cache hits.
    asked = calendar if indicator.due_unit == DueUnit.WORKING_DAYS else WEEKENDS_ONLY
    found = _due_days(terms.period, indicator.frequency, indicator.due_days, indicator.due_unit, asked)
    return _with_result(found, terms.result_due)


def _with_result(found: tuple[tuple[Period, date], ...], due: date | None) -> Sequence[tuple[Period, date]]:
    return found if due is None else [*found[:-1], (found[-1][0], due)]


# Targets of one plan share their period, and mostly the other arguments.
@lru_cache(maxsize=256)
def _due_days(
    period: Period, frequency: Frequency, days: int, unit: DueUnit, calendar: Calendar
) -> tuple[tuple[Period, date], ...]:
    return tuple((each, due_day(each.end, days, unit, calendar)) for each in reporting_periods(period, frequency))


def freshness(
    terms: TargetTerms, indicator: IndicatorTerms, covered: date | None, as_of: date, calendar: Calendar = WEEKENDS_ONLY
) -> Freshness:
    """Compare the last covered day (None: no value) with the due days that have passed."""
    asked = calendar if indicator.due_unit == DueUnit.WORKING_DAYS else WEEKENDS_ONLY
    return _freshness(
        terms.period,
        terms.result_due,
        indicator.frequency,
        indicator.due_days,
        indicator.due_unit,
        asked,
        covered,
        as_of,
    )


# On one day the arguments are the same for all targets of a plan whose figures cover the same days.
@lru_cache(maxsize=1024)
def _freshness(
    period: Period,
    result_due: date | None,
    frequency: Frequency,
    days: int,
    unit: DueUnit,
    calendar: Calendar,
    covered: date | None,
    as_of: date,
) -> Freshness:
    dues = _with_result(_due_days(period, frequency, days, unit, calendar), result_due)
    passed = [period for period, due in dues if has_passed(due, as_of)]
    latest = passed[-1] if passed else None
    return Freshness(
        None if latest is None else latest.end,
        latest is not None and (covered is None or covered < latest.start),
        min((due for _, due in dues if due >= as_of), default=None),
        has_passed(dues[0][1], as_of),
        has_passed(dues[-1][1], as_of),
    )
