"""Compare the figure of an indicator with the sum of its parts over the same span (`parts` of indicators)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.figures import Figure, measured_figures
from indicators.domain.periods import Period
from indicators.domain.rounding import exact_arithmetic
from indicators.domain.series_checks import differs_beyond_rounding
from indicators.models import Indicator, IndicatorPart, Measurement
from indicators.services.figures.area_checks import MOST_SPANS
from indicators.services.figures.figure_changes import FigureChange, in_both_notations
from indicators.services.figures.posting_reads import Surroundings
from indicators.services.figures.series import terms_of
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text

# The values of indicators over one span in one area, by indicator id.
ValuesByIndicator = dict[int, Decimal]
# Area id and span.
Place = tuple[int, Period]


class WholeTotal(NamedTuple):
    """The value of a whole, and the sum of its parts, which differ beyond rounding."""

    code: str
    value: Decimal
    total: Decimal
    part_count: int


def warn_of_parts(
    changes: Sequence[FigureChange],
    valued_changes: Mapping[int, FigureChange],
    today: date,
    surroundings: Surroundings | None = None,
) -> dict[int, list[ProblemItem]]:
    """By position, the warnings of the changes to wholes and to parts. One query when none of them is either.

    `surroundings`: of the only change.
    """
    warnings: dict[int, list[ProblemItem]] = defaultdict(list)
    flows = {
        position: change
        for position, change in valued_changes.items()
        if change.indicator.accumulation == Accumulation.SUM and not change.is_forecast
    }
    if not flows:
        return warnings
    links = surroundings.pairs("part") if surroundings else _part_links()
    parts_by_whole = _find_wholes({change.indicator.id for change in flows.values()}, links)
    if not parts_by_whole:
        return warnings
    indicators = Indicator.objects.in_bulk({pk for whole, parts in parts_by_whole.items() for pk in (whole, *parts)})
    compared = {position: change for position, change in flows.items() if change.indicator.id in indicators}
    values = _load_values(indicators, {change.period for change in compared.values()}, changes, today)
    for position, change in compared.items():
        for whole, parts in parts_by_whole.items():
            members = (whole, *parts)
            # A warning is shown to all who see the figure: neither it nor its absence may tell them of a restricted part.
            if change.indicator.id not in members or any(indicators[pk].restricted for pk in members):
                continue
            total = _different_total(indicators, whole, parts, values[change.area, change.period])
            if total is not None:
                warnings[position].append(_warning(total))
    return warnings


def _find_wholes(ids: Collection[int], links: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """The ids of the parts of each whole that is one of these indicators, or of which one of them is a part."""
    parts_by_whole: dict[int, list[int]] = defaultdict(list)
    for whole, part in links:
        parts_by_whole[whole].append(part)
    return {whole: parts for whole, parts in parts_by_whole.items() if not {whole, *parts}.isdisjoint(ids)}


def _part_links() -> Iterable[tuple[int, int]]:
    return IndicatorPart.objects.order_by("pk").values_list("indicator_id", "part_id")


def _load_values(
    indicators: Mapping[int, Indicator], periods: Collection[Period], changes: Sequence[FigureChange], today: date
) -> Mapping[Place, ValuesByIndicator]:
    """The measured values over the spans of the changes, with the changes in place of the stored ones."""
    values: dict[Place, ValuesByIndicator] = defaultdict(dict)
    for indicator, area, figure in _stored_figures(indicators, periods, {change.area for change in changes}):
        values[area, figure.period][indicator] = figure.numeric_value
    for change in changes:
        if change.indicator.id in indicators:
            place_values = values[change.area, change.period]
            place_values.pop(change.indicator.id, None)
            if change.value is not None and not change.is_forecast:
                place_values[change.indicator.id] = change.value
    return values


def _stored_figures(
    indicators: Mapping[int, Indicator], periods: Collection[Period], areas: Collection[int]
) -> Iterator[tuple[int, int, Figure]]:
    rows = Measurement.objects.all()
    if len(periods) <= MOST_SPANS:
        rows = rows.filter(period_start__in={period.start for period in periods})
        rows = rows.filter(period_end__in={period.end for period in periods})
    stored = rows.current_figures((indicator, area) for indicator in indicators for area in areas)
    for (indicator, area), figures in stored.items():
        if indicator in indicators and area in areas:
            for figure in measured_figures(figures, terms_of(indicators[indicator]).kind):
                if figure.value is not None:
                    yield indicator, area, figure


def _different_total(
    indicators: Mapping[int, Indicator], whole: int, parts: Sequence[int], values: ValuesByIndicator
) -> WholeTotal | None:
    """The sum of the parts, if all have a value and it differs from the whole by more than rounding explains."""
    if whole not in values or any(part not in values for part in parts):
        return None
    numbers = [values[part] for part in parts]
    with exact_arithmetic():
        total = sum(numbers, Decimal(0))
    decimals = min(indicators[pk].decimals for pk in (whole, *parts))
    if not differs_beyond_rounding(values[whole], total, numbers, decimals):
        return None
    return WholeTotal(indicators[whole].code, values[whole], total, len(parts))


def _warning(whole: WholeTotal) -> ProblemItem:
    value, value_vi = in_both_notations(whole.value)
    added, added_vi = in_both_notations(whole.total)
    return ProblemItem(
        "/value",
        "whole-differs",
        text(
            f"{whole.code} is {value}, its {whole.part_count} parts add up to {added}.",
            f"Số của {whole.code} là {value_vi}, {whole.part_count} chỉ số thành phần cộng lại là {added_vi}.",
        ),
    )
