"""Outlines with few points, for maps: what a small picture shows of the rings of an area."""

import heapq
from collections.abc import Iterable, Sequence
from itertools import pairwise

MAX_POINTS = 200  # of the outline of one area
_MAX_RINGS = 20
Ring = Sequence[Sequence[float]]  # closed


def simplify_rings(rings: Iterable[Ring], most: int = MAX_POINTS) -> list[list[list[float]]]:
    """The largest rings with at most `most` points in all: what makes the smallest triangle goes first (Visvalingam)."""
    largest = sorted(rings, key=lambda ring: -abs(ring_area(ring)))[: min(_MAX_RINGS, most // 4)]
    outlines = [[[float(x), float(y)] for x, y, *_ in ring[:-1]] for ring in largest]
    _remove_points(outlines, most - len(outlines))
    return [[*ring, ring[0]] for ring in outlines]


def ring_area(ring: Ring) -> float:
    """Twice the area is enough to compare; positive where the points run against the clock."""
    return sum(first[0] * second[1] - second[0] * first[1] for first, second in pairwise(ring))


def _remove_points(rings: list[list[list[float]]], most: int) -> None:
    """Remove points of open rings, in place, until `most` are left in all. Each ring keeps three."""
    links = [[[(place - 1) % len(ring), (place + 1) % len(ring)] for place in range(len(ring))] for ring in rings]
    left, total = [len(ring) for ring in rings], sum(map(len, rings))
    heap = [
        (_triangle(ring, links[number][place], place), number, place)
        for number, ring in enumerate(rings)
        for place in range(len(ring))
    ]
    heapq.heapify(heap)
    removed = [set[int]() for _ in rings]
    current = {(number, place): area for area, number, place in heap}
    while heap and total > most:
        area, number, place = heapq.heappop(heap)
        if place in removed[number] or current[number, place] != area or left[number] <= 3:
            continue
        before, after = links[number][place]
        removed[number].add(place)
        left[number], total = left[number] - 1, total - 1
        links[number][before][1], links[number][after][0] = after, before
        for neighbour in (before, after):
            # A neighbour is at least as important as what was removed: else a smooth curve would go from one end.
            grown = max(area, _triangle(rings[number], links[number][neighbour], neighbour))
            current[number, neighbour] = grown
            heapq.heappush(heap, (grown, number, neighbour))
    for ring, places in zip(rings, removed, strict=True):
        ring[:] = [point for place, point in enumerate(ring) if place not in places]


def _triangle(ring: Ring, neighbours: Sequence[int], place: int) -> float:
    (ax, ay), (bx, by), (cx, cy) = ring[neighbours[0]][:2], ring[place][:2], ring[neighbours[1]][:2]
    return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))
