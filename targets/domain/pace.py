"""The required pace for the rest of the period, for each edge (domain.md section 6)."""

from bisect import bisect_right
from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from indicators.domain.book import Book
from indicators.domain.days import day_years_before
from indicators.domain.periods import Period, reporting_periods
from indicators.domain.rounding import compared
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Accumulation, Frequency

from .actual import Actual
from .records import best_ever
from .terms import TargetTerms
from .vocabulary import Goal

_last_day = attrgetter("end")
PaceOf = Callable[[Decimal], Decimal]


class Pace(NamedTuple):
    """In the unit of the indicator, over one period of `per`; all None if there is no required pace.

    `out_of_reach`: the required edge needs a better pace than the best ever. `source_spans`: the other indicators and
    spans whose values were used.
    """

    lower: Decimal | None = None
    upper: Decimal | None = None
    per: Frequency | None = None
    best_ever: Decimal | None = None
    out_of_reach: bool | None = None
    looked_up: tuple[tuple[str, Period], ...] = ()


def required_pace(terms: TargetTerms, code: str, book: Book, actual: Actual) -> Pace:
    """Return the required pace of a target that is not final."""
    indicator = book.terms(code)
    if _adds_up(terms, indicator):
        pace = _of_flow(terms, indicator, actual)
    elif indicator.accumulation == Accumulation.MEAN:
        pace = _of_mean(terms, actual)
    else:
        pace = _of_growth(terms, code, book, actual)
    if pace.lower is None and pace.upper is None:
        return pace
    best = best_ever(terms, code, book)
    return pace._replace(per=indicator.frequency, best_ever=best, out_of_reach=_out_of_reach(terms, pace, best))


def _out_of_reach(terms: TargetTerms, pace: Pace, best: Decimal | None) -> bool | None:
    needed = pace.upper if terms.goal == Goal.AT_MOST else pace.lower
    if needed is None or best is None:
        return None
    needed, best = compared(needed), compared(best)
    return needed < best if terms.goal == Goal.AT_MOST else needed > best


def _adds_up(terms: TargetTerms, indicator: IndicatorTerms) -> bool:
    if indicator.accumulation == Accumulation.LAST:
        return terms.baseline is not None
    return indicator.accumulation == Accumulation.SUM


def _of_flow(terms: TargetTerms, indicator: IndicatorTerms, actual: Actual) -> Pace:
    periods = reporting_periods(terms.period, indicator.frequency)
    left = len(periods) - bisect_right(periods, actual.through, key=_last_day)
    pace = _edges(terms, lambda edge: (edge - actual.value) / left)
    # A lower edge that is already reached needs nothing more: never a negative pace.
    if terms.goal == Goal.AT_LEAST:
        return Pace(_not_negative(pace.lower), _not_negative(pace.upper))
    if terms.goal == Goal.WITHIN:
        return Pace(_not_negative(pace.lower), pace.upper)
    return pace


def _not_negative(pace: Decimal | None) -> Decimal | None:
    return None if pace is None else max(pace, Decimal(0))


def _of_mean(terms: TargetTerms, actual: Actual) -> Pace:
    days, done = terms.period.days, actual.span.days
    return _edges(terms, lambda edge: (edge * days - actual.value * done) / (days - done))


def _of_growth(terms: TargetTerms, code: str, book: Book, actual: Actual) -> Pace:
    """Return the growth that the rest of the period must show for an indicator yoy(x), in percent."""
    formula = book.formula(code)
    base = None if formula is None else formula.growth_of()
    if base is None or book.terms(base).accumulation != Accumulation.SUM:
        return Pace()
    year = terms.period.years_before(1)
    so_far = year.until(day_years_before(actual.through, 1))
    whole, before = book.value(base, year), book.value(base, so_far)
    done = book.value(base, actual.span)
    if whole is None or before is None or done is None or whole <= before:
        return Pace()
    left = whole - before
    pace = _edges(terms, lambda edge: (((1 + edge / 100) * whole - done) / left - 1) * 100)
    return pace._replace(looked_up=((base, year), (base, so_far)))


def _edges(terms: TargetTerms, pace_of: PaceOf) -> Pace:
    return Pace(
        None if terms.lower is None else pace_of(terms.lower),
        None if terms.upper is None else pace_of(terms.upper),
    )
