"""Record many figures in one transaction: load, decide and write, each step for all rows together."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TypedDict

from django.db import IntegrityError, transaction

from indicators.domain.figures import RecordOutcome
from indicators.services.batches import storage
from indicators.services.batches.decide import BatchDecisions, RowDecision
from indicators.services.batches.existing_figures import FigureKey, StoredFigure
from indicators.services.batches.rows import BatchReport, FigureRow, Rejection, RowResult, RowWarning
from indicators.services.batches.storage import BatchAuthor, BatchWriter, ConcurrentWrite, RevisionRow
from indicators.services.figures import recording, revision_store
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.db import bulk
from kpitracker.lib.db.uuid7 import uuid7_batch

MAX_TRIES = 10


class BatchDigest(TypedDict):
    """The number of revisions of a batch, the digest of their contents, and the first and the last of their ids."""

    revisions: int
    sha256: str
    first: str
    last: str


class BatchResult:
    """The result of a batch: its report, and the data about its revisions for the audit log."""

    def __init__(self, report: BatchReport, writer: BatchWriter) -> None:
        self.report = report
        self.revision_count, self.digest = len(writer.revisions), writer.digest
        ids = sorted(revision.id for revision in writer.revisions)
        self.first, self.last = (ids[0], ids[-1]) if ids else ("", "")

    def audit_payload(self) -> BatchDigest:
        """What the audit log keeps of the revisions, to verify them later."""
        return {"revisions": self.revision_count, "sha256": self.digest, "first": self.first, "last": self.last}


@transaction.atomic
def record_batch(
    *,
    rows: Sequence[FigureRow | Rejection],
    by: Actor,
    now: datetime,
    origin: str,
    today: date | None = None,
    atomic: bool = True,
    dry_run: bool = False,
    results: bool = False,
    quiet: bool = False,
) -> BatchResult:
    """Record well-formed rows in the order of their days; rejected rows only go into the report.

    Each row has the same outcome as a single post, except that a second row for one figure and day is rejected.
    `origin`: the id of the batch. `today`: the day on which the batch was sent. `atomic`: store all rows or none.
    `dry_run`: store nothing and report what would happen. `results`: report the result of each row. `quiet`: no alert
    follows from the batch. The caller writes the audit entry. Raises `Forbidden` (quiet without `figures:history`).
    """
    recording.check_may_be_quiet(quiet=quiet, by=by)
    for tries_left in reversed(range(MAX_TRIES)):
        batch = BatchRecorder(rows, by, now, origin, today or clock.local_day(now))
        batch.decide()
        should_write = not dry_run and not (atomic and batch.rejections)
        writer = BatchWriter(BatchAuthor(by.name, origin, quiet) if should_write else BatchAuthor("", ""))
        try:
            if should_write:
                batch.fill_writer(writer)
                with transaction.atomic():
                    writer.save()
                    batch.mark_changed_series(quiet=quiet)
        except (ConcurrentWrite, IntegrityError):
            # Another transaction wrote one of the figures between our read and our write: start again.
            if not tries_left:
                raise
        else:
            break
    return BatchResult(batch.report(results=results), writer)


class BatchRecorder(BatchDecisions):
    """Writes what was decided, and reports it."""

    def fill_writer(self, writer: BatchWriter) -> None:
        """Give the writer the rows to store."""
        if not (self.multi_row_figures or self.approval_indicators or self.histories):
            self._write_single_rows(writer)
            return
        decisions_by_key: dict[FigureKey, list[RowDecision]] = {}
        for row_decision in self.changed_rows:
            decisions_by_key.setdefault(row_decision.key, []).append(row_decision)
        new_figure_ids, revision_ids = (
            iter(uuid7_batch(len(decisions_by_key))),
            iter(uuid7_batch(len(self.changed_rows))),
        )
        for key, row_decisions in decisions_by_key.items():
            stored = row_decisions[0].stored
            pk = self.figure_ids[key] = stored.id if stored else next(new_figure_ids)
            self._write_figure(writer, key, pk, stored, row_decisions, revision_ids)

    def _write_single_rows(self, writer: BatchWriter) -> None:
        """A faster `_write_figure`, for batches in which every figure has one row and that row becomes current."""
        revision_ids, new_figure_ids = uuid7_batch(len(self.changed_rows)), iter(uuid7_batch(len(self.changed_rows)))
        warnings, append_revision = self.warnings, writer.revisions.append
        recorded_at, departments = (
            self.encoded_now,
            {pk: indicator.department_id for pk, indicator in self.indicators.items()},
        )
        for pk, (row, _, number, key, stored_figure) in zip(revision_ids, self.changed_rows, strict=True):
            warnings_text = storage.serialize_warnings(warnings[row[0]]) if row[0] in warnings else "[]"
            figure = stored_figure.id if stored_figure else next(new_figure_ids)
            department = self.by.department or departments[key[0]]
            revision = RevisionRow(pk, figure, number, row, warnings_text, recorded_at, department)
            append_revision(revision)
            if stored_figure:
                writer.change_figure(stored_figure.revisions, number, revision)
            else:
                self.figure_ids[key] = figure
                writer.add_figure(key, number, revision)

    def _write_figure(
        self,
        writer: BatchWriter,
        key: FigureKey,
        pk: str,
        stored_figure: StoredFigure | None,
        row_decisions: list[RowDecision],
        revision_ids: Iterator[str],
    ) -> None:
        recorded_at = self._recorded_at(stored_figure)
        department = self.by.department or self.indicators[key[0]].department_id
        needs_approval, current = key[0] in self.approval_indicators, None
        for row, decision, number, _, _ in row_decisions:
            warnings = self.warnings.get(row[0]) if self.warnings else None
            warnings_text = storage.serialize_warnings(warnings) if warnings else "[]"
            revision = RevisionRow(next(revision_ids), pk, number, row, warnings_text, recorded_at, department)
            writer.revisions.append(revision)
            if needs_approval:
                writer.add_pending(revision.id)
            if decision.becomes_current or current is None:
                current = revision if decision.becomes_current or stored_figure is None else None
        count = row_decisions[-1].number
        if stored_figure is None:
            writer.add_figure(key, count, current or revision)
        elif current and not needs_approval:
            writer.change_figure(stored_figure.revisions, count, current)
        else:
            writer.count_revisions(pk, stored_figure.revisions, count)

    def _recorded_at(self, stored_figure: StoredFigure | None) -> str:
        # A batch that waited for a lock may have read the clock before the holder of the lock did.
        past_revisions = self.histories.get(stored_figure.id) if stored_figure and self.histories else None
        return (
            bulk.moment_text(past_revisions.recorded_at)
            if past_revisions and past_revisions.recorded_at > self.now
            else self.encoded_now
        )

    def keep_unchanged(self, writer: BatchWriter) -> int:
        """Tell the writer which figures must stay as they are: rows were compared with them. Returns how many."""
        figures = {row_decision.stored for row_decision in self.unchanged_rows if row_decision.stored}
        for stored in figures:
            writer.count_revisions(stored.id, stored.revisions, stored.revisions)
        return len(figures)

    def mark_changed_series(self, *, quiet: bool) -> None:
        """Mark the changed series for assessment, except those that need approval."""
        changed_keys = {row_decision.key[:2] for row_decision in self.changed_rows}
        if pairs := {pair for pair in changed_keys if pair[0] not in self.approval_indicators}:
            revision_store.mark_changed_series(pairs, quiet=quiet, now=self.now)

    def report(self, *, results: bool) -> BatchReport:
        report = BatchReport(
            rows=self.row_count, rejections=sorted(self.rejections, key=lambda rejection: rejection.number)
        )
        report.created = sum(
            row_decision.decision.outcome is RecordOutcome.CREATED for row_decision in self.changed_rows
        )
        report.revised, report.unchanged = len(self.changed_rows) - report.created, len(self.unchanged_rows)
        report.warnings = sum(len(items) for items in self.warnings.values())
        report.row_warnings = self._row_warnings() if self.warnings else []
        if results:
            report.results = {
                row_decision.row.number: self._row_result(row_decision)
                for row_decision in [*self.changed_rows, *self.unchanged_rows]
            }
        return report

    def _row_warnings(self) -> list[RowWarning]:
        return sorted(
            (RowWarning(row, item) for row, *_ in self.changed_rows for item in self.warnings.get(row.number, ())),
            key=lambda warning: warning.number,
        )

    def _row_result(self, row_decision: RowDecision) -> RowResult:
        pk = row_decision.stored.id if row_decision.stored else self.figure_ids.get(row_decision.key)
        return RowResult(
            row_decision.decision.outcome, pk, row_decision.number, self.warnings.get(row_decision.row.number, ())
        )
