"""What becomes of the rows of one figure, by the rules of one post after the other."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from indicators.domain.recording import Decision, Entry, Outcome, decide, falls_back
from indicators.services.batches.rows import Row
from indicators.services.batches.tables import Key, Known, Past

_IN_FORCE = {"valid", "approved"}


class Decided(NamedTuple):
    """A row, what becomes of it, the number of the revision that says it; its figure, as it was stored."""

    row: Row
    decision: Decision
    number: int
    key: Key
    known: Known | None


NEW = Decision(Outcome.CREATED, None, True, None)
SAME = Decision(Outcome.UNCHANGED, None, True, None)
OTHER = Decision(Outcome.REVISED, None, True, None)


def by_one_look(row: Row, key: Key, known: Known) -> Decided | None:
    """The usual row about a known figure: no older than what is in force. None: the history must be read.

    Says what `decide` would: whatever lies before it, the current revision is in force on the day of the row.
    """
    if row.published is None or known.published is None or row.published < known.published or not known.in_force:
        return None
    if row[5:] == known.content:
        return Decided(row, SAME, known.revision, key, known)
    if not known.plain or falls_back(row.stage, known.content[3]):
        return None
    return Decided(row, OTHER, 2, key, known)


def one_after_the_other(
    rows: Sequence[Row], key: Key, known: Known | None, past: Past | None, *, waits: bool, today: date
) -> list[Decided]:
    """What becomes of rows about one figure, in the order given. `waits`: what is posted must be approved, and is compared with what waits already, too."""
    entries = past.entries if past else []
    compared = [entry for entry, state in entries if state in _IN_FORCE or (waits and state == "pending")]
    number = entries[-1][0].number if entries else 0
    found = []
    for row in rows:
        decision = decide(row.content, row.published, compared)
        if decision.outcome in (Outcome.CREATED, Outcome.REVISED):
            number += 1
            compared.append(Entry(number, row.content, row.published, today))
            found.append(Decided(row, decision, number, key, known))
        else:
            stands = decision.previous.number if decision.previous else number
            found.append(Decided(row, decision, stands, key, known))
    return found
