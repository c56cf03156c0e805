"""Compare figures that are about to be stored with the others of their series: scale, and wholes with their parts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from django.db.models import F, FloatField, Max, Min
from django.db.models.functions import Abs, Cast, NullIf

from indicators.domain.choices import Accumulation, Frequency, IndicatorKind
from indicators.domain.figures import Figure
from indicators.domain.period_words import period_in_words
from indicators.domain.periods import Period
from indicators.domain.rounding import round_half_up
from indicators.domain.series_checks import DifferentTotal, ScaleJump, SeriesFigures, SeriesRange, is_checked
from indicators.forecasts import measured_condition
from indicators.models import Indicator, Measurement
from indicators.querysets import MeasurementQuerySet, SeriesKey
from indicators.services.figures.figure_changes import FigureChange, in_both_notations
from indicators.services.figures.posting_reads import Surroundings
from indicators.services.figures.series import Mergers
from kpitracker.lib.db.days import DayCount
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text

# The number of areas whose figures are in memory at a time.
_AREA_CHUNK: Final = 500
# Figures are compared with this number of neighbours of their length on each side, and with a whole of up to a year.
_NEIGHBOURS: Final = 7
_YEAR: Final = timedelta(days=366)
# More series are looked at by the database first, and only suspect ones are loaded.
_MOST_LOADED_AT_ONCE: Final = 20
_MEASURED_COLUMNS: Final = ("indicator_id", "area_id", "period_start", "period_end", "value")


def warn_of_series(
    changes: Sequence[FigureChange],
    valued_changes: Mapping[int, FigureChange],
    mergers: Mergers,
    today: date,
    surroundings: Surroundings | None = None,
) -> dict[int, list[ProblemItem]]:
    """By position, the warnings of the changes that have a value. `surroundings`: of the only change."""
    warnings: dict[int, list[ProblemItem]] = defaultdict(list)
    indicators = {change.indicator.id: change.indicator for change in valued_changes.values()}
    checked_ids = {
        pk
        for pk, indicator in indicators.items()
        if is_checked(IndicatorKind(indicator.kind), Accumulation(indicator.accumulation))
    }
    checked_changes = {
        position: change for position, change in valued_changes.items() if change.indicator.id in checked_ids
    }
    areas = sorted({change.area for change in checked_changes.values()})
    for offset in range(0, len(areas), _AREA_CHUNK):
        area_ids = set(areas[offset : offset + _AREA_CHUNK])
        chunk = {position: change for position, change in checked_changes.items() if change.area in area_ids}
        posted: dict[SeriesKey, list[FigureChange]] = defaultdict(list)
        for change in changes:
            if change.area in area_ids:
                posted[change.indicator.id, change.area].append(change)
        pairs = {(change.indicator.id, change.area) for change in chunk.values()}
        if len(pairs) > _MOST_LOADED_AT_ONCE:
            pairs = _suspect_series(pairs, posted)
        try:
            series = _load_series(pairs, posted, today, surroundings)
        except InvalidOperation:
            # A stored number is damaged (`mend_figures`): it must not keep its correction out.
            continue
        for position, change in chunk.items():
            if figures := series.get((change.indicator.id, change.area)):
                warnings[position] += _warn_of_one(change, figures, mergers)
    return warnings


class Reach(NamedTuple):
    """The days between which figures are near the changes. A longer figure is neither their whole nor of their length."""

    earliest_start: date
    first: date
    last: date

    def holds(self, period: Period) -> bool:
        return self.earliest_start <= period.start <= self.last and period.end >= self.first


def needs_neighbours(indicator: Indicator) -> bool:
    """Whether a figure of this indicator is compared with others of its series."""
    if not indicator.accumulation:
        return False  # It is computed.
    accumulation = Accumulation(indicator.accumulation)
    return accumulation == Accumulation.SUM or is_checked(IndicatorKind(indicator.kind), accumulation)


def _find_reach(pairs: Iterable[SeriesKey], posted: Mapping[SeriesKey, Sequence[FigureChange]]) -> Reach:
    return find_reach([change.period for pair in pairs for change in posted[pair]])


def find_reach(periods: Sequence[Period]) -> Reach:
    reach = _YEAR + _NEIGHBOURS * timedelta(days=max(period.days for period in periods))
    first, last = min(period.start for period in periods), max(period.end for period in periods)
    return Reach(
        max(first, date.min + 2 * reach) - 2 * reach,
        max(first, date.min + reach) - reach,
        min(last, date.max - reach) + reach,
    )


def _near(reach: Reach) -> MeasurementQuerySet:
    return Measurement.objects.filter(
        period_start__gte=reach.earliest_start,
        period_start__lte=reach.last,
        period_end__gte=reach.first,
        value__isnull=False,
    )


def _suspect_series(pairs: set[SeriesKey], posted: Mapping[SeriesKey, Sequence[FigureChange]]) -> set[SeriesKey]:
    """Those of many series that may have something to warn of. The database looks at the others, which saves time."""
    size = NullIf(Abs(Cast("value", FloatField())), 0.0)
    days = DayCount(F("period_end"), F("period_start"))
    ranges = {"least": Min(size), "greatest": Max(size), "shortest": Min(days), "longest": Max(days)}
    rows = _near(_find_reach(pairs, posted)).for_series(pairs).order_by().values("indicator_id", "area_id")
    columns = ("indicator_id", "area_id", *ranges)
    stored = {
        (indicator, area): numbers
        for indicator, area, *numbers in rows.annotate(**ranges).values_list(*columns).iterator(chunk_size=5000)
    }
    indicators = {posted[pair][0].indicator for pair in pairs}
    sorts = {
        indicator.pk: (IndicatorKind(indicator.kind), Accumulation(indicator.accumulation)) for indicator in indicators
    }
    suspects = set()
    for pair in pairs:
        least, greatest, *lengths = stored.get(pair, (None, None))
        sizes = [size for size in (least, greatest) if size]
        sizes += [abs(float(change.value)) for change in posted[pair] if change.value]
        lengths += [change.period.days for change in posted[pair]]
        figures = SeriesRange(min(sizes, default=0), max(sizes, default=0), min(lengths), max(lengths))
        if figures.is_suspect(*sorts[pair[0]]):
            suspects.add(pair)
    return suspects


def _load_series(
    pairs: set[SeriesKey],
    posted: Mapping[SeriesKey, Sequence[FigureChange]],
    today: date,
    surroundings: Surroundings | None,
) -> dict[SeriesKey, SeriesFigures]:
    """The stored figures near the changes, with the changes in place of the same periods."""
    if not pairs:
        return {}
    if surroundings is not None:
        stored = dict.fromkeys(pairs, surroundings.measured_values())
    else:
        stored = _measured_figures(pairs, _find_reach(pairs, posted))
    series = {}
    for pair in pairs:
        indicator, reach = posted[pair][0].indicator, _find_reach({pair}, posted)
        # Longer periods of other series in the same batch reach farther.
        value_by_period = {period: value for period, value in stored.get(pair, {}).items() if reach.holds(period)}
        for change in posted[pair]:
            value_by_period.pop(change.period, None)
            if change.value is not None and not change.is_forecast:
                value_by_period[change.period] = change.value
        series[pair] = SeriesFigures(
            IndicatorKind(indicator.kind),
            Accumulation(indicator.accumulation),
            Frequency(indicator.frequency),
            indicator.decimals,
            [Figure("", 0, *period, value, "", "", today, 0) for period, value in value_by_period.items()],
        )
    return series


def _measured_figures(pairs: set[SeriesKey], reach: Reach) -> dict[SeriesKey, dict[Period, Decimal]]:
    """The stored values by series and period, without forecasts."""
    near = _near(reach).filter(measured_condition()).for_series(pairs)
    rows = near.order_by().values_list(*_MEASURED_COLUMNS).iterator(chunk_size=5000)
    values: dict[SeriesKey, dict[Period, Decimal]] = defaultdict(dict)
    for indicator, area, start, end, value in rows:
        values[indicator, area][Period(start, end)] = value
    return values


def _warn_of_one(change: FigureChange, series: SeriesFigures, mergers: Mergers) -> list[ProblemItem]:
    value = change.value or Decimal(0)
    jump = series.scale_jump(change.period, value)
    warnings = [_scale_warning(value, jump)] if jump else []
    if not change.is_forecast:
        # Parts from before a merger speak of a smaller area than the whole.
        totals = (
            total
            for total in series.different_totals(change.period)
            if not mergers.are_inside(change.area, total.whole)
        )
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
