"""Decide the rows of one figure by the same rules as single posts, one after the other."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from indicators.domain.figures import RecordDecision, RecordOutcome, RevisionEntry, decide_outcome
from indicators.services.batches.rows import FigureRow
from indicators.services.batches.storage import FigureKey, RevisionHistory, StoredFigure

_IN_FORCE_STATES = {"valid", "approved"}


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
    needs_approval: bool,
    today: date,
) -> list[RowDecision]:
    """Decide the rows of one figure in the given order.

    `needs_approval`: posted revisions must be approved, and are also compared with pending ones.
    """
    entries = history.entries if history else []
    compared_entries = [
        entry for entry, state in entries if state in _IN_FORCE_STATES or (needs_approval and state == "pending")
    ]
    number = entries[-1][0].number if entries else 0
    decisions = []
    for row in rows:
        decision = decide_outcome(row.content, row.published, compared_entries)
        if decision.outcome in (RecordOutcome.CREATED, RecordOutcome.REVISED):
            number += 1
            compared_entries.append(RevisionEntry(number, row.content, row.published, today))
            decisions.append(RowDecision(row, decision, number, key, stored))
        else:
            revision_number = decision.previous.number if decision.previous else number
            decisions.append(RowDecision(row, decision, revision_number, key, stored))
    return decisions
