"""What moved on a board between two days, and by which figures; and the days on which something was published."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from indicators.models import Revision
from targets.payloads.explanations import FigurePart, FigurePayload
from targets.services.evaluation import payloads
from targets.services.evaluation.assessment_figures import SourceNotes, collect_figures, load_source_notes
from targets.services.evaluation.changes import summarize_evaluation
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports.board import Board, BoardTarget


class MovingFigure(NamedTuple):
    """A figure that is used now. `was`: the value of its earlier revision that was used then, if one was.

    `is_gone`: it was used then, and is not used any more.
    """

    figure: FigurePayload | FigurePart
    source: str
    was: str | None = None
    is_gone: bool = False


class Movement(NamedTuple):
    """A target whose status, actual, variance or version differs. Without figures: the day alone moved it, or its terms."""

    row: BoardTarget
    figures: list[MovingFigure]

    @property
    def is_amended(self) -> bool:
        return self.row.before is not None and self.row.before.version.number != self.row.evaluation.version.number


def list_movements(board: Board) -> list[Movement]:
    """The targets of the board that moved since its earlier day, in its order. One query, for the sources of figures."""
    moved = [row for row in board.targets if _has_moved(row)]
    evaluations = [row.evaluation for row in moved] + [row.before for row in moved if row.before is not None]
    sources = load_source_notes(collect_figures(evaluation.assessment) for evaluation in evaluations)
    return [Movement(row, list(_moving_figures(row, sources))) for row in moved]


def _has_moved(row: BoardTarget) -> bool:
    return row.before is None or summarize_evaluation(row.before) != summarize_evaluation(row.evaluation)


def _moving_figures(row: BoardTarget, sources: SourceNotes) -> Iterator[MovingFigure]:
    then = _figures_by_id(row.before) if row.before else {}
    now = _figures_by_id(row.evaluation)
    for pk, figure in now.items():
        before = then.get(pk)
        if before is None or before["revision"] != figure["revision"]:
            was = before["value"] if before else None
            yield MovingFigure(figure, sources.get((pk, figure["revision"]), ("", ""))[0], was)
    for pk in then.keys() - now.keys():
        yield MovingFigure(then[pk], sources.get((pk, then[pk]["revision"]), ("", ""))[0], is_gone=True)


def _figures_by_id(evaluation: Evaluation) -> dict[str, FigurePayload | FigurePart]:
    """The posted figures that an assessment uses, those that a sum over areas adds up instead of the sum."""
    figures: dict[str, FigurePayload | FigurePart] = {}
    for source_figure in evaluation.assessment.figures:
        fields = payloads.figure_payload(source_figure)
        posted_figures: Sequence[FigurePayload | FigurePart] = fields.get("parts") or [fields]
        for posted in posted_figures:
            figures[posted["id"]] = posted
    return figures


def list_publication_days(board: Board, today: date) -> list[date]:
    """The days inside the plan's time on which a figure that its targets read, or a version of them, was published.

    One query. Figures whose day of publication is unknown are not among them.
    """
    evaluations = [row.evaluation for row in board.targets]
    pairs = set(_read_series(evaluations))
    codes, areas = {code for code, _ in pairs}, {area for _, area in pairs}
    revisions = Revision.objects.valid().filter(
        # A sum over areas reads the areas below, too.
        Q(measurement__area__in=areas) | ~Q(measurement__indicator__regional=""),
        published__range=(board.query.plan.period_start, today),
        measurement__indicator__code__in=codes,
    )
    days = set(revisions.order_by().values_list("published", flat=True).distinct())
    announced = {version.announced for row in evaluations for version in row.target.all_versions}
    return sorted(days | {day for day in announced if day <= today})


def _read_series(evaluations: Iterable[Evaluation]) -> Iterator[tuple[str, int]]:
    for evaluation in evaluations:
        inputs = evaluation.assessment.inputs
        for code in inputs.resolver.stored_inputs(inputs.indicator):
            yield code, evaluation.target.area_id
