"""Indicators that are summed over areas: the tree of areas, the sums, and the ancestors that a figure affects."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.regions import Coverage, Place, Sums, Tree
from indicators.domain.vocabulary import Accumulation
from indicators.models import Area, Indicator
from indicators.querysets import Pair
from kpitracker.lib.prepared import prepared


def tree() -> Tree:
    rows = Area.objects.order_by().values_list("pk", "code", "parent_id", "valid_from", "valid_to", "successor_id")
    return Tree(Place(*row) for row in rows)


class Regional:
    """The sums of regional indicators over areas. `areas` are ids.

    `extra_series`: the series that must be read besides those of the areas themselves. `with_predecessors`: for spans
    before other areas merged into an area, add the figures of those areas.
    """

    def __init__(self, indicators: Sequence[Indicator], areas: Collection[int], *, territory: bool = False) -> None:
        self._indicators, self._areas, self._territory = indicators, areas, territory
        self._tree = tree()
        asked = set(areas)
        if territory:
            asked |= {each.id for area in areas for each in self._tree.predecessors(area)}
        wider = (asked | set(self._tree.below(asked))) - set(areas)
        self.further: set[Pair] = {(each.pk, area) for each in indicators for area in wider}

    def fill(
        self, shelves: Mapping[int, dict[str, Sequence[Figure]]]
    ) -> dict[int, dict[str, Mapping[Period, Coverage]]]:
        """Put the sums into `figures_by_area` (area id, code). Returns their coverage by area id and code."""
        coverage: dict[int, dict[str, Mapping[Period, Coverage]]] = defaultdict(dict)
        for each in self._indicators:
            posted = {area: found[each.code] for area, found in shelves.items() if each.code in found}
            sums = Sums(self._tree, Accumulation(each.accumulation), posted)
            for area in self._areas:
                known = sums.territory(area) if self._territory else sums.figures(area)
                shelves[area][each.code] = list(known.values())
                coverage[area][each.code] = sums.coverage(area)
        return coverage


def predecessors(area: Area) -> list[Area]:
    """The areas that have merged into this one, directly or through other areas, ordered by code."""
    found = Area.objects.in_bulk([each.id for each in tree().predecessors(area.pk)])
    return sorted(found.values(), key=lambda each: each.code)


def with_areas_above(pairs: Collection[Pair]) -> set[Pair]:
    """These series, and for regional indicators also the series of all ancestor areas, which are summed from them."""
    summed = {indicator for indicator, _ in pairs}.intersection(_regional())
    return _upwards(pairs, summed) if summed else set(pairs)


def reporting(pairs: Collection[Pair], posting: Collection[Pair]) -> dict[Pair, list[Pair]]:
    """For each series of a regional indicator, the series that are summed into it, out of `posted_series`."""
    known, found = tree(), dict[Pair, list[Pair]]()
    for indicator in {indicator for indicator, _ in pairs}:
        areas = {area for each, area in pairs if each == indicator}
        posts = {area for each, area in posting if each == indicator}
        for area, parts in known.reporting(areas, posts).items():
            found[indicator, area] = [(indicator, part) for part in parts]
    return found


def areas_above(areas: Iterable[int]) -> dict[int, list[int]]:
    """By area id, the ids of its ancestors."""
    areas = set(areas)
    known = tree() if areas else Tree(())
    return {area: known.above(area) for area in areas}


def _upwards(pairs: Collection[Pair], summed: Collection[int]) -> set[Pair]:
    above = areas_above({area for indicator, area in pairs if indicator in summed})
    return {*pairs, *((pk, each) for pk, area in pairs if pk in summed for each in above[area])}


@prepared
def _regional() -> QuerySet[Any]:
    return Indicator.objects.exclude(regional="").order_by().values_list("pk", flat=True)
