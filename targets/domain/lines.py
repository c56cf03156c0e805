"""The straight lines through milestones (domain.md section 5, table of profiles)."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Accumulation

from .terms import TargetTerms

Point = tuple[date, Decimal]


class Segment(NamedTuple):
    """A straight line between two days, with values in the unit of the indicator."""

    first: date
    low: Decimal
    last: date
    high: Decimal

    def at(self, day: date) -> Decimal:
        part = (self.high - self.low) * (day - self.first).days
        return self.low + part / (self.last - self.first).days


def lower_segment(terms: TargetTerms, indicator: IndicatorTerms, day: date) -> Segment | None:
    """Return the line that contains the expected lower edge of a day inside the period.

    None if the target has no lower edge, and before the end of the period if no milestone names one.
    """
    named = [(m.date, m.lower) for m in terms.milestones if m.lower is not None]
    return _segment(terms, indicator, named, terms.lower, day)


def upper_segment(terms: TargetTerms, indicator: IndicatorTerms, day: date) -> Segment | None:
    """The same as `lower_segment`, for the expected upper edge."""
    named = [(m.date, m.upper) for m in terms.milestones if m.upper is not None]
    return _segment(terms, indicator, named, terms.upper, day)


def _segment(
    terms: TargetTerms,
    indicator: IndicatorTerms,
    named: list[Point],
    edge: Decimal | None,
    day: date,
) -> Segment | None:
    end = terms.period.end
    if edge is None:
        return None
    if not named:
        return Segment(terms.day_before, edge, end, edge) if day == end else None
    named.sort()
    points = [(terms.day_before, _start(terms, indicator, named[0][1])), *named, (end, edge)]
    place = next(place for place, (last, _) in enumerate(points) if last >= day)
    return Segment(*points[place - 1], *points[place])


def _start(terms: TargetTerms, indicator: IndicatorTerms, first: Decimal) -> Decimal:
    """Return the value on the day before the period: the baseline, 0 for sums and stocks, else the first milestone."""
    if terms.baseline is not None:
        return terms.baseline
    from_zero = indicator.accumulation in (Accumulation.SUM, Accumulation.LAST)
    return Decimal(0) if from_zero else first
