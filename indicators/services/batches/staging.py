"""Imports that store all rows or none: slices are decided and staged one by one, then one short commit stores them.

Deciding takes most of the time, and other writers get their turn between slices. The commit copies staged rows, and
decides a slice again only when what it depends on has changed in the meantime.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from indicators.models import Import, StagedSlice
from indicators.querysets import SeriesKey
from indicators.services.batches import imports, staged_rows
from indicators.services.batches.record import MAX_TRIES, BatchRecorder, BatchResult
from indicators.services.batches.references import References
from indicators.services.batches.rows import BatchReport, FigureRow, Rejection
from indicators.services.batches.storage import BatchAuthor, BatchWriter, ConcurrentWrite
from indicators.services.figures import recording, revision_store
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor

Rows = Sequence[FigureRow | Rejection]


@transaction.atomic
def stage_slice(*, batch: Import, start: int, rows: Rows, by: Actor, now: datetime) -> BatchReport:
    """Decide the rows from position `start` on, and stage them unless one was rejected. An earlier stage is replaced."""
    for earlier in batch.staged_slices.filter(start=start):
        staged_rows.delete_rows(earlier)
    recorder = BatchRecorder(rows, by, now, batch.pk.hex, clock.local_day(batch.created_at))
    recorder.decide()
    report = recorder.report(results=False)
    if not recorder.rejections:
        writer = BatchWriter(BatchAuthor(by.name, batch.pk.hex, batch.quiet))
        recorder.fill_writer(writer)
        codes = {row.indicator for row in recorder.rows}, {row.area for row in recorder.rows}
        staged = StagedSlice(batch=batch, start=start, references=recorder.references.digest(*codes))
        staged.indicators, staged.areas = map(sorted, codes)
        staged.kept = recorder.keep_unchanged(writer)
        staged.save()
        writer.stage(staged.pk, recorder.encoded_now)
        staged.audit = {**report.counts(), **BatchResult(report, writer).audit_payload()}
        staged.decided = staged_rows.count_decided(staged)
        staged.save()
    return report


def is_complete(batch: Import) -> bool:
    """Whether all rows are staged. Not so when an earlier version of the service has checked some of them."""
    row_count = sum(int(audit["rows"]) for audit in batch.staged_slices.values_list("audit", flat=True))
    return batch.rows is not None and row_count == batch.rows


def store_slices(
    *, batch: Import, read_rows: Callable[[int, int], Rows], by: Actor, now: datetime
) -> tuple[list[Rejection], dict[str, int]]:
    """Store all staged slices, in the caller's transaction. Returns the rejections, and the counts of the rows.

    `read_rows`: the rows from a position on, this many. With a rejection the caller must roll back.
    """
    slices = list(batch.staged_slices.order_by("start"))
    store = _SliceStore(batch, slices, read_rows, by, now)
    rejections = [rejection for staged in slices for rejection in store.store(staged)]
    if not rejections:
        revision_store.mark_changed_series(store.series_to_mark(), quiet=batch.quiet, now=now)
        for audit in store.audits:
            if audit["revisions"]:
                imports.audit_revisions(batch, audit, by=by)
    return rejections, {name: sum(audit[name] for audit in store.audits) for name in imports.COUNTS}


class _SliceStore:
    def __init__(
        self,
        batch: Import,
        slices: Sequence[StagedSlice],
        read_rows: Callable[[int, int], Rows],
        by: Actor,
        now: datetime,
    ) -> None:
        self.batch, self.read_rows, self.by, self.now = batch, read_rows, by, now
        # All at once: imports that locked the same indicators slice by slice would deadlock.
        self.references = References(
            {code for staged in slices for code in staged.indicators},
            {code for staged in slices for code in staged.areas},
            by,
            clock.local_day(batch.created_at),
        )
        self.indicators = {indicator.pk: indicator for indicator in self.references.indicators.values()}
        self.changed_series: set[SeriesKey] = set()
        self.audits: list[dict[str, int]] = []

    def store(self, staged: StagedSlice) -> list[Rejection]:
        """Store a slice; when something has changed since it was staged, decide it again. Returns its rejections."""
        for tries_left in reversed(range(MAX_TRIES)):
            if not self._is_current(staged):
                report = self._stage_again(staged)
                if report.rejections:
                    self.audits.append(report.counts())
                    return report.rejections
                staged = self.batch.staged_slices.get(start=staged.start)
            try:
                with transaction.atomic():
                    staged_rows.write_rows(staged, self.now)
                break
            except (ConcurrentWrite, IntegrityError):
                if not tries_left:
                    raise
                staged.references = ""  # decide it again
        self.audits.append(staged.audit)
        self.changed_series |= staged_rows.changed_series(staged)
        return []

    def _is_current(self, staged: StagedSlice) -> bool:
        """Whether the rows of the slice would be decided in the same way now."""
        if (
            staged.references != self.references.digest(staged.indicators, staged.areas)
            or staged.kept != staged_rows.count_kept(staged)
            or staged.decided != staged_rows.count_decided(staged)
        ):
            return False
        changes = staged_rows.load_changes(staged, self.indicators)
        return not recording.find_locked_changes(changes, by=self.by, now=self.now)

    def _stage_again(self, staged: StagedSlice) -> BatchReport:
        rows = self.read_rows(staged.start, staged.audit["rows"])
        return stage_slice(batch=self.batch, start=staged.start, rows=rows, by=self.by, now=self.now)

    def series_to_mark(self) -> set[SeriesKey]:
        """The changed series, except those that need approval."""
        return {pair for pair in self.changed_series if not self.indicators[pair[0]].needs_approval}


def discard(batch: UUID) -> None:
    """Delete the staged rows of an import, slice by slice: other writers get their turn between them."""
    for staged in StagedSlice.objects.filter(batch=batch):
        with transaction.atomic():
            staged_rows.delete_rows(staged)


def discard_finished() -> None:
    """Delete staged rows of imports that ended, and were killed before they deleted them."""
    for batch in (
        StagedSlice.objects.exclude(batch__in=Import.objects.open()).values_list("batch", flat=True).distinct()
    ):
        discard(batch)
