"""Sums of figures over the parts of an area, and over areas that merged (docs/domain.md, Regions)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .figures import Figure, Part
from .periods import Period
from .rounding import exact
from .series import Series
from .vocabulary import Accumulation, Kind, Qualifier, Stage

# Not stated comes after estimate: it may be any stage, while an estimate is certainly an estimate.
_LEAST_SETTLED = (Stage.ESTIMATE, Stage.NOT_STATED, Stage.PRELIMINARY, Stage.OFFICIAL)

# How many missing areas are named when the completeness of a sum is shown.
NAMED = 20

Shelf = Mapping[Period, Figure]


class Basis(StrEnum):
    """Why a figure is a sum over areas."""

    SUM = "sum"
    BEFORE_MERGE = "before-merge"


class Place(NamedTuple):
    """An area of the tree. It is valid on `valid_from` and `valid_to` too; None means that there is no limit.

    `parent` and `successor` are ids.
    """

    id: int
    code: str
    parent: int | None = None
    first: date | None = None
    last: date | None = None
    successor: int | None = None

    def holds(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def meets(self, span: Period) -> bool:
        return (self.first is None or self.first <= span.end) and (self.last is None or span.start <= self.last)


class Coverage(NamedTuple):
    """How many areas have a figure, how many are expected to, and the codes of the missing areas."""

    have: int
    of: int
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return self.have == self.of


def adds_up(kind: Kind, accumulation: Accumulation | None) -> bool:
    """Whether figures of areas may be added: only levels and counts, never rates, shares, indices or ranks."""
    return kind in (Kind.LEVEL, Kind.COUNT) and accumulation in (Accumulation.SUM, Accumulation.LAST)


class Tree:
    """The current tree of areas. Its only history is `valid_from`, `valid_to` and `successor`."""

    __slots__ = ("_children", "_places", "_predecessors")

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = {each.id: each for each in places}
        self._children: dict[int, list[Place]] = defaultdict(list)
        self._predecessors: dict[int, list[Place]] = defaultdict(list)
        for each in sorted(self._places.values(), key=lambda place: place.code):
            if each.parent is not None:
                self._children[each.parent].append(each)
            if each.successor is not None and each.last is not None:
                self._predecessors[each.successor].append(each)

    def place(self, area: int) -> Place:
        return self._places[area]

    def children(self, area: int) -> Sequence[Place]:
        return self._children.get(area, ())

    def below(self, areas: Iterable[int]) -> list[int]:
        """Ids of all areas below these areas, parents before their children."""
        found = dict.fromkeys(child.id for area in areas for child in self.children(area))
        waiting = list(found)
        for area in waiting:
            fresh = [child.id for child in self.children(area) if child.id not in found]
            found |= dict.fromkeys(fresh)
            waiting += fresh
        return waiting

    def above(self, area: int) -> list[int]:
        """Ids of all areas above an area, the nearest first."""
        found = list[int]()
        parent = self._places[area].parent if area in self._places else None
        while parent is not None and parent not in found:
            found.append(parent)
            parent = self._places[parent].parent
        return found

    def predecessors(self, area: int) -> list[Place]:
        """Ended areas that this area succeeds, directly or through other areas, the nearest first."""
        found = {area: self._places[area]}
        waiting = [area]
        for each in waiting:
            fresh = [place for place in self._predecessors.get(each, ()) if place.id not in found]
            found |= {place.id: place for place in fresh}
            waiting += [place.id for place in fresh]
        return list(found.values())[1:]

    def expected(self, places: Iterable[Place], span: Period, accumulation: Accumulation) -> list[Place]:
        """The areas that must report for a span.

        With accumulation `last`: the areas that were valid on its last day. Otherwise: the areas that were valid on
        some day of it, except those that ended inside the span and have a successor valid on its last day. The
        successor reports for them.
        """
        if accumulation == Accumulation.LAST:
            return [each for each in places if each.holds(span.end)]
        return [each for each in places if each.meets(span) and not self._succeeded(each, span.end)]

    def reporting(self, areas: Iterable[int], posting: Collection[int]) -> dict[int, list[int]]:
        """By area, the ids of the areas that report for it.

        That is the area itself, or, if it never posted a figure, the areas below it that do.
        """
        above = {each for area in posting for each in self.above(area)}
        return {area: self._reporting(area, posting, above) for area in areas}

    def _reporting(self, area: int, posting: Collection[int], above: Collection[int]) -> list[int]:
        if area in posting or area not in above:
            return [area]
        return [each for child in self.children(area) for each in self._reporting(child.id, posting, above)]

    def _succeeded(self, place: Place, day: date) -> bool:
        passed = {place.id}
        while not place.holds(day):
            if place.successor is None or place.successor in passed:
                return False
            place = self._places[place.successor]
            passed.add(place.id)
        return len(passed) > 1


class Sums:
    """The figures of one indicator by area: posted figures, and the sums that follow from them."""

    def __init__(self, tree: Tree, accumulation: Accumulation, posted: Mapping[int, Sequence[Figure]]) -> None:
        self._tree = tree
        self._accumulation = accumulation
        self._posted = {area: [each for each in figures if each.value is not None] for area, figures in posted.items()}
        self._reporting = {above for area, figures in self._posted.items() if figures for above in tree.above(area)}
        self._known: dict[int, Shelf] = {}
        self._coverage: dict[int, dict[Period, Coverage]] = {}

    def figures(self, area: int) -> Shelf:
        """Figures of an area by span: its posted figures and, for spans without a posted value, sums over its parts."""
        if area not in self._known:
            # Bottom up and without recursion, so that a deep tree does not exhaust the stack.
            for each in (*reversed(self._tree.below([area])), area):
                if each not in self._known:
                    self._known[each] = self._look(each)
        return self._known[area]

    def coverage(self, area: int) -> Mapping[Period, Coverage]:
        """How complete the sum is, for each span for which some part has a value and the area itself has none."""
        self.figures(area)
        return self._coverage[area]

    def territory(self, area: int) -> Shelf:
        """The figures of the present territory of an area, by span.

        For a span before other areas merged into it, the figure is the sum of its own figure and theirs. There is
        none when one of them is missing.
        """
        places = [self._tree.place(area), *self._tree.predecessors(area)]
        own = self.figures(area)
        found = dict[Period, Figure]()
        for span in sorted({span for place in places for span in self.figures(place.id)}):
            needed = self._tree.expected(places, span, self._accumulation)
            if all(each.id == area for each in needed):
                figure = own.get(span)
            else:
                parts = [(each, self.figures(each.id).get(span)) for each in needed]
                figure = total(places[0].code, span, parts, Basis.BEFORE_MERGE)
            if figure is not None:
                found[span] = figure
        return found

    def _look(self, area: int) -> Shelf:
        own = self._posted.get(area, [])
        found = {each.period: each for each in own}
        coverage = self._coverage[area] = {}
        if area not in self._reporting:
            return found
        said = Series(self._accumulation, own)
        children = self._tree.children(area)
        spans = {span for each in children for span in (*self._known[each.id], *self._coverage[each.id])}
        for span in sorted(spans):
            if said.value(span) is not None:
                continue
            needed = self._tree.expected(children, span, self._accumulation)
            counted = _together(self._count(each, span) for each in needed)
            if counted.have:
                coverage[span] = counted
                parts = [(each, self._known[each.id].get(span)) for each in needed]
                if figure := total(self._tree.place(area).code, span, parts):
                    found[span] = figure
        return found

    def _count(self, place: Place, span: Period) -> Coverage:
        figure = self._known[place.id].get(span)
        if figure is not None:
            count = len(figure.parts) or 1
            return Coverage(count, count)
        if span in self._coverage[place.id]:
            return self._coverage[place.id][span]
        # An area whose parts report counts as its parts; an area that reports for itself counts as one.
        below = self._tree.expected(self._tree.children(place.id), span, self._accumulation)
        if place.id in self._reporting and below:
            return _together(self._count(each, span) for each in below)
        return Coverage(0, 1, (place.code,))


def _together(counts: Iterable[Coverage]) -> Coverage:
    found = list(counts)
    missing = tuple(sorted(code for each in found for code in each.missing))
    return Coverage(sum(each.have for each in found), sum(each.of for each in found), missing)


def basis_of(figure: Figure) -> Basis | None:
    """Why a figure is a sum over areas; None for a posted figure."""
    return Basis(figure.id.partition(":")[0]) if figure.parts else None


def total(
    code: str, span: Period, figures: Collection[tuple[Place, Figure | None]], basis: Basis = Basis.SUM
) -> Figure | None:
    """The sum over these areas as a figure of the area `code`; None unless all of them have a value.

    Its stage is the least settled stage of the parts. It was published on the latest day of the parts; that day is
    unknown (None) when it is unknown for one of them.
    """
    parts = list[Part]()
    for place, figure in figures:
        if figure is None or figure.value is None:
            return None
        parts += figure.parts or [Part(place.code, figure)]
    if not parts:
        return None
    held = [part.figure for part in parts]
    published = [each.published for each in held if each.published is not None]
    with exact():
        value = sum((each.amount for each in held), Decimal(0))
    return Figure(
        id=f"{basis}:{code}:{span}",
        revision=0,
        start=span.start,
        end=span.end,
        value=value,
        qualifier=_qualifier({each.qualifier for each in held}),
        stage=min((each.stage for each in held), key=lambda stage: _LEAST_SETTLED.index(Stage(stage))),
        published=max(published) if len(published) == len(held) else None,
        order=max(each.order for each in held),
        recorded_on=max((each.recorded_on for each in held if each.recorded_on), default=None),
        parts=tuple(sorted(parts, key=lambda part: part.area)),
    )


def _qualifier(said: set[str]) -> str:
    """One qualifier beside exact figures stays: "more than 5" and 3 are more than 8. Different ones make `about`."""
    stated = said - {Qualifier.NONE}
    return stated.pop() if len(stated) == 1 else Qualifier.ABOUT.value if stated else ""
