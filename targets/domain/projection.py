"""The projected value at the end of the period (domain.md section 6)."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.figures import Figure
from indicators.domain.value_resolver import ValueResolver

from .actual import Actual
from .choices import Goal, Profile
from .profiles import ExpectedEdges
from .terms import TargetTerms


class Projection(NamedTuple):
    """Values in the unit of the indicator. `origin` is the figure at which the line of a stock starts."""

    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    origin: Figure | None = None


def project_value(
    terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual, expected: ExpectedEdges, *, final: bool
) -> Projection:
    """Project the value at the end of the period from the course until now."""
    if final:
        return Projection(actual.value, actual.value, actual.value)
    accumulation = resolver.terms(code).accumulation
    if accumulation == Accumulation.SUM:
        return _project_sum(terms, actual, expected)
    if accumulation == Accumulation.LAST:
        return _project_stock(terms, code, resolver, actual)
    return Projection(actual.value)


def _project_sum(terms: TargetTerms, actual: Actual, expected: ExpectedEdges) -> Projection:
    if expected.profile == Profile.SEASONAL:
        year_totals = [actual.value * share.whole / share.part for share in expected.shares]
        if len(year_totals) > 1:
            return Projection(year_totals[0], min(year_totals), max(year_totals))
        return Projection(year_totals[0])
    if expected.profile == Profile.MILESTONES:
        return Projection(_project_by_milestones(terms, actual, expected))
    return Projection(actual.value * terms.period.days / actual.span.days)


def _project_by_milestones(terms: TargetTerms, actual: Actual, expected: ExpectedEdges) -> Decimal | None:
    at_most = terms.goal == Goal.AT_MOST
    final_edge = terms.upper if at_most else terms.lower
    expected_edge = expected.upper if at_most else expected.lower
    if not final_edge or not expected_edge or (expected_edge > 0) != (final_edge > 0):
        return None
    return actual.value * final_edge / expected_edge


def _project_stock(terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual) -> Projection:
    if terms.baseline is not None:
        return Projection(_extend_line(terms, terms.baseline_day, terms.baseline, actual))
    series = resolver.series(code)
    first_figure = series.ending_on(series.ends_inside(terms.period)[0])
    if first_figure is None or 4 * (actual.through - first_figure.end).days < terms.period.days:
        return Projection(actual.value)
    return Projection(_extend_line(terms, first_figure.end, first_figure.numeric_value, actual), origin=first_figure)


def _extend_line(terms: TargetTerms, start_day: date, start_value: Decimal, actual: Actual) -> Decimal:
    """Extend the straight line from a value on a day through the actual to the end of the period."""
    if start_day >= actual.through:
        return actual.value
    days_left = (terms.period.end - actual.through).days
    return actual.value + (actual.value - start_value) * days_left / (actual.through - start_day).days
