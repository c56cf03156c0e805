"""Revisions of figures: which is in force on a day, and what a posted figure changes (domain.md section 3)."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from .choices import IndicatorKind, Stage
from .periods import Period

# A figure published longer before the end of its period is a forecast. In days.
FORECAST_DAYS: Final = 31


class Figure(NamedTuple):
    """One revision of the value of one indicator for one area and the span `start` to `end` (inclusive).

    `id` is the id of the `Measurement`; for a sum over areas it is `<reason>:<area>:<period>`. `published` is None when
    that day is unknown; such a revision is known from `recorded_on`. `order` grows in the order of recording. `parts`
    are the posted figures that a sum over areas is made of; empty for a posted figure. `missing_reason`: why there is
    no value (`MissingReason`).
    """

    id: str
    revision: int
    start: date
    end: date
    value: Decimal | None
    qualifier: str
    stage: str
    published: date | None
    order: int
    recorded_on: date | None = None
    parts: tuple["SumPart", ...] = ()
    missing_reason: str = ""

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def numeric_value(self) -> Decimal:
        """The value; raises ValueError when the figure has none."""
        if self.value is None:
            raise ValueError(f"figure {self.id} has no value")
        return self.value


class SumPart(NamedTuple):
    """A posted figure in a sum over areas, with the code of its area."""

    area: str
    figure: Figure


def is_forecast(stage: str, known_on: date | None, end: date, kind: IndicatorKind) -> bool:
    """Whether a revision tells what is expected, not what was measured: by its stage, or by the day it became known.

    `known_on`: its day of publication, or of recording when that is unknown. What is official, or a yes or no, is known
    early and not foreseen.
    """
    if kind == IndicatorKind.YES_NO or stage == Stage.OFFICIAL:
        return False
    return stage == Stage.FORECAST or (
        known_on is not None and known_on < end and (end - known_on).days > FORECAST_DAYS
    )


def is_forecast_figure(figure: Figure, kind: IndicatorKind) -> bool:
    return is_forecast(figure.stage, figure.published or figure.recorded_on, figure.end, kind)


def measured_figures(figures: Iterable[Figure], kind: IndicatorKind) -> list[Figure]:
    """The figures that count: all but the forecasts."""
    return [
        figure
        for figure in figures
        # Nearly every figure was published after its period: this is decided without a call.
        if (figure.published is not None and figure.published >= figure.end and figure.stage != Stage.FORECAST)
        or not is_forecast_figure(figure, kind)
    ]


def precedence(published: date | None, order: int) -> tuple[date, int]:
    """Return the sort key of a revision: of the known revisions of a figure the one with the greatest key is in force.

    The greatest key has the latest day of publication; on the same day, the latest recording. An undated revision (None)
    never replaces a dated one.
    `RevisionQuerySet.in_force` is the same rule in SQL.
    """
    return published or date.min, order


def figure_precedence(figure: Figure) -> tuple[date, int]:
    return precedence(figure.published, figure.order)


def figures_in_force(revisions: Iterable[Figure], as_of: date) -> list[Figure]:
    """For each span the revision in force at the end of the day `as_of`, in order of span."""
    current_by_span: dict[tuple[date, date], Figure] = {}
    for revision in revisions:
        if not _is_known(revision, as_of):
            continue
        span = revision.start, revision.end
        current = current_by_span.get(span)
        if current is None or figure_precedence(current) < figure_precedence(revision):
            current_by_span[span] = revision
    return [current_by_span[span] for span in sorted(current_by_span)]


def _is_known(revision: Figure, as_of: date) -> bool:
    known_from = revision.published or revision.recorded_on
    return known_from is None or known_from <= as_of


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
    """What happens to a posted figure.

    `stage-regression`: it is refused, because its stage is less official than that of the revision it would replace.
    """

    CREATED = "created"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    STAGE_REGRESSION = "stage-regression"


class ForecastRule(NamedTuple):
    """Which revisions of one figure are forecasts.

    `end` is the last day of its period, `kind` that of its indicator; `today`: the day of a revision without one.
    """

    kind: IndicatorKind
    end: date
    today: date

    def stage_of(self, content: "RevisionContent", known_on: date | None) -> str:
        """The stage that is compared: a revision that is a forecast by its day counts as one."""
        if is_forecast(content.stage, known_on or self.today, self.end, self.kind):
            return Stage.FORECAST
        return content.stage

    def stage_of_entry(self, entry: "RevisionEntry") -> str:
        return self.stage_of(entry.content, entry.published or entry.recorded_on)


class RecordDecision(NamedTuple):
    """What happens to a posted figure.

    `previous` is the revision it is compared with: the one in force on its day of publication, else the current
    one. `repeated` is an earlier revision with the same value, which another has replaced.
    """

    outcome: RecordOutcome
    previous: RevisionEntry | None
    becomes_current: bool
    repeated: RevisionEntry | None


_STAGE_ORDER = (Stage.FORECAST, Stage.ESTIMATE, Stage.PRELIMINARY, Stage.OFFICIAL)


def current_revision(history: Sequence[RevisionEntry]) -> RevisionEntry | None:
    """Return the revision in force if the whole history is known."""
    return max(history, key=_entry_precedence, default=None)


def decide_outcome(
    content: RevisionContent,
    published: date | None,
    history: Sequence[RevisionEntry],
    forecasts: ForecastRule,
) -> RecordDecision:
    """Decide what happens to a posted figure, given all revisions of the same figure."""
    if not history:
        return RecordDecision(RecordOutcome.CREATED, None, True, None)
    current = current_revision(history)
    assert current is not None
    comparable = comparable_revision(published, history)
    is_same_stage = comparable is not None and forecasts.stage_of_entry(comparable) == forecasts.stage_of(
        content, published
    )
    # Measured as it was foreseen is news: the figure counts from now on.
    if comparable is not None and comparable.content == content and is_same_stage:
        return RecordDecision(RecordOutcome.UNCHANGED, comparable, comparable is current, None)
    if regressed_from := _find_regression(content, published, comparable, current, forecasts):
        return RecordDecision(RecordOutcome.STAGE_REGRESSION, regressed_from, False, None)
    return RecordDecision(
        RecordOutcome.REVISED,
        comparable or current,
        precedence(published, current.number + 1) > _entry_precedence(current),
        _find_repeated(content, comparable, history),
    )


def _find_regression(
    content: RevisionContent,
    published: date | None,
    comparable: RevisionEntry | None,
    current: RevisionEntry,
    forecasts: ForecastRule,
) -> RevisionEntry | None:
    """The revision that the posted one would fall behind, if any."""
    if content.stage == Stage.FORECAST:
        # What was measured is not foreseen any more, also where the measured revision states no stage.
        previous = comparable if published is not None else current
        if previous is None or previous.content.value is None:
            return None
        return None if forecasts.stage_of_entry(previous) == Stage.FORECAST else previous
    # An undated figure never replaces a dated one, so its stage does not matter.
    if published is None or comparable is None:
        return None
    # A revision without a value foresees nothing: it can withdraw an official figure at any time.
    stage = content.stage if content.value is None else forecasts.stage_of(content, published)
    return comparable if is_stage_regression(stage, forecasts.stage_of_entry(comparable)) else None


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
    """Whether `stage` is less official than the stage of the comparable revision; false when one is not stated."""
    if not stage or not comparable_stage:
        return False
    return _STAGE_ORDER.index(Stage(stage)) < _STAGE_ORDER.index(Stage(comparable_stage))


def _find_repeated(
    content: RevisionContent, comparable: RevisionEntry | None, history: Sequence[RevisionEntry]
) -> RevisionEntry | None:
    """An earlier revision with the same value, which was replaced: departments often post an old value again."""
    if content.value is None or comparable is None or comparable.content.value == content.value:
        return None
    earlier = [
        entry
        for entry in history
        if entry.content.value == content.value and _entry_precedence(entry) < _entry_precedence(comparable)
    ]
    return max(earlier, key=_entry_precedence, default=None)
