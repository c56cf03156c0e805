"""Imports (batches of figures): their records, rejected rows and audit entries."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from indicators import signals
from indicators.models import Department, Import, ImportProblem
from indicators.services.batches.record import BatchResult, record_batch
from indicators.services.batches.rows import BatchReport, FigureRow, Rejection
from indicators.services.figures import recording
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import log
from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.errors import DomainError, ProblemItem, TooLarge
from kpitracker.lib.i18n.text import in_both_languages, text
from kpitracker.lib.problem_types import TITLES

MAX_ROWS = 50_000
_CHUNK_ROWS = 1000
MAX_NAMED_ERRORS = 1000  # rejected rows that the response of a batch explains; all are counted
MAX_DOUBTFUL_ROWS = 100  # rows with warnings that are stored for a dry run; the warnings of all are counted
MAX_STORED_ERRORS = 50_000  # rejected rows that are stored for one import: each takes more than its line in the file


class ImportResult(NamedTuple):
    """The report of a batch. `batch` is its stored record, None when nothing was stored."""

    report: BatchReport
    batch: Import | None


def collect_rows(rows: Iterable[FigureRow | Rejection]) -> list[FigureRow | Rejection]:
    """Raises `TooLarge` for more than `MAX_ROWS` rows."""
    collected = list(islice(rows, MAX_ROWS + 1))
    check_row_count(len(collected))
    return collected


def check_row_count(count: int) -> None:
    """Raises `TooLarge` for more rows than one request may bring."""
    if count > MAX_ROWS:
        raise TooLarge(
            "too-large",
            text(
                f"At most {MAX_ROWS} rows at once; more with Prefer: respond-async.",
                f"Tối đa {MAX_ROWS} dòng một lần; nhiều hơn thì gửi Prefer: respond-async.",
            ),
            pointer="",
        )


@transaction.atomic
def import_rows(
    *,
    rows: list[FigureRow | Rejection],
    file_format: str,
    by: Actor,
    now: datetime,
    atomic: bool = True,
    dry_run: bool = False,
    results: bool = False,
    file_name: str = "",
    quiet: bool = False,
) -> ImportResult:
    """Record a batch in this request.

    No record of it is stored for a dry run, for an atomic batch with a rejected row, and when no row was written or
    rejected.
    """
    pk = uuid7()
    batch_result = record_batch(
        rows=rows, by=by, now=now, origin=pk.hex, atomic=atomic, dry_run=dry_run, results=results, quiet=quiet
    )
    report = batch_result.report
    is_rejected = atomic and bool(report.rejections)
    if dry_run or is_rejected or not (batch_result.revision_count or report.rejections):
        return ImportResult(report, None)
    batch = new_import(pk=pk, file_format=file_format, by=by, now=now, atomic=atomic, file_name=file_name, quiet=quiet)
    batch.state, batch.finished_at = "done", now
    batch.rows = batch.rows_done = report.rows
    add_counts(batch, report)
    batch.save(force_insert=True)
    save_problems(batch, report.rejections)
    audit_import(batch, batch_result, by=by)
    return ImportResult(report, batch)


def new_import(*, pk: UUID, file_format: str, by: Actor, now: datetime, **values: object) -> Import:
    """An unsaved record of a batch, with all that a worker needs to continue as the same actor."""
    return Import(
        id=pk,
        created_at=now,
        posted_by=by.name,
        department=Department.objects.get(pk=by.department) if by.department else None,
        scopes=sorted(by.scopes),
        address=by.address,
        person=by.person,
        format=file_format,
        **values,
    )


COUNTS = ("created", "revised", "unchanged", "rejected", "warnings")


def add_counts(batch: Import, report: BatchReport) -> None:
    for name in COUNTS:
        setattr(batch, name, getattr(batch, name) + getattr(report, name))


def add_doubtful_rows(batch: Import, report: BatchReport) -> None:
    """Keep the first rows with warnings, at most `MAX_DOUBTFUL_ROWS` of an import, for who decides about a dry run."""
    for figure, warnings in groupby(report.row_warnings, key=lambda warning: warning.row):
        if len(batch.doubtful_rows) == MAX_DOUBTFUL_ROWS:
            return
        batch.doubtful_rows.append(
            {
                "row": figure.number,
                "indicator": figure.indicator,
                "area": figure.area,
                "period": str(figure.period),
                "value": figure.value,
                "missing_reason": figure.missing_reason,
                "warnings": [in_both_languages(warning.item.detail) for warning in warnings],
            }
        )


def save_problems(batch: Import, rejections: Sequence[Rejection]) -> None:
    """Store the rejected rows, at most `MAX_STORED_ERRORS` for an import. The counts name all."""
    if not rejections:
        return
    remaining = iter(rejections[: max(MAX_STORED_ERRORS - batch.problems.count(), 0)])
    # Chunk by chunk: 50,000 objects at once would take 50 MB.
    while chunk := list(islice(remaining, _CHUNK_ROWS)):
        texts = _DetailTexts()
        ImportProblem.objects.bulk_create([_build_problem(batch, rejection, texts) for rejection in chunk])


class _DetailTexts:
    """The sentences of errors in both languages. Rows with the same error share its item: it is translated once."""

    def __init__(self) -> None:
        self._texts: dict[int, tuple[str, dict[str, str]]] = {}

    def find(self, item: ProblemItem) -> dict[str, str]:
        # A lazy text has no other identity that costs no translation; it is kept, so that none takes its place.
        detail = TITLES[item.slug] if type(item.detail) is str and not item.detail else item.detail
        if id(detail) not in self._texts:
            self._texts[id(detail)] = detail, in_both_languages(detail)
        return self._texts[id(detail)][1]


def _build_problem(batch: Import, rejection: Rejection, texts: _DetailTexts) -> ImportProblem:
    details = texts.find(rejection.item)
    return ImportProblem(
        batch=batch,
        row=rejection.number,
        pointer=rejection.item.pointer[:300],
        slug=rejection.item.slug,
        detail_en=details["en"],
        detail_vi=details["vi"],
        indicator=rejection.indicator,
        period=rejection.period,
    )


def audit_undo(batch: Import, batch_result: BatchResult, *, by: Actor) -> None:
    not_undone = batch.undo["not_undone"] if batch.undo else 0
    after = {"undo": True, "not_undone": not_undone, **batch_result.audit_payload()}
    log.write_entry(by=by, verb="recorded", row=batch, after=after)


def audit_import(batch: Import, batch_result: BatchResult, *, by: Actor) -> None:
    """Write one audit entry for all revisions of a batch: their number and a digest of their content.

    The digest can be recomputed from the revisions of this batch between the first and the last id.
    """
    if batch_result.revision_count:
        audit_revisions(batch, {**batch_result.report.counts(), **batch_result.audit_payload()}, by=by)


def audit_revisions(batch: Import, after: Mapping[str, object], *, by: Actor) -> None:
    log.write_entry(by=by, verb="recorded", row=batch, label=str(batch), after=after)


@transaction.atomic
def queue_import(*, pk: UUID, file_format: str, by: Actor, now: datetime, size: int, **values: object) -> Import:
    """Store the record of a batch whose body is on disk, for a worker. `values`: other columns of `Import`.

    Raises `Forbidden` (quiet without `figures:history`).
    """
    recording.check_may_be_quiet(quiet=bool(values.get("quiet")), by=by)
    batch = new_import(pk=pk, file_format=file_format, by=by, now=now, size=size, **values)
    batch.save(force_insert=True)
    after = {"format": file_format, "bytes": size, "atomic": batch.atomic}
    if batch.confirms_id:
        after["confirms"] = str(batch.confirms_id)
    log.write_entry(by=by, verb="created", row=batch, after=after)
    signals.import_queued.send(sender=Import)
    return batch


def finish_import(*, batch: Import, now: datetime) -> None:
    """Close a batch after its last row. An atomic batch with a rejected row stores nothing and is rejected."""
    is_rejected = batch.atomic and batch.rejected > 0
    batch.state, batch.finished_at = ("rejected" if is_rejected else "done"), now
    batch.save()


@transaction.atomic
def fail_import(*, batch: Import, error: DomainError, by: Actor, now: datetime) -> None:
    """Mark a batch as failed. The rows that were stored before stay stored and counted."""
    batch.refresh_from_db()
    batch.state, batch.finished_at = "failed", now
    title = error.detail or TITLES.get(error.slug, error.slug)
    batch.problem = {
        "slug": error.slug,
        **in_both_languages(title),
        "errors": [[item.pointer, item.slug, in_both_languages(item.detail)] for item in error.items],
    }
    batch.save()
    log.write_entry(by=by, verb="changed", row=batch, after={"state": "failed", "slug": error.slug})
