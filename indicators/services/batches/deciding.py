"""What becomes of the rows of one figure, by the rules of one post after the other."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from indicators.domain.recording import Decision, Entry, Outcome, decide, falls_back
from indicators.services.batches.rows import Row
from indicators.services.batches.tables import Known, Past

_IN_FORCE = {"valid", "approved"}


class Decided(NamedTuple):
    """A row, what becomes of it, and the number of the revision that says it."""

    row: Row
    decision: Decision
    number: int


NEW = Decision(Outcome.CREATED, None, True, None)
SAME = Decision(Outcome.UNCHANGED, None, True, None)
OTHER = Decision(Outcome.REVISED, None, True, None)


def by_one_look(row: Row, known: Known | None) -> Decided | None:
    """The usual row, one of its figure: new, or no older than what is in force. None: the history must be read.

    Says what `decide` would: whatever lies before it, the current revision is in force on the day of the row.
    """
    if known is None:
        return Decided(row, NEW, 1)
    if row.published is None or known.published is None or row.published < known.published or not known.in_force:
        return None
    if row[5:] == known.content:
        return Decided(row, SAME, known.revision)
    if not known.plain or falls_back(row.stage, known.content[3]):
        return None
    return Decided(row, OTHER, 2)


def one_after_the_other(rows: Sequence[Row], past: Past | None, *, waits: bool, today: date) -> list[Decided]:
    """`waits`: what is posted must be approved, and is compared with what waits already, too."""
    known = past.entries if past else []
    compared = [entry for entry, state in known if state in _IN_FORCE or (waits and state == "pending")]
    number = known[-1][0].number if known else 0
    found = []
    for row in rows:
        decision = decide(row.content, row.published, compared)
        if decision.outcome in (Outcome.CREATED, Outcome.REVISED):
            number += 1
            compared.append(Entry(number, row.content, row.published, today))
            found.append(Decided(row, decision, number))
        else:
            found.append(Decided(row, decision, decision.previous.number if decision.previous else number))
    return found
