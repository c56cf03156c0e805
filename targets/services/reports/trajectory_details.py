"""What is drawn beside the trajectory of a target: the year before, what was known earlier, forecasts, the needed pace."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.rounding import exact_arithmetic, round_for_comparison
from indicators.services.figures.series import load_resolvers
from kpitracker.lib import clock
from targets.domain.actual import Actual, compute_actual
from targets.domain.same_period import compare_with_year_before
from targets.services.alerting.revisions import RevisionRecord, load_revision_records
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports.trajectories import Actuals, TrajectoryPoint, build_trajectory

# Each day on which figures were revised costs a load of the figures of the target.
MAX_REVISION_DAYS = 12
_ONE_DAY = timedelta(days=1)


class EarlierActual(NamedTuple):
    """An actual as it was known until a day, before figures were revised."""

    day: date
    value: Decimal
    known_until: date


class PointForecast(NamedTuple):
    """What the issuer expects by a day inside the period. `published` None: that day is unknown."""

    day: date
    value: Decimal
    published: date | None


class TrajectoryDetails(NamedTuple):
    """The trajectory of a target with all that is drawn beside it, in the unit of its indicator.

    `year_before`: by the days of the points, the value over the same span a year before. `needed`: from the last actual
    to the required edges at the end of the period; empty when the result is final or nothing says what is needed.
    """

    points: list[TrajectoryPoint]
    year_before: Actuals
    earlier: list[EarlierActual]
    forecasts: list[PointForecast]
    needed: list[Decimal]


def build_trajectory_details(evaluation: Evaluation) -> TrajectoryDetails:
    """Return what the chart of a target shows. At most three queries, and as many for each day of a revision."""
    points = build_trajectory(evaluation)
    if not points:
        return TrajectoryDetails([], [], [], [], [])
    with exact_arithmetic():
        return TrajectoryDetails(
            points,
            list(_year_before(evaluation, points)),
            list(_earlier_actuals(evaluation, points)),
            list(_forecasts(evaluation)),
            _needed_edges(evaluation),
        )


def _year_before(evaluation: Evaluation, points: Sequence[TrajectoryPoint]) -> Iterator[tuple[date, Decimal]]:
    target, resolver = evaluation.target, evaluation.assessment.inputs.resolver
    for point in points:
        span = target.period.until(point.day)
        before = compare_with_year_before(target.indicator.code, resolver.beside(span.end), Actual(Decimal(0), span))
        if before.value is not None:
            yield point.day, round_for_comparison(before.value)


def _earlier_actuals(evaluation: Evaluation, points: Sequence[TrajectoryPoint]) -> Iterator[EarlierActual]:
    """Where the actual by the end of a reporting period was another number before a revision."""
    target = evaluation.target
    values_by_day = {point.day: {point.actual} for point in points if point.actual is not None}
    for known_until in _days_before_revisions(evaluation)[-MAX_REVISION_DAYS:][::-1]:
        books = load_resolvers({(target.indicator_id, target.area_id)}, known_until, None)
        for day, values in values_by_day.items():
            actual = compute_actual(books[target.area_id], target.indicator.code, target.period.until(day))
            if actual is not None and actual.through == day and actual.value not in values:
                values.add(actual.value)
                yield EarlierActual(day, actual.value, known_until)


def _days_before_revisions(evaluation: Evaluation) -> list[date]:
    """The last days on which a figure inside the period had a value that was replaced later, oldest first."""
    target, resolver = evaluation.target, evaluation.assessment.inputs.resolver
    figures = [
        part
        for code in resolver.stored_inputs(target.indicator.code)
        for figure in resolver.posted_figures(code)
        for part in ([sum_part.figure for sum_part in figure.parts] or [figure])
        if part.revision > 1 and target.period_start <= part.end <= target.period_end
    ]
    if not figures:
        return []
    days = {
        _known_on(record) - _ONE_DAY
        for records in load_revision_records({figure.id for figure in figures if figure.id}).values()
        for record in records
        if record.number > 1
    }
    return sorted(day for day in days if day < evaluation.as_of)


def _known_on(record: RevisionRecord) -> date:
    return record.published or clock.local_day(record.known_at)


def _forecasts(evaluation: Evaluation) -> Iterator[PointForecast]:
    """The forecasts in force of the value since the beginning of the period; a formula is never posted."""
    target, resolver = evaluation.target, evaluation.assessment.inputs.resolver
    if target.indicator.formula:
        return
    is_stock = target.indicator.accumulation == Accumulation.LAST
    for figure in sorted(resolver.forecasts(target.indicator.code), key=lambda row: row.end):
        if target.period_start <= figure.end <= target.period_end and (is_stock or figure.start == target.period_start):
            yield PointForecast(figure.end, figure.numeric_value, figure.published)


def _needed_edges(evaluation: Evaluation) -> list[Decimal]:
    assessment, terms = evaluation.assessment, evaluation.assessment.inputs.terms
    pairs = ((assessment.required_lower, terms.lower), (assessment.required_upper, terms.upper))
    return list(dict.fromkeys(edge for pace, edge in pairs if pace is not None and edge is not None))
