"""Whether each milestone was reached, independently of the status of its target."""

from datetime import date

from indicators.domain.choices import Accumulation
from indicators.domain.value_resolver import ValueResolver

from .actual import Actual, compute_actual
from .choices import Goal
from .terms import Milestone, TargetTerms

_TILED_ACCUMULATIONS = (Accumulation.SUM, Accumulation.MEAN)


def milestones_reached(
    terms: TargetTerms, code: str, resolver: ValueResolver, covered_through: date | None
) -> tuple[tuple[Milestone, bool | None], ...]:
    """Return every milestone by day with whether it was reached; None while this is unknown.

    The value of the span up to the day of the milestone is compared with the required edges that the milestone names.
    Sums and means must be covered through that very day. Otherwise the latest value until that day counts, once any
    value covers that day or a later one.
    """
    by_day = sorted(terms.milestones, key=lambda milestone: milestone.date)
    return tuple((m, _is_reached(terms, code, resolver, m, covered_through)) for m in by_day)


def milestone_actual(
    terms: TargetTerms, code: str, resolver: ValueResolver, milestone: Milestone, covered_through: date | None
) -> Actual | None:
    """Return the value that is compared with a milestone; None while there is none."""
    if covered_through is None or covered_through < milestone.date:
        return None
    actual = compute_actual(resolver, code, terms.period.until(milestone.date))
    if actual is None:
        return None
    is_tiled = resolver.terms(code).accumulation in _TILED_ACCUMULATIONS
    return None if is_tiled and actual.through < milestone.date else actual


def _is_reached(
    terms: TargetTerms, code: str, resolver: ValueResolver, milestone: Milestone, covered_through: date | None
) -> bool | None:
    actual = milestone_actual(terms, code, resolver, milestone, covered_through)
    return None if actual is None else _meets_edges(terms, milestone, actual)


def _meets_edges(terms: TargetTerms, milestone: Milestone, actual: Actual) -> bool | None:
    edges_met = []
    if terms.goal != Goal.AT_MOST and milestone.lower is not None:
        edges_met.append(actual.compare_to(milestone.lower) >= terms.lower_open)
    if terms.goal != Goal.AT_LEAST and milestone.upper is not None:
        edges_met.append(actual.compare_to(milestone.upper) <= -terms.upper_open)
    return all(edges_met) if edges_met else None
