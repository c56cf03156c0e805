"""The map of the board: each area as its worst target stands."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from targets.pages.area_map import MapEntry, build_map
from targets.pages.board_rows import label_of, sense_of
from targets.pages.map_words import MAP_WORDS, STATUS_KEYS
from targets.services.reports import scorecards
from targets.services.reports.board import BoardTarget


def board_map_context(rows: Sequence[BoardTarget], area_address: Callable[[str], str]) -> dict[str, Any]:
    """What the template of the map needs. `area_address`: leads to the targets of an area, by its code."""
    by_area: dict[Any, list[BoardTarget]] = {}
    for row in rows:
        by_area.setdefault(row.evaluation.target.area, []).append(row)
    entries = []
    for area, of_area in by_area.items():
        evaluations = scorecards.sort_worst_first(row.evaluation for row in of_area)
        labels = Counter(map(label_of, evaluations))
        words = ", ".join(f"{label}: {count}" for label, count in labels.items())
        entries.append(MapEntry(area, words, sense_of(evaluations[0]), area_address(area.code)))
    area_map = build_map(entries)
    if area_map is None:
        return {}
    fills = {row.fill for row in area_map.rows}
    keys = [(name, label) for name, label in STATUS_KEYS.items() if name in fills]
    return {"map": area_map, "map_keys": keys, "map_note": MAP_WORDS["map_worst"], "map_words": MAP_WORDS}
