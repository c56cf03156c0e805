"""The tables of figures as a batch reads and writes them: set by set, with the same columns as `history.Writer`."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from indicators.domain.recording import Content, Entry
from indicators.models import Approval, Measurement, Revision
from indicators.services.batches.rows import Row
from kpitracker.lib import bulk, clock
from kpitracker.lib.errors import Item
from kpitracker.lib.texts import both

Key = tuple[int, int, date, date]  # indicator, area, first and last day: what a figure is about
Start = tuple[int, int, date]

_CONTENT = ("value", "missing_reason", "qualifier", "stage", "source", "note")
_SAID = {
    "value": "numeric",
    "missing_reason": "text",
    "qualifier": "text",
    "stage": "text",
    "source": "text",
    "note": "text",
    "published": "date",
    "recorded_at": bulk.MOMENT,
    "department_id": "bigint",
    "posted_by": "text",
}
_IDENTITY = {"indicator_id": "bigint", "area_id": "bigint", "period_start": "date", "period_end": "date"}
_PLACE = {"revisions": "integer", "revision": "integer", "current": "uuid"}
_FIGURE = {"id": "uuid"} | _IDENTITY | _PLACE
_REVISION = {"id": "uuid", "measurement_id": "uuid", "number": "integer", "quiet": "boolean", "batch": "uuid"}
_WAS = {"revisions": "integer"}
_CHANGE = {"id": "uuid"} | _WAS
_WAITING = {"state": "text", "decided_by": "text", "reason": "text"}
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


def existing(wanted: Collection[Key], now: datetime) -> tuple[dict[Key, Known], set[Start]]:
    """Which of these figures are stored, and where several, stored or wanted, begin on one day."""
    days = {day: day.isoformat() for key in wanted for day in key[2:]}
    row = bulk.fixed(*_IDENTITY.values())
    bulk.stage("wanted_figures", _IDENTITY, (row(i, a, days[start], days[end]) for i, a, start, end in wanted))
    found = bulk.select(_EXISTING.format(value=bulk.exact_text("m.value")), [bulk.moment(now), NOWHERE])
    texts: dict[str | None, date | None] = {text: day for day, text in days.items()} | {None: None}
    known, contested = {}, _several(wanted)
    for indicator, area, start, end, pk, revision, revisions, published, earlier, in_force, *content in found:
        for text in (start, end, published):
            if text not in texts:
                texts[text] = date.fromisoformat(text)
        key: Any = indicator, area, texts[start], texts[end]
        if key in wanted:
            plain = bool(earlier and in_force and revisions == 1)
            known[key] = Known(pk, revision, revisions, texts[published], tuple(content), plain, bool(in_force))
        else:
            contested.add(key[:3])
    return known, contested


def _several(wanted: Collection[Key]) -> set[Start]:
    seen: set[Start] = set()
    found: set[Start] = set()
    for key in wanted:
        (found if key[:3] in seen else seen).add(key[:3])
    return found


# With all that begins on the same days: a value that falls within a year is seen by the same look.
_EXISTING = """
    SELECT m.indicator_id, m.area_id, CAST(m.period_start AS text), CAST(m.period_end AS text),
           replace(CAST(m.id AS text), '-', ''), m.revision, m.revisions, CAST(m.published AS text),
           m.recorded_at <= %s, m.current <> %s,
           {value}, m.missing_reason, m.qualifier, m.stage, m.source, m.note
    FROM (SELECT DISTINCT indicator_id, area_id, period_start FROM wanted_figures) w
    JOIN indicators_measurement m ON m.indicator_id = w.indicator_id AND m.area_id = w.area_id
         AND m.period_start = w.period_start
"""


class Past(NamedTuple):
    """All revisions of a figure, first to last, with the state of their approval (`valid` where nobody had to)."""

    entries: list[tuple[Entry, str]]
    recorded_at: datetime  # of the last one


def histories(ids: Collection[str]) -> dict[str, Past]:
    """By id of the figure as `existing` gave it."""
    if not ids:
        return {}
    row = bulk.fixed("uuid")
    bulk.stage("wanted_histories", {"id": "uuid"}, (row(pk) for pk in ids))
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
        pk = measurement.hex
        known_on = clock.local_day(decided_at or recorded_at)
        found[pk].append((Entry(number, Content(*content), published, known_on), state or "valid"))
        last[pk] = recorded_at
    return {pk: Past(entries, last[pk]) for pk, entries in found.items()}


class Author(NamedTuple):
    """What the rows of one batch have in common, but for the department."""

    name: str
    batch: str


class Writes:
    """What is to be written, as rows of the tables; `save` writes it in a fixed number of statements."""

    def __init__(self, author: Author) -> None:
        self._author = author
        self._number, self._text = bulk.number(), bulk.text()
        self._words, self._signed = bulk.free(*["text"] * 4), bulk.free("date", bulk.MOMENT, "bigint", "text")
        self._warnings = bulk.free("jsonb")
        self._figure, self._revision = bulk.fixed(*_FIGURE.values()), bulk.fixed(*_REVISION.values())
        self._change = bulk.fixed(*_CHANGE.values(), *_PLACE.values())
        self._count = bulk.fixed(*_CHANGE.values(), "integer")
        self._days: dict[date | None, str | None] = {None: None}
        self._figures: list[tuple[Key, bulk.Piece]] = []
        self._now_current: list[bulk.Piece] = []
        self._only_counted: list[bulk.Piece] = []
        self._revisions: list[bulk.Piece] = []
        self._waiting: list[str] = []
        self._ids: list[str] = []
        self._lines: list[str] = []

    def day(self, day: date | None) -> Any:
        found = self._days.get(day)
        if found is None and day is not None:
            found = self._days[day] = day.isoformat()
        return found

    def said(self, row: Row, recorded_at: str, department: int | None) -> bulk.Piece:
        """The columns that figures and revisions share."""
        signed = (self.day(row[4]), recorded_at, department, self._author.name)
        return self._number(row[5]) + self._words(row[6:10]) + self._text(row[10]) + self._signed(signed)

    def nothing(self, recorded_at: str, department: int | None) -> bulk.Piece:
        """What a figure shows while none of its revisions is in force, as `history.NOTHING` has it."""
        signed = (None, recorded_at, department, self._author.name)
        return self._number("") + self._words(("not_available", "", "", "")) + self._text("") + self._signed(signed)

    def add_figure(self, pk: str, key: Key, place: tuple[int, int, str], said: bulk.Piece) -> None:
        """`place`: the number of revisions, the number and the id of the one in force."""
        indicator, area, start, end = key
        self._figures.append((key, self._figure(pk, indicator, area, self.day(start), self.day(end), *place) + said))

    def change_figure(self, pk: str, was: int, place: tuple[int, int, str], said: bulk.Piece) -> None:
        """`was`: the number of revisions that it had when it was read."""
        self._now_current.append(self._change(pk, was, *place) + said)

    def count_revisions(self, pk: str, was: int, revisions: int) -> None:
        self._only_counted.append(self._count(pk, was, revisions))

    def add_revision(
        self, pk: str, figure: str, number: int, row: Row, quiet: bool, warnings: str, said: bulk.Piece
    ) -> None:
        self._ids.append(pk)
        head = self._revision(pk, figure, number, quiet, self._author.batch)
        self._revisions.append(head + self._warnings((warnings,)) + said)
        self._lines.append(line_of(pk, figure, number, row[5:], self.day(row[4])))

    def wait(self, revision: str) -> None:
        self._waiting.append(revision)

    def save(self) -> None:
        """Raises `Meanwhile`, or IntegrityError, when somebody else wrote one of the figures since they were read."""
        if self._figures:
            # In one order: of two transactions with the same new figures one waits for the other, and never both.
            self._figures.sort(key=itemgetter(0))
            bulk.insert(Measurement, [*_FIGURE, *_SAID], (row for _, row in self._figures))
        changed = 0
        if self._now_current:
            changed += bulk.update(Measurement, _PLACE | _SAID, _WAS, self._now_current)
        if self._only_counted:
            changed += bulk.update(Measurement, _WAS, _WAS, self._only_counted)
        if changed != len(self._now_current) + len(self._only_counted):
            raise Meanwhile
        if self._revisions:
            bulk.insert(Revision, [*_REVISION, "warnings", *_SAID], self._revisions)
        if self._waiting:
            row, pending = bulk.fixed("uuid"), bulk.free(*_WAITING.values())(("pending", "", ""))
            bulk.insert(Approval, ["revision_id", *_WAITING], (row(pk) + pending for pk in self._waiting))

    @property
    def revisions(self) -> int:
        return len(self._ids)

    @property
    def first(self) -> str:
        return min(self._ids)

    @property
    def last(self) -> str:
        return max(self._ids)

    def digest(self) -> str:
        """SHA-256 over the revisions, in order: what anybody can compute again from the table."""
        return hashlib.sha256("".join(self._lines).encode()).hexdigest()


class Meanwhile(Exception):
    """Somebody else has written one of the figures."""


def line_of(pk: str, figure: str, number: int, content: Sequence[str], published: str | None) -> str:
    """What the digest of a batch covers of one revision."""
    return "\x1f".join((pk, figure, str(number), *content, published or "unknown")) + "\n"


def stored(warnings: Iterable[Item]) -> str:
    """Warnings as the column holds them."""
    return json.dumps([{"slug": item.slug, **both(item.detail)} for item in warnings], ensure_ascii=False)
