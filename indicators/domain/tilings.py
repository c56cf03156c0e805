"""Tilings: figures that follow each other without gap or overlap (domain.md section 4)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Optional

from .date_math import ONE_DAY
from .figures import Figure


class Tile(NamedTuple):
    """The last figure of the best tiling that ends on its last day, linked to the tile before it.

    `total` is the sum of the values so far, in the unit of the series; for a weighted tiling it is the sum of
    value times days.
    """

    figure: Figure
    previous: Optional["Tile"]
    total: Decimal

    def figures(self) -> list[Figure]:
        """The tiling that ends here, in order."""
        return [tile.figure for tile in self._backwards()][::-1]

    def _backwards(self) -> Iterator["Tile"]:
        tile: Tile | None = self
        while tile is not None:
            yield tile
            tile = tile.previous


def build_tilings(
    figures_by_start: Mapping[date, Sequence[Figure]], start: date, limit: date, *, weighted: bool
) -> dict[date, Tile]:
    """The best tiling from `start` to each day up to `limit` on which a tiling can end.

    `figures_by_start` holds the figures with values by first day, the longest first. The best tiling has the fewest
    figures; of several, the longest first figure, then the longest second. A breadth-first walk that tries longer
    figures first finds this tiling first for each day.
    """
    tilings: dict[date, Tile] = {}
    frontier: list[tuple[date, Tile | None]] = [(start, None)]
    for day, previous in frontier:
        for figure in figures_by_start.get(day, ()):
            if figure.end <= limit and figure.end not in tilings:
                amount = figure.numeric_value * figure.days if weighted else figure.numeric_value
                total = amount if previous is None else previous.total + amount
                next_tile = tilings[figure.end] = Tile(figure, previous, total)
                frontier.append((figure.end + ONE_DAY, next_tile))
    return tilings
