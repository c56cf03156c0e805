"""The figures that are still due for the targets of a plan."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.models import Area, Indicator, Measurement
from indicators.querysets import SeriesKey
from indicators.services.catalogue import reporting_duties
from indicators.services.figures import regional_sums
from indicators.services.figures.series import terms_of
from kpitracker.lib.actor import Actor
from targets.domain import freshness
from targets.models import Plan, Target
from targets.services.evaluation import target_versions

DueDaysBySeries = dict[SeriesKey, dict[Period, date]]


class PlanDueFigure(NamedTuple):
    """A period of a series that lacks its figure, its due day, and the latest figure of the series."""

    indicator: Indicator
    area: Area
    period: Period
    due: date
    latest_figure: Figure | None


def list_due_figures(*, plan: Plan, family: Collection[int] | None, by: Actor, today: date) -> list[PlanDueFigure]:
    """The figures that departments (ids; None: all) still have to report for the plan, ordered by due day.

    Includes the period that ends next. For a formula its inputs are due.
    """
    indicators, due_days = _due_days_by_series(plan, by)
    reporters = reporting_duties.reporters_by_series(due_days, today)
    pairs = {pair for pair in due_days if family is None or reporters[pair] & set(family)}
    areas = {area.pk: area for area in Area.objects.filter(pk__in={area for _, area in pairs})}
    figures_by_series = Measurement.objects.current_figures(pairs)
    rows = [
        PlanDueFigure(indicators[pair[0]], areas[pair[1]], period, day, _latest_figure(figures_by_series.get(pair, [])))
        for pair in pairs
        for period, day in _open_periods(due_days[pair], today)
        if not any(_covers_period(figure, period, indicators[pair[0]]) for figure in figures_by_series.get(pair, []))
    ]
    return sorted(rows, key=lambda row: (row.due, row.indicator.code, row.area.code, row.period))


def _due_days_by_series(plan: Plan, by: Actor) -> tuple[dict[int, Indicator], DueDaysBySeries]:
    """The stored indicators that the targets of a plan read, and the due day of each reporting period by series."""
    targets = list(Target.objects.visible_to(by).filter(plan=plan, qualitative=False).with_versions())
    needed = Indicator.objects.with_inputs({target.indicator_id for target in targets})
    indicators = {indicator.pk: indicator for indicator in needed if not indicator.formula}
    readers = Indicator.objects.readers_of(indicators)
    due_days: DueDaysBySeries = defaultdict(dict)
    for target in targets:
        target_terms = target_versions.to_target_terms(
            target, max(target.all_versions, key=lambda version: version.number)
        )
        for pk in (pk for pk, reader_ids in readers.items() if target.indicator_id in reader_ids):
            series_terms = target_terms if pk == target.indicator_id else target_terms._replace(result_due=None)
            due_days[pk, target.area_id] |= dict(freshness.list_due_days(series_terms, terms_of(indicators[pk])))
    due_days = _expand_regional_sums(due_days, indicators)
    visible_ids = set(Indicator.objects.visible_to(by).filter(pk__in=indicators).values_list("pk", flat=True))
    return indicators, {pair: dues for pair, dues in due_days.items() if pair[0] in visible_ids}


def _expand_regional_sums(due_days: DueDaysBySeries, indicators: dict[int, Indicator]) -> DueDaysBySeries:
    """Replace the periods of a regional sum by the same periods of the areas that report."""
    regional_pairs = [pair for pair in due_days if indicators[pair[0]].regional]
    if not regional_pairs:
        return due_days
    rows = Measurement.objects.filter(indicator__in={indicator for indicator, _ in regional_pairs}).exclude(value=None)
    parts = regional_sums.contributing_series(
        regional_pairs, set(rows.order_by().values_list("indicator_id", "area_id").distinct())
    )
    expanded: DueDaysBySeries = defaultdict(dict)
    for pair, dues in due_days.items():
        for part in parts.get(pair, [pair]):
            expanded[part] |= dues
    return expanded


def _open_periods(dues: dict[Period, date], today: date) -> Iterator[tuple[Period, date]]:
    """The periods that have ended, and the next one to end."""
    for period in sorted(dues, key=lambda period: (period.end, period.start)):
        yield period, dues[period]
        if period.end >= today:
            return


def _covers_period(figure: Figure, period: Period, indicator: Indicator) -> bool:
    """Whether a posted figure makes one of this period unnecessary.

    A longer figure does for sums and means, a figure that ends on the same day for `last`.
    """
    if figure.period == period:
        return True
    if indicator.accumulation in (Accumulation.SUM, Accumulation.MEAN):
        return figure.value is not None and figure.period.contains(period)
    return indicator.accumulation == Accumulation.LAST and figure.value is not None and figure.end == period.end


def _latest_figure(figures: Collection[Figure]) -> Figure | None:
    with_value = [figure for figure in figures if figure.value is not None]
    return max(with_value, key=lambda figure: (figure.end, figure.days), default=None)
