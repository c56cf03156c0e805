"""Decide the rows of a batch by the same rules as single posts."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from indicators.domain.choices import IndicatorKind
from indicators.domain.figures import (
    ForecastRule,
    RecordDecision,
    RecordOutcome,
    RevisionEntry,
    decide_outcome,
    is_forecast,
)
from indicators.services.batches import existing_figures
from indicators.services.batches.existing_figures import (
    ExistingFigures,
    FigureKey,
    QuickVerdict,
    RevisionHistory,
    StartKey,
    StoredFigure,
)
from indicators.services.batches.references import References
from indicators.services.batches.rows import FigureRow, Rejection
from indicators.services.figures import figure_problems, recording
from indicators.services.figures.figure_changes import FigureChange, in_both_notations
from kpitracker.lib.actor import Actor
from kpitracker.lib.db import bulk
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.numbers import MAX_DECIMALS, fits_column

_IN_FORCE_STATES = {"valid", "approved"}

DUPLICATE_ROW = ProblemItem(
    "",
    "duplicate-row",
    text("An earlier row is about the same figure and the same day.", "Dòng trước đã nêu cùng số liệu và cùng ngày."),
)


class RowDecision(NamedTuple):
    """A row and its decision. `number`: the revision with its content. `stored`: its figure before the batch."""

    row: FigureRow
    decision: RecordDecision
    number: int
    key: FigureKey
    stored: StoredFigure | None


# Decisions made without reading the history. They do not name the revision that the row was compared with.
CREATED_DECISION = RecordDecision(RecordOutcome.CREATED, None, True, None)
UNCHANGED_DECISION = RecordDecision(RecordOutcome.UNCHANGED, None, True, None)
REVISED_DECISION = RecordDecision(RecordOutcome.REVISED, None, True, None)


def decide_sequentially(
    rows: Sequence[FigureRow],
    key: FigureKey,
    stored: StoredFigure | None,
    history: RevisionHistory | None,
    *,
    kind: IndicatorKind,
    needs_approval: bool,
    today: date,
) -> list[RowDecision]:
    """Decide the rows of one figure in the given order.

    `kind`: that of its indicator. `needs_approval`: posted revisions must be approved, and are also compared with pending ones.
    """
    entries = history.entries if history else []
    compared_entries = [
        entry for entry, state in entries if state in _IN_FORCE_STATES or (needs_approval and state == "pending")
    ]
    number = entries[-1][0].number if entries else 0
    decisions, forecasts = [], ForecastRule(kind, key[3], today)
    for row in rows:
        decision = decide_outcome(row.content, row.published, compared_entries, forecasts)
        if decision.outcome in (RecordOutcome.CREATED, RecordOutcome.REVISED):
            number += 1
            compared_entries.append(RevisionEntry(number, row.content, row.published, today))
            decisions.append(RowDecision(row, decision, number, key, stored))
        else:
            revision_number = decision.previous.number if decision.previous else number
            decisions.append(RowDecision(row, decision, revision_number, key, stored))
    return decisions


class BatchDecisions:
    """Decides the rows of a batch: `changed_rows`, `unchanged_rows` and `rejections`, with the warnings by row number."""

    def __init__(
        self, rows: Sequence[FigureRow | Rejection], by: Actor, now: datetime, origin: str, today: date
    ) -> None:
        self.by, self.now, self.origin = by, now, origin
        self.today, self.encoded_now = today, bulk.moment_text(now)
        self.row_count = len(rows)
        self.rejections = [row for row in rows if type(row) is Rejection]
        self.rows = [row for row in rows if type(row) is FigureRow]
        self.references = References({row.indicator for row in self.rows}, {row.area for row in self.rows}, by, today)
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
        changes = self._figure_changes()
        if locked_items := recording.find_locked_changes(changes, by=self.by, now=self.now):
            self._reject_locked(locked_items)
            changes = self._figure_changes()
        self._add_warnings(changes, existing.shared_starts)

    def _decide_revised(
        self, candidates: list[tuple[FigureKey, FigureRow, StoredFigure, bool]]
    ) -> dict[FigureKey, list[FigureRow]]:
        """Decide rows of figures with several revisions. Returns the rows whose history must be read."""
        if not candidates:
            return {}
        new_values = ((stored.id, row[5], has_same_value) for _, row, stored, has_same_value in candidates)
        unclear_ids = existing_figures.figures_needing_history(new_values, self.now)
        for key, row, stored, _ in candidates:
            if stored.id not in unclear_ids:
                self.changed_rows.append(RowDecision(row, REVISED_DECISION, stored.revisions + 1, key, stored))
        return {key: self._first_per_day(row) for key, row, stored, _ in candidates if stored.id in unclear_ids}

    def _group_rows(self) -> dict[FigureKey, FigureRow | list[FigureRow]]:
        """By figure, its row or its list of rows. Rejects rows with invalid references or days."""
        groups: dict[FigureKey, FigureRow | list[FigureRow]] = {}
        series_by_codes, day_faults = self.references.series_by_codes, self.references.day_faults
        yes_no_ids = {pk for pk, indicator in self.indicators.items() if indicator.kind == IndicatorKind.YES_NO}
        for row in self.rows:
            series_key, day_fault = series_by_codes[row[1:3]], day_faults[row[4]]
            if type(series_key) is ProblemItem or day_fault is not None:
                # The error of the day comes first, as for a single post.
                self.reject(row, day_fault or series_key)
                continue
            if series_key[0] in yes_no_ids:
                value = Decimal(row.value) if row.value else None
                if problem := figure_problems.find_content_problem(self.indicators[series_key[0]], value, row.stage):
                    self.reject(row, problem)
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
        first_by_day: dict[object, FigureRow] = {}
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
        self.histories = existing_figures.load_histories(
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
                kind=IndicatorKind(self.indicators[key[0]].kind),
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
                row_decision.row, figure_problems.stage_regression_error(row_decision.row.stage, current_stage).items[0]
            )
        elif outcome is RecordOutcome.UNCHANGED:
            self.unchanged_rows.append(row_decision)
        else:
            self.changed_rows.append(row_decision)
            if warnings := figure_problems.repeated_value_warnings(row_decision.decision):
                self.warnings[row_decision.row.number] = warnings

    def _figure_changes(self) -> list[FigureChange]:
        """The changed figures."""
        kinds = {pk: IndicatorKind(indicator.kind) for pk, indicator in self.indicators.items()}
        changes = []
        for row, _, _, key, _ in self.changed_rows:
            forecast = is_forecast(row[8], row[4] or self.today, key[3], kinds[key[0]])
            changes.append(
                FigureChange(
                    self.indicators[key[0]],
                    key[1],
                    row[3],
                    Decimal(row[5]) if row[5] else None,
                    row[8],
                    forecast,
                )
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
        for row, *_ in self.changed_rows:
            if row[11]:
                self.warnings[row[0]] = [*self.warnings.get(row[0], ()), _reading_warning(row)]


def _reading_warning(row: FigureRow) -> ProblemItem:
    """How the value was read, where the cell says something else at first sight."""
    number, plain = Decimal(row.value), Decimal(row.written)
    value, value_vi = in_both_notations(number)
    if not fits_column(plain, MAX_DECIMALS):
        written, written_vi = in_both_notations(plain)
        detail = text(f"{written} was rounded to {value}.", f"{written_vi} được làm tròn thành {value_vi}.")
        return ProblemItem("/value", "rounded", detail)
    # The text has one point: it is the decimal sign in one reading, and groups thousands in the other.
    other, other_vi = in_both_notations(Decimal(row.written.replace(".", "")) if number == plain else plain)
    detail = text(
        f"“{row.written}” was read as {value}. It may be {other}.",
        f"“{row.written}” được đọc là {value_vi}. Có thể là {other_vi}.",
    )
    return ProblemItem("/value", "ambiguous-number", detail)
