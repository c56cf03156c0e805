"""How a posted figure changes the revisions of its figure (domain.md section 3)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .choices import Stage
from .figures import precedence


class RevisionContent(NamedTuple):
    """Two revisions are the same when these fields are equal."""

    value: Decimal | None
    missing_reason: str
    qualifier: str
    stage: str
    source: str
    note: str


class RevisionEntry(NamedTuple):
    """One recorded revision. `published` is None when that day is unknown; `recorded_on` is the day of recording."""

    number: int
    content: RevisionContent
    published: date | None
    recorded_on: date


class RecordOutcome(StrEnum):
    CREATED = "created"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    STAGE_REGRESSION = "stage-regression"


class RecordDecision(NamedTuple):
    """What happens to a posted figure.

    `previous` is the revision it is compared with: the one in force on its day of publication, else the current
    one. `repeated` is an earlier, since replaced revision with the same value.
    """

    outcome: RecordOutcome
    previous: RevisionEntry | None
    becomes_current: bool
    repeated: RevisionEntry | None


_STAGE_ORDER = (Stage.ESTIMATE, Stage.PRELIMINARY, Stage.OFFICIAL)


def current_revision(history: Sequence[RevisionEntry]) -> RevisionEntry | None:
    """Return the revision in force when all of these are known."""
    return max(history, key=_entry_precedence, default=None)


def decide_outcome(
    content: RevisionContent, published: date | None, history: Sequence[RevisionEntry]
) -> RecordDecision:
    """Decide what happens to a posted figure, given all revisions of the same figure."""
    if not history:
        return RecordDecision(RecordOutcome.CREATED, None, True, None)
    current = current_revision(history)
    assert current is not None
    comparable = comparable_revision(published, history)
    if comparable is not None and comparable.content == content:
        return RecordDecision(RecordOutcome.UNCHANGED, comparable, comparable is current, None)
    if (
        published is not None
        and comparable is not None
        and is_stage_regression(content.stage, comparable.content.stage)
    ):
        return RecordDecision(RecordOutcome.STAGE_REGRESSION, comparable, False, None)
    return RecordDecision(
        RecordOutcome.REVISED,
        comparable or current,
        precedence(published, current.number + 1) > _entry_precedence(current),
        _find_repeated(content, comparable, history),
    )


def _entry_precedence(entry: RevisionEntry) -> tuple[date, int]:
    return precedence(entry.published, entry.number)


def comparable_revision(published: date | None, history: Sequence[RevisionEntry]) -> RevisionEntry | None:
    """The revision in force on the day `published`; for an undated figure (None) the latest undated revision."""
    if published is None:
        candidates = [entry for entry in history if entry.published is None]
    else:
        candidates = [entry for entry in history if (entry.published or entry.recorded_on) <= published]
    return current_revision(candidates)


def is_stage_regression(stage: str, comparable_stage: str) -> bool:
    """Whether `stage` is less settled than the stage of the comparable revision; false when one is not stated."""
    if not stage or not comparable_stage:
        return False
    return _STAGE_ORDER.index(Stage(stage)) < _STAGE_ORDER.index(Stage(comparable_stage))


def _find_repeated(
    content: RevisionContent, comparable: RevisionEntry | None, history: Sequence[RevisionEntry]
) -> RevisionEntry | None:
    """An earlier, since replaced revision with the same value: reprints of old numbers are common."""
    if content.value is None or comparable is None or comparable.content.value == content.value:
        return None
    earlier = [
        entry
        for entry in history
        if entry.content.value == content.value and _entry_precedence(entry) < _entry_precedence(comparable)
    ]
    return max(earlier, key=_entry_precedence, default=None)
