"""The actual of a target and the day it is covered through (domain.md section 4)."""

from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import Accumulation, Frequency, Qualifier
from indicators.domain.figures import Figure
from indicators.domain.periods import ONE_DAY, Period, reporting_periods
from indicators.domain.rounding import round_for_comparison
from indicators.domain.series import FigureSeries
from indicators.domain.value_resolver import ValueResolver

_SIDE_BY_QUALIFIER: Final[dict[str, int]] = {Qualifier.MORE_THAN: 1, Qualifier.LESS_THAN: -1, Qualifier.NEARLY: -1}


class Actual(NamedTuple):
    """A value in the unit of the indicator, and the span that it covers.

    `qualifier_side` is 1 or -1 when the value is a single figure whose qualifier places it above or below its number.
    """

    value: Decimal
    span: Period
    partial: bool = False
    qualifier_side: int = 0

    @property
    def through(self) -> date:
        return self.span.end

    def compare_to(self, edge: Decimal) -> int:
        """Return 1 above an edge, -1 below it, 0 exactly on it."""
        if self.value == edge:
            return self.qualifier_side
        return 1 if self.value > edge else -1


def compute_actual(resolver: ValueResolver, code: str, period: Period) -> Actual | None:
    """Return the actual of an indicator inside a period; None if there is no value.

    After a merger of areas inside the period, its earlier spans are sums over the merged areas. When there is no such
    value, the actual is that of the area as it was before.
    """
    for merger in reversed(resolver.mergers_inside(period)):
        actual = _actual_of_territory(resolver.beside(period.end), code, period)
        if actual is not None and actual.through >= merger:
            return actual
        period = period.until(merger - ONE_DAY)
    return _actual_of_territory(resolver.beside(period.end), code, period)


def _actual_of_territory(resolver: ValueResolver, code: str, period: Period) -> Actual | None:
    terms = resolver.terms(code)
    if terms.accumulation is None or terms.formula:
        return _formula_actual(resolver, code, period)
    series = resolver.series(code)
    if terms.accumulation == Accumulation.LAST:
        ends = series.ends_inside(period)
        figure = series.ending_on(ends[-1]) if ends else None
        return _single_figure_actual(figure, period.start, partial=False)
    if terms.accumulation == Accumulation.NONE:
        figure = _best_available_figure(series, period, terms.frequency)
        partial = figure is not None and figure.start != period.start
        return _single_figure_actual(figure, period.start, partial=partial)
    return _tiled_actual(series, period)


def _formula_actual(resolver: ValueResolver, code: str, period: Period) -> Actual | None:
    for day in reversed(resolver.ends_inside(code, period)):
        value = resolver.value(code, period.until(day))
        if value is not None:
            return Actual(round_for_comparison(value), period.until(day))
    return None


def _tiled_actual(series: FigureSeries, period: Period) -> Actual | None:
    span = series.longest_covered(period)
    value = None if span is None else series.value(span)
    if span is None or value is None:
        return None
    figures = series.figures(span)
    side = _side_of_qualifier(figures[0]) if len(figures) == 1 else 0
    return Actual(round_for_comparison(value), span, qualifier_side=side)


def _single_figure_actual(figure: Figure | None, start: date, *, partial: bool) -> Actual | None:
    if figure is None:
        return None
    span = Period(figure.start if partial else start, figure.end)
    return Actual(figure.numeric_value, span, partial, _side_of_qualifier(figure))


def _side_of_qualifier(figure: Figure) -> int:
    return _SIDE_BY_QUALIFIER.get(figure.qualifier, 0)


def _best_available_figure(series: FigureSeries, period: Period, frequency: Frequency) -> Figure | None:
    """Return the latest cumulative figure, else the latest (ties: the longest), of a series that does not add up.

    Otherwise the growth of July or of the third quarter would replace the growth of six months.
    """
    figures_inside = series.inside(period)
    first_period = reporting_periods(period, frequency)[0]
    cumulative_figures = [figure for figure in figures_inside if _is_cumulative(figure, period, first_period)]
    return max(cumulative_figures or figures_inside, key=lambda figure: (figure.end, figure.days), default=None)


def _is_cumulative(figure: Figure, period: Period, first_period: Period) -> bool:
    covers_end = figure.end == period.end
    return figure.start == period.start and (covers_end or figure.end > first_period.end)
