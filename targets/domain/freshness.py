"""What should have been reported by a day (domain.md section 6)."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from indicators.domain.due import due_day, has_passed
from indicators.domain.periods import Period, reporting_periods
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Frequency

from .terms import TargetTerms


class Freshness(NamedTuple):
    """`first_passed` and `last_passed`: the first and the last due day of the target are over."""

    expected_through: date | None
    overdue: bool
    next_due: date | None
    first_passed: bool
    last_passed: bool


def due_days(terms: TargetTerms, indicator: IndicatorTerms) -> Sequence[tuple[Period, date]]:
    """Every reporting period of a target with its due day; `result_due` replaces the last."""
    found = _due_days(terms.period, indicator.frequency, indicator.due_days)
    if terms.result_due is None:
        return found
    return [*found[:-1], (found[-1][0], terms.result_due)]


# Targets of one plan share their period, and mostly the rest.
@lru_cache(maxsize=256)
def _due_days(period: Period, frequency: Frequency, days: int) -> tuple[tuple[Period, date], ...]:
    return tuple((each, due_day(each.end, days)) for each in reporting_periods(period, frequency))


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
