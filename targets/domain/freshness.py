"""What should have been reported by a day (domain.md section 6)."""

from datetime import date
from typing import NamedTuple

from indicators.domain.due import due_day, has_passed
from indicators.domain.periods import Period, reporting_periods
from indicators.domain.terms import IndicatorTerms

from .terms import TargetTerms


class Freshness(NamedTuple):
    """`first_passed` and `last_passed`: the first and the last due day of the target are over."""

    expected_through: date | None
    overdue: bool
    next_due: date | None
    first_passed: bool
    last_passed: bool


def due_days(terms: TargetTerms, indicator: IndicatorTerms) -> list[tuple[Period, date]]:
    """Every reporting period of a target with its due day; `result_due` replaces the last."""
    periods = reporting_periods(terms.period, indicator.frequency)
    found = [(period, due_day(period.end, indicator.due_days)) for period in periods]
    if terms.result_due is not None:
        found[-1] = periods[-1], terms.result_due
    return found


def freshness(terms: TargetTerms, indicator: IndicatorTerms, covered: date | None, as_of: date) -> Freshness:
    """How the last covered day (None: no value) compares with what was due."""
    dues = due_days(terms, indicator)
    passed = [period for period, due in dues if has_passed(due, as_of)]
    latest = passed[-1] if passed else None
    return Freshness(
        None if latest is None else latest.end,
        latest is not None and (covered is None or covered < latest.start),
        min((due for _, due in dues if due >= as_of), default=None),
        has_passed(dues[0][1], as_of),
        has_passed(dues[-1][1], as_of),
    )
