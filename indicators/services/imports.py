"""Imports (batches of figures): their records, rejected rows and audit entries."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from indicators import signals
from indicators.models import Department, Import, ImportProblem
from indicators.services.batches.record import Written, record_many
from indicators.services.batches.rows import Rejection, Report, Row
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import notes
from kpitracker.lib.errors import DomainError, TooLarge
from kpitracker.lib.ids import uuid7
from kpitracker.lib.slugs import TITLES
from kpitracker.lib.texts import both, text

MOST_ROWS = 50_000


class Posted(NamedTuple):
    """The report of a batch. `batch` is its stored record, None when nothing was stored."""

    report: Report
    batch: Import | None


def collect(rows: Iterable[Row | Rejection]) -> list[Row | Rejection]:
    """Raises `TooLarge` for more than `MAX_ROWS` rows."""
    found: list[Row | Rejection] = []
    for row in rows:
        if len(found) == MOST_ROWS:
            raise TooLarge(
                "too-large",
                text(
                    f"At most {MOST_ROWS} rows at once; more with Prefer: respond-async.",
                    f"Tối đa {MOST_ROWS} dòng một lần; nhiều hơn thì gửi Prefer: respond-async.",
                ),
                pointer="",
            )
        found.append(row)
    return found


@transaction.atomic
def post(
    *,
    rows: list[Row | Rejection],
    form: str,
    by: Actor,
    now: datetime,
    atomic: bool = True,
    dry_run: bool = False,
    results: bool = False,
    file_name: str = "",
) -> Posted:
    """Record a batch in this request.

    No record of it is stored for a dry run, for an atomic batch with a rejected row, and when no row was written or
    rejected.
    """
    pk = uuid7()
    written = record_many(rows=rows, by=by, now=now, origin=pk.hex, atomic=atomic, dry_run=dry_run, results=results)
    report = written.report
    refused = atomic and bool(report.rejections)
    if dry_run or refused or not (written.revisions or report.rejections):
        return Posted(report, None)
    batch = opened(pk=pk, form=form, by=by, now=now, atomic=atomic, file_name=file_name)
    batch.state, batch.finished_at = "done", now
    batch.rows = batch.rows_done = report.rows
    count(batch, report)
    batch.save(force_insert=True)
    keep_problems(batch, report.rejections)
    note(batch, written, by=by)
    return Posted(report, batch)


def opened(*, pk: UUID, form: str, by: Actor, now: datetime, **values: Any) -> Import:
    """An unsaved record of a batch, with all that a worker needs to continue as the same actor."""
    return Import(
        id=pk,
        created_at=now,
        posted_by=by.name,
        department=Department.objects.get(pk=by.department) if by.department else None,
        scopes=sorted(by.scopes),
        address=by.address,
        person=by.person,
        format=form,
        **values,
    )


def count(batch: Import, report: Report) -> None:
    for name in ("created", "revised", "unchanged", "rejected", "warnings"):
        setattr(batch, name, getattr(batch, name) + getattr(report, name))


def keep_problems(batch: Import, rejections: Iterable[Rejection]) -> None:
    ImportProblem.objects.bulk_create(
        (
            ImportProblem(
                batch=batch,
                row=each.number,
                pointer=each.item.pointer[:300],
                slug=each.item.slug,
                **{f"detail_{language}": detail for language, detail in both(each.item.detail).items()},
                indicator=each.indicator,
                period=each.period,
            )
            for each in rejections
        ),
        batch_size=1000,
    )


def note_undo(batch: Import, written: Written, *, by: Actor) -> None:
    left = batch.undo["left"] if batch.undo else 0
    after = {"undo": True, "left": left, **written.seal()}
    notes.note(by=by, verb="recorded", row=batch, after=after)


def note(batch: Import, written: Written, *, by: Actor) -> None:
    """Write one audit entry for all revisions of a batch: their number and a digest of their content.

    The digest can be recomputed from the revisions of this batch between the first and the last id.
    """
    if not written.revisions:
        return
    counts = written.report.counts()
    notes.note(
        by=by,
        verb="recorded",
        row=batch,
        label=str(batch),
        after={
            **counts,
            **written.seal(),
        },
    )


@transaction.atomic
def queue(*, pk: UUID, form: str, by: Actor, now: datetime, size: int, **values: Any) -> Import:
    """Store the record of a batch whose body is on disk, for a worker. `values`: other columns of `Import`."""
    batch = opened(pk=pk, form=form, by=by, now=now, size=size, **values)
    batch.save(force_insert=True)
    after = {"format": form, "bytes": size, "atomic": batch.atomic}
    if batch.confirms_id:
        after["confirms"] = str(batch.confirms_id)
    notes.note(by=by, verb="created", row=batch, after=after)
    signals.import_queued.send(sender=Import)
    return batch


def finish(*, batch: Import, now: datetime) -> None:
    """Close a batch after its last row. An atomic batch with a rejected row stores nothing and is rejected."""
    refused = batch.atomic and batch.rejected > 0
    batch.state, batch.finished_at = ("rejected" if refused else "done"), now
    if refused:
        batch.created = batch.revised = batch.warnings = 0
        batch.unchanged = (batch.rows or 0) - batch.rejected
    batch.save()


@transaction.atomic
def fail(*, batch: Import, error: DomainError, by: Actor, now: datetime) -> None:
    """Mark a batch as failed. The rows that were stored before stay stored and counted."""
    batch.refresh_from_db()
    batch.state, batch.finished_at = "failed", now
    title = error.detail or TITLES.get(error.slug, error.slug)
    batch.problem = {
        "slug": error.slug,
        **both(title),
        "errors": [[i.pointer, i.slug, both(i.detail)] for i in error.items],
    }
    batch.save()
    notes.note(by=by, verb="changed", row=batch, after={"state": "failed", "slug": error.slug})
