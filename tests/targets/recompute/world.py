"""What was posted, as it was posted: revisions, forecasts, and the areas that merged. Values follow from it by hand."""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.targets.recompute.figures import Row, Shelf
from tests.targets.recompute.spans import DAY, Span

STAGES = ("forecast", "", "estimate", "preliminary", "official")


class Posted(Row):
    """A revision with a value, with the area it is of."""

    def __init__(self, listed: dict[str, Any]) -> None:
        super().__init__(listed)
        self.area, self.order, self.said = listed["area"], listed["order"], listed["qualifier"]

    def foreseen(self, kind: str) -> bool:
        if kind == "yes_no" or self.stage == "official":
            return False
        return self.stage == "forecast" or self.published + timedelta(days=31) < self.span[1]


class Total(Row):
    """A sum over areas: as official as its least official part."""

    def __init__(self, area: str, indicator: str, span: Span, parts: list[Posted]) -> None:
        said = {part.said for part in parts} - {""}
        listed = {"id": f"{area} {span}", "indicator": indicator, "period": "2000", "value": 0, "published": "unknown"}
        least = min((part.stage for part in parts), key=STAGES.index)
        super().__init__(listed | {"qualifier": said.pop() if len(said) == 1 else "", "stage": least})
        self.span, self.parts = span, parts
        self.value = sum((part.value for part in parts), Fraction())
        self.published = max(part.published for part in parts)


def in_force(posted: Iterable[dict[str, Any]], as_of: date) -> list[dict[str, Any]]:
    """Of each figure the revision published last by that day; of one day that recorded last."""
    latest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for listed in posted:
        key = listed["area"], listed["indicator"], listed["period"]
        if date.fromisoformat(listed["published"]) > as_of:
            continue
        if key not in latest or _age(latest[key]) < _age(listed):
            latest[key] = listed
    return list(latest.values())


def _age(listed: dict[str, Any]) -> tuple[str, int]:
    return listed["published"], listed["order"]


class Land:
    """The area of a target, with those that merged into it."""

    def __init__(self, world: dict[str, Any]) -> None:
        self.indicators = world["indicators"]
        self.kinds = {item["code"]: item["kind"] for item in self.indicators}
        self.ways = {item["code"]: item["accumulation"] for item in self.indicators}
        self.area, self.areas = world["area"], {item["code"]: item for item in world["areas"]}
        valued = [item for item in in_force(world["revisions"], date.fromisoformat(world["as_of"])) if item["value"]]
        rows = [row for row in map(Posted, valued) if row.indicator in self.kinds]
        self.forecasts = [row for row in rows if row.foreseen(self.kinds[row.indicator])]
        self.rows = [row for row in rows if not row.foreseen(self.kinds[row.indicator])]
        self.shelves: dict[date | None, Shelf] = {}
        self.own: dict[str, Shelf] = {}
        for area in self.areas:
            self.own[area] = Shelf(self.indicators, [])
            self.own[area].rows = [row for row in self.rows if row.area == area]

    def began(self, area: str) -> date:
        first = self.areas[area]["valid_from"]
        return date.fromisoformat(first) if first else date.min

    def ended(self, area: str) -> date:
        last = self.areas[area]["valid_to"]
        return date.fromisoformat(last) if last else date.max

    @cached_property
    def joined(self) -> dict[str, date]:
        """By area that is now part of this one, since when."""
        results = {}
        for area in self.areas:
            since, next_area = date.min, area
            while next_area != self.area and self.ended(next_area) < date.max:
                since = max(since, self.ended(next_area) + DAY)
                next_area = self.areas[next_area]["successor"]
            if area != self.area and next_area == self.area:
                results[area] = since
        return results

    def merged_into(self, area: str, by: date) -> date | None:
        """The last day by then on which another area became part of this one."""
        ends = [self.ended(other) + DAY for other in self.joined if self.areas[other]["successor"] == area]
        return max((day for day in ends if day <= by), default=None)

    def merger(self, day: date) -> date | None:
        return max((since for since in self.joined.values() if since <= day), default=None)

    def mergers_inside(self, span: Span) -> list[date]:
        return sorted({since for since in self.joined.values() if span[0] < since <= span[1]})

    def shelf(self, day: date) -> Shelf:
        """What stands beside a figure that ends on a day."""
        merger = self.merger(day)
        if merger not in self.shelves:
            self.shelves[merger] = self.own[self.area] if merger is None else Ground(self, merger)
        return self.shelves[merger]

    def added(self, code: str) -> bool:
        return self.kinds[code] in ("level", "count") and self.ways[code] in ("sum", "last")

    def total(self, code: str, span: Span, merger: date) -> Row | None:
        """Over a span that ends before a merger, of all the ground that the area has since."""
        members, since = [], self.began(self.area)
        own = self.tiled(self.area, code, span)
        if since <= span[1] or own:
            members.append(self.area)
        for area, joined in sorted(self.joined.items()):
            restated = since > span[1] and bool(own) and joined <= since
            was_there = self.began(area) <= span[1] <= self.ended(area)
            # Where an area has ended and its successor has not begun, nothing is reported of its ground.
            is_nowhere = self.ended(area) < span[1] < self.began(self.areas[area]["successor"])
            if joined <= merger and (was_there or is_nowhere) and not restated:
                members.append(area)
        parts: list[Posted] = []
        for area in members:
            rows = self.tiled(area, code, span)
            grown = self.merged_into(area, span[1])
            if not rows or (grown is not None and span[0] < grown and rows[0].span[1] < grown):
                return None
            parts += rows
        if len(parts) == 1 and parts[0].area == self.area:
            return parts[0]
        return Total(self.area, code, span, parts) if parts else None

    def tiled(self, area: str, code: str, span: Span) -> list[Any] | None:
        if self.ways[code] == "sum":
            return self.own[area].tilings(code, (span[0], span[1])).get(span[1])
        return self.own[area].behind(code, span)


class Ground(Shelf):
    """The figures of an area after a merger: before it, sums over all that is part of it now."""

    def __init__(self, land: Land, merger: date) -> None:
        super().__init__(land.indicators, [])
        self.land, self.merger = land, merger
        for code in land.kinds:
            own = [row for row in land.rows if row.indicator == code and row.area == land.area]
            if land.added(code):
                own = [row for row in own if row.span[1] >= merger]
                self.rows += self.totals(code)
            self.rows += own

    def totals(self, code: str) -> list[Row]:
        posted = [row.span for row in self.land.rows if row.indicator == code and row.span[1] < self.merger]
        spans = set({span[1]: span for span in posted}.values())
        if self.land.ways[code] == "sum":
            spans = {(first, last) for first, _ in posted for _, last in posted if first <= last}
        results = (self.land.total(code, span, self.merger) for span in sorted(spans))
        return [row for row in results if row]

    def other_ground(self, code: str, span: Span) -> bool:
        if self.land.began(self.land.area) >= self.merger:
            return False
        apart = [item for item in self.stored(code) if not self.land.added(item)]
        return any(row.span[1] < self.merger for item in apart for row in self.behind(item, span) or ())

    def torn(self, names: Iterable[str], earlier: Span, later: Span) -> bool:
        names = list(names)
        stored = set[str]().union(*(self.stored(name) for name in names if name in self.terms))
        grounds = (self.other_ground(code, span) for code in stored for span in (earlier, later))
        return super().torn(names, earlier, later) or any(grounds)
