"""Record many figures in one transaction: load, decide and write, each step for all rows together."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction

from indicators.domain.figures import RecordOutcome
from indicators.services.batches import storage
from indicators.services.batches.decide import (
    CREATED_DECISION,
    REVISED_DECISION,
    UNCHANGED_DECISION,
    RowDecision,
    decide_sequentially,
)
from indicators.services.batches.references import References
from indicators.services.batches.rows import BatchReport, FigureRow, Rejection, RowResult
from indicators.services.batches.storage import (
    BatchAuthor,
    BatchWriter,
    ConcurrentWrite,
    ExistingFigures,
    FigureKey,
    QuickVerdict,
    RevisionHistory,
    RevisionRow,
    StartKey,
    StoredFigure,
)
from indicators.services.figures import recording, revision_store
from indicators.services.figures.plausibility import FigureChange
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.db import bulk
from kpitracker.lib.db.uuid7 import uuid7_batch
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text

MAX_TRIES = 10

DUPLICATE_ROW = ProblemItem(
    "",
    "duplicate-row",
    text("An earlier row is about the same figure and the same day.", "Dòng trước đã nêu cùng số liệu và cùng ngày."),
)


class BatchResult:
    """The result of a batch: its report, and the data about its revisions for the audit log."""

    def __init__(self, report: BatchReport, writer: BatchWriter) -> None:
        self.report = report
        self.revision_count, self.digest = len(writer.revisions), writer.digest
        ids = sorted(revision.id for revision in writer.revisions)
        self.first, self.last = (ids[0], ids[-1]) if ids else ("", "")

    def audit_payload(self) -> dict[str, Any]:
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
) -> BatchResult:
    """Record well-formed rows in the order of their days; rejected rows only go into the report.

    Each row has the same outcome as a single post, except that a second row for one figure and day is rejected.
    `origin`: the id of the batch. `today`: the day on which the batch was sent. `atomic`: store all rows or none.
    `dry_run`: store nothing and report what would happen. `results`: report the result of each row. The caller writes
    the audit entry.
    """
    for tries_left in reversed(range(MAX_TRIES)):
        batch = _BatchRecorder(rows, by, now, origin, today or clock.local_day(now))
        batch.decide()
        should_write = not dry_run and not (atomic and batch.rejections)
        writer = batch.build_writer() if should_write else BatchWriter(BatchAuthor("", ""))
        try:
            if should_write:
                with transaction.atomic():
                    writer.save()
                    batch.mark_changed_series()
        except (ConcurrentWrite, IntegrityError):
            # Another transaction wrote one of the figures between our read and our write: start again.
            if not tries_left:
                raise
        else:
            break
    return BatchResult(batch.report(atomic=atomic, results=results), writer)


class _BatchRecorder:
    def __init__(
        self, rows: Sequence[FigureRow | Rejection], by: Actor, now: datetime, origin: str, today: date
    ) -> None:
        self.by, self.now, self.origin = by, now, origin
        self.today, self.encoded_now = today, bulk.moment_text(now)
        self.row_count = len(rows)
        self.rejections = [row for row in rows if type(row) is Rejection]
        self.rows = [row for row in rows if type(row) is FigureRow]
        self.references = References(self.rows, by, today)
        self.indicators = {indicator.pk: indicator for indicator in self.references.indicators.values()}
        self.approval_indicators = {pk for pk, indicator in self.indicators.items() if indicator.needs_approval}
        self.changed_rows: list[RowDecision] = []
        self.unchanged_rows: list[RowDecision] = []
        self.histories: dict[str, RevisionHistory] = {}
        self.warnings: dict[int, list[ProblemItem]] = {}
        self.figure_ids: dict[FigureKey, str] = {}  # of new figures
        self.multi_row_figures: dict[
            FigureKey, tuple[list[FigureRow], Callable[[list[FigureRow]], list[RowDecision]]]
        ] = {}

    def reject(self, row: FigureRow, item: ProblemItem) -> None:
        self.rejections.append(Rejection(row.number, item, row.indicator, str(row.period)))

    def decide(self) -> None:
        groups = self._group_rows()
        existing, unclear_rows = ExistingFigures(groups, self.now), dict[FigureKey, list[FigureRow]]()
        stored_figures: dict[FigureKey, StoredFigure] = {}
        revised_rows: list[tuple[FigureKey, FigureRow, StoredFigure, bool]] = []
        for key, existing_row in existing:
            row = groups.get(key)
            if row is None:
                existing.shared_starts.add(key[:3])
                continue
            stored = stored_figures[key] = StoredFigure(existing_row[4], existing_row[5], existing_row[6])
            is_simple = type(row) is FigureRow and key[0] not in self.approval_indicators
            verdict = existing.quick_verdict(existing_row, row) if is_simple else QuickVerdict.UNCLEAR  # type: ignore[arg-type]
            if verdict is QuickVerdict.SAME:
                self.unchanged_rows.append(RowDecision(row, UNCHANGED_DECISION, stored.revision, key, stored))  # type: ignore[arg-type]
            elif verdict is QuickVerdict.REVISED:
                self.changed_rows.append(RowDecision(row, REVISED_DECISION, 2, key, stored))  # type: ignore[arg-type]
            elif verdict is QuickVerdict.REVISED_UNLESS_REPEATED:
                revised_rows.append((key, row, stored, existing.has_same_value(existing_row, row)))  # type: ignore[arg-type]
            else:
                unclear_rows[key] = self._first_per_day(row)
        for key, row in groups.items() if len(stored_figures) < len(groups) else ():
            if key in stored_figures:
                continue
            if type(row) is FigureRow and key[0] not in self.approval_indicators:
                self.changed_rows.append(RowDecision(row, CREATED_DECISION, 1, key, None))
            else:
                unclear_rows[key] = self._first_per_day(row)
        unclear_rows |= self._decide_revised(revised_rows)
        self._decide_with_histories(unclear_rows, stored_figures)
        changes = self._figure_changes(existing.shared_starts)
        if locked_items := recording.find_locked_changes(changes, by=self.by, now=self.now):
            self._reject_locked(locked_items)
            changes = self._figure_changes(existing.shared_starts)
        self._add_warnings(changes, existing.shared_starts)

    def _decide_revised(
        self, candidates: list[tuple[FigureKey, FigureRow, StoredFigure, bool]]
    ) -> dict[FigureKey, list[FigureRow]]:
        """Decide rows of figures with several revisions. Returns the rows whose history must be read."""
        if not candidates:
            return {}
        new_values = ((stored.id, row[5], has_same_value) for _, row, stored, has_same_value in candidates)
        unclear_ids = storage.figures_needing_history(new_values, self.now)
        for key, row, stored, _ in candidates:
            if stored.id not in unclear_ids:
                self.changed_rows.append(RowDecision(row, REVISED_DECISION, stored.revisions + 1, key, stored))
        return {key: self._first_per_day(row) for key, row, stored, _ in candidates if stored.id in unclear_ids}

    def _group_rows(self) -> dict[FigureKey, FigureRow | list[FigureRow]]:
        """By figure, its row or its list of rows. Rejects rows with invalid references or days."""
        groups: dict[FigureKey, FigureRow | list[FigureRow]] = {}
        series_by_codes, days = self.references.series_by_codes, self.references.quiet_by_day
        for row in self.rows:
            series_key, quiet = series_by_codes[row[1:3]], days[row[4]]
            if type(series_key) is ProblemItem or type(quiet) is ProblemItem:
                # The error of the day comes first, as for a single post.
                self.reject(row, quiet if type(quiet) is ProblemItem else series_key)
                continue
            key = series_key + row[3]
            earlier = groups.setdefault(key, row)
            if earlier is not row:
                if type(earlier) is list:
                    earlier.append(row)
                else:
                    groups[key] = [earlier, row]  # type: ignore[list-item]
        return groups

    def _first_per_day(self, group: FigureRow | list[FigureRow]) -> list[FigureRow]:
        """The rows of one figure, sorted by day, undated ones first. Rejects further rows of the same day."""
        first_by_day: dict[Any, FigureRow] = {}
        rows: list[FigureRow] = group if type(group) is list else [group]  # type: ignore[list-item]
        for row in rows:
            if row.published in first_by_day:
                self.reject(row, DUPLICATE_ROW)
            else:
                first_by_day[row.published] = row
        return sorted(first_by_day.values(), key=lambda row: row.published or date.min)

    def _decide_with_histories(
        self, unclear_rows: dict[FigureKey, list[FigureRow]], stored_figures: dict[FigureKey, StoredFigure]
    ) -> None:
        self.histories = storage.load_histories(
            [stored_figures[key].id for key in unclear_rows if key in stored_figures]
        )
        for key, rows in unclear_rows.items():
            stored = stored_figures.get(key)
            past_revisions = self.histories.get(stored.id) if stored else None
            decide_rows = partial(
                decide_sequentially,
                key=key,
                stored=stored,
                history=past_revisions,
                needs_approval=key[0] in self.approval_indicators,
                today=self.today,
            )
            if len(rows) > 1:
                self.multi_row_figures[key] = rows, decide_rows
            for row_decision in decide_rows(rows):
                self._apply_decision(row_decision)

    def _apply_decision(self, row_decision: RowDecision) -> None:
        outcome = row_decision.decision.outcome
        if outcome is RecordOutcome.STAGE_REGRESSION:
            current_stage = row_decision.decision.previous.content.stage if row_decision.decision.previous else ""
            self.reject(
                row_decision.row, recording.stage_regression_error(row_decision.row.stage, current_stage).items[0]
            )
        elif outcome is RecordOutcome.UNCHANGED:
            self.unchanged_rows.append(row_decision)
        else:
            self.changed_rows.append(row_decision)
            if warnings := recording.repeated_value_warnings(row_decision.decision):
                self.warnings[row_decision.row.number] = warnings

    def _figure_changes(self, shared_starts: set[StartKey]) -> list[FigureChange]:
        """The changed figures. Values are filled in only where a plausibility check can apply."""
        check_all = any(indicator.check_formula for indicator in self.indicators.values())
        checked_ids = {pk for pk, indicator in self.indicators.items() if check_all or indicator.has_usual_range}
        changes = []
        for row, _, _, key, _ in self.changed_rows:
            needs_value = row[5] and (key[0] in checked_ids or (shared_starts and key[:3] in shared_starts))
            changes.append(
                FigureChange(self.indicators[key[0]], key[1], row[3], Decimal(row[5]) if needs_value else None)
            )
        return changes

    def _reject_locked(self, locked_items: dict[int, ProblemItem]) -> None:
        """Reject rows that would change a locked period. Decide the other rows of these figures without them."""
        items_by_key = {self.changed_rows[position].key: item for position, item in locked_items.items()}
        multi_row_again = {key: self.multi_row_figures[key] for key in items_by_key if key in self.multi_row_figures}
        removed_numbers = {row.number for rows, _ in multi_row_again.values() for row in rows}
        remaining = [
            row_decision
            for row_decision in self.changed_rows
            if row_decision.key in items_by_key and row_decision.row.number not in removed_numbers
        ]
        self.changed_rows = [row_decision for row_decision in self.changed_rows if row_decision.key not in items_by_key]
        self.unchanged_rows = [
            row_decision for row_decision in self.unchanged_rows if row_decision.row.number not in removed_numbers
        ]
        self.rejections = [rejection for rejection in self.rejections if rejection.number not in removed_numbers]
        remaining += [
            row_decision
            for rows, decide_rows in multi_row_again.values()
            for row in rows
            for row_decision in decide_rows([row])
        ]
        for row_decision in remaining:
            self.warnings.pop(row_decision.row.number, None)
            if row_decision.decision.outcome in (RecordOutcome.CREATED, RecordOutcome.REVISED):
                self.reject(row_decision.row, items_by_key[row_decision.key])
            else:
                self._apply_decision(row_decision)

    def _add_warnings(self, changes: list[FigureChange], shared_starts: set[StartKey]) -> None:
        for position, items in recording.collect_warnings(changes, self.today, shared_starts).items():
            number = self.changed_rows[position].row.number
            self.warnings[number] = [*items, *self.warnings.get(number, ())]

    def build_writer(self) -> BatchWriter:
        """A writer with the rows to store."""
        writer = BatchWriter(BatchAuthor(self.by.name, self.origin))
        if not (self.multi_row_figures or self.approval_indicators or self.histories):
            self._write_single_rows(writer)
            return writer
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
        return writer

    def _write_single_rows(self, writer: BatchWriter) -> None:
        """A faster `_write_figure`, for batches in which every figure has one row and that row becomes current."""
        revision_ids, new_figure_ids = uuid7_batch(len(self.changed_rows)), iter(uuid7_batch(len(self.changed_rows)))
        days, warnings, append_revision = self.references.quiet_by_day, self.warnings, writer.revisions.append
        recorded_at, departments = (
            self.encoded_now,
            {pk: indicator.department_id for pk, indicator in self.indicators.items()},
        )
        for pk, (row, _, number, key, stored_figure) in zip(revision_ids, self.changed_rows, strict=True):
            warnings_text = storage.serialize_warnings(warnings[row[0]]) if row[0] in warnings else "[]"
            figure = stored_figure.id if stored_figure else next(new_figure_ids)
            department = self.by.department or departments[key[0]]
            revision = RevisionRow(pk, figure, number, row, days[row[4]], warnings_text, recorded_at, department)
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
        recorded_at, days = self._recorded_at(stored_figure), self.references.quiet_by_day
        department = self.by.department or self.indicators[key[0]].department_id
        needs_approval, current = key[0] in self.approval_indicators, None
        for row, decision, number, _, _ in row_decisions:
            warnings = self.warnings.get(row[0]) if self.warnings else None
            warnings_text = storage.serialize_warnings(warnings) if warnings else "[]"
            revision = RevisionRow(
                next(revision_ids), pk, number, row, days[row[4]], warnings_text, recorded_at, department
            )
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

    def mark_changed_series(self) -> None:
        """Mark the changed series for assessment, except those that need approval."""
        changed_series = {
            (self.references.quiet_by_day[row_decision.row.published], row_decision.key[:2])
            for row_decision in self.changed_rows
            if row_decision.key[0] not in self.approval_indicators
        }
        for quiet in (False, True):
            if pairs := {pair for is_quiet, pair in changed_series if is_quiet is quiet}:
                revision_store.mark_changed_series(pairs, quiet=quiet, now=self.now)

    def report(self, *, atomic: bool, results: bool) -> BatchReport:
        report = BatchReport(
            rows=self.row_count, rejections=sorted(self.rejections, key=lambda rejection: rejection.number)
        )
        if atomic and self.rejections:
            report.unchanged = self.row_count - len(self.rejections)
            return report
        report.created = sum(
            row_decision.decision.outcome is RecordOutcome.CREATED for row_decision in self.changed_rows
        )
        report.revised, report.unchanged = len(self.changed_rows) - report.created, len(self.unchanged_rows)
        report.warnings = sum(len(items) for items in self.warnings.values())
        if results:
            report.results = {
                row_decision.row.number: self._row_result(row_decision)
                for row_decision in [*self.changed_rows, *self.unchanged_rows]
            }
        return report

    def _row_result(self, row_decision: RowDecision) -> RowResult:
        pk = row_decision.stored.id if row_decision.stored else self.figure_ids.get(row_decision.key)
        return RowResult(
            row_decision.decision.outcome, pk, row_decision.number, self.warnings.get(row_decision.row.number, ())
        )
