"""The territory of an area before other areas merged into it: like is compared with like (domain.md section 4).

Figures of an area that end before a merger speak of its old territory. Beside spans from after the merger they are
replaced by the sums of its figures and those of the areas that merged into it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from .choices import Accumulation
from .figures import Figure, SumPart
from .missing_values import MissingSlug, MissingValue
from .periods import ONE_DAY, Period
from .regions import AreaTree, SumReason, sum_parts
from .series import FigureSeries
from .terms import IndicatorTerms


class Predecessor(NamedTuple):
    """An area that ended, and the code of its successor.

    `merged_on`: the day after its last; `joined_on`: the day from which it is part of the area.
    """

    id: int
    code: str
    successor: str
    valid_from: date | None
    merged_on: date
    joined_on: date

    def existed_on(self, day: date) -> bool:
        return day < self.merged_on and (self.valid_from is None or self.valid_from <= day)


def find_predecessors(tree: AreaTree, area: int) -> list[Predecessor]:
    """The areas that merged into an area, directly or through others. An area of a chain joins with the last of it."""
    predecessors = list[Predecessor]()
    joined_by_area: dict[int, date | None] = {area: None}
    for node in tree.predecessors(area):
        assert node.valid_to is not None
        merged_on = node.valid_to + ONE_DAY
        joined_with = joined_by_area.get(node.successor or 0)
        joined_on = joined_by_area[node.id] = merged_on if joined_with is None else max(merged_on, joined_with)
        successor = tree.node(node.successor or area).code
        predecessors.append(Predecessor(node.id, node.code, successor, node.valid_from, merged_on, joined_on))
    return predecessors


class Territory:
    """The mergers of one area, with the figures of the areas that merged into it, by area and indicator code."""

    __slots__ = ("_began", "_figures", "_predecessors", "area", "existed_from", "mergers")

    def __init__(
        self,
        area: str,
        existed_from: date | None,
        predecessors: Sequence[Predecessor],
        figures: Mapping[int, Mapping[str, Sequence[Figure]]],
    ) -> None:
        self.area = area
        self.existed_from = existed_from
        self.mergers = sorted({predecessor.joined_on for predecessor in predecessors})
        self._predecessors = predecessors
        self._figures = figures
        self._began = {area: existed_from, **{predecessor.code: predecessor.valid_from for predecessor in predecessors}}

    def latest_merger(self, day: date) -> date | None:
        """The latest merger that had taken place on a day."""
        return max((merger for merger in self.mergers if merger <= day), default=None)

    def is_new(self, merger: date) -> bool:
        """Whether the area began with a merger: its own figures for earlier spans are restated for the new territory."""
        return self.existed_from is not None and self.existed_from >= merger

    def existed_on(self, day: date) -> bool:
        return self.existed_from is None or self.existed_from <= day

    def figures(self, predecessor: Predecessor, code: str) -> Sequence[Figure]:
        return self._figures.get(predecessor.id, {}).get(code, ())

    def predecessors_on(self, day: date, merger: date) -> list[Predecessor]:
        """The areas whose figures of a span that ends on a day belong to the territory of the merger.

        Of an area that ended before its successor began nothing is reported in between: there it is missing.
        """
        return [
            area
            for area in self._predecessors
            if area.joined_on <= merger and (area.existed_on(day) or self._waits_for_successor(area, day))
        ]

    def _waits_for_successor(self, area: Predecessor, day: date) -> bool:
        began = self._began[area.successor]
        return began is not None and area.merged_on <= day < began

    def latest_merger_into(self, area: str, day: date) -> date | None:
        """The latest day, not after the given one, on which other areas merged into this one or a predecessor."""
        days = (
            predecessor.merged_on
            for predecessor in self._predecessors
            if predecessor.successor == area and predecessor.merged_on <= day
        )
        return max(days, default=None)

    def all_until(self, merger: date) -> list[Predecessor]:
        return [area for area in self._predecessors if area.joined_on <= merger]


class MergedSeries(FigureSeries):
    """The figures of an area beside spans from after a merger: each that ends before is a sum over the territory."""

    __slots__ = ("_merger", "_own", "_sums", "_territory", "_theirs")

    def __init__(
        self,
        own: FigureSeries,
        theirs: Mapping[str, FigureSeries],
        territory: Territory,
        merger: date,
        terms: IndicatorTerms,
    ) -> None:
        self._own, self._theirs, self._territory, self._merger = own, theirs, territory, merger
        self._sums: dict[Period, Figure | None] = {}
        members = (own, *theirs.values())
        spans_by_area = [{span for span in series.spans if span.end < merger} for series in members]
        spans = set[Period]().union(*spans_by_area)
        if own.accumulation == Accumulation.SUM and any(spans != of_area for of_area in spans_by_area):
            spans.update(self._common_spans(members))
        sums = [self._sum(span) for span in sorted(spans)]
        later = [figure for figure in own.all_figures() if figure.end >= merger]
        super().__init__(
            own.accumulation, [*(figure for figure in sums if figure), *later], terms.frequency, terms.breaks
        )

    def _common_spans(self, members: Sequence[FigureSeries]) -> Iterator[Period]:
        """The shortest spans before the merger that all areas have figures for, if not one figure: a quarter beside months.

        All longer ones are tilings of these.
        """
        limit = self._merger - ONE_DAY
        ends_by_start: dict[date, set[date]] = {}
        for start in sorted({day for series in members for day in series.starts if day <= limit}, reverse=True):
            tilings = (series.tilings(Period(start, limit)) for series in members)
            reached = ends_by_start[start] = set()
            for end in sorted({end for ends in tilings for end in ends if end <= limit}):
                if any(end in ends_by_start.get(middle + ONE_DAY, ()) for middle in reached):
                    reached.add(end)
                elif self._sum(Period(start, end)) is not None:
                    reached.add(end)
                    yield Period(start, end)

    def missing_areas(self, spans: Iterable[Period]) -> tuple[str, ...]:
        """Codes of the areas without a value over one of these spans, in order."""
        areas = {
            area
            for span in spans
            if span.end < self._merger
            for area, series in self._members(span)
            if series.figures(span) == []
        }
        return tuple(sorted(areas))

    def merger_reason(self, span: Period) -> MissingValue | None:
        """The areas whose figures are missing beside those of others; None when the merger is not the reason."""
        own_spans = [figure.period for figure in self._own.figures(span)]
        if not own_spans:
            before = span.until(min(span.end, self._merger - ONE_DAY))
            members = list(self._members(before))
            # An area that began later has no figures of its own for then: they can only come from those that merged.
            has_some = not self._territory.existed_on(before.end) or any(
                series.figures(before) for _, series in members
            )
            own_spans = [before] if has_some and span.start < self._merger else []
        areas = self.missing_areas(own_spans)
        if not areas:
            return None
        period = next(own for own in own_spans if own.end < self._merger) if len(own_spans) > 1 else own_spans[0]
        return MissingValue(MissingSlug.TERRITORY_CHANGED, "", period, self._merger, areas)

    def _single_figure(self, period: Period) -> Figure | None:
        single = super()._single_figure(period)
        if single is None and period.end < self._merger and self.accumulation == Accumulation.SUM:
            return self._sum(period)
        return single

    def _sum(self, span: Period) -> Figure | None:
        if span not in self._sums:
            self._sums[span] = self._add_up(span)
        return self._sums[span]

    def _add_up(self, span: Period) -> Figure | None:
        parts = list[SumPart]()
        for area, series in self._members(span):
            figures = series.tiled_figures(span)
            merger = self._territory.latest_merger_into(area, span.end)
            # Of an area that others had merged into, old and new territory are not put together.
            if not figures or (merger is not None and span.start < merger and figures[0].end < merger):
                return None
            parts += [part for figure in figures for part in figure.parts or [SumPart(area, figure)]]
        if not parts:
            return None
        if len(parts) == 1 and parts[0].area == self._territory.area:
            return parts[0].figure
        return sum_parts(self._territory.area, span, parts, SumReason.BEFORE_MERGE)

    def _members(self, span: Period) -> Iterator[tuple[str, FigureSeries]]:
        """The areas whose figures over a span before the merger add up to the territory.

        An area that did not exist then has figures where it is restated; what had merged into it by its first day is in them.
        """
        territory, includes_restated = self._territory, False
        if territory.existed_on(span.end):
            yield territory.area, self._own
        elif self._own.tiled_figures(span):
            includes_restated = True
            yield territory.area, self._own
        for area in territory.predecessors_on(span.end, self._merger):
            if not (includes_restated and territory.is_new(area.joined_on)):
                yield area.code, self._theirs[area.code]
