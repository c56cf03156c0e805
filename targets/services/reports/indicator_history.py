"""The values of an indicator over the years, by area, with the change against the year before and its revisions."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from indicators.domain.choices import Accumulation, Frequency, IndicatorKind
from indicators.domain.figures import Figure, is_forecast_figure
from indicators.domain.periods import Period, whole_reporting_periods
from indicators.domain.rounding import exact_arithmetic, round_for_comparison
from indicators.domain.value_resolver import ValueResolver
from indicators.models import Area, Indicator, Measurement, Revision
from indicators.services.figures.series import ancestors_by_area, load_resolvers
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from targets.domain.actual import Actual
from targets.domain.same_period import compare_with_year_before

MAX_REVISED_PERIODS = 24
_NOT_IN_FORCE = UUID(int=0)


class SeriesPoint(NamedTuple):
    """A value over a span in the unit of the indicator. `value` None: it was posted without one.

    `figure`: the posted figure or sum over areas; None: computed by the formula.
    """

    period: Period
    value: Decimal | None
    figure: Figure | None
    is_forecast: bool = False


class Change(NamedTuple):
    """The value a year before, and the change since: in percent, or in the unit of the indicator (`is_difference`)."""

    before: Decimal | None
    change: Decimal | None
    is_difference: bool


class AreaSeries(NamedTuple):
    """The values of one area in order of their spans. `breaks`: of the indicator or its inputs; `mergers` into the area."""

    area: Area
    points: list[SeriesPoint]
    breaks: list[date]
    mergers: list[date]


class IndicatorHistory(NamedTuple):
    """The series of all areas that have values as of a day, in order of their names, and how to compare them."""

    indicator: Indicator
    series: list[AreaSeries]
    resolvers: dict[int, ValueResolver]

    def compare(self, area: Area, point: SeriesPoint) -> Change:
        """The change against the same span a year before, like with like. None across a break."""
        if point.value is None or point.is_forecast:
            return Change(None, None, is_difference=False)
        resolver = self.resolvers[area.pk].beside(point.period.end)
        with exact_arithmetic():
            same = compare_with_year_before(self.indicator.code, resolver, Actual(point.value, point.period))
            before, change = (
                None if number is None else round_for_comparison(number) for number in (same.value, same.change)
            )
            return Change(before, change, same.is_difference)


def list_areas_with_figures(indicator: Indicator) -> list[Area]:
    """The areas that the indicator may have values for: of its figures, or of those that its formula reads or adds up."""
    inputs = Indicator.objects.inputs_of({indicator.pk})[indicator.pk]
    in_force = Measurement.objects.filter(indicator__in=inputs).exclude(current_revision=_NOT_IN_FORCE)
    areas = set(in_force.order_by().values_list("area", flat=True).distinct())
    if Indicator.objects.filter(pk__in=inputs).exclude(regional="").exists():
        areas = areas.union(*ancestors_by_area(areas).values())
    return sorted(Area.objects.filter(pk__in=areas), key=lambda area: (str(area), area.code))


def load_history(indicator: Indicator, areas: Collection[Area], as_of: date) -> IndicatorHistory:
    """Load the values in force on a day, in a fixed number of queries. Areas without any are left out."""
    resolvers = load_resolvers({(indicator.pk, area.pk) for area in areas}, as_of, clock.today())
    series = [_build_series(indicator, area, resolvers[area.pk]) for area in areas]
    return IndicatorHistory(indicator, [row for row in series if row.points], resolvers)


def _build_series(indicator: Indicator, area: Area, resolver: ValueResolver) -> AreaSeries:
    points = list(_iter_points(indicator, resolver))
    codes = resolver.stored_inputs(indicator.code)
    breaks = sorted({day for code in codes for day in resolver.series(code).breaks})
    mergers = resolver.mergers_inside(Period(date.min, points[-1].period.end)) if points else []
    return AreaSeries(area, points, breaks, mergers)


def _iter_points(indicator: Indicator, resolver: ValueResolver) -> Iterator[SeriesPoint]:
    if indicator.formula:
        for period, value in resolver.computed_values(indicator.code):
            yield SeriesPoint(period, value, None)
        return
    kind = IndicatorKind(indicator.kind)
    for figure in sorted(resolver.posted_figures(indicator.code), key=lambda row: (row.end, row.start)):
        yield SeriesPoint(figure.period, figure.value, figure, is_forecast_figure(figure, kind))


class DrawnPoints(NamedTuple):
    """Points that form one line. `since_january`: each counts from the first day of its year."""

    points: list[SeriesPoint]
    since_january: bool


def choose_points_to_draw(indicator: Indicator, points: Sequence[SeriesPoint]) -> DrawnPoints:
    """The measured values of spans that can be compared: of one reporting period each, or from January on.

    Months beside the years that they make up would give a line that jumps. The greater number is drawn.
    """
    measured = [point for point in points if point.value is not None and not point.is_forecast]
    if indicator.accumulation == Accumulation.LAST:
        return DrawnPoints(list({point.period.end: point for point in measured}.values()), since_january=False)
    frequency = Frequency(indicator.frequency)
    single = [point for point in measured if whole_reporting_periods(point.period, frequency) == 1]
    cumulative = [point for point in measured if _runs_from_january(point.period)]
    if len(single) >= len(cumulative):
        return DrawnPoints(single, since_january=False)
    return DrawnPoints(cumulative, since_january=True)


def _runs_from_january(period: Period) -> bool:
    return (period.start.month, period.start.day) == (1, 1) and period.start.year == period.end.year


class RevisionTriangle(NamedTuple):
    """Rows: periods, the latest first, with what was said of each on which day; `days`: the columns, in order."""

    days: list[date]
    rows: list[tuple[Period, dict[date, Revision]]]


def load_revision_triangle(indicator: Indicator, area: Area, as_of: date, by: Actor) -> RevisionTriangle:
    """What was said of the last periods, when. Of two revisions of one day the later one stands. Two queries at most."""
    about = Measurement.objects.filter(indicator=indicator, area=area, history__in=Revision.objects.known_as_of(as_of))
    latest = about.distinct().order_by("-period_end", "period_start").values_list("pk", flat=True)[:MAX_REVISED_PERIODS]
    revisions = Revision.objects.visible_to(by).known_as_of(as_of).filter(measurement__in=list(latest))
    rows: dict[Period, dict[date, Revision]] = {}
    for revision in revisions.select_related("measurement").order_by("number"):
        measurement = revision.measurement
        period = Period(measurement.period_start, measurement.period_end)
        day = revision.published or clock.local_day(revision.recorded_at)
        rows.setdefault(period, {})[day] = revision
    days = sorted({day for stated in rows.values() for day in stated})
    return RevisionTriangle(days, sorted(rows.items(), key=lambda row: (row[0].end, row[0].start), reverse=True))
