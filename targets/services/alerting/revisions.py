"""Which of the figures behind an evaluation were revised to another value."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Min
from django.db.models.functions import Coalesce

from indicators.domain.choices import IndicatorKind
from indicators.domain.figures import Figure, is_forecast, precedence
from indicators.domain.periods import Period
from indicators.models import Indicator, Revision, SeriesChange
from indicators.querysets import SeriesKey
from kpitracker.lib import clock
from targets.domain.rules import ValueChange
from targets.services.evaluation.evaluate import Evaluation

# Ids per statement; SQLite accepts at least this many.
_CHUNK_SIZE = 10_000


class RevisedFigure(NamedTuple):
    """A figure whose value changed: its codes, the values before and after, and the id of the new revision."""

    indicator: str
    area: str
    period: str
    change: ValueChange
    revision_id: str


class RevisionRecord(NamedTuple):
    """One stored revision of a figure. `known_at`: when it was recorded, or approved. `kind`: that of its indicator."""

    pk: UUID
    number: int
    value: Decimal | None
    published: date | None
    quiet: bool
    known_at: datetime
    stage: str
    kind: IndicatorKind
    series: SeriesKey

    def is_forecast_of(self, figure: Figure) -> bool:
        known_on = self.published or clock.local_day(self.known_at)
        return is_forecast(self.stage, known_on, figure.end, self.kind)


def find_unassessed_revisions(evaluations: Sequence[Evaluation]) -> Mapping[int, Sequence[RevisedFigure]]:
    """Return, by target id, the figures whose revisions are not assessed yet: a series change is still in the queue."""
    inputs_by_indicator = Indicator.objects.inputs_of({evaluation.target.indicator_id for evaluation in evaluations})
    marks = SeriesChange.objects.filter(quiet=False, indicator__in=set().union(*inputs_by_indicator.values()))
    first_marks = marks.values_list("indicator_id", "area_id").annotate(Min("recorded_at"))
    since = {(indicator, area): first for indicator, area, first in first_marks}
    records_by_figure = (
        load_revision_records(
            {figure.id for evaluation in evaluations for _, _, figure in iter_figures_with_revisions(evaluation)}
        )
        if since
        else {}
    )
    by_target: dict[int, list[RevisedFigure]] = defaultdict(list)
    for evaluation in evaluations:
        for indicator, area, figure in iter_figures_with_revisions(evaluation):
            records = records_by_figure.get(figure.id, ())
            current = next((record for record in records if record.number == figure.revision), None)
            # Quiet revisions trigger nothing.
            if (
                current is None
                or current.quiet
                or current.series not in since
                or current.known_at < since[current.series]
            ):
                continue
            previous = record_in_force([record for record in records if record.known_at < since[current.series]])
            if revised_figure := to_revised_figure(indicator, area, figure, previous, current):
                by_target[evaluation.target.pk].append(revised_figure)
    return by_target


def iter_figures_with_revisions(evaluation: Evaluation) -> Iterator[tuple[str, str, Figure]]:
    """Yield the figures behind an evaluation that have several revisions, with the codes of indicator and area."""
    for source_figure in evaluation.assessment.figures:
        area_figures = [(part.area, part.figure) for part in source_figure.figure.parts] or [
            (evaluation.target.area.code, source_figure.figure)
        ]
        yield from ((source_figure.indicator, area, figure) for area, figure in area_figures if figure.revision > 1)


def load_revision_records(figure_ids: Collection[str]) -> dict[str, list[RevisionRecord]]:
    """Return the valid revisions by figure id."""
    records_by_figure: dict[str, list[RevisionRecord]] = defaultdict(list)
    sorted_ids = sorted(figure_ids)
    for start in range(0, len(sorted_ids), _CHUNK_SIZE):
        for figure, record in _query_records(sorted_ids[start : start + _CHUNK_SIZE]):
            records_by_figure[figure].append(record)
    return records_by_figure


def _query_records(figure_ids: Sequence[str]) -> Iterator[tuple[str, RevisionRecord]]:
    rows = Revision.objects.valid().filter(measurement__in=figure_ids)
    value_rows = rows.annotate(known_at=Coalesce("approval__decided_at", "recorded_at")).values_list(
        "measurement_id",
        "pk",
        "number",
        "value",
        "published",
        "quiet",
        "known_at",
        "stage",
        "measurement__indicator__kind",
        "measurement__indicator_id",
        "measurement__area_id",
    )
    for figure, pk, number, value, published, quiet, known_at, stage, kind, indicator, area in value_rows:
        yield (
            str(figure),
            RevisionRecord(
                pk, number, value, published, quiet, known_at, stage, IndicatorKind(kind), (indicator, area)
            ),
        )


def record_in_force(records: Collection[RevisionRecord]) -> RevisionRecord | None:
    """Return the revision in force if all of `records` are known."""
    return max(records, key=lambda record: precedence(record.published, record.number), default=None)


def to_revised_figure(
    indicator: str, area: str, figure: Figure, previous: RevisionRecord | None, current: RevisionRecord
) -> RevisedFigure | None:
    """Return the change of a figure, or None if the value is the same, or is missing before or now.

    What is measured after a forecast revises nothing.
    """
    if previous is not None and previous.is_forecast_of(figure):
        return None
    if previous is None or previous.value is None or current.value is None or previous.value == current.value:
        return None
    period = str(Period(figure.start, figure.end))
    return RevisedFigure(indicator, area, period, ValueChange(previous.value, current.value), str(current.pk))
