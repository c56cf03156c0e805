"""The map of an indicator's page: the last values of the areas in four steps."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from indicators.models import Area, Indicator
from targets.pages.area_map import MapEntry, build_map
from targets.pages.indicator_charts import last_value
from targets.pages.indicator_rows import format_places, places_of, short_day
from targets.pages.map_words import MAP_WORDS
from targets.services.reports.indicator_history import SeriesPoint

_STEPS = 4
_OTHER_DAY = "neutral"  # the value of another day than of most areas is not compared with theirs


def indicator_map_context(
    indicator: Indicator, lines: Mapping[Area, Sequence[SeriesPoint]], addresses: Mapping[Area, str]
) -> dict[str, Any]:
    """What the template of the map needs. `lines`: the values of each area, the last one is shown."""
    if not lines:
        return {}
    day = _most_common_day(lines)
    values = {area: last_value(points) for area, points in lines.items() if points[-1].period.end == day}
    least, greatest = min(values.values()), max(values.values())
    places = places_of(indicator, [point for points in lines.values() for point in points[-1:]])
    entries = [
        MapEntry(
            area,
            f"{format_places(last_value(points), places)} ({short_day(points[-1].period.end)})",
            _fill(values[area], least, greatest) if area in values else _OTHER_DAY,
            addresses[area],
        )
        for area, points in lines.items()
    ]
    area_map = build_map(entries)
    if area_map is None:
        return {}
    fills = {row.fill for row in area_map.rows}
    every_key = [*_list_keys(least, greatest, places), (_OTHER_DAY, MAP_WORDS["map_other_day"])]
    keys = [(name, label) for name, label in every_key if name in fills]
    return {"map": area_map, "map_keys": keys, "map_note": MAP_WORDS["map_values"], "map_words": MAP_WORDS}


def _most_common_day(lines: Mapping[Area, Sequence[SeriesPoint]]) -> date:
    """The last day of the values that most areas have; of several such days the latest."""
    days = Counter(points[-1].period.end for points in lines.values())
    return max(days, key=lambda day: (days[day], day))


def _fill(value: Decimal, least: Decimal, greatest: Decimal) -> str:
    """The step of a value, from step-1 to step-4, each of the same width."""
    share = (value - least) / (greatest - least) if greatest > least else Decimal(0)
    return f"step-{min(int(share * _STEPS) + 1, _STEPS)}"


def _list_keys(least: Decimal, greatest: Decimal, places: int) -> list[tuple[str, object]]:
    edges = [least + (greatest - least) * step / _STEPS for step in range(_STEPS + 1)]
    return [
        (f"step-{step + 1}", f"{format_places(edges[step], places)} – {format_places(edges[step + 1], places)}")
        for step in range(_STEPS)
    ]
