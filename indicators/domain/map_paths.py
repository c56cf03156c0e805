"""Outlines of areas as paths of one small picture: equirectangular, with the width of a degree at the middle latitude.

The picture is bounded: of many areas with many points the corners are moved onto a coarser grid until few are left.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from .outlines import Ring, ring_area

WIDTH, MAX_HEIGHT = 640, 640
MAX_POINTS = 4_000  # of one picture
MAX_AREAS = 300
_MARGIN = 4
Outline = Sequence[Ring]
Corner = tuple[int, int]


class MapPath(NamedTuple):
    """`d` of an SVG path, and a place inside the area for its number."""

    d: str
    x: int
    y: int


class MapPicture(NamedTuple):
    height: int
    paths: list[MapPath]


def draw_paths(outlines: Sequence[Outline]) -> MapPicture:
    """The paths of at most `MAX_AREAS` outlines, in their order. All numbers are whole."""
    assert len(outlines) <= MAX_AREAS
    projection = _Projection.around([point for outline in outlines for ring in outline for point in ring])
    placed = [[[projection.place(point) for point in ring] for ring in outline] for outline in outlines]
    for step in count(1):
        corners = [list(_round_rings(rings, step)) for rings in placed]
        if step >= WIDTH or sum(len(ring) for rings in corners for ring in rings) <= MAX_POINTS:
            break
    return MapPicture(projection.height, [_to_path(rings) for rings in corners])


class _Projection(NamedTuple):
    west: float
    north: float
    stretch: float  # of a degree of longitude against one of latitude
    scale: float
    height: int

    @classmethod
    def around(cls, points: Sequence[Sequence[float]]) -> "_Projection":
        """The projection in which all points fill the picture."""
        west, east = min(x for x, _ in points), max(x for x, _ in points)
        south, north = min(y for _, y in points), max(y for _, y in points)
        stretch = max(math.cos(math.radians((south + north) / 2)), 0.01)
        width, height = (east - west) * stretch, north - south
        scale = (WIDTH - 2 * _MARGIN) / max(width, height * (WIDTH / MAX_HEIGHT), 1e-9)
        return cls(west, north, stretch, scale, math.ceil(height * scale) + 2 * _MARGIN)

    def place(self, point: Sequence[float]) -> tuple[float, float]:
        return (
            _MARGIN + (point[0] - self.west) * self.stretch * self.scale,
            _MARGIN + (self.north - point[1]) * self.scale,
        )


def _round_rings(rings: Sequence[Ring], step: int) -> Iterator[list[Corner]]:
    """The open rings on a grid. Of rings that become too small the largest is drawn as a small square."""
    rounded = [_round_ring(ring, step) for ring in rings]
    whole = [corners for corners in rounded if len(corners) >= 3]
    if whole:
        yield from whole
        return
    x, y = (round(value / step) * step for value in max(rings, key=lambda ring: abs(ring_area(ring)))[0])
    half = max(step // 2, 2)
    yield [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]


def _round_ring(ring: Ring, step: int) -> list[Corner]:
    corners = list[Corner]()
    for point in ring[:-1]:
        corner = (round(point[0] / step) * step, round(point[1] / step) * step)
        if corners and corner == corners[-1]:
            continue
        while len(corners) >= 2 and _is_straight(corners[-2], corners[-1], corner):
            corners.pop()
        corners.append(corner)
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    return corners


def _is_straight(first: Corner, middle: Corner, last: Corner) -> bool:
    return (middle[0] - first[0]) * (last[1] - first[1]) == (last[0] - first[0]) * (middle[1] - first[1])


def _to_path(rings: Sequence[Sequence[Corner]]) -> MapPath:
    d = "".join("M" + " ".join(f"{x} {y}" for x, y in ring) + "z" for ring in rings)
    return MapPath(d, *_place_inside(rings))


def _place_inside(rings: Sequence[Sequence[Corner]]) -> Corner:
    """The middle of the widest part of the area at the middle height of its largest ring: it lies inside, not in a hole."""
    largest = max(rings, key=lambda ring: abs(ring_area([*ring, ring[0]])))
    middle = (min(y for _, y in largest) + max(y for _, y in largest)) / 2 + 0.25  # on no corner
    crossings = sorted(
        x + (middle - y) * (next_x - x) / (next_y - y)
        for ring in rings
        for (x, y), (next_x, next_y) in zip(ring, [*ring[1:], ring[0]], strict=True)
        if (y < middle) != (next_y < middle)
    )
    spans = list(zip(crossings[::2], crossings[1::2], strict=False))
    if not spans:
        return largest[0]
    left, right = max(spans, key=lambda span: span[1] - span[0])
    return round((left + right) / 2), round(middle)
