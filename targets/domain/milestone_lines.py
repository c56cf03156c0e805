"""The straight lines through milestones (domain.md section 5, table of profiles)."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.terms import IndicatorTerms

from .terms import TargetTerms

DatedValue = tuple[date, Decimal]


class Segment(NamedTuple):
    """A straight line between two days, with values in the unit of the indicator."""

    first_day: date
    first_value: Decimal
    last_day: date
    last_value: Decimal

    def value_on(self, day: date) -> Decimal:
        change = (self.last_value - self.first_value) * (day - self.first_day).days
        return self.first_value + change / (self.last_day - self.first_day).days


def lower_segment(terms: TargetTerms, indicator: IndicatorTerms, day: date) -> Segment | None:
    """Return the line that contains the expected lower edge of a day inside the period.

    None if the target has no lower edge, and before the end of the period if no milestone names one.
    """
    dated_edges = [(milestone.date, milestone.lower) for milestone in terms.milestones if milestone.lower is not None]
    return _find_segment(terms, indicator, dated_edges, terms.lower, day)


def upper_segment(terms: TargetTerms, indicator: IndicatorTerms, day: date) -> Segment | None:
    """The same as `lower_segment`, for the expected upper edge."""
    dated_edges = [(milestone.date, milestone.upper) for milestone in terms.milestones if milestone.upper is not None]
    return _find_segment(terms, indicator, dated_edges, terms.upper, day)


def _find_segment(
    terms: TargetTerms,
    indicator: IndicatorTerms,
    dated_edges: list[DatedValue],
    edge: Decimal | None,
    day: date,
) -> Segment | None:
    end = terms.period.end
    if edge is None:
        return None
    if not dated_edges:
        return Segment(terms.day_before, edge, end, edge) if day == end else None
    dated_edges.sort()
    points = [(terms.day_before, _start_value(terms, indicator, dated_edges[0][1])), *dated_edges, (end, edge)]
    index = next(index for index, (point_day, _) in enumerate(points) if point_day >= day)
    return Segment(*points[index - 1], *points[index])


def _start_value(terms: TargetTerms, indicator: IndicatorTerms, first_edge: Decimal) -> Decimal:
    """Return the value on the day before the period: the baseline, 0 for sums and stocks, else the first milestone."""
    if terms.baseline is not None:
        return terms.baseline
    starts_at_zero = indicator.accumulation in (Accumulation.SUM, Accumulation.LAST)
    return Decimal(0) if starts_at_zero else first_edge
