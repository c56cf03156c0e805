"""The figures that are still due for the targets of a plan."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.vocabulary import Accumulation
from indicators.models import Area, Indicator, Measurement
from indicators.querysets import Pair
from indicators.services import duties, regions
from indicators.services.books import terms_of
from kpitracker.lib.actor import Actor
from targets.domain import freshness
from targets.models import Plan, Target
from targets.services import terms

Dues = dict[Pair, dict[Period, date]]


class Owed(NamedTuple):
    """A period of a series that lacks its figure, its due day, and the latest figure of the series."""

    indicator: Indicator
    area: Area
    period: Period
    due: date
    last: Figure | None


def owed(*, plan: Plan, family: Collection[int] | None, by: Actor, today: date) -> list[Owed]:
    """The figures that departments (ids; None: all) still have to report for the plan, ordered by due day.

    Includes the period that ends next. For a formula its inputs are due.
    """
    indicators, due = _due(plan, by)
    reporting = duties.reporters(due, today)
    pairs = {pair for pair in due if family is None or reporting[pair] & set(family)}
    areas = {area.pk: area for area in Area.objects.filter(pk__in={area for _, area in pairs})}
    series = Measurement.objects.current_figures(pairs)
    rows = [
        Owed(indicators[pair[0]], areas[pair[1]], period, day, _last(series.get(pair, [])))
        for pair in pairs
        for period, day in _open(due[pair], today)
        if not any(_answers(figure, period, indicators[pair[0]]) for figure in series.get(pair, []))
    ]
    return sorted(rows, key=lambda row: (row.due, row.indicator.code, row.area.code, row.period))


def _due(plan: Plan, by: Actor) -> tuple[dict[int, Indicator], Dues]:
    """The stored indicators that the targets of a plan read, and the due day of each reporting period by series."""
    targets = list(Target.objects.visible_to(by).filter(plan=plan, qualitative=False).with_versions())
    needed = Indicator.objects.with_inputs({target.indicator_id for target in targets})
    indicators = {indicator.pk: indicator for indicator in needed if not indicator.formula}
    readers = Indicator.objects.readers_of(indicators)
    found: Dues = defaultdict(dict)
    for target in targets:
        stated = terms.of_version(target, max(target.all_versions, key=lambda version: version.number))
        for pk in (pk for pk, reading in readers.items() if target.indicator_id in reading):
            own = stated if pk == target.indicator_id else stated._replace(result_due=None)
            found[pk, target.area_id] |= dict(freshness.due_days(own, terms_of(indicators[pk])))
    found = _of_parts(found, indicators)
    seen = set(Indicator.objects.visible_to(by).filter(pk__in=indicators).values_list("pk", flat=True))
    return indicators, {pair: dues for pair, dues in found.items() if pair[0] in seen}


def _of_parts(found: Dues, indicators: dict[int, Indicator]) -> Dues:
    """Replace the periods of a regional sum by the same periods of the areas that report."""
    summed = [pair for pair in found if indicators[pair[0]].regional]
    if not summed:
        return found
    rows = Measurement.objects.filter(indicator__in={indicator for indicator, _ in summed}).exclude(value=None)
    parts = regions.reporting(summed, set(rows.order_by().values_list("indicator_id", "area_id").distinct()))
    spread: Dues = defaultdict(dict)
    for pair, dues in found.items():
        for each in parts.get(pair, [pair]):
            spread[each] |= dues
    return spread


def _open(dues: dict[Period, date], today: date) -> Iterator[tuple[Period, date]]:
    """The periods that have ended, and the next one to end."""
    for period in sorted(dues, key=lambda period: (period.end, period.start)):
        yield period, dues[period]
        if period.end >= today:
            return


def _answers(figure: Figure, period: Period, indicator: Indicator) -> bool:
    """Whether a posted figure makes one of this period unnecessary.

    A longer figure does for sums and means, a figure that ends on the same day for `last`.
    """
    if figure.period == period:
        return True
    if indicator.accumulation in (Accumulation.SUM, Accumulation.MEAN):
        return figure.value is not None and figure.period.contains(period)
    return indicator.accumulation == Accumulation.LAST and figure.value is not None and figure.end == period.end


def _last(figures: Collection[Figure]) -> Figure | None:
    known = [figure for figure in figures if figure.value is not None]
    return max(known, key=lambda figure: (figure.end, figure.days), default=None)
