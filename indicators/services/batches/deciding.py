"""Decide the rows of one figure by the same rules as single posts, one after the other."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from indicators.domain.recording import Decision, Entry, Outcome, decide
from indicators.services.batches.rows import Row
from indicators.services.batches.tables import Key, Known, Past

_IN_FORCE = {"valid", "approved"}


class Decided(NamedTuple):
    """A row and its decision. `number`: the revision with its content. `stored`: its figure before the batch."""

    row: Row
    decision: Decision
    number: int
    key: Key
    known: Known | None


# Decisions made without reading the history. They do not name the revision that the row was compared with.
NEW = Decision(Outcome.CREATED, None, True, None)
SAME = Decision(Outcome.UNCHANGED, None, True, None)
OTHER = Decision(Outcome.REVISED, None, True, None)


def one_after_the_other(
    rows: Sequence[Row], key: Key, known: Known | None, past: Past | None, *, waits: bool, today: date
) -> list[Decided]:
    """Decide the rows of one figure in the given order.

    `needs_approval`: posted revisions must be approved, and are also compared with pending ones.
    """
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
