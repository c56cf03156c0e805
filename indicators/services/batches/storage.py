"""Set-based writes of the tables of figures. Batches write the same columns as `RevisionWriter`."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from indicators.models import Approval, Measurement, Revision, StagedFigure, StagedRevision
from indicators.services.batches.existing_figures import IDENTITY_COLUMNS, NO_REVISION, FigureKey
from indicators.services.batches.rows import FigureRow
from kpitracker.lib.db import bulk
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import in_both_languages

SHARED_COLUMNS = {
    "value": "numeric",
    "missing_reason": "text",
    "qualifier": "text",
    "stage": "text",
    "source": "text",
    "note": "text",
    "published": "date",
    "recorded_at": bulk.TIMESTAMP_TYPE,
    "department_id": "bigint",
    "posted_by": "text",
}
CURRENT_COLUMNS = {"revisions": "integer", "revision": "integer", "current_revision": "uuid"}
_FIGURE_COLUMNS = {"id": "uuid"} | IDENTITY_COLUMNS | CURRENT_COLUMNS
REVISION_COLUMNS = {"id": "uuid", "measurement_id": "uuid", "number": "integer", "quiet": "boolean", "batch": "uuid"}
_COUNT_COLUMNS = {"revisions": "integer"}
_MATCH_COLUMNS = {"id": "uuid"} | _COUNT_COLUMNS
_APPROVAL_COLUMNS = {"state": "text", "decided_by": "text", "reason": "text"}


class _IsoDates(dict[date | None, Any]):
    def __missing__(self, day: date | None) -> object:
        iso_text = self[day] = None if day is None else day.isoformat()
        return iso_text


class BatchAuthor(NamedTuple):
    """The columns that all rows of one batch share: who posted it, its id, and whether no one is notified of it."""

    name: str
    batch: str
    quiet: bool = False


class RevisionRow(NamedTuple):
    """One revision to be inserted."""

    id: str
    figure: str
    number: int
    row: FigureRow
    warnings: str  # JSON text of the column
    recorded_at: str
    department: int | None


class BatchWriter:
    """Collects the rows of a batch. `save` encodes them one by one while the database reads the stream."""

    def __init__(self, author: BatchAuthor) -> None:
        self._author = author
        self._days = _IsoDates({None: None})
        self._new_figures: list[tuple[FigureKey, str, int, RevisionRow]] = []
        self._changed_figures: list[tuple[int, int, RevisionRow]] = []
        self._counted_figures: list[tuple[str, int, int]] = []
        self._pending_ids: set[str] = set()
        self._pieces: dict[str, bulk.Piece] = {}
        self._shared_cache: dict[tuple[object, ...], bulk.Piece] = {}
        self.revisions: list[RevisionRow] = []
        self.digest = ""

    def add_figure(self, key: FigureKey, revisions: int, current: RevisionRow) -> None:
        """Add a new figure. `current`: the revision in force, or any of its revisions when all are pending."""
        self._new_figures.append((key, current.figure, revisions, current))

    def change_figure(self, previous_count: int, revisions: int, current: RevisionRow) -> None:
        """Give a figure a new current revision. `previous_count`: its number of revisions when it was read."""
        self._changed_figures.append((previous_count, revisions, current))

    def count_revisions(self, pk: str, previous_count: int, revisions: int) -> None:
        self._counted_figures.append((pk, previous_count, revisions))

    def add_pending(self, revision: str) -> None:
        """Create a pending approval for this revision (id)."""
        self._pending_ids.add(revision)

    def save(self) -> None:
        """Raises `ConcurrentWrite` or IntegrityError when another transaction wrote one of the figures meanwhile."""
        self._create_encoders()
        if self._new_figures:
            # Insert in one order: two transactions with the same new figures would deadlock otherwise.
            self._new_figures.sort(key=itemgetter(0))
            bulk.insert_rows(Measurement, [*_FIGURE_COLUMNS, *SHARED_COLUMNS], self._figure_pieces())
        changed_count = 0
        if self._changed_figures:
            changed_count += bulk.update_rows(
                Measurement, CURRENT_COLUMNS | SHARED_COLUMNS, _COUNT_COLUMNS, self._change_pieces()
            )
        if self._counted_figures:
            encode = bulk.fixed_width_encoder(*_MATCH_COLUMNS.values(), "integer")
            changed_count += bulk.update_rows(
                Measurement, _COUNT_COLUMNS, _COUNT_COLUMNS, (encode(*counted) for counted in self._counted_figures)
            )
        if changed_count != len(self._changed_figures) + len(self._counted_figures):
            raise ConcurrentWrite
        digest = hashlib.sha256()
        if self.revisions:
            bulk.insert_rows(Revision, [*REVISION_COLUMNS, "warnings", *SHARED_COLUMNS], self._revision_pieces(digest))
        self.digest = digest.hexdigest()
        if self._pending_ids:
            encode, pending = (
                bulk.fixed_width_encoder("uuid"),
                bulk.variable_width_encoder(*_APPROVAL_COLUMNS.values())(("pending", "", "")),
            )
            bulk.insert_rows(
                Approval,
                ["revision_id", *_APPROVAL_COLUMNS],
                (encode(pk) + pending for pk in sorted(self._pending_ids)),
            )

    def stage(self, staged_slice: int, recorded_at: str) -> None:
        """Keep the rows for a later commit, which copies them (`staged_rows`). `staged_slice`: the id of the slice."""
        self._create_encoders()
        head, no_content = bulk.fixed_width_encoder("bigint")(staged_slice), self._empty_piece(recorded_at)
        encode_count, encode_flag = (
            bulk.fixed_width_encoder(*_MATCH_COLUMNS.values(), "integer"),
            bulk.fixed_width_encoder("boolean"),
        )
        counted_pieces = (encode_count(*counted) + no_content for counted in self._counted_figures)
        for names, pieces in (
            ([*IDENTITY_COLUMNS, *CURRENT_COLUMNS], self._figure_pieces()),
            (["was_revisions", *CURRENT_COLUMNS], self._change_pieces()),
            (["was_revisions", "revisions"], counted_pieces),
        ):
            columns = ["slice_id", "figure", *names, *SHARED_COLUMNS]
            bulk.insert_rows(StagedFigure, columns, (head + piece for piece in pieces))
        digest, flags = hashlib.sha256(), {flag: encode_flag(flag) for flag in (False, True)}
        revision_pieces = zip(self.revisions, self._revision_pieces(digest), strict=True)
        bulk.insert_rows(
            StagedRevision,
            ["slice_id", "pending", "revision", *list(REVISION_COLUMNS)[1:], "warnings", *SHARED_COLUMNS],
            (head + flags[revision.id in self._pending_ids] + piece for revision, piece in revision_pieces),
        )
        self.digest = digest.hexdigest()

    def _create_encoders(self) -> None:
        self._encode_number, self._encode_text = bulk.decimal_encoder(), bulk.text_encoder()
        self._encode_words, self._encode_authorship = (
            bulk.variable_width_encoder(*["text"] * 4),
            bulk.variable_width_encoder("date", bulk.TIMESTAMP_TYPE, "bigint", "text"),
        )

    def _shared_piece(self, revision: RevisionRow, *, keep: bool = True) -> bulk.Piece:
        """The columns that figures and revisions share, encoded once for both tables."""
        row = revision.row
        if row[10]:
            authorship = (self._days[row[4]], revision.recorded_at, revision.department, self._author.name)
            piece = (
                self._encode_number(row[5])
                + self._encode_words(row[6:10])
                + self._encode_text(row[10])
                + self._encode_authorship(authorship)
            )
        else:
            # Without a note, everything except the value repeats in many rows, so it is cached.
            cache_key = (row[6:10], row[4], revision.recorded_at, revision.department)
            piece = self._encode_number(row[5]) + (self._shared_cache.get(cache_key) or self._encode_shared(cache_key))
        if keep:
            self._pieces[revision.id] = piece
        return piece

    def _encode_shared(self, cache_key: tuple[Any, ...]) -> bulk.Piece:
        words, published, *author = cache_key
        authorship = (self._days[published], *author, self._author.name)
        piece = self._shared_cache[cache_key] = (
            self._encode_words(words) + self._encode_text("") + self._encode_authorship(authorship)
        )
        return piece

    def _empty_piece(self, recorded_at: str, department: int | None = None) -> bulk.Piece:
        """The shared columns of a figure without a revision in force, as in `EMPTY_FIGURE`."""
        authorship = (None, recorded_at, department, self._author.name)
        return (
            self._encode_number("")
            + self._encode_words(("not_available", "", "", ""))
            + self._encode_text("")
            + self._encode_authorship(authorship)
        )

    def _figure_pieces(self) -> Iterator[bulk.Piece]:
        encode_head, days = bulk.fixed_width_encoder(*_FIGURE_COLUMNS.values()), self._days
        for (indicator, area, start, end), pk, revisions, shown_revision in self._new_figures:
            if shown_revision.id in self._pending_ids:
                number, current, shared = (
                    1,
                    NO_REVISION,
                    self._empty_piece(shown_revision.recorded_at, shown_revision.department),
                )
            else:
                number, current, shared = shown_revision.number, shown_revision.id, self._shared_piece(shown_revision)
            yield encode_head(pk, indicator, area, days[start], days[end], revisions, number, current) + shared

    def _change_pieces(self) -> Iterator[bulk.Piece]:
        encode_head = bulk.fixed_width_encoder(*_MATCH_COLUMNS.values(), *CURRENT_COLUMNS.values())
        for previous_count, revisions, current in self._changed_figures:
            yield encode_head(
                current.figure, previous_count, revisions, current.number, current.id
            ) + self._shared_piece(current)

    def _revision_pieces(self, digest: Any) -> Iterator[bulk.Piece]:
        encode_head, encode_warnings, batch = (
            bulk.fixed_width_encoder(*REVISION_COLUMNS.values()),
            bulk.variable_width_encoder("jsonb"),
            self._author.batch,
        )
        pieces, days = self._pieces, self._days
        for revision in self.revisions:
            # Removed from the cache, so that written rows use no memory.
            shared = pieces.pop(revision.id, None) or self._shared_piece(revision, keep=False)
            row = revision.row
            digest.update(digest_line(revision.id, revision.figure, revision.number, row[5:11], days[row[4]]).encode())
            yield (
                encode_head(revision.id, revision.figure, revision.number, self._author.quiet, batch)
                + encode_warnings((revision.warnings,))
                + shared
            )


class ConcurrentWrite(Exception):
    """Another transaction has written one of the figures."""


def digest_line(pk: str, figure: str, number: int, content: Sequence[str], published: str | None) -> str:
    """The text of one revision that goes into the digest of a batch."""
    return "\x1f".join((pk, figure, str(number), *content, published or "unknown")) + "\n"


def serialize_warnings(warnings: Iterable[ProblemItem]) -> str:
    """Warnings as the JSON text of the column."""
    return json.dumps([{"slug": item.slug, **in_both_languages(item.detail)} for item in warnings], ensure_ascii=False)
