"""A plan at the end of each month or quarter of a year: the columns of year tables."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from kpitracker.lib.i18n.text import text
from targets.domain.choices import Status
from targets.domain.rollup import TotalsPayload, compute_totals
from targets.models import Target
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports import scorecards
from targets.services.reports.scorecards import ScorecardQuery
from targets.services.text import formatting


class Step(StrEnum):
    """What lies between two columns."""

    MONTH = "month"
    QUARTER = "quarter"


class EvaluatedDay(NamedTuple):
    """Targets as of a day, by target id; those that were not announced yet are absent."""

    day: date
    evaluations: dict[int, Evaluation]


def list_ends(year: int, step: Step) -> list[date]:
    """The last days of the months or quarters of a year."""
    months = range(1, 13) if step == Step.MONTH else range(3, 13, 3)
    return [date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1) for month in months]


def list_days(year: int, today: date, step: Step) -> list[date]:
    """Those ends that have passed, then today."""
    return [*(day for day in list_ends(year, step) if day < today), today]


def evaluate_days(query: ScorecardQuery, targets: Sequence[Target], days: Sequence[date]) -> list[EvaluatedDay]:
    """Evaluate the targets of `load_part` as of each day, as the board does, in a fixed number of queries for each day."""
    return [
        EvaluatedDay(
            day, {row.target.pk: row for row in scorecards.evaluate_loaded(query._replace(as_of=day), targets)}
        )
        for day in days
    ]


def list_totals(columns: Sequence[EvaluatedDay]) -> Iterator[tuple[str, list[str]]]:
    """The totals of each column, with decimals as the reader writes them."""
    totals = [compute_totals(map(scorecards.to_scored_target, column.evaluations.values())) for column in columns]
    for label, cells in list_total_rows(totals):
        yield label, [cell if cell == "–" else formatting.format_number(cell) for cell in cells]


def list_total_rows(column_totals: Sequence[TotalsPayload]) -> Iterator[tuple[str, list[str]]]:
    """How many targets had which statuses, the score and the coverage: a label, and a cell for each column."""
    groups = {
        text("exceeded, met", "vượt, đạt"): (Status.EXCEEDED, Status.MET),
        text("on track", "đúng tiến độ"): (Status.ON_TRACK,),
        text("at risk", "có nguy cơ"): (Status.AT_RISK,),
        text("off track, missed", "chậm, không đạt"): (Status.OFF_TRACK, Status.MISSED),
        text("nothing yet", "chưa có gì"): (Status.NOT_DUE, Status.NO_DATA),
    }
    for label, statuses in groups.items():
        yield (
            str(label),
            [str(sum(column_total["counts"][status] for status in statuses)) for column_total in column_totals],
        )
    yield str(text("score", "điểm")), [column_total["score"] or "–" for column_total in column_totals]
    yield str(text("coverage, %", "độ phủ, %")), [column_total["coverage"] or "–" for column_total in column_totals]
