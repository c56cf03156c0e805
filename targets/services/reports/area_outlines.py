"""The outlines of areas that a map draws, and which of them contain others."""

from collections.abc import Collection
from typing import NamedTuple

from indicators.models import AreaShape
from indicators.services.figures.series import ancestors_by_area


class AreaOutlines(NamedTuple):
    """`by_area`: rings of longitudes and latitudes, by area id. `frames`: ids of areas with others of them inside."""

    by_area: dict[int, list[list[list[float]]]]
    frames: set[int]


def load_outlines(areas: Collection[int]) -> AreaOutlines:
    """The outlines of those areas that have a geometry: one query, and one more if there are several."""
    outlines = AreaShape.objects.outlines(areas)
    ancestors = ancestors_by_area(outlines) if len(outlines) > 1 else {}
    return AreaOutlines(outlines, set().union(*ancestors.values()) & outlines.keys())
