"""A map as SVG beside a list: each area has a pattern and a number; name and value stand in the list in words.

Only numbers and names of style classes reach the picture, no text of a user. The list holds the links: it works without
the picture, by keyboard, and for readers. A picture has at most 64 KB.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from indicators.domain.map_paths import MAX_AREAS, WIDTH, MapPath, draw_paths
from indicators.models import Area
from targets.services.reports.area_outlines import load_outlines

# Patterns differ without colour: the style sheet colours them. Name -> what is drawn on a square of 8.
_PATTERNS = {
    "good": "",
    "watched": "M2 2h2v2h-2z",
    "bad": "M0 8L8 0M-2 2L2-2M6 10L10 6",
    "neutral": "",
    "step-1": "",
    "step-2": "M0 4h8",
    "step-3": "M0 4h8M4 0v8",
    "step-4": "M0 1h8M0 3h8M0 5h8M0 7h8",
}
FRAME = "frame"


class MapEntry(NamedTuple):
    """What the map says of an area. `fill`: the name of a pattern. `url`: where the list leads to."""

    area: Area
    words: str
    fill: str
    url: str


class MapRow(NamedTuple):
    """A line of the list. `number`: as in the picture; None: the area is drawn as a frame around others, or not at all."""

    number: int | None
    name: str
    words: str
    fill: str
    url: str


class AreaMap(NamedTuple):
    """`missing`: names of the areas without a geometry, or beyond what one picture holds."""

    picture: SafeString
    rows: list[MapRow]
    missing: list[str]


def build_map(entries: Sequence[MapEntry]) -> AreaMap | None:
    """The map of those areas that have a geometry; None where there is none."""
    outlines = load_outlines([entry.area.pk for entry in entries])
    drawn = [entry for entry in entries if entry.area.pk in outlines.by_area][:MAX_AREAS]
    if not drawn:
        return None
    # What is inside lies over what is around it.
    drawn.sort(key=lambda entry: entry.area.pk not in outlines.frames)
    picture = draw_paths([outlines.by_area[entry.area.pk] for entry in drawn])
    rows, number = list[MapRow](), 0
    for entry in drawn:
        is_frame = entry.area.pk in outlines.frames
        number += not is_frame
        fill = FRAME if is_frame else entry.fill
        rows.append(MapRow(None if is_frame else number, str(entry.area), entry.words, fill, entry.url))
    missing = [str(entry.area) for entry in entries if entry not in drawn]
    return AreaMap(_draw(picture.height, rows, picture.paths), rows, missing)


def _draw(height: int, rows: Sequence[MapRow], paths: Sequence[MapPath]) -> SafeString:
    shapes = format_html_join(
        "",
        '<a href="#area-{}" tabindex="-1"><path class="{}" fill="{}" d="{}"/></a>',
        (
            (row.number or 0, row.fill, "none" if row.fill == FRAME else f"url(#map-{row.fill})", path.d)
            for row, path in zip(rows, paths, strict=True)
        ),
    )
    numbers = format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>',
        ((path.x, path.y, row.number) for row, path in zip(rows, paths, strict=True) if row.number),
    )
    return format_html(
        '<svg class="map{}" viewBox="0 0 {} {}" aria-hidden="true">{}{}{}</svg>',
        " many" if len(rows) > 40 else "", WIDTH, height, draw_patterns({row.fill for row in rows}), shapes, numbers,
    )  # fmt: skip


def draw_patterns(names: set[str]) -> SafeString:
    """The patterns that a picture uses; those of the keys below it, too."""
    return format_html(
        "<defs>{}</defs>",
        format_html_join(
            "",
            '<pattern id="map-{}" width="8" height="8" patternUnits="userSpaceOnUse">'
            '<rect width="8" height="8"/><path d="{}"/></pattern>',
            ((name, _PATTERNS[name]) for name in sorted(names - {FRAME})),
        ),
    )
