"""Cumulative rates that fall: a rate or share that a target counts up from 0, such as disbursement, is only ever added to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from indicators.domain.choices import Accumulation, IndicatorKind
from indicators.domain.figures import measured_figures
from indicators.domain.periods import Period
from indicators.domain.plausibility import CumulativeValues
from indicators.models import Measurement
from indicators.querysets import SeriesKey
from indicators.services.figures.figure_changes import FigureChange
from indicators.services.figures.plausibility import fall_warning
from kpitracker.lib.errors import ProblemItem
from targets.models import TargetVersion

_KINDS = (IndicatorKind.RATE, IndicatorKind.SHARE)


def warn_of_falls(changes: Sequence[FigureChange]) -> dict[int, list[ProblemItem]]:
    """By position, the warnings about figures of rates and shares of which a target starts from a baseline of 0.

    The figures that end inside the period of the target are compared, whatever their first day.
    """
    checked = {
        position: change
        for position, change in enumerate(changes)
        if change.value is not None
        and not change.is_forecast
        and change.indicator.accumulation == Accumulation.LAST
        and change.indicator.kind in _KINDS
    }
    pairs = {(change.indicator.id, change.area) for change in checked.values()}
    periods = _periods_from_zero(pairs) if pairs else {}
    warnings: dict[int, list[ProblemItem]] = defaultdict(list)
    if not periods:
        return warnings
    values = _values_by_end(changes, set(periods))
    for position, change in checked.items():
        pair = change.indicator.id, change.area
        for period in sorted(periods.get(pair, ())):
            if period.start <= change.period.end <= period.end:
                inside = {end: value for end, value in values[pair].items() if period.start <= end <= period.end}
                falls = CumulativeValues(inside).contradictions(change.period.end, change.value or Decimal(0))
                warnings[position] += [fall_warning(period.start, fall) for fall in falls]
    return warnings


def _periods_from_zero(pairs: set[SeriesKey]) -> dict[SeriesKey, set[Period]]:
    """By series, the periods of the targets that start from a baseline of 0."""
    rows = TargetVersion.objects.filter(
        target__indicator__in={indicator for indicator, _ in pairs},
        target__area__in={area for _, area in pairs},
        baseline=0,
    )
    periods: dict[SeriesKey, set[Period]] = defaultdict(set)
    for indicator, area, start, end in rows.values_list(
        "target__indicator", "target__area", "target__period_start", "target__period_end"
    ):
        if (indicator, area) in pairs:
            periods[indicator, area].add(Period(start, end))
    return periods


def _values_by_end(changes: Sequence[FigureChange], pairs: set[SeriesKey]) -> Mapping[SeriesKey, dict[date, Decimal]]:
    """By series, the values by the last day of their figures, with the changes in place of the stored figures."""
    kinds = {change.indicator.id: IndicatorKind(change.indicator.kind) for change in changes}
    values: dict[SeriesKey, dict[date, Decimal]] = defaultdict(dict)
    for pair, figures in Measurement.objects.current_figures(pairs).items():
        if pair in pairs:
            measured = measured_figures(figures, kinds[pair[0]])
            values[pair] = {figure.end: figure.value for figure in measured if figure.value is not None}
    for change in changes:
        pair = change.indicator.id, change.area
        if pair in pairs and change.value is not None and not change.is_forecast:
            values[pair][change.period.end] = change.value
    return values
