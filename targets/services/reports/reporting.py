"""Missing figures, and how completely and timely departments report; the number of queries is fixed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, Min, OuterRef, Q

from indicators.domain.calendars import has_passed
from indicators.domain.department_succession import successors_on, with_predecessors
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.models import Area, Department, Holiday, Indicator, Measurement, ReportingDuty, Revision
from indicators.querysets import SeriesKey
from indicators.services.figures.revision_store import EMPTY_FIGURE
from indicators.services.figures.series import contributing_series, terms_of
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from targets.domain import reporting_obligations
from targets.domain.reporting_obligations import ReportedFigure, RequestedPeriods, ValidityRange
from targets.models import Target, TargetVersion

# The longest due time: 1000 working days, or a result that is published years later.
_MAX_DUE_TIME = timedelta(days=2200)


class ReportingQuery(NamedTuple):
    """Filters: ids of departments (`family`), of an indicator, of an area, of a plan; None: all that the caller may see.

    Periods count that ended on `since` or later; figures count that were known on `as_of` and recorded by
    `recorded_by`. Of a plan only the periods that its targets request are listed. `include_next` adds to each series
    the period that ends next.
    """

    by: Actor
    as_of: date
    today: date
    since: date
    family: set[int] | None = None
    indicator: int | None = None
    area: int | None = None
    plan: int | None = None
    recorded_by: datetime | None = None
    include_next: bool = False


class Obligation(NamedTuple):
    """A figure that a department had to post by a day; `reported_on` is the day on which it did, or None."""

    due: date
    indicator: Indicator
    area: Area
    department: Department
    period: Period
    reported_on: date | None

    @property
    def sort_key(self) -> tuple[str, ...]:
        """The sort key of the list."""
        return (self.due.isoformat(), self.indicator.code, self.area.code, str(self.period), self.department.code)


class MonthlyCompleteness(NamedTuple):
    """How many of the figures due in a month a department has reported; `first_day` is that of the month."""

    department: Department
    first_day: date
    due: int
    on_time: int
    late: int

    @property
    def reported(self) -> int:
        return self.on_time + self.late


def list_due_figures(query: ReportingQuery) -> list[Obligation]:
    """The missing figures, ordered by due day."""
    missing = [obligation for obligation in iter_obligations(query) if obligation.reported_on is None]
    return sorted(missing, key=lambda obligation: obligation.sort_key)


def list_figures_to_report(query: ReportingQuery) -> list[tuple[Obligation, Figure | None]]:
    """The missing figures, each once though several departments may owe it, with the latest figure of its series."""
    missing = {
        (obligation.indicator.pk, obligation.area.pk, obligation.period): obligation
        for obligation in list_due_figures(query)
    }
    figures_by_series = Measurement.objects.current_figures({(indicator, area) for indicator, area, _ in missing})
    latest_by_series = {
        pair: max(
            (figure for figure in figures if figure.value is not None),
            key=lambda figure: (figure.end, figure.days),
            default=None,
        )
        for pair, figures in figures_by_series.items()
    }
    return [
        (obligation, latest_by_series.get((indicator, area))) for (indicator, area, _), obligation in missing.items()
    ]


def monthly_completeness(query: ReportingQuery, first: date, last: date) -> list[MonthlyCompleteness]:
    """Counts by department and month of the due days from `first` to `last` that have passed."""
    obligations_by_month: dict[tuple[str, date], list[Obligation]] = defaultdict(list)
    for obligation in iter_obligations(query._replace(since=first - _MAX_DUE_TIME)):
        if first <= obligation.due <= last and has_passed(obligation.due, query.as_of):
            obligations_by_month[obligation.department.code, obligation.due.replace(day=1)].append(obligation)
    return [
        _count_month(group, month)
        for (_, month), group in sorted(obligations_by_month.items(), key=lambda item: item[0])
    ]


def _count_month(group: list[Obligation], first_day: date) -> MonthlyCompleteness:
    reported = [obligation for obligation in group if obligation.reported_on is not None]
    on_time = sum(
        1 for obligation in reported if obligation.reported_on is not None and obligation.reported_on <= obligation.due
    )
    return MonthlyCompleteness(group[0].department, first_day, len(group), on_time, len(reported) - on_time)


def iter_obligations(query: ReportingQuery) -> Iterator[Obligation]:
    """Every figure that had to be posted, reported or not, in no order."""
    indicators = {indicator.pk: indicator for indicator in _visible_indicators(query)}
    indicator_terms = {pk: terms_of(indicator) for pk, indicator in indicators.items()}
    first_days = _first_days(query, indicators)
    requested = _expand_regional_sums(_requested_periods(query, indicators), first_days, indicators)
    reported, duties = _reported_figures(query, indicators), _duties_by_series(indicators)
    areas = {area.pk: area for area in _selected_areas(query)}
    departments = {department.pk: department for department in Department.objects.all()}
    department_validity = {
        pk: ValidityRange(department.valid_from, department.valid_to) for pk, department in departments.items()
    }
    calendar, department_ends = Holiday.objects.calendar(), Department.objects.successions()
    # Series that no target requests belong to no plan.
    for pair in {*requested, *first_days} if query.plan is None else set(requested):
        indicator, area = indicators[pair[0]], areas.get(pair[1])
        default_department = indicator.department_id
        reporters = successors_on(
            reporting_obligations.reporters_on(duties[pair], default_department, query.as_of),
            query.as_of,
            department_ends,
        )
        if query.family is not None:
            reporters &= query.family
        if area is None or not reporters:
            continue
        area_validity = ValidityRange(area.valid_from, area.valid_to)
        for due_period in reporting_obligations.list_due_periods(
            requested[pair],
            reported[pair],
            first_days.get(pair),
            indicator_terms[pair[0]],
            calendar,
            query.since,
            query.as_of,
            include_next=query.include_next,
        ):
            if reporting_obligations.was_obligated(
                duties[pair],
                default_department,
                due_period.period.end,
                area_validity,
                department_validity,
                department_ends,
            ):
                for pk in reporters:
                    yield Obligation(
                        due_period.due_day, indicator, area, departments[pk], due_period.period, due_period.reported_on
                    )


def _visible_indicators(query: ReportingQuery) -> Iterable[Indicator]:
    """Stored indicators only: no department posts a computed one."""
    rows = Indicator.objects.visible_to(query.by).filter(formula="")
    if query.indicator is not None:
        rows = rows.filter(pk=query.indicator)
    if query.plan is not None:
        planned = Target.objects.visible_to(query.by).filter(plan=query.plan).values_list("indicator", flat=True)
        rows = rows.filter(pk__in=set().union(*Indicator.objects.inputs_of(set(planned)).values()))
    if query.family is not None:
        family = with_predecessors(query.family, query.as_of, Department.objects.successions())
        of_family = ReportingDuty.objects.filter(department__in=family).values("indicator")
        rows = rows.filter(Q(department__in=family) | Q(pk__in=of_family))
    return rows


def _selected_areas(query: ReportingQuery) -> Iterable[Area]:
    return Area.objects.all() if query.area is None else Area.objects.filter(pk=query.area)


def _requested_periods(
    query: ReportingQuery, indicators: dict[int, Indicator]
) -> dict[SeriesKey, list[RequestedPeriods]]:
    """The periods that visible targets need, by series, also through formulas.

    Drafts and qualitative targets need no figures.
    """
    readers = Indicator.objects.readers_of(indicators)
    inputs: dict[int, set[int]] = defaultdict(set)
    for pk, reader_ids in readers.items():
        for reader in reader_ids:
            inputs[reader].add(pk)
    announced = TargetVersion.objects.filter(target=OuterRef("pk"), announced__lte=query.as_of)
    if query.recorded_by is not None:
        announced = announced.filter(recorded_at__lte=query.recorded_by)
    rows = Target.objects.visible_to(query.by).filter(
        Exists(announced.exclude(state="draft")),
        indicator__in=inputs,
        qualitative=False,
    )
    if not query.include_next:
        rows = rows.filter(period_start__lte=query.as_of)
    requested: dict[SeriesKey, list[RequestedPeriods]] = defaultdict(list)
    for indicator, area, plan, start, end, result_due in rows.values_list(
        "indicator_id", "area_id", "plan_id", "period_start", "period_end", "result_due"
    ):
        selected = query.plan is None or plan == query.plan
        for pk in inputs[indicator]:
            # `result_due` postpones only the figure of the target itself, not the inputs of a formula.
            requested[pk, area].append(
                RequestedPeriods(Period(start, end), result_due if pk == indicator else None, selected)
            )
    return requested


def _expand_regional_sums(
    requested: dict[SeriesKey, list[RequestedPeriods]],
    reporting_series: Collection[SeriesKey],
    indicators: dict[int, Indicator],
) -> dict[SeriesKey, list[RequestedPeriods]]:
    """Replace the periods of a regional sum by the same periods of the areas that report."""
    regional_pairs = [pair for pair in requested if indicators[pair[0]].regional]
    if not regional_pairs:
        return requested
    expanded: dict[SeriesKey, list[RequestedPeriods]] = defaultdict(list)
    parts = contributing_series(regional_pairs, reporting_series)
    for pair, periods in requested.items():
        for part in parts.get(pair, [pair]):
            expanded[part] += periods
    return expanded


def _first_days(query: ReportingQuery, indicators: dict[int, Indicator]) -> dict[SeriesKey, date]:
    """The end of the earliest figure of each series."""
    if query.as_of == query.today and query.recorded_by is None:
        current = Measurement.objects.filter(indicator__in=indicators).exclude(
            current_revision=EMPTY_FIGURE["current_revision"]
        )
        first_days = current.order_by().values_list("indicator_id", "area_id").annotate(first=Min("period_end"))
    else:
        revisions = Revision.objects.known_as_of(query.as_of, query.recorded_by)
        rows = revisions.filter(measurement__indicator__in=indicators)
        first_days = (
            rows.order_by()
            .values_list("measurement__indicator_id", "measurement__area_id")
            .annotate(first=Min("measurement__period_end"))
        )
    return {(indicator, area): first_day for indicator, area, first_day in first_days}


def _reported_figures(query: ReportingQuery, indicators: dict[int, Indicator]) -> dict[SeriesKey, list[ReportedFigure]]:
    """Figures with a value or a reason for having none, and the day since which each has been known."""
    rows = Revision.objects.known_as_of(query.as_of, query.recorded_by).filter(
        measurement__indicator__in=indicators,
        measurement__period_end__gte=query.since,
    )
    if not query.include_next:
        rows = rows.filter(measurement__period_end__lt=query.as_of)
    reported: dict[SeriesKey, list[ReportedFigure]] = defaultdict(list)
    for indicator, area, start, end, published, recorded in (
        rows.order_by()
        .values_list(
            "measurement__indicator_id",
            "measurement__area_id",
            "measurement__period_start",
            "measurement__period_end",
        )
        .annotate(published_first=Min("published"), undated=Min("known_at", filter=Q(published=None)))
        .iterator(chunk_size=5000)
    ):
        days = [day for day in (published, recorded and clock.local_day(recorded)) if day]
        reported[indicator, area].append(ReportedFigure(start, end, min(days)))
    return reported


def _duties_by_series(indicators: dict[int, Indicator]) -> dict[SeriesKey, list[tuple[int, ValidityRange]]]:
    rows = ReportingDuty.objects.filter(indicator__in=indicators)
    duties: dict[SeriesKey, list[tuple[int, ValidityRange]]] = defaultdict(list)
    for indicator, area, department, first, last in rows.values_list(
        "indicator_id", "area_id", "department_id", "valid_from", "valid_to"
    ):
        duties[indicator, area].append((department, ValidityRange(first, last)))
    return duties
