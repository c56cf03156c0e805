"""The actual of a target and the day it is covered through (domain.md section 4)."""

from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.book import Book
from indicators.domain.figures import Figure
from indicators.domain.periods import Period, reporting_periods
from indicators.domain.rounding import compared
from indicators.domain.series import Series
from indicators.domain.vocabulary import Accumulation, Frequency, Qualifier

_LEANS: Final[dict[str, int]] = {Qualifier.MORE_THAN: 1, Qualifier.LESS_THAN: -1, Qualifier.NEARLY: -1}


class Actual(NamedTuple):
    """A value in the unit of the indicator, and the span that it covers.

    `qualifier_side` is 1 or -1 when the value is a single figure whose qualifier places it above or below its number.
    """

    value: Decimal
    span: Period
    partial: bool = False
    lean: int = 0

    @property
    def through(self) -> date:
        return self.span.end

    def side(self, edge: Decimal) -> int:
        """Return 1 above an edge, -1 below it, 0 exactly on it."""
        if self.value == edge:
            return self.lean
        return 1 if self.value > edge else -1


def actual_of(book: Book, code: str, period: Period) -> Actual | None:
    """Return the actual of an indicator inside a period; None if there is no value."""
    terms = book.terms(code)
    if terms.accumulation is None or terms.formula:
        return _computed(book, code, period)
    series = book.series(code)
    if terms.accumulation == Accumulation.LAST:
        ends = series.ends_inside(period)
        figure = series.ending_on(ends[-1]) if ends else None
        return _single(figure, period.start, partial=False)
    if terms.accumulation == Accumulation.NONE:
        figure = _most_telling(series, period, terms.frequency)
        partial = figure is not None and figure.start != period.start
        return _single(figure, period.start, partial=partial)
    return _tiled(series, period)


def _computed(book: Book, code: str, period: Period) -> Actual | None:
    for day in reversed(book.ends_inside(code, period)):
        value = book.value(code, period.until(day))
        if value is not None:
            return Actual(compared(value), period.until(day))
    return None


def _tiled(series: Series, period: Period) -> Actual | None:
    span = series.furthest(period)
    value = None if span is None else series.value(span)
    if span is None or value is None:
        return None
    figures = series.figures(span)
    lean = _lean(figures[0]) if len(figures) == 1 else 0
    return Actual(compared(value), span, lean=lean)


def _single(figure: Figure | None, start: date, *, partial: bool) -> Actual | None:
    if figure is None:
        return None
    span = Period(figure.start if partial else start, figure.end)
    return Actual(figure.amount, span, partial, _lean(figure))


def _lean(figure: Figure) -> int:
    return _LEANS.get(figure.qualifier, 0)


def _most_telling(series: Series, period: Period, frequency: Frequency) -> Figure | None:
    """Return the latest cumulative figure, else the latest (ties: the longest), of a series that does not add up.

    Otherwise the growth of July or of the third quarter would replace the growth of six months.
    """
    inside = series.inside(period)
    first = reporting_periods(period, frequency)[0]
    cumulative = [f for f in inside if _is_cumulative(f, period, first)]
    return max(cumulative or inside, key=lambda f: (f.end, f.days), default=None)


def _is_cumulative(figure: Figure, period: Period, first: Period) -> bool:
    whole = figure.end == period.end
    return figure.start == period.start and (whole or figure.end > first.end)
