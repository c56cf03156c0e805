"""Outlines with few points, and their paths in one bounded picture."""

import math
import re
from itertools import pairwise

import pytest

from indicators.domain.map_paths import MAX_AREAS, MAX_HEIGHT, MAX_POINTS, WIDTH, draw_paths
from indicators.domain.outlines import simplify_rings

Ring = list[list[float]]


def circle(points: int, x: float = 0, y: float = 0, radius: float = 1) -> Ring:
    turns = [2 * math.pi * n / points for n in range(points)]
    ring = [[x + radius * math.cos(turn), y + radius * math.sin(turn)] for turn in turns]
    return [*ring, ring[0]]


def corners_of(d: str) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in re.findall(r"(-?\d+) (-?\d+)", d)]


@pytest.mark.parametrize(
    "rings",
    [
        pytest.param([circle(19_999)], id="one long ring"),
        pytest.param([circle(4, x=n) for n in range(4_000)], id="4000 islands"),
        pytest.param([circle(5_000), circle(5_000, radius=0.5), circle(5_000, x=9), circle(4_000, x=20, radius=3)], id="holes and islands"),
        pytest.param([[[0, 0], [0, 0], [0, 0], [0, 0]]] * 3_000, id="rings without area"),
    ],
)  # fmt: skip
def test_an_outline_has_at_most_200_points(rings: list[Ring]) -> None:
    outline = simplify_rings(rings)
    assert sum(map(len, outline)) <= 200
    assert all(ring[0] == ring[-1] and len(ring) >= 4 for ring in outline)


def test_a_short_ring_stays_as_it_is() -> None:
    assert simplify_rings([circle(12)]) == [circle(12)]


def test_what_is_left_of_a_circle_is_nearly_a_circle() -> None:
    (outline,) = simplify_rings([circle(10_000)], most=60)
    assert all(abs(math.hypot(*point) - 1) < 1e-6 for point in outline)
    turns = sorted(math.atan2(y, x) for x, y in outline[:-1])
    assert max(later - earlier for earlier, later in pairwise(turns)) < 0.3


def test_the_largest_islands_stay() -> None:
    outline = simplify_rings([circle(50, x=3 * n, radius=0.01 + (n == 7)) for n in range(100)])
    assert any(abs(ring[0][0] - 22.01) < 0.1 for ring in outline)


@pytest.mark.parametrize(
    ("areas", "points"),
    [
        pytest.param(1, 199, id="one area"),
        pytest.param(24, 199, id="the districts of a city"),
        pytest.param(MAX_AREAS, 199, id="as many areas as a picture holds"),
    ],
)
def test_a_picture_stays_small(areas: int, points: int) -> None:
    outlines = [[circle(points, x=106 + n % 20 * 0.1, y=10 + n // 20 * 0.1, radius=0.05)] for n in range(areas)]
    picture = draw_paths(outlines)
    corners = [corners_of(path.d) for path in picture.paths]
    assert len(corners) == areas
    assert all(len(of_area) >= 3 for of_area in corners)
    assert sum(map(len, corners)) <= MAX_POINTS
    assert sum(len(path.d) for path in picture.paths) < 40_000
    assert all(0 <= x <= WIDTH and 0 <= y <= picture.height <= MAX_HEIGHT for of_area in corners for x, y in of_area)


def test_a_degree_of_longitude_is_as_wide_as_at_the_middle_latitude() -> None:
    square = [[100.0, 59.0], [102.0, 59.0], [102.0, 61.0], [100.0, 61.0], [100.0, 59.0]]
    corners = corners_of(draw_paths([[square]]).paths[0].d)
    width, height = (max(side) - min(side) for side in zip(*corners, strict=True))
    assert width / height == pytest.approx(0.5, abs=0.01)
    north_west = corners[3]
    assert north_west == min(corners, key=lambda corner: (corner[1], corner[0]))


def test_the_number_of_an_area_stands_inside_and_in_no_hole() -> None:
    outer, hole = circle(80, radius=1), circle(80, radius=0.6)
    path = draw_paths([[outer, hole]]).paths[0]
    from_middle = math.hypot(path.x - WIDTH / 2, path.y - WIDTH / 2) / (WIDTH / 2)
    assert 0.6 < from_middle < 1


def test_an_area_that_is_too_small_is_drawn_as_a_square() -> None:
    picture = draw_paths([[circle(100, radius=10)], [circle(20, radius=0.0001)]])
    assert len(corners_of(picture.paths[1].d)) == 4


def test_areas_of_no_extent_are_drawn() -> None:
    assert draw_paths([[[[1.0, 1.0]] * 4]]).paths[0].d
