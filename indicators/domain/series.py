"""The figures of one stored indicator in one area, indexed once for every question."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from .days import ONE_DAY
from .figures import Figure, precedence
from .periods import Period
from .tilings import Tile, tile
from .vocabulary import Accumulation


class Series:
    """Figures in force, at most one of each span; those without a value count nowhere."""

    __slots__ = ("_by_end", "_by_span", "_by_start", "_starts", "_tilings", "accumulation", "ends")

    def __init__(self, accumulation: Accumulation, figures: Iterable[Figure]) -> None:
        self.accumulation = accumulation
        self._by_span = {(f.start, f.end): f for f in figures if f.value is not None}
        self._by_start: dict[date, list[Figure]] = {}
        self._by_end: dict[date, Figure] = {}
        for span in sorted(self._by_span, reverse=True):
            self._add(self._by_span[span])
        self._starts = sorted(self._by_start)
        self.ends: Sequence[date] = sorted(self._by_end)
        self._tilings: dict[date, tuple[date, dict[date, Tile]]] = {}

    def _add(self, figure: Figure) -> None:
        self._by_start.setdefault(figure.start, []).append(figure)
        held = self._by_end.get(figure.end)
        if held is None or precedence(held) < precedence(figure):
            self._by_end[figure.end] = figure

    @property
    def spans(self) -> list[Period]:
        """The spans that figures have, in no order."""
        return [Period(*span) for span in self._by_span]

    @property
    def starts(self) -> Sequence[date]:
        """Days on which a figure begins, in order."""
        return self._starts

    def exactly(self, period: Period) -> Figure | None:
        return self._by_span.get(period)

    def ending_on(self, day: date) -> Figure | None:
        """The figure that ends on a day, of several the one published, then recorded, last."""
        return self._by_end.get(day)

    def ends_inside(self, period: Period) -> Sequence[date]:
        """Days inside a span on which figures end, in order, wherever those figures begin."""
        ends = self.ends
        return ends[bisect_left(ends, period.start) : bisect_right(ends, period.end)]

    def inside(self, period: Period) -> list[Figure]:
        """The figures that lie inside a span, by first day, the longest first."""
        starts = self._starts
        days = starts[bisect_left(starts, period.start) : bisect_right(starts, period.end)]
        return [f for day in days for f in self._by_start[day] if f.end <= period.end]

    def tilings(self, period: Period) -> Mapping[date, Tile]:
        """By last day, the best tilings from the start of a span; some may end after the span."""
        held = self._tilings.get(period.start)
        # A tiling never runs backwards, so that what lies beyond the span cannot change it.
        if held is not None and held[0] >= period.end:
            return held[1]
        weighted = self.accumulation is Accumulation.MEAN
        reached = tile(self._by_start, period.start, period.end, weighted=weighted)
        self._tilings[period.start] = period.end, reached
        return reached

    def figures(self, period: Period) -> list[Figure]:
        """The figures that make the value over a span, in order; none when there is no value."""
        if self.accumulation in (Accumulation.SUM, Accumulation.MEAN):
            last = self.tilings(period).get(period.end)
            return [] if last is None else last.figures()
        figure = self._single(period)
        return [] if figure is None else [figure]

    def value(self, period: Period) -> Decimal | None:
        """Value over a span, in the unit of the indicator; None when it is not known."""
        if self.accumulation in (Accumulation.SUM, Accumulation.MEAN):
            return self._tiled(period)
        figure = self._single(period)
        return None if figure is None else figure.value

    def furthest(self, period: Period) -> Period | None:
        """The longest span from the start of the given one, inside it, that tilings cover."""
        days = [day for day in self.tilings(period) if day <= period.end]
        return period.until(max(days)) if days else None

    def gaps(self, period: Period, after: date | None) -> tuple[Period, ...]:
        """Spans without any figure, from behind a day (None: from the start) to the last figure."""
        missing = []
        expected = period.start if after is None else after + ONE_DAY
        for figure in self.inside(period):
            if figure.start > expected:
                missing.append(Period(expected, figure.start - ONE_DAY))
            expected = max(expected, figure.end + ONE_DAY)
        return tuple(missing)

    def _tiled(self, period: Period) -> Decimal | None:
        last = self.tilings(period).get(period.end)
        if last is None:
            return None
        return last.total / period.days if self.accumulation is Accumulation.MEAN else last.total

    def _single(self, period: Period) -> Figure | None:
        if self.accumulation is Accumulation.LAST:
            return self.ending_on(period.end)
        return self.exactly(period)
