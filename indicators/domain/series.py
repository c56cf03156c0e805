"""The figures of one stored indicator in one area, indexed for all lookups, and their tilings (domain.md section 4).

A tiling is a row of figures that follow each other without gap or overlap. Of flows, where there is no tiling, the
value is the difference of two cumulative values: nine months less six.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple, Optional

from .choices import Accumulation, Frequency
from .figures import Figure, figure_precedence
from .missing_values import MissingSlug, MissingValue
from .periods import ONE_DAY, Period, whole_reporting_periods


class Tile(NamedTuple):
    """The last figure of the best tiling that ends on its last day, linked to the tile before it.

    `total` is the sum of the values so far, in the unit of the series; `size` the number of figures.
    """

    figure: Figure
    previous: Optional["Tile"]
    total: Decimal
    size: int

    def figures(self) -> list[Figure]:
        """The tiling that ends here, in order."""
        return [tile.figure for tile in self._backwards()][::-1]

    def _backwards(self) -> Iterator["Tile"]:
        tile: Tile | None = self
        while tile is not None:
            yield tile
            tile = tile.previous


class Difference(NamedTuple):
    """A value as the difference of two cumulative values that begin on the same day."""

    whole: Tile
    part: Tile

    @property
    def total(self) -> Decimal:
        return self.whole.total - self.part.total

    @property
    def size(self) -> int:
        return self.whole.size + self.part.size


def build_tilings(
    figures_by_start: Mapping[date, Sequence[Figure]], start: date, limit: date, next_break: date | None = None
) -> dict[date, Tile]:
    """The best tiling from `start` to each day up to `limit` on which a tiling can end.

    `figures_by_start` holds the figures with values by first day, the longest first. The best tiling has the fewest
    figures; of several, the longest first figure, then the longest second. A breadth-first walk that tries longer
    figures first finds this tiling first for each day. Figures are not put
    together across `next_break`, the first break of the series after `start`.
    """
    tilings: dict[date, Tile] = {}
    frontier: list[tuple[date, Tile | None]] = [(start, None)]
    for day, previous in frontier:
        last_day = limit if previous is None or next_break is None else min(limit, next_break - ONE_DAY)
        for figure in figures_by_start.get(day, ()):
            if figure.end <= last_day and figure.end not in tilings:
                value = figure.numeric_value
                next_tile = Tile(figure, None, value, 1)
                if previous is not None:
                    next_tile = Tile(figure, previous, previous.total + value, previous.size + 1)
                tilings[figure.end] = next_tile
                frontier.append((figure.end + ONE_DAY, next_tile))
    return tilings


_TILED_ACCUMULATIONS = (Accumulation.SUM, Accumulation.MEAN)
_span_of = attrgetter("start", "end")


class FigureSeries:
    """Figures in force, at most one for each span. Figures without a value are ignored."""

    __slots__ = (
        "_by_end",
        "_by_span",
        "_by_start",
        "_differences",
        "_ends",
        "_frequency",
        "_starts",
        "_tiled",
        "_tilings",
        "_uses_last_figure",
        "accumulation",
        "breaks",
    )

    def __init__(
        self,
        accumulation: Accumulation,
        figures: Iterable[Figure],
        frequency: Frequency = Frequency.MONTH,
        breaks: Iterable[date] = (),
    ) -> None:
        self.accumulation = accumulation
        self.breaks = sorted(breaks)
        self._frequency = frequency
        # Computed once here: a lookup of the accumulation for every value would be slow.
        self._tiled = accumulation in _TILED_ACCUMULATIONS
        self._uses_last_figure = accumulation == Accumulation.LAST
        valued = [figure for figure in figures if figure.value is not None]
        valued.sort(key=_span_of)
        self._by_span = {_span_of(figure): figure for figure in valued}
        self._by_start: dict[date, list[Figure]] = {}
        for figure in reversed(valued):
            self._by_start.setdefault(figure.start, []).append(figure)
        self._starts = list(reversed(self._by_start))
        self._by_end: dict[date, Figure] = {}
        self._ends: list[date] | None = None
        self._tilings: dict[date, tuple[date, dict[date, Tile]]] = {}
        self._differences: dict[Period, Difference | None] = {}

    @property
    def spans(self) -> list[Period]:
        """The spans of the figures, in order."""
        return [Period(*span) for span in self._by_span]

    def all_figures(self) -> list[Figure]:
        """The figures with a value, in order of span."""
        return list(self._by_span.values())

    @property
    def starts(self) -> Sequence[date]:
        """Days on which a figure begins, in order."""
        return self._starts

    @property
    def ends(self) -> Sequence[date]:
        """Days on which a figure ends, in order."""
        if self._ends is None:
            for figure in sorted(self._by_span.values(), key=figure_precedence):
                self._by_end[figure.end] = figure
            self._ends = sorted(self._by_end)
        return self._ends

    def ends_inside(self, period: Period) -> Sequence[date]:
        """Days inside a span on which figures end, in order. The figures may begin before the span."""
        ends = self.ends
        return ends[bisect_left(ends, period.start) : bisect_right(ends, period.end)]

    def ending_on(self, day: date) -> Figure | None:
        """The figure that ends on a day; of several, the one published last, then the one recorded last."""
        return self._by_end.get(day) if self.ends else None

    def inside(self, period: Period) -> list[Figure]:
        """The figures that lie inside a span, by first day; of one first day the longest first."""
        starts = self._starts
        days = starts[bisect_left(starts, period.start) : bisect_right(starts, period.end)]
        return [figure for day in days for figure in self._by_start[day] if figure.end <= period.end]

    def tilings(self, period: Period) -> Mapping[date, Tile]:
        """The best tilings from the start of a span, by their last day; some may end after the span."""
        cached = self._tilings.get(period.start)
        # A tiling only grows forward, so a cached result that reaches beyond the span is valid for the span too.
        if cached is not None and cached[0] >= period.end:
            return cached[1]
        next_break = next((day for day in self.breaks if day > period.start), None)
        best_tilings = build_tilings(self._by_start, period.start, period.end, next_break)
        self._tilings[period.start] = period.end, best_tilings
        return best_tilings

    def difference(self, period: Period) -> Difference | None:
        """The best difference of cumulative values that is the value of a flow over a span without a tiling.

        The best has the fewest figures; of several, it begins latest.
        """
        if period not in self._differences:
            self._differences[period] = min(
                self._iter_differences(period), key=lambda difference: difference.size, default=None
            )
        return self._differences[period]

    def _iter_differences(self, period: Period) -> Iterator[Difference]:
        """The differences over a span, the latest first day first."""
        day_before = period.start - ONE_DAY
        if self.accumulation != Accumulation.SUM or not (self.ending_on(day_before) and self.ending_on(period.end)):
            return
        first_start = bisect_left(self._starts, self._last_break(period.end) or date.min)
        starts = self._starts[first_start : bisect_left(self._starts, period.start)]
        # Without a figure that begins before the span and ends inside it, each tiling would have a tiling of the span.
        if not any(period.start <= figure.end <= period.end for day in starts for figure in self._by_start[day]):
            return
        for day in reversed(starts):
            tilings_by_end = self.tilings(Period(day, period.end))
            whole, part = tilings_by_end.get(period.end), tilings_by_end.get(day_before)
            if whole is not None and part is not None:
                yield Difference(whole, part)

    def find_break(self, first: date, last: date) -> date | None:
        """The latest break that parts the first of two days from the last; None when there is none."""
        day = self._last_break(last)
        return day if day is not None and day > first else None

    def missing_reason(self, period: Period) -> MissingValue | None:
        """Why figures give no value over a span; None when no figure ends inside it."""
        if not self._tiled or not self.ends_inside(period):
            return None
        unbroken = FigureSeries(self.accumulation, self.all_figures(), self._frequency)
        if self.breaks and (figures := unbroken.figures(period)):
            first = min(figure.start for figure in figures)
            return MissingValue(MissingSlug.SERIES_BREAK, "", period, self.find_break(first, period.end))
        covered = self.longest_covered(period)
        gaps = self.gaps(period, covered.end if covered else None)
        if gaps:
            return MissingValue(MissingSlug.GAP, "", gaps[0])
        cumulative = [
            figure for figure in self.all_figures() if figure.start < period.start <= figure.end <= period.end
        ]
        if not cumulative:
            return None
        latest = max(cumulative, key=lambda figure: (figure.end, figure.start))
        return MissingValue(MissingSlug.GAP, "", Period(latest.start, period.start - ONE_DAY))

    def _last_break(self, day: date) -> date | None:
        index = bisect_right(self.breaks, day)
        return self.breaks[index - 1] if index else None

    def figures(self, period: Period) -> list[Figure]:
        """The figures that the value over a span is made of, in order; empty when there is no value."""
        if (figures := self.tiled_figures(period)) or not self._tiled:
            return figures
        difference = self.difference(period)
        return [] if difference is None else [*difference.whole.figures(), *difference.part.figures()]

    def tiled_figures(self, period: Period) -> list[Figure]:
        """The figures that add up to the value over a span, in order; empty when there is none but a difference."""
        single = self._single_figure(period)
        if single is not None or not self._tiled:
            return [] if single is None else [single]
        last_tile = self.tilings(period).get(period.end)
        return [] if last_tile is None else last_tile.figures()

    def value(self, period: Period) -> Decimal | None:
        """Value over a span, in the unit of the indicator; None when it is not known."""
        single = self._single_figure(period)
        if single is not None or not self._tiled:
            return None if single is None else single.value
        last_tile = self.tilings(period).get(period.end)
        if self.accumulation == Accumulation.MEAN:
            return None if last_tile is None else self._mean(last_tile.figures())
        total = last_tile or self.difference(period)
        return None if total is None else total.total

    def has_value(self, period: Period) -> bool:
        """Whether there is a value over a span; of a mean it costs less than the value."""
        if not self._tiled:
            return self._single_figure(period) is not None
        return period.end in self.tilings(period) or self.difference(period) is not None

    def _mean(self, figures: Sequence[Figure]) -> Decimal:
        weights = self.weights(figures)
        total = sum(
            (figure.numeric_value * weight for figure, weight in zip(figures, weights, strict=True)), Decimal(0)
        )
        return total / sum(weights)

    def weights(self, figures: Sequence[Figure]) -> list[int]:
        """The weight of each figure of a mean: its reporting periods; of all its days where one is not whole periods."""
        periods = [whole_reporting_periods(figure.period, self._frequency) for figure in figures]
        return periods if all(periods) else [figure.days for figure in figures]

    def longest_covered(self, period: Period) -> Period | None:
        """The longest span inside the given span, and from its start, over which a tiled series has a value."""
        tiled_days = [day for day in self.tilings(period) if day <= period.end]
        last_tiled = max(tiled_days, default=None)
        for day in reversed(self.ends_inside(period)):
            if day == last_tiled or self.difference(period.until(day)) is not None:
                return period.until(day)
        return None

    def gaps(self, period: Period, after: date | None) -> tuple[Period, ...]:
        """Spans without any figure, between the day `after` (None: the start of the period) and the last figure."""
        missing = []
        expected = period.start if after is None else after + ONE_DAY
        for figure in self.inside(period):
            if figure.start > expected:
                missing.append(Period(expected, figure.start - ONE_DAY))
            expected = max(expected, figure.end + ONE_DAY)
        return tuple(missing)

    def _single_figure(self, period: Period) -> Figure | None:
        """The one figure that alone is the value, if there is one: no tiling has fewer figures."""
        return self.ending_on(period.end) if self._uses_last_figure else self._by_span.get(period)
