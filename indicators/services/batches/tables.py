"""The tables of figures as a batch reads and writes them: set by set, with the same columns as `history.Writer`."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from indicators.domain.recording import Content, Entry
from indicators.models import Approval, Measurement, Revision
from kpitracker.lib import bulk, clock
from kpitracker.lib.errors import Item
from kpitracker.lib.texts import both

Key = tuple[int, int, date, date]  # indicator, area, first and last day: what a figure is about

_CONTENT = ("value", "missing_reason", "qualifier", "stage", "source", "note")
_SAID = (*_CONTENT, "published", "recorded_at", "department_id", "posted_by")
_KINDS = {"value": "numeric", "published": "date", "recorded_at": "timestamptz", "department_id": "bigint"}
_CURRENT = {"revisions": "integer", "revision": "integer", "current": "uuid"} | {
    name: _KINDS.get(name, "text") for name in _SAID
}
_FIGURE = ("id", "indicator_id", "area_id", "period_start", "period_end", "revisions", "revision", "current", *_SAID)
_REVISION = ("id", "measurement_id", "number", "quiet", "warnings", "batch", *_SAID)
NOWHERE = "0" * 32  # `current` of a figure of which nothing is in force


class Known(NamedTuple):
    """A stored figure. `plain`: its one revision is in force, and was recorded before now."""

    id: str
    revision: int
    revisions: int
    published: date | None
    content: tuple[str, ...]
    plain: bool
    in_force: bool


def existing(keys: Iterable[Key], now: datetime) -> dict[Key, Known]:
    """Which of these figures are stored."""
    places = list(keys)
    days: dict[date, str] = {}
    for _, _, start, end in places:
        days[start], days[end] = start.isoformat(), end.isoformat()
    columns = {"n": "integer", "indicator_id": "bigint", "area_id": "bigint", "first": "date", "last": "date"}
    bulk.stage("wanted_figures", columns, ((n, i, a, days[s], days[e]) for n, (i, a, s, e) in enumerate(places)))
    found = bulk.select(_EXISTING.format(value=bulk.exact_text("m.value")), [bulk.moment(now), NOWHERE])
    published: dict[str | None, date | None] = {None: None}
    known = {}
    for n, pk, revision, revisions, day, earlier, in_force, *content in found:
        if day not in published:
            published[day] = date.fromisoformat(day)
        plain = bool(earlier and in_force and revisions == 1)
        known[places[n]] = Known(pk, revision, revisions, published[day], tuple(content), plain, bool(in_force))
    return known


_EXISTING = """
    SELECT w.n, CAST(m.id AS text), m.revision, m.revisions, CAST(m.published AS text), m.recorded_at <= %s, m.current <> %s,
           {value}, m.missing_reason, m.qualifier, m.stage, m.source, m.note
    FROM wanted_figures w
    JOIN indicators_measurement m ON m.indicator_id = w.indicator_id AND m.area_id = w.area_id
         AND m.period_start = w.first AND m.period_end = w.last
"""


class Past(NamedTuple):
    """All revisions of a figure, first to last, with the state of their approval (`valid` where nobody had to)."""

    entries: list[tuple[Entry, str]]
    recorded_at: datetime  # of the last one


def histories(ids: Collection[str]) -> dict[str, Past]:
    """By id of the figure as `existing` gave it."""
    if not ids:
        return {}
    given = {_plain(pk): pk for pk in ids}
    bulk.stage("wanted_histories", {"id": "uuid"}, ((pk,) for pk in ids))
    rows = (
        Revision.objects.extra(where=["indicators_revision.measurement_id IN (SELECT id FROM wanted_histories)"])
        .order_by("measurement_id", "number")
        .values_list(
            "measurement_id",
            "number",
            *_CONTENT,
            "published",
            "recorded_at",
            "approval__state",
            "approval__decided_at",
        )
    )
    found: dict[str, list[tuple[Entry, str]]] = defaultdict(list)
    last: dict[str, datetime] = {}
    for measurement, number, *content, published, recorded_at, state, decided_at in rows.iterator(chunk_size=5000):
        pk = given[measurement.hex]
        known_on = clock.local_day(decided_at or recorded_at)
        found[pk].append((Entry(number, Content(*content), published, known_on), state or "valid"))
        last[pk] = recorded_at
    return {pk: Past(entries, last[pk]) for pk, entries in found.items()}


def _plain(pk: str) -> str:
    return pk.replace("-", "")


@dataclass
class Writes:
    """What is to be written, as rows of the tables; `save` writes it in a fixed number of statements."""

    figures: list[bulk.Row] = field(default_factory=list)
    now_current: list[bulk.Row] = field(default_factory=list)
    only_counted: list[bulk.Row] = field(default_factory=list)
    revisions: list[bulk.Row] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def save(self) -> None:
        """Raises `Meanwhile`, or IntegrityError, when somebody else wrote one of the figures since they were read."""
        if self.figures:
            # In one order: of two transactions with the same new figures one waits for the other, and never both.
            self.figures.sort(key=lambda row: row[1:5])
            bulk.insert(Measurement, _FIGURE, self.figures)
        expected = {"revisions": "integer"}
        changed = 0
        if self.now_current:
            changed += bulk.update(Measurement, _CURRENT, expected, self.now_current)
        if self.only_counted:
            changed += bulk.update(Measurement, {"revisions": "integer"}, expected, self.only_counted)
        if changed != len(self.now_current) + len(self.only_counted):
            raise Meanwhile
        if self.revisions:
            bulk.insert(Revision, _REVISION, self.revisions)
        if self.waiting:
            bulk.insert(Approval, ("revision_id", "state", "decided_by", "reason"), _waiting(self.waiting))

    def digest(self) -> str:
        """SHA-256 over the revisions, in order: what anybody can compute again from the table."""
        return digest(_shown(row) for row in self.revisions)


class Meanwhile(Exception):
    """Somebody else has written one of the figures."""


def _waiting(ids: Iterable[str]) -> Iterable[bulk.Row]:
    return ((pk, "pending", "", "") for pk in ids)


def digest(lines: Iterable[str]) -> str:
    found = hashlib.sha256()
    for line in lines:
        found.update(line.encode())
    return found.hexdigest()


def _shown(row: bulk.Row) -> str:
    """Id, figure, number, content and day of one revision: a line."""
    pk, measurement, number, _, _, _, *content, published = row[:13]
    return line_of(pk, _plain(measurement), number, ["" if each is None else each for each in content], published)


def line_of(pk: str, measurement: str, number: int, content: Sequence[str], published: str | None) -> str:
    return "\x1f".join((pk, measurement, str(number), *content, published or "unknown")) + "\n"


def stored(warnings: Iterable[Item]) -> str:
    """Warnings as the column holds them."""
    return json.dumps([{"slug": item.slug, **both(item.detail)} for item in warnings], ensure_ascii=False)


def figure_row(pk: str, key: Key, current: Sequence[Any], said: Sequence[Any]) -> bulk.Row:
    """`current`: number of revisions, number and id of the one in force; `said`: its content, day, time, author."""
    indicator, area, start, end = key
    return (pk, indicator, area, start.isoformat(), end.isoformat(), *current, *said)
