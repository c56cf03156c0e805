"""Missing figures, and how complete and how punctual the reports of departments are. The number of queries is fixed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from indicators.domain.calendars import has_passed
from indicators.domain.choices import IndicatorKind
from indicators.domain.department_succession import successors_on, with_predecessors
from indicators.domain.figures import Figure, measured_figures
from indicators.domain.periods import Period, ValidityRange
from indicators.models import Area, Department, Holiday, Indicator, Measurement, ReportingDuty
from indicators.querysets import SeriesKey
from indicators.services.figures.series import contributing_series, terms_of
from kpitracker.lib.actor import Actor
from targets.domain import reporting_obligations
from targets.domain.reporting_obligations import DuePeriod, RequestedPeriods
from targets.models import Target, TargetVersion
from targets.services.evaluation import target_versions
from targets.services.reports import reported_figures

# The longest time between the end of a period and its due day. 1000 working days are about 1400 days; a `result_due` may be
# later still.
_MAX_DUE_TIME = timedelta(days=2200)


class ReportingQuery(NamedTuple):
    """Filters: ids of departments, of an indicator, of an area, of a plan; None: all that the caller may see.

    Only periods that ended on `since` or later, and only figures that were published by `as_of` and recorded by
    `recorded_by`. Of a plan only the periods that its targets need are listed. `include_next` adds to each series the
    period that ends next. `today`: when it equals `as_of`, the current figures are read, which is faster.
    """

    by: Actor
    as_of: date
    today: date
    since: date
    departments: set[int] | None = None
    indicator: int | None = None
    area: int | None = None
    plan: int | None = None
    recorded_by: datetime | None = None
    include_next: bool = False


class Obligation(NamedTuple):
    """A figure that a department has to post by a day; `reported_on` is the day on which it did, or None: it is owed."""

    due_day: date
    indicator: Indicator
    area: Area
    department: Department
    period: Period
    reported_on: date | None

    @property
    def sort_key(self) -> tuple[str, ...]:
        """Sorts by due day, then by indicator, area, period and department."""
        return (self.due_day.isoformat(), self.indicator.code, self.area.code, str(self.period), self.department.code)


class MonthlyCompleteness(NamedTuple):
    """How many of the figures due in a month a department has reported; `first_day` is that of the month."""

    department: Department
    first_day: date
    due_count: int
    on_time: int
    late: int

    @property
    def reported(self) -> int:
        return self.on_time + self.late


def list_missing_figures(query: ReportingQuery) -> list[Obligation]:
    """The missing figures, ordered by due day."""
    missing = [row for row in iter_obligations(query) if row.reported_on is None]
    return sorted(missing, key=lambda obligation: obligation.sort_key)


def list_figures_to_report(query: ReportingQuery) -> list[tuple[Obligation, Figure | None]]:
    """The missing figures with the latest figure of their series.

    A figure that several departments must report is listed once.
    """
    missing = {
        (obligation.indicator.pk, obligation.area.pk, obligation.period): obligation
        for obligation in list_missing_figures(query)
    }
    figures_by_series = Measurement.objects.current_figures({(indicator, area) for indicator, area, _ in missing})
    kinds = {obligation.indicator.pk: IndicatorKind(obligation.indicator.kind) for obligation in missing.values()}
    # Of several figures with the same end: the one over the longest span.
    latest_by_series = {
        pair: max(
            measured_figures((figure for figure in figures if figure.value is not None), kinds[pair[0]]),
            key=lambda figure: (figure.end, figure.days),
            default=None,
        )
        for pair, figures in figures_by_series.items()
    }
    return [
        (obligation, latest_by_series.get((indicator, area))) for (indicator, area, _), obligation in missing.items()
    ]


def monthly_completeness(query: ReportingQuery, first: date, last: date) -> list[MonthlyCompleteness]:
    """Counts by department and by month of the due day, for due days from `first` to `last` that have passed."""
    obligations_by_month: dict[tuple[str, date], list[Obligation]] = defaultdict(list)
    for obligation in iter_obligations(query._replace(since=first - _MAX_DUE_TIME)):
        if first <= obligation.due_day <= last and has_passed(obligation.due_day, query.as_of):
            obligations_by_month[obligation.department.code, obligation.due_day.replace(day=1)].append(obligation)
    return [
        _count_month(group, month)
        for (_, month), group in sorted(obligations_by_month.items(), key=lambda item: item[0])
    ]


def _count_month(group: list[Obligation], first_day: date) -> MonthlyCompleteness:
    reported = [obligation for obligation in group if obligation.reported_on is not None]
    on_time = sum(
        1
        for obligation in reported
        if obligation.reported_on is not None and obligation.reported_on <= obligation.due_day
    )
    return MonthlyCompleteness(group[0].department, first_day, len(group), on_time, len(reported) - on_time)


def iter_obligations(query: ReportingQuery) -> Iterator[Obligation]:
    """Every figure that had to be posted, reported or not, in no order."""
    indicators = {indicator.pk: indicator for indicator in _visible_indicators(query)}
    indicator_terms = {pk: terms_of(indicator) for pk, indicator in indicators.items()}
    first_period_ends = reported_figures.load_first_period_ends(query, indicators)
    needed_periods = _expand_regional_sums(_periods_of_targets(query, indicators), first_period_ends, indicators)
    reported, duties = reported_figures.load_reported_figures(query, indicators), _duties_by_series(indicators)
    areas = {area.pk: area for area in _selected_areas(query)}
    departments = {department.pk: department for department in Department.objects.all()}
    department_validity = {pk: department.validity for pk, department in departments.items()}
    calendar, department_ends = Holiday.objects.calendar(), Department.objects.successions()
    # With a plan: only series that its targets need. Otherwise also series that are only reported.
    for pair in {*needed_periods, *first_period_ends} if query.plan is None else set(needed_periods):
        indicator, area = indicators[pair[0]], areas.get(pair[1])
        default_department = indicator.department_id
        reporters = successors_on(
            reporting_obligations.reporters_on(duties[pair], default_department, query.as_of),
            query.as_of,
            department_ends,
        )
        if query.departments is not None:
            reporters &= query.departments
        if area is None or not reporters:
            continue
        for due_period in reporting_obligations.list_due_periods(
            needed_periods[pair],
            reported[pair],
            first_period_ends.get(pair),
            indicator_terms[pair[0]],
            calendar,
            query.since,
            query.as_of,
            area=area.validity,
            include_next=query.include_next,
        ):
            if reporting_obligations.was_obligated(
                duties[pair],
                default_department,
                due_period.period.end,
                department_validity,
                department_ends,
            ):
                for pk in reporters:
                    yield _to_obligation(due_period, indicator, area, departments[pk])


def _to_obligation(due: DuePeriod, indicator: Indicator, area: Area, department: Department) -> Obligation:
    return Obligation(due.due_day, indicator, area, department, due.period, due.reported_on)


def _visible_indicators(query: ReportingQuery) -> Iterable[Indicator]:
    """Only indicators without a formula: no department posts the others."""
    rows = Indicator.objects.visible_to(query.by).filter(formula="")
    if query.indicator is not None:
        rows = rows.filter(pk=query.indicator)
    if query.plan is not None:
        planned = Target.objects.visible_to(query.by).filter(plan=query.plan).values_list("indicator", flat=True)
        rows = rows.filter(pk__in=set().union(*Indicator.objects.inputs_of(set(planned)).values()))
    if query.departments is not None:
        departments = with_predecessors(query.departments, query.as_of, Department.objects.successions())
        indicators_with_duty = ReportingDuty.objects.filter(department__in=departments).values("indicator")
        rows = rows.filter(Q(department__in=departments) | Q(pk__in=indicators_with_duty))
    return rows


def _selected_areas(query: ReportingQuery) -> Iterable[Area]:
    return Area.objects.all() if query.area is None else Area.objects.filter(pk=query.area)


def _periods_of_targets(
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
    announced_versions = TargetVersion.objects.filter(target=OuterRef("pk"), announced__lte=query.as_of)
    if query.recorded_by is not None:
        announced_versions = announced_versions.filter(recorded_at__lte=query.recorded_by)
    rows = Target.objects.visible_to(query.by).filter(
        Exists(announced_versions.exclude(state="draft")),
        indicator__in=inputs,
        qualitative=False,
    )
    if not query.include_next:
        rows = rows.filter(period_start__lte=query.as_of)
    needed_periods: dict[SeriesKey, list[RequestedPeriods]] = defaultdict(list)
    end_days = target_versions.load_end_days(query.as_of, query.recorded_by)
    for target, indicator, area, plan, start, end, result_due in rows.values_list(
        "pk", "indicator_id", "area_id", "plan_id", "period_start", "period_end", "result_due"
    ):
        is_in_plan = query.plan is None or plan == query.plan
        for pk in inputs[indicator]:
            # `result_due` postpones only the figure of the target itself, not the inputs of a formula.
            needed_periods[pk, area].append(
                RequestedPeriods(
                    Period(start, end), result_due if pk == indicator else None, is_in_plan, end_days.get(target)
                )
            )
    return needed_periods


def _expand_regional_sums(
    needed_periods: dict[SeriesKey, list[RequestedPeriods]],
    reporting_series: Collection[SeriesKey],
    indicators: dict[int, Indicator],
) -> dict[SeriesKey, list[RequestedPeriods]]:
    """Replace the periods of a regional sum by the same periods of the areas that report."""
    regional_pairs = [pair for pair in needed_periods if indicators[pair[0]].regional]
    if not regional_pairs:
        return needed_periods
    expanded: dict[SeriesKey, list[RequestedPeriods]] = defaultdict(list)
    contributing_by_pair = contributing_series(regional_pairs, reporting_series)
    for pair, periods in needed_periods.items():
        for contributing_pair in contributing_by_pair.get(pair, [pair]):
            expanded[contributing_pair] += periods
    return expanded


def _duties_by_series(indicators: dict[int, Indicator]) -> dict[SeriesKey, list[tuple[int, ValidityRange]]]:
    rows = ReportingDuty.objects.filter(indicator__in=indicators)
    duties: dict[SeriesKey, list[tuple[int, ValidityRange]]] = defaultdict(list)
    for indicator, area, department, first, last in rows.values_list(
        "indicator_id", "area_id", "department_id", "valid_from", "valid_to"
    ):
        duties[indicator, area].append((department, ValidityRange(first, last)))
    return duties
