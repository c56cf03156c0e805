"""How a posted figure changes the revisions of its figure (domain.md section 3)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .vocabulary import Stage


class Content(NamedTuple):
    """Two revisions are the same when these fields are equal."""

    value: Decimal | None
    missing_reason: str
    qualifier: str
    stage: str
    source: str
    note: str


class Entry(NamedTuple):
    """One recorded revision. `published` is None when that day is unknown; `recorded_on` is the day of recording."""

    number: int
    content: Content
    published: date | None
    recorded_on: date


class Outcome(StrEnum):
    CREATED = "created"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    STAGE_REGRESSION = "stage-regression"


class Decision(NamedTuple):
    """What happens to a posted figure.

    `previous` is the revision it is compared with: the one in force on its day of publication, else the current
    one. `repeated` is an earlier, since replaced revision with the same value.
    """

    outcome: Outcome
    previous: Entry | None
    becomes_current: bool
    repeats: Entry | None


_STAGES = (Stage.ESTIMATE, Stage.PRELIMINARY, Stage.OFFICIAL)


def current_of(history: Sequence[Entry]) -> Entry | None:
    """The current revision: the one published last (undated ones only if none is dated), then recorded last."""
    return max(history, key=_precedence, default=None)


def decide(content: Content, published: date | None, history: Sequence[Entry]) -> Decision:
    """Decide what happens to a posted figure, given all revisions of the same figure."""
    if not history:
        return Decision(Outcome.CREATED, None, True, None)
    current = current_of(history)
    assert current is not None
    before = standing(published, history)
    if before is not None and before.content == content:
        return Decision(Outcome.UNCHANGED, before, before is current, None)
    if published is not None and before is not None and falls_back(content.stage, before.content.stage):
        return Decision(Outcome.STAGE_REGRESSION, before, False, None)
    # Of two revisions published on one day, the one recorded last is in force: hence >=.
    becomes_current = current.published is None if published is None else published >= (current.published or date.min)
    return Decision(
        Outcome.REVISED,
        before or current,
        becomes_current,
        _repeated(content, before, history),
    )


def _precedence(entry: Entry) -> tuple[date, int]:
    return entry.published or date.min, entry.number


def standing(published: date | None, history: Sequence[Entry]) -> Entry | None:
    """The revision in force on the day `published`; for an undated figure (None) the latest undated revision."""
    if published is None:
        known = [entry for entry in history if entry.published is None]
    else:
        known = [entry for entry in history if (entry.published or entry.recorded_on) <= published]
    return current_of(known)


def falls_back(stage: str, standing: str) -> bool:
    """Whether `stage` is less settled than the stage of the comparable revision; false when one is not stated."""
    if not stage or not standing:
        return False
    return _STAGES.index(Stage(stage)) < _STAGES.index(Stage(standing))


def _repeated(content: Content, standing: Entry | None, history: Sequence[Entry]) -> Entry | None:
    """An earlier, since replaced revision with the same value: reprints of old numbers are common."""
    if content.value is None or standing is None or standing.content.value == content.value:
        return None
    earlier = [e for e in history if e.content.value == content.value and _precedence(e) < _precedence(standing)]
    return max(earlier, key=_precedence, default=None)
