"""What becomes of the rows of one figure, by the rules of one post after the other."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from indicators.domain.recording import Decision, Entry, Outcome, decide
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


# By one look, without what they are compared with.
NEW = Decision(Outcome.CREATED, None, True, None)
SAME = Decision(Outcome.UNCHANGED, None, True, None)
OTHER = Decision(Outcome.REVISED, None, True, None)


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
