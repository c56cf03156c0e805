"""What should have been reported by a day (domain.md section 6)."""

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
    """`first_passed` and `last_passed`: the first and the last due day of the target are over."""

    expected_through: date | None
    overdue: bool
    next_due: date | None
    first_passed: bool
    last_passed: bool


def due_days(
    terms: TargetTerms, indicator: IndicatorTerms, calendar: Calendar = WEEKENDS_ONLY
) -> Sequence[tuple[Period, date]]:
    """Every reporting period of a target with its due day; `result_due` replaces the last."""
    # Where it is not asked, one calendar is as good as another, and what was worked out before is found again.
    asked = calendar if indicator.due_unit == DueUnit.WORKING_DAYS else WEEKENDS_ONLY
    found = _due_days(terms.period, indicator.frequency, indicator.due_days, indicator.due_unit, asked)
    return _with_result(found, terms.result_due)


def _with_result(found: tuple[tuple[Period, date], ...], due: date | None) -> Sequence[tuple[Period, date]]:
    return found if due is None else [*found[:-1], (found[-1][0], due)]


# Targets of one plan share their period, and mostly the rest.
@lru_cache(maxsize=256)
def _due_days(
    period: Period, frequency: Frequency, days: int, unit: DueUnit, calendar: Calendar
) -> tuple[tuple[Period, date], ...]:
    return tuple((each, due_day(each.end, days, unit, calendar)) for each in reporting_periods(period, frequency))


def freshness(
    terms: TargetTerms, indicator: IndicatorTerms, covered: date | None, as_of: date, calendar: Calendar = WEEKENDS_ONLY
) -> Freshness:
    """How the last covered day (None: no value) compares with what was due."""
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


# Targets of one plan are asked the same on one day, where their figures reach equally far.
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
