"""Areas drawn for a target: alone, or joined by others, under its old code or a new one."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from indicators.domain.choices import Qualifier, Stage
from indicators.domain.figures import Figure
from indicators.domain.periods import ONE_DAY
from indicators.domain.regions import AreaNode, AreaTree
from indicators.domain.territory import Territory, find_predecessors

from .drawn_themes import Theme

Json = dict[str, Any]
CITY, NORTH, EAST, OLD = "city", "north", "east", "old"
SHAPES = (
    [(month, month) for month in range(1, 13)],
    [(1, month) for month in range(1, 13)],
    [(1, 3), (4, 6), (7, 9), (10, 12)],
    [(1, 6), (7, 12), (1, 12)],
    [(1, 12), (1, 3), (1, 9), (4, 5)],
)
_QUALIFIERS, _STAGES = [qualifier.value for qualifier in Qualifier], [stage.value for stage in Stage]


class Revision(NamedTuple):
    """A revision of a figure, with the codes of its area and indicator."""

    area: str
    indicator: str
    figure: Figure


class Places(NamedTuple):
    """The areas; `merger`: the latest day on which some became part of the city."""

    nodes: tuple[AreaNode, ...]
    merger: date | None = None

    def territory(self, figures: Mapping[str, Mapping[str, Sequence[Figure]]]) -> Territory | None:
        if self.merger is None:
            return None
        tree = AreaTree(self.nodes)
        by_id = {node.id: figures.get(node.code, {}) for node in self.nodes}
        return Territory(CITY, self.nodes[0].valid_from, find_predecessors(tree, self.nodes[0].id), by_id)

    def document(self) -> list[Json]:
        codes = {node.id: node.code for node in self.nodes}
        return [
            {
                "code": node.code,
                "valid_from": node.valid_from and str(node.valid_from),
                "valid_to": node.valid_to and str(node.valid_to),
                "successor": node.successor and codes[node.successor],
            }
            for node in self.nodes
        ]


def draw_places(draw: Random, joined: bool | None) -> Places:
    """A city alone (one in four was joined by others, unless it is said), one in two of the others under a new code."""
    if not (draw.random() < 0.25 if joined is None else joined):
        return Places((AreaNode(1, CITY),))
    merger = date(draw.choice([2023, 2024, 2024, 2024]), draw.choice([1, 4, 7, 7, 10]), 1)
    ended = merger - ONE_DAY
    began = merger if draw.random() < 0.5 else None
    nodes = [AreaNode(1, CITY, valid_from=began), AreaNode(2, NORTH, valid_to=ended, successor=1)]
    if draw.random() < 0.8:
        nodes.append(AreaNode(3, EAST, valid_to=ended, successor=1))
        earlier = draw.choice([date(2022, 6, 30), date(2022, 12, 31), date(2023, 6, 30)])
        if draw.random() < 0.9 and earlier < ended:
            nodes.append(AreaNode(4, OLD, valid_to=earlier, successor=3))
    elif draw.random() < 0.5:
        nodes.append(AreaNode(3, EAST, valid_to=date(2022, 12, 31), successor=1))
    return Places(tuple(nodes), merger)


class FigureDraw(NamedTuple):
    """How figures are drawn: up to half of `scale`, posted by `as_of`."""

    scale: int
    as_of: date
    theme: Theme


Shapes = dict[int, Sequence[tuple[int, int]]]


def draw_shapes(draw: Random, shapes: Sequence[Sequence[tuple[int, int]]]) -> Shapes:
    """By year the spans that are reported, as first and last month; one in three years repeats the year before."""
    results: Shapes = {}
    for year in range(2020, 2026):
        repeats = year > 2020 and draw.random() < 0.4
        results[year] = results[year - 1] if repeats else draw.choice(shapes or SHAPES)
    return results


def draw_revisions(draw: Random, places: Places, code: str, shapes: Shapes, how: FigureDraw) -> list[Revision]:
    """Of all areas mostly the same spans; one in five areas misses some, and some that are new restate theirs.

    Figures of areas that merged are sums of months: which of them are put together makes no difference.
    """
    results: list[Revision] = []
    by_month = {
        (node.id, year, month): draw.randint(0, how.scale)
        for node in places.nodes
        for year in shapes
        for month in range(1, 13)
    }
    for node in places.nodes:
        misses = how.theme.misses * (5 if draw.random() < 0.2 else 1)
        restates = draw.random() < 0.4
        for year, usual in shapes.items():
            for first, last in usual if not places.merger or draw.random() < 0.97 else draw.choice(SHAPES):
                start, end = date(year, first, 1), date(year, last, monthrange(year, last)[1])
                if start >= how.as_of or draw.random() < misses or not _reports(node, end, restates=restates):
                    continue
                for _ in range(1 if draw.random() < 0.9 else 2):
                    figure = draw_figure(draw, start, end, len(results), how)
                    if places.merger and figure.value is not None:
                        months = [(year, month) for month in range(first, last + 1)]
                        territory_of = max(end, node.valid_from or end)
                        total = sum(_on_territory(places, by_month, node, month, territory_of) for month in months)
                        figure = figure._replace(value=Decimal(total) / 2, qualifier="")
                    results.append(Revision(node.code, code, figure._replace(id=f"{node.code}-{code}-{figure.id}")))
    return results


def _on_territory(
    places: Places, by_month: Mapping[tuple[int, int, int], int], node: AreaNode, month: tuple[int, int], end: date
) -> int:
    """What a month brought to all that is part of an area on a day."""
    first = date(*month, 1)
    total = by_month[node.id, *month] if node.valid_from is None or node.valid_from <= first else 0
    for other in places.nodes:
        if other.successor == node.id and other.valid_to and first <= other.valid_to < end:
            total += _on_territory(places, by_month, other, month, other.valid_to)
    return total


def _reports(node: AreaNode, end: date, *, restates: bool) -> bool:
    is_early = node.valid_from is not None and end < node.valid_from and not restates
    return not is_early and (node.valid_to is None or end <= node.valid_to)


def draw_figure(draw: Random, start: date, end: date, order: int, how: FigureDraw) -> Figure:
    chance, scale = draw.random(), how.scale
    least = -scale if draw.randint(0, 99) < how.theme.least else 0
    value = None if chance < 0.01 else Decimal(draw.randint(least, scale)) / 2
    if how.theme.rising and value is not None:
        value += end.month
    qualifier = draw.choice(_QUALIFIERS) if chance > 0.25 else ""
    stage = draw.choice(_STAGES) if chance > 0.6 else "official"
    if stage == Stage.FORECAST and draw.random() > 0.3:
        stage = ""
    published = end + timedelta(days=draw.randint(-20, 50))
    if draw.randint(0, 99) < how.theme.early:
        published = max(start, end - timedelta(days=draw.randint(25, 200)))
    return Figure(f"figure-{order}", 1, start, end, value, qualifier, stage, published, order)


def draw_forecast(draw: Random, scale: int) -> Figure:
    """What is expected of the whole year, said early in it."""
    published = date(2024, draw.randint(1, 6), 15)
    stage = draw.choice(["forecast", "estimate", ""])
    value = Decimal(draw.randint(0, scale * 6)) / 2
    return Figure("forecast", 1, date(2024, 1, 1), date(2024, 12, 31), value, "", stage, published, 9999)
