"""Sums of figures over the child areas of an area, and over areas that merged (docs/domain.md, Regions)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .choices import Accumulation, IndicatorKind, Qualifier, Stage
from .figures import Figure, SumPart
from .periods import Period
from .rounding import exact_arithmetic
from .series import FigureSeries

# `not stated` ranks above `estimate`, because such a figure may be preliminary or official.
_LEAST_OFFICIAL_FIRST = (Stage.ESTIMATE, Stage.NOT_STATED, Stage.PRELIMINARY, Stage.OFFICIAL)

# How many missing areas are named when the completeness of a sum is shown.
MAX_NAMED_AREAS = 20

FiguresByPeriod = Mapping[Period, Figure]


class SumReason(StrEnum):
    """Why a figure is a sum over areas.

    `sum`: no figure was posted for the area. `before-merge`: the span lies before other areas merged into it.
    """

    SUM = "sum"
    BEFORE_MERGE = "before-merge"


class AreaNode(NamedTuple):
    """An area of the tree. It is valid on `valid_from` and `valid_to` too; None means that there is no limit.

    `parent` and `successor` are ids.
    """

    id: int
    code: str
    parent: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successor: int | None = None

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, span: Period) -> bool:
        return (self.valid_from is None or self.valid_from <= span.end) and (
            self.valid_to is None or span.start <= self.valid_to
        )


class Completeness(NamedTuple):
    """How many areas have a figure, how many are expected to, and the codes of the missing areas."""

    reported: int
    expected: int
    missing: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        return self.reported == self.expected


def is_summable(kind: IndicatorKind, accumulation: Accumulation | None) -> bool:
    """Whether figures of areas may be added: levels and counts with accumulation `sum` or `last`.

    Never rates, shares, indices or ranks.
    """
    return kind in (IndicatorKind.LEVEL, IndicatorKind.COUNT) and accumulation in (Accumulation.SUM, Accumulation.LAST)


class AreaTree:
    """The current tree of areas. Its only history is `valid_from`, `valid_to` and `successor`."""

    __slots__ = ("_children", "_nodes", "_predecessors")

    def __init__(self, nodes: Iterable[AreaNode]) -> None:
        self._nodes = {node.id: node for node in nodes}
        self._children: dict[int, list[AreaNode]] = defaultdict(list)
        self._predecessors: dict[int, list[AreaNode]] = defaultdict(list)
        for node in sorted(self._nodes.values(), key=lambda node: node.code):
            if node.parent is not None:
                self._children[node.parent].append(node)
            if node.successor is not None and node.valid_to is not None:
                self._predecessors[node.successor].append(node)

    def node(self, area: int) -> AreaNode:
        return self._nodes[area]

    def children(self, area: int) -> Sequence[AreaNode]:
        return self._children.get(area, ())

    def descendants(self, areas: Iterable[int]) -> list[int]:
        """Ids of all areas below these areas, parents before their children."""
        known_ids = dict.fromkeys(child.id for area in areas for child in self.children(area))
        queue = list(known_ids)
        for area in queue:
            new_ids = [child.id for child in self.children(area) if child.id not in known_ids]
            known_ids |= dict.fromkeys(new_ids)
            queue += new_ids
        return queue

    def ancestors(self, area: int) -> list[int]:
        """Ids of all areas above an area, the nearest first."""
        ancestor_ids = list[int]()
        parent = self._nodes[area].parent if area in self._nodes else None
        while parent is not None and parent not in ancestor_ids:
            ancestor_ids.append(parent)
            parent = self._nodes[parent].parent
        return ancestor_ids

    def successors(self, area: int) -> list[int]:
        """Ids of the areas into which an ended area merged, directly or through others, the nearest first."""
        successor_ids = list[int]()
        node = self._nodes.get(area)
        while node is not None and node.valid_to is not None and node.successor is not None:
            if node.successor in (area, *successor_ids):
                break
            successor_ids.append(node.successor)
            node = self._nodes.get(node.successor)
        return successor_ids

    def predecessors(self, area: int) -> list[AreaNode]:
        """Ended areas that this area succeeds, directly or through other areas, the nearest first."""
        nodes = {area: self._nodes[area]}
        queue = [area]
        for area_id in queue:
            new_nodes = [node for node in self._predecessors.get(area_id, ()) if node.id not in nodes]
            nodes |= {node.id: node for node in new_nodes}
            queue += [node.id for node in new_nodes]
        return list(nodes.values())[1:]

    def expected_to_report(self, nodes: Iterable[AreaNode], span: Period, accumulation: Accumulation) -> list[AreaNode]:
        """The areas that must report for a span.

        With accumulation `last`: the areas that were valid on its last day. Otherwise: the areas that were valid on any
        day of the span. An area that ended inside the span is left out if a successor is valid on the last day of the
        span: the successor reports for it.
        """
        if accumulation == Accumulation.LAST:
            return [node for node in nodes if node.is_valid_on(span.end)]
        return [node for node in nodes if node.overlaps(span) and not self._has_valid_successor(node, span.end)]

    def source_areas(self, areas: Iterable[int], areas_with_figures: Collection[int]) -> dict[int, list[int]]:
        """By area, the ids of the areas whose posted figures make its value.

        The area itself if it has posted a figure or no area below it has; otherwise the areas below it that have.
        """
        ancestor_ids = {ancestor for area in areas_with_figures for ancestor in self.ancestors(area)}
        return {area: self._source_areas(area, areas_with_figures, ancestor_ids) for area in areas}

    def _source_areas(self, area: int, areas_with_figures: Collection[int], ancestor_ids: Collection[int]) -> list[int]:
        """`ancestor_ids`: all areas above the areas with figures."""
        if area in areas_with_figures or area not in ancestor_ids:
            return [area]
        return [
            source_area
            for child in self.children(area)
            for source_area in self._source_areas(child.id, areas_with_figures, ancestor_ids)
        ]

    def _has_valid_successor(self, node: AreaNode, day: date) -> bool:
        """Whether an area that is not valid on the day has a successor, direct or not, that is."""
        if node.is_valid_on(day):
            return False  # It reports for itself.
        visited = {node.id}
        while node.successor is not None and node.successor not in visited:
            node = self._nodes[node.successor]
            visited.add(node.id)
            if node.is_valid_on(day):
                return True
        return False


class RegionalSums:
    """The figures of one indicator by area: posted figures, and the sums that follow from them."""

    def __init__(
        self, tree: AreaTree, accumulation: Accumulation, posted_figures: Mapping[int, Sequence[Figure]]
    ) -> None:
        self._tree = tree
        self._accumulation = accumulation
        self._posted_figures = {
            area: [figure for figure in figures if figure.value is not None] for area, figures in posted_figures.items()
        }
        self._ancestors_of_posting = {
            ancestor for area, figures in self._posted_figures.items() if figures for ancestor in tree.ancestors(area)
        }
        self._figures_by_area: dict[int, FiguresByPeriod] = {}
        self._completeness: dict[int, dict[Period, Completeness]] = {}

    def figures(self, area: int) -> FiguresByPeriod:
        """Figures of an area by span: its posted figures and, for spans without one, sums over its child areas."""
        if area not in self._figures_by_area:
            # Bottom up and without recursion, so that a deep tree does not exhaust the stack.
            for area_id in (*reversed(self._tree.descendants([area])), area):
                if area_id not in self._figures_by_area:
                    self._figures_by_area[area_id] = self._compute_area(area_id)
        return self._figures_by_area[area]

    def completeness(self, area: int) -> Mapping[Period, Completeness]:
        """How complete the sum is, for each span for which a child area has a value and the area itself has none."""
        self.figures(area)  # Fills `_completeness`.
        return self._completeness[area]

    def merged_history(self, area: int) -> FiguresByPeriod:
        """The figures of the present territory of an area, by span.

        For a span before other areas merged into it, the figure is the sum of its own figure and theirs. If
        a figure of one of these areas is missing, the span has no figure.
        """
        nodes = [self._tree.node(area), *self._tree.predecessors(area)]
        own_figures = self.figures(area)
        merged = dict[Period, Figure]()
        for span in sorted({span for node in nodes for span in self.figures(node.id)}):
            expected = self._tree.expected_to_report(nodes, span, self._accumulation)
            if all(node.id == area for node in expected):
                figure = own_figures.get(span)
            else:
                parts = [(node, self.figures(node.id).get(span)) for node in expected]
                figure = sum_figures(nodes[0].code, span, parts, SumReason.BEFORE_MERGE)
            if figure is not None:
                merged[span] = figure
        return merged

    def _compute_area(self, area: int) -> FiguresByPeriod:
        own_figures = self._posted_figures.get(area, [])
        figures = {own_figure.period: own_figure for own_figure in own_figures}
        completeness = self._completeness[area] = {}
        if area not in self._ancestors_of_posting:
            return figures
        own_series = FigureSeries(self._accumulation, own_figures)
        children = self._tree.children(area)
        spans = {
            span for child in children for span in (*self._figures_by_area[child.id], *self._completeness[child.id])
        }
        for span in sorted(spans):
            if own_series.value(span) is not None:
                continue
            expected = self._tree.expected_to_report(children, span, self._accumulation)
            span_completeness = _add_up_completeness(self._count_reports(child, span) for child in expected)
            if span_completeness.reported:
                completeness[span] = span_completeness
                parts = [(child, self._figures_by_area[child.id].get(span)) for child in expected]
                if figure := sum_figures(self._tree.node(area).code, span, parts):
                    figures[span] = figure
        return figures

    def _count_reports(self, node: AreaNode, span: Period) -> Completeness:
        figure = self._figures_by_area[node.id].get(span)
        if figure is not None:
            count = len(figure.parts) or 1
            return Completeness(count, count)
        if span in self._completeness[node.id]:
            return self._completeness[node.id][span]
        # An area without own figures counts as many times as it has reporting child areas; any other area counts once.
        expected_children = self._tree.expected_to_report(self._tree.children(node.id), span, self._accumulation)
        if node.id in self._ancestors_of_posting and expected_children:
            return _add_up_completeness(self._count_reports(child, span) for child in expected_children)
        return Completeness(0, 1, (node.code,))


def _add_up_completeness(counts: Iterable[Completeness]) -> Completeness:
    by_area = list(counts)
    missing = tuple(sorted(code for area_count in by_area for code in area_count.missing))
    return Completeness(
        sum(area_count.reported for area_count in by_area), sum(area_count.expected for area_count in by_area), missing
    )


def sum_reason(figure: Figure) -> SumReason | None:
    """Why a figure is a sum over areas; None for a posted figure."""
    return SumReason(figure.id.partition(":")[0]) if figure.parts else None


def sum_figures(
    code: str, span: Period, figures: Collection[tuple[AreaNode, Figure | None]], reason: SumReason = SumReason.SUM
) -> Figure | None:
    """The sum over these areas as a figure of the area `code`; None unless all of them have a value.

    Its stage is the least official stage of the parts. It was published on the latest day of the parts; that day is
    unknown (None) when it is unknown for one of them.
    """
    parts = list[SumPart]()
    for node, figure in figures:
        if figure is None or figure.value is None:
            return None
        parts += figure.parts or [SumPart(node.code, figure)]
    return sum_parts(code, span, parts, reason) if parts else None


def sum_parts(code: str, span: Period, parts: Sequence[SumPart], reason: SumReason) -> Figure:
    """The sum of posted figures, at least one, as a figure of the area `code`."""
    part_figures = [part.figure for part in parts]
    published_days = [part_figure.published for part_figure in part_figures if part_figure.published is not None]
    with exact_arithmetic():
        value = sum((part_figure.numeric_value for part_figure in part_figures), Decimal(0))
    return Figure(
        # `sum_reason` reads the reason from the id.
        id=f"{reason}:{code}:{span}",
        revision=0,
        start=span.start,
        end=span.end,
        value=value,
        qualifier=_combine_qualifiers({part_figure.qualifier for part_figure in part_figures}),
        stage=min(
            (part_figure.stage for part_figure in part_figures),
            key=lambda stage: _LEAST_OFFICIAL_FIRST.index(Stage(stage)),
        ),
        published=max(published_days) if len(published_days) == len(part_figures) else None,
        order=max(part_figure.order for part_figure in part_figures),
        recorded_on=max(
            (part_figure.recorded_on for part_figure in part_figures if part_figure.recorded_on), default=None
        ),
        parts=tuple(sorted(parts, key=lambda part: part.area)),
    )


def _combine_qualifiers(qualifiers: set[str]) -> str:
    """The qualifier of a sum: if all inexact figures have the same qualifier, the sum has it too.

    For example "more than 5" + 3 = "more than 8". With different qualifiers the sum is `about`.
    """
    nonempty = qualifiers - {Qualifier.NONE}
    return nonempty.pop() if len(nonempty) == 1 else Qualifier.ABOUT.value if nonempty else ""
