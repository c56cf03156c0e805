"""Compare figures that are about to be stored with the others of their series: scale, and wholes with their parts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from indicators.domain.choices import Accumulation, Frequency, IndicatorKind
from indicators.domain.figures import Figure, measured_figures
from indicators.domain.period_words import period_in_words
from indicators.domain.rounding import round_half_up
from indicators.domain.series_checks import DifferentTotal, ScaleJump, SeriesFigures, is_checked
from indicators.models import Measurement
from indicators.querysets import SeriesKey
from indicators.services.figures.figure_changes import FigureChange, in_both_notations
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text

# The number of areas whose figures are in memory at a time.
_AREA_CHUNK: Final = 500
# Figures are compared with this number of neighbours of their length on each side, and with a whole of up to a year.
_NEIGHBOURS: Final = 7
_YEAR: Final = timedelta(days=366)


def warn_of_series(
    changes: Sequence[FigureChange], valued_changes: Mapping[int, FigureChange], today: date
) -> dict[int, list[ProblemItem]]:
    """By position, the warnings of the changes that have a value."""
    warnings: dict[int, list[ProblemItem]] = defaultdict(list)
    checked_changes = {
        position: change
        for position, change in valued_changes.items()
        if is_checked(IndicatorKind(change.indicator.kind), Accumulation(change.indicator.accumulation))
    }
    areas = sorted({change.area for change in checked_changes.values()})
    for offset in range(0, len(areas), _AREA_CHUNK):
        area_ids = set(areas[offset : offset + _AREA_CHUNK])
        chunk = {position: change for position, change in checked_changes.items() if change.area in area_ids}
        posted: dict[SeriesKey, list[FigureChange]] = defaultdict(list)
        for change in changes:
            posted[change.indicator.id, change.area].append(change)
        try:
            series = _load_series({(change.indicator.id, change.area) for change in chunk.values()}, posted, today)
        except InvalidOperation:
            # A stored number is damaged (`mend_figures`): it must not keep its correction out.
            continue
        for position, change in chunk.items():
            warnings[position] += _warn_of_one(change, series[change.indicator.id, change.area])
    return warnings


def _load_series(
    pairs: set[SeriesKey], posted: Mapping[SeriesKey, Sequence[FigureChange]], today: date
) -> dict[SeriesKey, SeriesFigures]:
    """The stored figures near the changes, with the changes in place of the same periods."""
    periods = [change.period for pair in pairs for change in posted[pair]]
    reach = _YEAR + _NEIGHBOURS * timedelta(days=max(period.days for period in periods))
    first, last = min(period.start for period in periods), max(period.end for period in periods)
    near = Measurement.objects.filter(
        period_end__gte=max(first, date.min + reach) - reach, period_start__lte=min(last, date.max - reach) + reach
    )
    stored = near.current_figures(pairs)
    series = {}
    for pair in pairs:
        indicator = posted[pair][0].indicator
        kind = IndicatorKind(indicator.kind)
        by_period = {figure.period: figure for figure in measured_figures(stored.get(pair, ()), kind)}
        for change in posted[pair]:
            by_period.pop(change.period, None)
            if change.value is not None and not change.is_forecast:
                by_period[change.period] = Figure("", 0, *change.period, change.value, "", "", today, 0)
        series[pair] = SeriesFigures(
            kind,
            Accumulation(indicator.accumulation),
            Frequency(indicator.frequency),
            indicator.decimals,
            by_period.values(),
        )
    return series


def _warn_of_one(change: FigureChange, series: SeriesFigures) -> list[ProblemItem]:
    value = change.value or Decimal(0)
    jump = series.scale_jump(change.period, value)
    warnings = [_scale_warning(value, jump)] if jump else []
    if not change.is_forecast:
        totals = series.different_totals(change.period)
        warnings += [_total_warning(change, total) for total in totals]
    return warnings


def _scale_warning(value: Decimal, jump: ScaleJump) -> ProblemItem:
    posted, posted_vi = in_both_notations(value)
    other, other_vi = in_both_notations(jump.value)
    times, times_vi = in_both_notations(jump.times)
    words, words_vi = period_in_words(jump.period, vietnamese=False), period_in_words(jump.period, vietnamese=True)
    if jump.is_more:
        detail = text(
            f"{posted} is about {times} times {words} ({other}): is the unit right?",
            f"{posted_vi} gấp khoảng {times_vi} lần {words_vi} ({other_vi}): đơn vị tính có đúng không?",
        )
    else:
        detail = text(
            f"{posted} is about 1/{times} of {words} ({other}): is the unit right?",
            f"{posted_vi} chỉ bằng khoảng 1/{times_vi} của {words_vi} ({other_vi}): đơn vị tính có đúng không?",
        )
    return ProblemItem("/value", "unusual-scale", detail)


def _total_warning(change: FigureChange, different: DifferentTotal) -> ProblemItem:
    whole, whole_vi = in_both_notations(different.value)
    total, total_vi = in_both_notations(round_half_up(different.total, change.indicator.decimals + 2))
    words = period_in_words(different.whole, vietnamese=False)
    words_vi = period_in_words(different.whole, vietnamese=True)
    verb, verb_vi = ("average", "bình quân là")
    if change.indicator.accumulation == Accumulation.SUM:
        verb, verb_vi = ("add up to", "cộng lại là")
    detail = text(
        f"{whole} is posted for {words}, its {different.part_count} parts {verb} {total}.",
        f"Số của {words_vi} là {whole_vi}, {different.part_count} kỳ thành phần {verb_vi} {total_vi}.",
    )
    return ProblemItem("/value", "parts-differ", detail)
