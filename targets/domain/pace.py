"""The required pace for the rest of the period, for each edge (domain.md section 6)."""

from bisect import bisect_right
from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from indicators.domain.choices import Accumulation, Frequency
from indicators.domain.periods import Period, day_years_before, reporting_periods
from indicators.domain.rounding import round_for_comparison
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver

from .actual import Actual
from .best_pace import best_ever
from .choices import Goal
from .terms import TargetTerms

_end_of = attrgetter("end")
PaceFunction = Callable[[Decimal], Decimal]


class RequiredPace(NamedTuple):
    """In the unit of the indicator, over one period of `per`; all None if there is no required pace.

    `out_of_reach`: the required edge needs a better pace than the best ever. `source_spans`: the other indicators and
    spans whose values were used.
    """

    lower: Decimal | None = None
    upper: Decimal | None = None
    per: Frequency | None = None
    best_ever: Decimal | None = None
    out_of_reach: bool | None = None
    source_spans: tuple[tuple[str, Period], ...] = ()


def required_pace(terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual) -> RequiredPace:
    """Return the required pace of a target that is not final."""
    indicator = resolver.terms(code)
    if _is_additive(terms, indicator):
        pace = _additive_pace(terms, indicator, actual)
    elif indicator.accumulation == Accumulation.MEAN:
        pace = _mean_pace(terms, actual)
    else:
        pace = _growth_pace(terms, code, resolver, actual)
    if pace.lower is None and pace.upper is None:
        return pace
    best_pace = best_ever(terms, code, resolver)
    return pace._replace(
        per=indicator.frequency, best_ever=best_pace, out_of_reach=_is_out_of_reach(terms, pace, best_pace)
    )


def _is_out_of_reach(terms: TargetTerms, pace: RequiredPace, best_pace: Decimal | None) -> bool | None:
    needed = pace.upper if terms.goal == Goal.AT_MOST else pace.lower
    if needed is None or best_pace is None:
        return None
    needed, best_pace = round_for_comparison(needed), round_for_comparison(best_pace)
    return needed < best_pace if terms.goal == Goal.AT_MOST else needed > best_pace


def _is_additive(terms: TargetTerms, indicator: IndicatorTerms) -> bool:
    if indicator.accumulation == Accumulation.LAST:
        return terms.baseline is not None
    return indicator.accumulation == Accumulation.SUM


def _additive_pace(terms: TargetTerms, indicator: IndicatorTerms, actual: Actual) -> RequiredPace:
    periods = reporting_periods(terms.period, indicator.frequency)
    periods_left = len(periods) - bisect_right(periods, actual.through, key=_end_of)
    pace = _pace_for_edges(terms, lambda edge: (edge - actual.value) / periods_left)
    # A lower edge that is already reached needs nothing more: never a negative pace.
    if terms.goal == Goal.AT_LEAST:
        return RequiredPace(_at_least_zero(pace.lower), _at_least_zero(pace.upper))
    if terms.goal == Goal.WITHIN:
        return RequiredPace(_at_least_zero(pace.lower), pace.upper)
    return pace


def _at_least_zero(pace: Decimal | None) -> Decimal | None:
    return None if pace is None else max(pace, Decimal(0))


def _mean_pace(terms: TargetTerms, actual: Actual) -> RequiredPace:
    days, days_covered = terms.period.days, actual.span.days
    return _pace_for_edges(terms, lambda edge: (edge * days - actual.value * days_covered) / (days - days_covered))


def _growth_pace(terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual) -> RequiredPace:
    """Return the growth that the rest of the period must show for an indicator yoy(x), in percent."""
    formula = resolver.formula(code)
    base_code = None if formula is None else formula.growth_input()
    if base_code is None or resolver.terms(base_code).accumulation != Accumulation.SUM:
        return RequiredPace()
    year = terms.period.years_before(1)
    so_far = year.until(day_years_before(actual.through, 1))
    base_total, base_reached = resolver.value(base_code, year), resolver.value(base_code, so_far)
    reached = resolver.value(base_code, actual.span)
    if base_total is None or base_reached is None or reached is None or base_total <= base_reached:
        return RequiredPace()
    base_rest = base_total - base_reached
    pace = _pace_for_edges(terms, lambda edge: (((1 + edge / 100) * base_total - reached) / base_rest - 1) * 100)
    return pace._replace(source_spans=((base_code, year), (base_code, so_far)))


def _pace_for_edges(terms: TargetTerms, pace_of: PaceFunction) -> RequiredPace:
    return RequiredPace(
        None if terms.lower is None else pace_of(terms.lower),
        None if terms.upper is None else pace_of(terms.upper),
    )
