"""The required pace for the rest of the period, for each edge (domain.md section 6)."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Final, NamedTuple

from indicators.domain.choices import Accumulation, IndicatorKind
from indicators.domain.periods import (
    Period,
    day_years_before,
    months_in,
    reporting_periods,
    whole_reporting_periods,
)
from indicators.domain.rounding import round_for_comparison
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver

from .actual import Actual
from .best_seen import SeenPace, SeenPaces, find_seen_paces
from .choices import Goal, PaceAssumption, PaceUnit
from .terms import TargetTerms

_end_of = attrgetter("end")
PaceFunction = Callable[[Decimal], Decimal]
# A posted growth of parts of equal weight is nearly the growth of the whole: within 0.04 points for quarters of GRDP.
_AVERAGED_KINDS: Final = frozenset({IndicatorKind.RATE, IndicatorKind.INDEX})


class RequiredPace(NamedTuple):
    """In the unit of the indicator, over one `per`; all None if there is no required pace.

    `seen_lower`, `seen_upper`: the best pace ever seen beside each required edge; `best_seen`: that which decides
    `out_of_reach`, which says that an edge needs more than was ever seen. It is None when fewer reporting periods are
    known (`periods_seen`) than the period has. `source_spans`: the other indicators and spans whose values were used.
    """

    lower: Decimal | None = None
    upper: Decimal | None = None
    per: PaceUnit | None = None
    assumes: PaceAssumption | None = None
    seen_lower: SeenPace | None = None
    seen_upper: SeenPace | None = None
    best_seen: SeenPace | None = None
    periods_seen: int | None = None
    out_of_reach: bool | None = None
    source_spans: tuple[tuple[str, Period], ...] = ()


class Weights(NamedTuple):
    """How much the covered part and the whole period weigh: in reporting periods, else in days."""

    covered: int
    whole: int

    def rest_for(self, edge: Decimal, value: Decimal) -> Decimal:
        """Return the average that the rest must have, so that the whole has the edge as its average."""
        return (edge * self.whole - value * self.covered) / (self.whole - self.covered)


def required_pace(terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual) -> RequiredPace:
    """Return the required pace of a target that is not final."""
    indicator = resolver.terms(code)
    if _is_additive(terms, indicator):
        pace = _additive_pace(terms, indicator, actual)
    elif indicator.formula:
        pace = _growth_pace(terms, code, resolver, actual)
    else:
        pace = _average_pace(terms, indicator, resolver, actual)
    if pace.lower is None and pace.upper is None:
        return RequiredPace()
    for_lower = terms.goal != Goal.AT_MOST and pace.lower is not None
    for_upper = terms.goal != Goal.AT_LEAST and pace.upper is not None
    seen = find_seen_paces(terms, code, resolver, actual.through, for_lower=for_lower, for_upper=for_upper)
    return _compare_with_seen(pace, seen)


def _compare_with_seen(pace: RequiredPace, seen: SeenPaces) -> RequiredPace:
    """Compare the pace of each required edge with the best on its side.

    Of two edges the lower decides, unless only the upper is out of reach.
    """
    lower_beyond, upper_beyond = _is_beyond(pace.lower, seen.greatest, 1), _is_beyond(pace.upper, seen.least, -1)
    is_upper = seen.greatest is None or (upper_beyond and not lower_beyond)
    return pace._replace(
        seen_lower=seen.greatest,
        seen_upper=seen.least,
        best_seen=seen.least if is_upper else seen.greatest,
        periods_seen=seen.periods,
        out_of_reach=lower_beyond or upper_beyond if seen.is_enough else None,
    )


def _is_beyond(needed: Decimal | None, best: SeenPace | None, sign: int) -> bool:
    if needed is None or best is None:
        return False
    return sign * (round_for_comparison(needed) - round_for_comparison(best.value)) > 0


def _is_additive(terms: TargetTerms, indicator: IndicatorTerms) -> bool:
    if indicator.accumulation == Accumulation.LAST:
        return terms.baseline is not None
    return indicator.accumulation == Accumulation.SUM


def _additive_pace(terms: TargetTerms, indicator: IndicatorTerms, actual: Actual) -> RequiredPace:
    periods = reporting_periods(terms.period, indicator.frequency)
    periods_left = len(periods) - bisect_right(periods, actual.through, key=_end_of)
    pace = _pace_for_edges(terms, lambda edge: (edge - actual.value) / periods_left)
    pace = pace._replace(per=PaceUnit(indicator.frequency.value))
    # A lower edge that is already reached needs nothing more: never a negative pace.
    if terms.goal == Goal.AT_LEAST:
        return pace._replace(lower=_at_least_zero(pace.lower), upper=_at_least_zero(pace.upper))
    if terms.goal == Goal.WITHIN:
        return pace._replace(lower=_at_least_zero(pace.lower))
    return pace


def _at_least_zero(pace: Decimal | None) -> Decimal | None:
    return None if pace is None else max(pace, Decimal(0))


def _average_pace(
    terms: TargetTerms, indicator: IndicatorTerms, resolver: ValueResolver, actual: Actual
) -> RequiredPace:
    weights = average_weights(terms, indicator, resolver, actual)
    if weights is None:
        return RequiredPace()
    assumes = PaceAssumption.EQUAL_WEIGHTS if indicator.accumulation == Accumulation.NONE else None
    pace = _pace_for_edges(terms, lambda edge: weights.rest_for(edge, actual.value))
    return pace._replace(per=PaceUnit.REST, assumes=assumes)


def average_weights(
    terms: TargetTerms, indicator: IndicatorTerms, resolver: ValueResolver, actual: Actual
) -> Weights | None:
    """Return how much an average so far and the whole period weigh; None where what is posted has no average."""
    if indicator.accumulation == Accumulation.MEAN:
        return _weights_of_mean(terms, indicator, resolver, actual)
    if indicator.accumulation != Accumulation.NONE or indicator.kind not in _AVERAGED_KINDS or actual.partial:
        return None
    return _equal_weights(terms, indicator, actual)


def _weights_of_mean(terms: TargetTerms, indicator: IndicatorTerms, resolver: ValueResolver, actual: Actual) -> Weights:
    spans = [terms.period, *(figure.period for figure in resolver.series(indicator.code).figures(actual.span))]
    counts = [whole_reporting_periods(span, indicator.frequency) for span in spans]
    if all(counts):
        return Weights(sum(counts[1:]), counts[0])
    return Weights(actual.span.days, terms.period.days)


def _equal_weights(terms: TargetTerms, indicator: IndicatorTerms, actual: Actual) -> Weights | None:
    """Return the weights of a posted rate; None where a reporting period is cut short by the period of the target."""
    periods = reporting_periods(terms.period, indicator.frequency)
    months = months_in(indicator.frequency)
    is_whole = not months or terms.period.whole_months == months * len(periods)
    covered = bisect_left(periods, actual.through, key=_end_of)
    if not is_whole or covered == len(periods) or periods[covered].end != actual.through:
        return None
    return Weights(covered + 1, len(periods))


def _growth_pace(terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual) -> RequiredPace:
    """Return the growth that the rest of the period must show for an indicator yoy(x), in percent."""
    formula = resolver.formula(code)
    base_code = None if formula is None else formula.growth_input()
    if base_code is None or resolver.terms(base_code).accumulation != Accumulation.SUM:
        return RequiredPace()
    year = terms.period.years_before(1)
    if not resolver.is_comparable(base_code, year, terms.period):
        return RequiredPace()
    so_far = year.until(day_years_before(actual.through, 1))
    base_total, base_reached = resolver.value(base_code, year), resolver.value(base_code, so_far)
    reached = resolver.value(base_code, actual.span)
    if base_total is None or base_reached is None or reached is None or base_total <= base_reached:
        return RequiredPace()
    base_rest = base_total - base_reached
    pace = _pace_for_edges(terms, lambda edge: (((1 + edge / 100) * base_total - reached) / base_rest - 1) * 100)
    return pace._replace(per=PaceUnit.REST, source_spans=((base_code, year), (base_code, so_far)))


def _pace_for_edges(terms: TargetTerms, pace_of: PaceFunction) -> RequiredPace:
    return RequiredPace(
        None if terms.lower is None else pace_of(terms.lower),
        None if terms.upper is None else pace_of(terms.upper),
    )
