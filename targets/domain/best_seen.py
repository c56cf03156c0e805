"""The best pace that was ever seen, which decides whether a required pace is out of reach (domain.md section 6)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.figures import Figure
from indicators.domain.periods import ONE_DAY, Period
from indicators.domain.series import FigureSeries
from indicators.domain.value_resolver import ValueResolver

from .reporting_grid import ReportingGrid, reporting_grid
from .terms import TargetTerms

_start_of = attrgetter("start")
_average_of = itemgetter(0)


class KnownSpan(NamedTuple):
    """Reporting periods, by number, whose value is known, and its average per reporting period."""

    average: Decimal
    first: int
    last: int


class SeenPace(NamedTuple):
    """A pace in the unit of the indicator per reporting period, and a span with it, `periods` long."""

    value: Decimal
    span: Period
    periods: int = 1


class SeenPaces(NamedTuple):
    """The greatest pace for a lower edge, the least for an upper; None when nothing is known or asked.

    `is_enough`: at least as many reporting periods are known as the target has.
    """

    greatest: SeenPace | None
    least: SeenPace | None
    periods: int
    is_enough: bool


def find_seen_paces(
    terms: TargetTerms, code: str, resolver: ValueResolver, through: date, *, for_lower: bool, for_upper: bool
) -> SeenPaces:
    """Return the paces seen in the period of the target and in the five spans of its length before it.

    Only spans count that no break of a series and no merger of areas parts from the day that the actual is covered
    through. Neighbouring figures are compared: the average of a longer span is never beyond the best of its parts.
    Call inside `exact_arithmetic()`; the resolver must be that `beside` the day.
    """
    grid = reporting_grid(terms.period, resolver.terms(code).frequency)
    spans = list(_known_spans(terms, code, resolver, grid, resolver.comparable_days(code, through)))
    if not spans:
        return SeenPaces(None, None, 0, is_enough=False)
    greatest = _to_pace(max(spans, key=_average_of), grid) if for_lower else None
    least = _to_pace(min(spans, key=_average_of), grid) if for_upper else None
    periods = _count_periods(spans)
    return SeenPaces(greatest, least, periods, is_enough=periods >= grid.size)


def _to_pace(span: KnownSpan, grid: ReportingGrid) -> SeenPace:
    average, first, last = span
    return SeenPace(average, grid.span(first, last), last - first + 1)


def seen_figures(series: FigureSeries, pace: SeenPace) -> list[Figure]:
    """Return the figures of a pace of a flow or a stock. Call inside `exact_arithmetic()`."""
    day_before, end = pace.span.start - ONE_DAY, pace.span.end
    if series.accumulation == Accumulation.LAST:
        return [figure for figure in map(series.ending_on, (day_before, end)) if figure]
    for start in [day for day in series.starts if day <= pace.span.start][::-1]:
        tilings = series.tilings(Period(start, end))
        whole, part = tilings.get(end), tilings.get(day_before)
        if whole and (part or start == pace.span.start):
            total = whole.total - (part.total if part else 0)
            if total / pace.periods == pace.value:
                return [*whole.figures(), *(part.figures() if part else ())]
    return []


def _count_periods(spans: Iterable[KnownSpan]) -> int:
    numbers = set[int]()
    for _, first, last in spans:
        if first == last:
            numbers.add(first)
        else:
            numbers.update(range(first, last + 1))
    return len(numbers)


def _known_spans(
    terms: TargetTerms, code: str, resolver: ValueResolver, grid: ReportingGrid, comparable: Period
) -> Iterator[KnownSpan]:
    accumulation = resolver.terms(code).accumulation
    if accumulation == Accumulation.SUM:
        return _flow_spans(resolver.series(code), grid, comparable)
    if accumulation == Accumulation.LAST:
        return _stock_spans(terms, resolver.series(code), grid, comparable)
    if accumulation is None:
        return _growth_spans(code, resolver, grid, comparable)
    return _single_spans(resolver.series(code), grid, comparable)


def _flow_spans(series: FigureSeries, grid: ReportingGrid, comparable: Period) -> Iterator[KnownSpan]:
    """Yield the figures, and the differences of neighbouring cumulative values that begin on the same day."""
    end = min(comparable.end, grid.window.end)
    groups = list(_iter_overlapping(series.inside(Period(comparable.start, end))))
    for figures, last_day in zip(groups, _last_days(groups, grid), strict=True):
        figure = figures[0]
        if len(figures) > 1:
            yield from _differences(series, grid, figures, last_day)
            continue
        first, last = grid.by_start.get(figure.start), grid.by_end.get(figure.end)
        if first is None:
            continue
        if last is None:
            # Several figures together may make a reporting period.
            yield from _differences_from(series, grid, Period(figure.start, last_day))
        elif first == last:
            yield KnownSpan(figure.numeric_value, first, last)
        else:
            yield KnownSpan(figure.numeric_value / (last - first + 1), first, last)


def _iter_overlapping(figures: Iterable[Figure]) -> Iterator[list[Figure]]:
    """Yield figures that overlap, directly or through others. They are given in order of their first days."""
    group: list[Figure] = []
    reached = date.min
    for figure in figures:
        if group and figure.start > reached:
            yield group
            group = []
        group.append(figure)
        reached = max(reached, figure.end)
    if group:
        yield group


def _last_days(groups: Sequence[list[Figure]], grid: ReportingGrid) -> list[date]:
    """Return for each group the day up to which tilings from it are followed.

    Every tiling that goes on behind a group has a boundary there. Where a reporting period ends on that day nothing
    new follows behind it; else groups that follow without a gap may together reach the end of one.
    """
    results = list[date]()
    next_start, next_last_day = date.max, date.max
    for figures in reversed(groups):
        last_day = max(figure.end for figure in figures)
        if grid.by_end.get(last_day) is None and next_start == last_day + ONE_DAY:
            last_day = next_last_day
        results.append(last_day)
        next_start, next_last_day = figures[0].start, last_day
    return results[::-1]


def _differences(
    series: FigureSeries, grid: ReportingGrid, figures: Iterable[Figure], last_day: date
) -> Iterator[KnownSpan]:
    """Yield the differences of overlapping figures, up to a day."""
    if last_day < grid.window.start:
        return
    for start, same_start in groupby(figures, key=_start_of):
        longest, *shorter = same_start
        first, last = grid.by_start.get(start), grid.by_end.get(longest.end)
        if shorter or first is None or last is None:
            yield from _differences_from(series, grid, Period(start, last_day))
        else:
            yield KnownSpan(longest.numeric_value / (last - first + 1), first, last)


def _differences_from(series: FigureSeries, grid: ReportingGrid, period: Period) -> Iterator[KnownSpan]:
    """Yield the differences of neighbouring values from the first day of a period, beginning with 0."""
    tilings, first = series.tilings(period), grid.by_start.get(period.start)
    previous, total = (None if first is None else first - 1), Decimal(0)
    for day in sorted(tilings):
        number = grid.by_end.get(day) if day <= period.end else None
        if number is None:
            continue
        if previous is not None:
            yield KnownSpan((tilings[day].total - total) / (number - previous), previous + 1, number)
        previous, total = number, tilings[day].total


def _single_spans(series: FigureSeries, grid: ReportingGrid, comparable: Period) -> Iterator[KnownSpan]:
    """Yield the single reporting periods with a value."""
    window = Period(max(comparable.start, grid.window.start), min(comparable.end, grid.window.end))
    for start, same_start in groupby(series.inside(window), key=_start_of):
        number = grid.by_start.get(start)
        if number is None:
            continue
        figures = list(same_start)
        own = next((figure for figure in figures if grid.by_end.get(figure.end) == number), None)
        value = own.numeric_value if own else None
        if own is None and series.accumulation == Accumulation.MEAN:
            value = series.value(grid.span(number, number))
        if value is not None:
            yield KnownSpan(value, number, number)


def _growth_spans(code: str, resolver: ValueResolver, grid: ReportingGrid, comparable: Period) -> Iterator[KnownSpan]:
    window = Period(max(comparable.start, grid.window.start), min(comparable.end, grid.window.end))
    for day in resolver.ends_inside(code, window):
        number = grid.by_end.get(day)
        span = None if number is None else grid.span(number, number)
        value = None if span is None or span.start < window.start else resolver.value(code, span)
        if value is not None and number is not None:
            yield KnownSpan(value, number, number)


def _stock_spans(
    terms: TargetTerms, series: FigureSeries, grid: ReportingGrid, comparable: Period
) -> Iterator[KnownSpan]:
    """Yield the changes between neighbouring figures of one year, the first from the baseline.

    Earlier years begin at 0 where the baseline is 0; else nothing is known of them.
    """
    year, start_day = terms.period, terms.baseline_day
    while year.end >= grid.window.start and year.end >= comparable.start:
        yield from _changes_inside(series, grid, comparable, year, start_day, terms.baseline or Decimal(0))
        if terms.baseline:
            return
        year = year.previous()
        start_day = year.start - ONE_DAY


def _changes_inside(
    series: FigureSeries, grid: ReportingGrid, comparable: Period, year: Period, start_day: date, baseline: Decimal
) -> Iterator[KnownSpan]:
    days = [day for day in series.ends_inside(year) if comparable.start <= day <= comparable.end]
    number: int | None = None
    value = baseline
    # No break is asked for before a baseline: it stands for the same series.
    if start_day + ONE_DAY >= comparable.start and (not days or start_day < days[0]):
        number = grid.by_end.get(start_day)
    for day in days:
        next_number, figure = grid.by_end.get(day), series.ending_on(day)
        if next_number is None or figure is None:
            continue
        if number is not None:
            change = figure.numeric_value - value
            yield KnownSpan(change / (next_number - number), number + 1, next_number)
        number, value = next_number, figure.numeric_value
