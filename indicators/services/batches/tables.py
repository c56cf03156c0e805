"""Set-based reads and writes of the tables of figures. Batches write the same columns as `RevisionWriter`."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import Enum
from operator import itemgetter
from typing import Any, NamedTuple

from indicators.domain.recording import Content, Entry, falls_back
from indicators.models import Approval, Measurement, Revision
from indicators.services.batches.rows import Row
from kpitracker.lib import bulk, clock
from kpitracker.lib.errors import Item
from kpitracker.lib.texts import both

Key = tuple[int, int, date, date]  # indicator id, area id, first and last day: the identity of a figure
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
NOWHERE = "0" * 32  # `current` of a figure without a revision in force


class Known(NamedTuple):
    """A stored figure: its id, the number of the revision in force, and the number of its revisions."""

    id: str
    revision: int
    revisions: int


class Look(Enum):
    SAME = "same"
    OTHER = "other"
    OTHER_OF_SEVERAL = "other, unless it was said before"
    UNCLEAR = "unclear"


Found = tuple[Any, ...]  # what `_EXISTING` selects
_CONTENT_FROM = 10


class Existing:
    """The stored figures that begin on the same days as these keys.

    `shared_starts`: series and days on which several of the given figures begin. The caller adds stored ones.
    """

    def __init__(self, wanted: Collection[Key], now: datetime) -> None:
        self._days = {day.isoformat(): day for day in {key[2] for key in wanted} | {key[3] for key in wanted}}
        texts = {day: text for text, day in self._days.items()}
        row = bulk.fixed(*_IDENTITY.values())
        bulk.stage("wanted_figures", _IDENTITY, (row(i, a, texts[start], texts[end]) for i, a, start, end in wanted))
        self._found = bulk.select(_EXISTING.format(value=bulk.exact_text("m.value")), [bulk.moment(now), NOWHERE])
        starts = Counter([key[:3] for key in wanted])
        several = len(starts) < len(wanted)
        self.contested: set[Start] = {start for start, count in starts.items() if count > 1} if several else set()

    def __iter__(self) -> Iterator[tuple[Key, Found]]:
        days = self._days
        for found in self._found:
            end = found[3]
            if end not in days:
                days[end] = date.fromisoformat(end)
            yield (found[0], found[1], days[found[2]], days[end]), found

    def day(self, text: str | None) -> date | None:
        if text is None:
            return None
        found = self._days.get(text)
        if found is None:
            found = self._days[text] = date.fromisoformat(text)
        return found

    def same_value(self, found: Found, row: Row) -> bool:
        return bool(row[5] == found[_CONTENT_FROM])

    def look(self, found: Found, row: Row) -> Look:
        """Decide a row by the current revision alone, or return `UNCLEAR` when its history must be read.

        The current revision is enough when the row is not older: then it is the one in force on the day of the row.
        """
        published, earlier, in_force = self.day(found[7]), found[8], found[9]
        if row[4] is None or published is None or row[4] < published or not in_force:
            return Look.UNCLEAR
        content = found[_CONTENT_FROM:]
        if row[5:] == content:
            return Look.SAME
        # The revision may carry a later time than ours: clocks differ.
        if not earlier or (row[8] != content[3] and falls_back(row[8], content[3])):
            return Look.UNCLEAR
        return Look.OTHER if found[6] == 1 else Look.OTHER_OF_SEVERAL


# Selects all figures that begin on the same days, so that one query also serves the check of cumulative values.
_EXISTING = """
    SELECT m.indicator_id, m.area_id, CAST(m.period_start AS text), CAST(m.period_end AS text),
           replace(CAST(m.id AS text), '-', ''), m.revision, m.revisions, CAST(m.published AS text),
           m.recorded_at <= %s, m.current <> %s,
           {value}, m.missing_reason, m.qualifier, m.stage, m.source, m.note
    FROM (SELECT DISTINCT indicator_id, area_id, period_start FROM wanted_figures) w
    JOIN indicators_measurement m ON m.indicator_id = w.indicator_id AND m.area_id = w.area_id
         AND m.period_start = w.period_start
"""


def needing_history(said: Iterable[tuple[str, str, bool]], now: datetime) -> set[str]:
    """The ids of figures whose new value an earlier revision may have, or that have a revision recorded after `now`.

    `new_values`: figure id, new value ("" for none), and whether the revision in force has the same value.
    """
    row, value = bulk.fixed("uuid"), bulk.number()
    bulk.stage(
        "said_figures",
        {"id": "uuid", "value": "numeric"},
        (row(pk) + value("" if same else new) for pk, new, same in said),
    )
    return {pk for (pk,) in bulk.select(_SAID_BEFORE, [bulk.moment(now)])}


_SAID_BEFORE = """
    SELECT DISTINCT replace(CAST(s.id AS text), '-', '')
    FROM said_figures s JOIN indicators_revision r ON r.measurement_id = s.id
    WHERE r.value = s.value OR r.recorded_at > %s
"""


class Past(NamedTuple):
    """All revisions of a figure, first to last, with the state of their approval (`valid` when none was needed)."""

    entries: list[tuple[Entry, str]]
    recorded_at: datetime  # of the last one


def histories(ids: Collection[str]) -> dict[str, Past]:
    """The histories by figure id (hex without hyphens)."""
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


class _Days(dict[date | None, Any]):
    def __missing__(self, day: date | None) -> Any:
        found = self[day] = None if day is None else day.isoformat()
        return found


class Author(NamedTuple):
    """The columns that all rows of one batch share: who posted it, and the id of the batch."""

    name: str
    batch: str


class Said(NamedTuple):
    """One revision to be inserted."""

    id: str
    figure: str
    number: int
    row: Row
    quiet: bool
    warnings: str  # JSON text of the column
    recorded_at: str
    department: int | None


class Writes:
    """Collects the rows of a batch. `save` encodes them one by one while the database reads the stream."""

    def __init__(self, author: Author) -> None:
        self._author = author
        self._days = _Days({None: None})
        self._new: list[tuple[Key, str, int, Said]] = []
        self._now_current: list[tuple[int, int, Said]] = []
        self._only_counted: list[tuple[str, int, int]] = []
        self._waiting: set[str] = set()
        self._pieces: dict[str, bulk.Piece] = {}
        self._rests: dict[tuple[Any, ...], bulk.Piece] = {}
        self.revisions: list[Said] = []
        self.digest = ""

    def add_figure(self, key: Key, revisions: int, shown: Said) -> None:
        """Add a new figure. `current`: the revision in force, or any of its revisions when all are pending."""
        self._new.append((key, shown.figure, revisions, shown))

    def change_figure(self, was: int, revisions: int, shown: Said) -> None:
        """Give a figure a new current revision. `previous_count`: its number of revisions when it was read."""
        self._now_current.append((was, revisions, shown))

    def count_revisions(self, pk: str, was: int, revisions: int) -> None:
        self._only_counted.append((pk, was, revisions))

    def wait(self, revision: str) -> None:
        """Create a pending approval for this revision (id)."""
        self._waiting.add(revision)

    def save(self) -> None:
        """Raises `ConcurrentWrite` or IntegrityError when another transaction wrote one of the figures meanwhile."""
        self._encoders()
        if self._new:
            # Insert in one order: two transactions with the same new figures would deadlock otherwise.
            self._new.sort(key=itemgetter(0))
            bulk.insert(Measurement, [*_FIGURE, *_SAID], self._figures())
        changed = 0
        if self._now_current:
            changed += bulk.update(Measurement, _PLACE | _SAID, _WAS, self._changes())
        if self._only_counted:
            row = bulk.fixed(*_CHANGE.values(), "integer")
            changed += bulk.update(Measurement, _WAS, _WAS, (row(*each) for each in self._only_counted))
        if changed != len(self._now_current) + len(self._only_counted):
            raise Meanwhile
        digest = hashlib.sha256()
        if self.revisions:
            bulk.insert(Revision, [*_REVISION, "warnings", *_SAID], self._rows(digest))
        self.digest = digest.hexdigest()
        if self._waiting:
            row, pending = bulk.fixed("uuid"), bulk.free(*_WAITING.values())(("pending", "", ""))
            bulk.insert(Approval, ["revision_id", *_WAITING], (row(pk) + pending for pk in sorted(self._waiting)))

    def _encoders(self) -> None:
        self._number, self._text = bulk.number(), bulk.text()
        self._words, self._signed = bulk.free(*["text"] * 4), bulk.free("date", bulk.MOMENT, "bigint", "text")

    def _said(self, each: Said, *, keep: bool = True) -> bulk.Piece:
        """The columns that figures and revisions share, encoded once for both tables."""
        row = each.row
        if row[10]:
            signed = (self._days[row[4]], each.recorded_at, each.department, self._author.name)
            piece = self._number(row[5]) + self._words(row[6:10]) + self._text(row[10]) + self._signed(signed)
        else:
            # Without a note, everything except the value repeats in many rows, so it is cached.
            rest = (row[6:10], row[4], each.recorded_at, each.department)
            piece = self._number(row[5]) + (self._rests.get(rest) or self._rest(rest))
        if keep:
            self._pieces[each.id] = piece
        return piece

    def _rest(self, rest: tuple[Any, ...]) -> bulk.Piece:
        words, published, *author = rest
        signed = (self._days[published], *author, self._author.name)
        piece = self._rests[rest] = self._words(words) + self._text("") + self._signed(signed)
        return piece

    def _nothing(self, each: Said) -> bulk.Piece:
        """The shared columns of a figure without a revision in force, as in `EMPTY_FIGURE`."""
        signed = (None, each.recorded_at, each.department, self._author.name)
        return self._number("") + self._words(("not_available", "", "", "")) + self._text("") + self._signed(signed)

    def _figures(self) -> Iterator[bulk.Piece]:
        head, days = bulk.fixed(*_FIGURE.values()), self._days
        for (indicator, area, start, end), pk, revisions, shown in self._new:
            if shown.id in self._waiting:
                number, current, said = 1, NOWHERE, self._nothing(shown)
            else:
                number, current, said = shown.number, shown.id, self._said(shown)
            yield head(pk, indicator, area, days[start], days[end], revisions, number, current) + said

    def _changes(self) -> Iterator[bulk.Piece]:
        head = bulk.fixed(*_CHANGE.values(), *_PLACE.values())
        for was, revisions, shown in self._now_current:
            yield head(shown.figure, was, revisions, shown.number, shown.id) + self._said(shown)

    def _rows(self, digest: Any) -> Iterator[bulk.Piece]:
        head, warned, batch = bulk.fixed(*_REVISION.values()), bulk.free("jsonb"), self._author.batch
        pieces, days = self._pieces, self._days
        for each in self.revisions:
            # Removed from the cache, so that written rows use no memory.
            said = pieces.pop(each.id, None) or self._said(each, keep=False)
            row = each.row
            digest.update(line_of(each.id, each.figure, each.number, row[5:], days[row[4]]).encode())
            yield head(each.id, each.figure, each.number, each.quiet, batch) + warned((each.warnings,)) + said


class Meanwhile(Exception):
    """Another transaction has written one of the figures."""


def line_of(pk: str, figure: str, number: int, content: Sequence[str], published: str | None) -> str:
    """The text of one revision that goes into the digest of a batch."""
    return "\x1f".join((pk, figure, str(number), *content, published or "unknown")) + "\n"


def stored(warnings: Iterable[Item]) -> str:
    """Warnings as the JSON text of the column."""
    return json.dumps([{"slug": item.slug, **both(item.detail)} for item in warnings], ensure_ascii=False)
