"""Undo a batch: write for each of its figures a revision with the content that was in force before."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from indicators.domain.choices import MissingReason
from indicators.domain.figures import RevisionContent, RevisionEntry, comparable_revision, current_revision
from indicators.domain.periods import Period
from indicators.models import Approval, Area, Import, Indicator, Revision
from indicators.services.batches import existing_figures, imports
from indicators.services.batches.existing_figures import RevisionHistory
from indicators.services.batches.record import BatchResult
from indicators.services.batches.references import References
from indicators.services.batches.rows import BatchReport, FigureRow, Rejection
from indicators.services.batches.storage import BatchAuthor, BatchWriter, RevisionRow
from indicators.services.figures import recording, revision_store
from indicators.services.figures.figure_changes import FigureChange
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope, refuse_scope
from kpitracker.lib.db import bulk
from kpitracker.lib.db.uuid7 import uuid7, uuid7_batch
from kpitracker.lib.errors import Conflict, ProblemItem
from kpitracker.lib.i18n.text import in_both_languages, text

NEWER_REVISION = ProblemItem("", "newer-revision", text("There is a newer revision.", "Đã có lần sửa mới hơn."))
APPROVED_MEANWHILE = ProblemItem("", "approved-meanwhile", text("It was approved.", "Số liệu đã được duyệt."))
WITHDRAWN_CONTENT = RevisionContent(None, MissingReason.WITHDRAWN.value, "", "", "", "")


class _BatchFigure(NamedTuple):
    """A figure that the batch wrote. `batch_numbers`: the numbers of the revisions of the batch."""

    pk: str
    indicator: Indicator
    area: Area
    period: Period
    revision_history: RevisionHistory
    batch_numbers: frozenset[int]

    @property
    def batch_states(self) -> set[str]:
        """The states of the revisions of the batch, also when the indicator needs no approval any more."""
        return {state for entry, state in self.revision_history.entries if entry.number in self.batch_numbers}


@transaction.atomic
def undo_batch(*, batch: Import, by: Actor, now: datetime, quiet: bool = False) -> Import:
    """Withdraw each figure of a batch on the day of its revision, unless the figure has a newer revision.

    For every `as_of` day the former content is in force again; reads with `recorded_by` still show the undone content.
    Where there was no figure before, the period must be reported again. `Import.undo` lists what could not be withdrawn. `quiet`: no
    alert follows. Raises `Forbidden` (insufficient-scope), `Conflict` (not-undoable) for a batch that wrote nothing or
    was undone before.
    """
    recording.check_may_be_quiet(quiet=quiet, by=by)
    locked_batch = Import.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if not by.may(Scope.FIGURES_WRITE):
        raise refuse_scope(by, Scope.FIGURES_WRITE)
    if not locked_batch.is_undoable:
        raise Conflict(
            "not-undoable",
            text(f"There is nothing to undo: {locked_batch.state}.", f"Không có gì để hoàn tác: {locked_batch.state}."),
            pointer="",
        )
    figures = _load_figures(locked_batch)
    refusals = _find_refusals(figures, by, now)
    writer = BatchWriter(BatchAuthor(by.name, uuid7().hex, quiet))
    withdrawn_figures = [figure for figure in figures if figure.pk not in refusals]
    revision_ids = iter(uuid7_batch(sum(len(figure.batch_numbers) for figure in withdrawn_figures)))
    for figure in withdrawn_figures:
        _withdraw_figure(writer, figure, revision_ids, now)
    _reject_pending(locked_batch, withdrawn_figures, by, now)
    writer.save()
    revision_store.mark_changed_series(
        {(figure.indicator.pk, figure.area.pk) for figure in withdrawn_figures}, quiet=quiet, now=now
    )
    errors = [
        Rejection(number, refusals[figure.pk], figure.indicator.code, str(figure.period))
        for number, figure in enumerate(figures, 1)
        if figure.pk in refusals
    ]
    return _save_undo(
        locked_batch,
        BatchResult(BatchReport(rows=len(figures), revised=len(withdrawn_figures)), writer),
        errors,
        by,
        now,
        quiet=quiet,
    )


def _reject_pending(batch: Import, withdrawn_figures: Sequence[_BatchFigure], by: Actor, now: datetime) -> None:
    """Reject the pending approvals of the batch: these revisions were never in force."""
    figure_ids = [UUID(figure.pk) for figure in withdrawn_figures if "pending" in figure.batch_states]
    pending = Approval.objects.filter(revision__batch=batch.pk, revision__measurement__in=figure_ids, state="pending")
    pending.update(state="rejected", decided_at=now, decided_by=by.name, reason=f"undo {batch.pk}")


def _load_figures(batch: Import) -> list[_BatchFigure]:
    revisions = Revision.objects.filter(batch=batch.pk).select_related("measurement")
    numbers_by_id: dict[str, set[int]] = {}
    measurements_by_id = {}
    for revision in revisions.iterator(chunk_size=5000):
        measurement = revision.measurement
        numbers_by_id.setdefault(measurement.pk.hex, set()).add(revision.number)
        measurements_by_id[measurement.pk.hex] = measurement
    indicators = Indicator.objects.in_bulk({row.indicator_id for row in measurements_by_id.values()})
    areas = Area.objects.in_bulk({row.area_id for row in measurements_by_id.values()})
    histories_by_id = existing_figures.load_histories(list(measurements_by_id))
    return [
        _BatchFigure(
            pk,
            indicators[row.indicator_id],
            areas[row.area_id],
            Period(row.period_start, row.period_end),
            histories_by_id[pk],
            frozenset(numbers_by_id[pk]),
        )
        for pk, row in sorted(measurements_by_id.items())
    ]


def _find_refusals(figures: Sequence[_BatchFigure], by: Actor, now: datetime) -> dict[str, ProblemItem]:
    """By figure id, the reason why the figure cannot be withdrawn."""
    today = clock.local_day(now)
    codes = [(figure.indicator.code, figure.area.code) for figure in figures]
    references = References({indicator for indicator, _ in codes}, {area for _, area in codes}, by, today)
    refusals: dict[str, ProblemItem] = {}
    for figure, series_codes in zip(figures, codes, strict=True):
        series_key = references.series_by_codes[series_codes]
        if isinstance(series_key, ProblemItem):
            refusals[figure.pk] = series_key
        elif any(
            entry.number > min(figure.batch_numbers) and entry.number not in figure.batch_numbers
            for entry, _ in figure.revision_history.entries
        ):
            refusals[figure.pk] = NEWER_REVISION
        elif "approved" in figure.batch_states:
            refusals[figure.pk] = APPROVED_MEANWHILE
    changes = [FigureChange(figure.indicator, figure.area.pk, figure.period, None) for figure in figures]
    for position, item in recording.find_locked_changes(changes, by=by, now=now).items():
        refusals.setdefault(figures[position].pk, item)
    return refusals


def _withdraw_figure(writer: BatchWriter, figure: _BatchFigure, revision_ids: Iterator[str], now: datetime) -> None:
    """For each revision of the batch, append a revision on the same day with the content in force without the batch."""
    valid_entries = [entry for entry, state in figure.revision_history.entries if state in ("valid", "approved")]
    other_entries = [entry for entry in valid_entries if entry.number not in figure.batch_numbers]
    batch_entries = [entry for entry in valid_entries if entry.number in figure.batch_numbers]
    previous_count = number = figure.revision_history.entries[-1][0].number
    recorded_at, today = bulk.moment_text(max(now, figure.revision_history.recorded_at)), clock.local_day(now)
    added_revisions: dict[int, RevisionRow] = {}
    for entry in batch_entries:
        # An undated revision never replaces a dated one, so its content must be repeated with the day.
        former_entry = comparable_revision(entry.published, other_entries) or comparable_revision(None, other_entries)
        number += 1
        new_entry = RevisionEntry(
            number, former_entry.content if former_entry else WITHDRAWN_CONTENT, entry.published, today
        )
        row = _build_row(figure, new_entry)
        revision = RevisionRow(
            next(revision_ids), figure.pk, number, row, "[]", recorded_at, figure.indicator.department_id
        )
        writer.revisions.append(revision)
        valid_entries.append(new_entry)
        added_revisions[number] = revision
    current = current_revision(valid_entries)
    if current is not None and current.number in added_revisions:
        writer.change_figure(previous_count, number, added_revisions[current.number])
    elif added_revisions:
        writer.count_revisions(figure.pk, previous_count, number)


def _build_row(figure: _BatchFigure, entry: RevisionEntry) -> FigureRow:
    value = "" if entry.content.value is None else format(entry.content.value, "f")
    content = (value, *entry.content[1:])
    return FigureRow(entry.number, figure.indicator.code, figure.area.code, figure.period, entry.published, *content)


def _save_undo(
    batch: Import, batch_result: BatchResult, errors: list[Rejection], by: Actor, now: datetime, *, quiet: bool
) -> Import:
    error_rows = [
        {
            "row": number,
            "slug": item.slug,
            "detail": in_both_languages(item.detail),
            "indicator": indicator,
            "period": period,
        }
        for number, item, indicator, period in errors[:1000]
    ]
    batch.state = "undone"
    batch.undo = {
        "withdrawn": batch_result.report.revised,
        "not_undone": len(errors),
        "errors": error_rows,
        "quiet": quiet,
    }
    batch.save(update_fields=["state", "undo"])
    imports.audit_undo(batch, batch_result, by=by)
    return batch
