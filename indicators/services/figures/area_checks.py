"""Compare the figure that is posted for a region with the sum over its areas (regional indicators)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from indicators.domain.choices import Accumulation, IndicatorKind
from indicators.domain.figures import Figure, measured_figures
from indicators.domain.periods import Period
from indicators.domain.regions import AreaTree, RegionalSums
from indicators.domain.series_checks import differs_beyond_rounding
from indicators.models import Indicator, Measurement
from indicators.services.figures.figure_changes import FigureChange, in_both_notations
from indicators.services.figures.series import load_area_tree
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text

# A figure for an area, by area id, of one indicator and one span.
FiguresByArea = dict[int, Figure]
# The most spans of one query (SQLite allows 32,766 parameters).
MOST_SPANS: Final = 5000


class RegionTotal(NamedTuple):
    """The figure of a region, the sum over its areas, and the ids of the areas whose figures are in it."""

    code: str
    value: Decimal
    total: Decimal
    parts: frozenset[str]


def warn_of_areas(
    changes: Sequence[FigureChange], valued_changes: Mapping[int, FigureChange], today: date
) -> dict[int, list[ProblemItem]]:
    """By position, the warnings of the changes to regional indicators. Nothing is read when there are none."""
    warnings: dict[int, list[ProblemItem]] = defaultdict(list)
    checked = {
        position: change
        for position, change in valued_changes.items()
        if change.indicator.regional and not change.is_forecast
    }
    if not checked:
        return warnings
    tree = load_area_tree()
    by_span: dict[tuple[int, Period], list[int]] = defaultdict(list)
    for position, change in checked.items():
        by_span[change.indicator.id, change.period].append(position)
    indicators = {change.indicator.id: change.indicator for change in checked.values()}
    figures = _load_figures(indicators, {period for _, period in by_span}, changes, today)
    for key, positions in by_span.items():
        totals = list(
            _different_totals(tree, indicators[key[0]], key[1], figures[key], [changes[p] for p in positions])
        )
        for position in positions:
            code = tree.node(changes[position].area).code
            warnings[position] += [_warning(total) for total in totals if code == total.code or code in total.parts]
    return warnings


def _load_figures(
    indicators: Mapping[int, Indicator], periods: set[Period], changes: Iterable[FigureChange], today: date
) -> Mapping[tuple[int, Period], FiguresByArea]:
    """The figures of all areas over the spans of the changes, with the changes in place of the stored ones."""
    figures: dict[tuple[int, Period], FiguresByArea] = defaultdict(dict)
    rows = Measurement.objects.filter(indicator__in=indicators)
    if len(periods) <= MOST_SPANS:
        rows = rows.filter(period_start__in={period.start for period in periods})
        rows = rows.filter(period_end__in={period.end for period in periods})
    areas = set(rows.order_by().values_list("area", flat=True).distinct())
    stored = rows.current_figures((indicator, area) for indicator in indicators for area in areas)
    for (indicator, area), area_figures in stored.items():
        for figure in measured_figures(area_figures, IndicatorKind(indicators[indicator].kind)):
            figures[indicator, figure.period][area] = figure
    for change in changes:
        if change.indicator.id in indicators:
            by_area = figures[change.indicator.id, change.period]
            by_area.pop(change.area, None)
            if change.value is not None and not change.is_forecast:
                by_area[change.area] = Figure("", 0, *change.period, change.value, "", "", today, 0)
    return figures


def _different_totals(
    tree: AreaTree, indicator: Indicator, period: Period, figures: FiguresByArea, changes: Iterable[FigureChange]
) -> Iterable[RegionTotal]:
    """The changed areas and those above them whose figure differs from the sum over their areas beyond rounding."""
    regions = {area for change in changes for area in (change.area, *tree.ancestors(change.area))}
    for region in sorted(regions & figures.keys()):
        own = figures[region]
        others = {area: [figure] for area, figure in figures.items() if area != region}
        total = RegionalSums(tree, Accumulation(indicator.accumulation), others).figures(region).get(period)
        if own.value is None or total is None:
            continue
        numbers = [part.figure.numeric_value for part in total.parts]
        if differs_beyond_rounding(own.value, total.numeric_value, numbers, indicator.decimals):
            parts = frozenset(part.area for part in total.parts)
            yield RegionTotal(tree.node(region).code, own.value, total.numeric_value, parts)


def _warning(total: RegionTotal) -> ProblemItem:
    value, value_vi = in_both_notations(total.value)
    added, added_vi = in_both_notations(total.total)
    return ProblemItem(
        "/value",
        "areas-differ",
        text(
            f"{total.code} is {value}, its {len(total.parts)} areas add up to {added}.",
            f"Số của {total.code} là {value_vi}, {len(total.parts)} địa bàn trực thuộc cộng lại là {added_vi}.",
        ),
    )
