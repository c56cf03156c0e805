"""Which figures count as reported, and since when. Withdrawn figures and forecasts do not: their periods are owed."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, Count, Min, Q, When

from indicators.domain.choices import MissingReason
from indicators.domain.figures import precedence
from indicators.domain.periods import Period
from indicators.forecasts import forecast_condition
from indicators.models import Measurement, Revision
from indicators.querysets import RevisionQuerySet, SeriesKey
from indicators.services.figures.revision_store import EMPTY_FIGURE
from kpitracker.lib import clock
from targets.domain.reporting_obligations import ReportedFigure, ReportRevision, first_report_day

if TYPE_CHECKING:
    from targets.services.reports.reporting import ReportingQuery


def load_first_period_ends(query: "ReportingQuery", indicators: Collection[int]) -> dict[SeriesKey, date]:
    """The last day of the earliest period with a figure, by series. What leaves its period owed counts as never posted."""
    if query.as_of == query.today and query.recorded_by is None:
        # Without the figures of which no revision is in force.
        current = Measurement.objects.filter(indicator__in=indicators).exclude(
            Q(current_revision=EMPTY_FIGURE["current_revision"]) | _leaves_period_owed()
        )
        first_period_ends = current.order_by().values_list("indicator_id", "area_id").annotate(first=Min("period_end"))
    else:
        # As a subquery: other filters would apply before the window function.
        in_force = Revision.objects.in_force(query.as_of, query.recorded_by).values("pk")
        rows = Revision.objects.filter(pk__in=in_force, measurement__indicator__in=indicators)
        rows = rows.exclude(_leaves_period_owed("measurement__"))
        first_period_ends = (
            rows.order_by()
            .values_list("measurement__indicator_id", "measurement__area_id")
            .annotate(first=Min("measurement__period_end"))
        )
    return {(indicator, area): first_end for indicator, area, first_end in first_period_ends}


def load_reported_figures(
    query: "ReportingQuery", indicators: Collection[int]
) -> dict[SeriesKey, list[ReportedFigure]]:
    """All known figures, also those without a value, and the day since which each has been known.

    Withdrawn figures and forecasts are left out; if a value was posted after them, the figure counts from then on.
    """
    rows = Revision.objects.known_as_of(query.as_of, query.recorded_by).filter(
        measurement__indicator__in=indicators,
        measurement__period_end__gte=query.since,
    )
    if not query.include_next:
        rows = rows.filter(measurement__period_end__lt=query.as_of)
    reported: dict[SeriesKey, list[ReportedFigure]] = defaultdict(list)
    owed_count = Count("pk", filter=_leaves_period_owed("measurement__"))
    owed_figures: dict[UUID, tuple[SeriesKey, Period]] = {}
    for pk, indicator, area, start, end, published, undated_known_at, owing_revisions in (
        rows.order_by()
        .values_list(
            "measurement_id",
            "measurement__indicator_id",
            "measurement__area_id",
            "measurement__period_start",
            "measurement__period_end",
        )
        .annotate(
            first_published=Min("published"),
            undated_known_at=Min("known_at", filter=Q(published=None)),
            owed=owed_count,
        )
        .iterator(chunk_size=5000)
    ):
        if owing_revisions:
            owed_figures[pk] = (indicator, area), Period(start, end)
            continue
        days = [day for day in (published, undated_known_at and clock.local_day(undated_known_at)) if day]
        reported[indicator, area].append(ReportedFigure(start, end, min(days)))
    for pk, report_day in _report_days_of_owed(rows).items() if owed_figures else ():
        pair, period = owed_figures[pk]
        reported[pair].append(ReportedFigure(period.start, period.end, report_day))
    return reported


def _leaves_period_owed(figure: str = "") -> Q:
    """The revisions after which the period is still to be reported. `figure`: the path from the revision to its figure."""
    return Q(missing_reason=MissingReason.WITHDRAWN.value) | forecast_condition(figure)


def _report_days_of_owed(rows: RevisionQuerySet) -> dict[UUID, date]:
    """The figures that were withdrawn or foreseen, and then posted with a value: the day of that, by figure id."""
    condition = _leaves_period_owed("measurement__")
    owing_figures = rows.filter(condition).order_by().values("measurement")
    revisions_by_figure: dict[UUID, list[ReportRevision]] = defaultdict(list)
    revisions = rows.filter(measurement__in=owing_figures).annotate(
        owed=Case(When(condition, then=True), default=False)
    )
    for pk, number, published, known_at, is_owed in (
        revisions.order_by()
        .values_list("measurement_id", "number", "published", "known_at", "owed")
        .iterator(chunk_size=5000)
    ):
        revision = ReportRevision(
            published or clock.local_day(known_at), precedence(published, number), leaves_period_owed=is_owed
        )
        revisions_by_figure[pk].append(revision)
    days = {pk: first_report_day(revisions) for pk, revisions in revisions_by_figure.items()}
    return {pk: day for pk, day in days.items() if day is not None}
