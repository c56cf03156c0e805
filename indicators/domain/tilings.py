"""Tilings: figures that follow each other without gap or overlap (domain.md section 4)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Optional

from .days import ONE_DAY
from .figures import Figure


class Tile(NamedTuple):
    """The last figure of the best tiling that ends where it ends, and the way back.

    `total` is the sum of the values so far, in the unit of the series; of a weighted tiling the
    sum of value times days.
    """

    figure: Figure
    before: Optional["Tile"]
    total: Decimal

    def figures(self) -> list[Figure]:
        """The tiling that ends here, in order."""
        return [tile.figure for tile in self._backwards()][::-1]

    def _backwards(self) -> Iterator["Tile"]:
        tile: Tile | None = self
        while tile is not None:
            yield tile
            tile = tile.before


def tile(starting: Mapping[date, Sequence[Figure]], start: date, limit: date, *, weighted: bool) -> dict[date, Tile]:
    """Every day up to `limit` that tilings from `start` reach, with the best tiling up to it.

    `starting` holds by first day the figures that have values, the longest first. Best is the one
    with the fewest figures, then with the longest first figure, then the longest second: the
    order in which a breadth-first walk that tries longer figures first meets each day.
    """
    reached: dict[date, Tile] = {}
    frontier: list[tuple[date, Tile | None]] = [(start, None)]
    for day, before in frontier:
        for figure in starting.get(day, ()):
            if figure.end <= limit and figure.end not in reached:
                part = figure.amount * figure.days if weighted else figure.amount
                total = part if before is None else before.total + part
                step = reached[figure.end] = Tile(figure, before, total)
                frontier.append((figure.end + ONE_DAY, step))
    return reached
