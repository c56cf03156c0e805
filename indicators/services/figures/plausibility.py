"""Plausibility checks of figures before they are stored: they add warnings and never refuse (domain.md section 3)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from indicators.domain import plausibility, series_checks
from indicators.domain.choices import Accumulation, Frequency, IndicatorKind
from indicators.domain.figures import Figure
from indicators.domain.period_words import period_in_words
from indicators.domain.periods import Period
from indicators.domain.rounding import round_half_up
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver
from indicators.forecasts import forecast_condition
from indicators.models import CheckInput, Indicator, Measurement
from indicators.querysets import SeriesKey
from indicators.services.figures.area_checks import warn_of_areas
from indicators.services.figures.figure_changes import FigureChange, in_both_notations
from indicators.services.figures.part_checks import warn_of_parts
from indicators.services.figures.posting_reads import Surroundings
from indicators.services.figures.series import Mergers, terms_of
from indicators.services.figures.series_checks import warn_of_series
from indicators.services.figures.territory_checks import warn_of_territory
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text

# The most values in an IN list (SQLite allows 32,766 parameters). Longer lists become a range, minimum to maximum.
_MAX_LISTED = 5000
# The number of areas whose figures are in memory at a time.
_AREA_CHUNK = 500
# Orders a posted figure after all recorded ones.
_RECORDED_LAST = 1 << 128


WarningsByPosition = dict[int, list[ProblemItem]]  # warnings by position among the changes
StartKey = tuple[int, int, date]  # indicator id, area id, first day


def find_warnings(
    changes: Sequence[FigureChange],
    today: date,
    shared_starts: Collection[StartKey] | None = None,
    surroundings: Surroundings | None = None,
) -> WarningsByPosition:
    """By position, the warnings of the changes that have any. Each change is checked as if all others were stored.

    `shared_starts`: the only series starts at which several figures begin, when the caller has computed them.
    `surroundings`: of the only change; then what they hold is not read again.

    The number of queries does not grow with the number of changes, only with every 500 areas of indicators that have a
    check formula. Changes that no check applies to need one: whether their area is merged;
    flows one more: what their parts are.
    """
    warnings: WarningsByPosition = defaultdict(list)
    valued_changes = {position: change for position, change in enumerate(changes) if change.value is not None}
    for position, change in valued_changes.items():
        warnings[position] += _warn_of_value(change)
    # A forecast is compared with no measured figure: it need not follow from them.
    measured_changes = {position: change for position, change in valued_changes.items() if not change.is_forecast}
    _add_cumulative_falls(changes, measured_changes, warnings, shared_starts, surroundings)
    merged = surroundings.ids("merged") if surroundings else None
    mergers = Mergers({change.area for change in valued_changes.values()}, merged)
    for more in (
        warn_of_series(changes, valued_changes, mergers, today, surroundings),
        warn_of_areas(changes, valued_changes, today),
        warn_of_parts(changes, valued_changes, today, surroundings),
        warn_of_territory(valued_changes, mergers, today),
    ):
        for position, items in more.items():
            warnings[position] += items
    checked_changes = {
        position: change for position, change in valued_changes.items() if change.indicator.check_formula
    }
    if checked_changes:
        _add_formula_differences(changes, checked_changes, mergers, today, warnings)
    return {position: items for position, items in warnings.items() if items}


def _warn_of_value(change: FigureChange) -> list[ProblemItem]:
    """What speaks against a value by itself: it is not possible, or outside the usual range of a reporting period."""
    indicator, value = change.indicator, change.value or Decimal(0)
    warnings = []
    if series_checks.is_impossible(value, IndicatorKind(indicator.kind)):
        warnings.append(_impossible_warning(value, indicator))
    if indicator.usual_low is not None or indicator.usual_high is not None:
        accumulation = Accumulation(indicator.accumulation) if indicator.accumulation else None
        average, count = series_checks.average_per_period(
            value, change.period, accumulation, Frequency(indicator.frequency)
        )
        if plausibility.is_unusual(average, indicator.usual_low, indicator.usual_high):
            warnings.append(_unusual_warning(round_half_up(average, indicator.decimals + 2), count, indicator))
    return warnings


def _impossible_warning(value: Decimal, indicator: Indicator) -> ProblemItem:
    english, vietnamese = in_both_notations(value)
    if indicator.kind == IndicatorKind.RANK:
        detail = text(f"{english}: the best rank is 1.", f"{vietnamese}: thứ hạng cao nhất là 1.")
    elif indicator.kind == IndicatorKind.COUNT:
        detail = text(f"{english}: a count is not below 0.", f"{vietnamese}: số đếm không thể nhỏ hơn 0.")
    else:
        detail = text(
            f"{english}: a share lies between 0 and 100.", f"{vietnamese}: tỷ trọng nằm trong khoảng 0 đến 100."
        )
    return ProblemItem("/value", "impossible-value", detail)


def _unusual_warning(average: Decimal, count: int, indicator: Indicator) -> ProblemItem:
    """`average`: of one reporting period, of `count` that the figure covers."""
    english, vietnamese = in_both_notations(average)
    if count > 1:
        english += f", the average of {count} periods,"
        vietnamese += f" (bình quân của {count} kỳ)"
    bounds = [
        ("", "") if bound is None else in_both_notations(bound) for bound in (indicator.usual_low, indicator.usual_high)
    ]
    usual, usual_vi = (" … ".join(texts).strip() for texts in zip(*bounds, strict=True))
    return ProblemItem(
        "/value",
        "unusual-value",
        text(
            f"{english} is outside what is usual ({usual}).",
            f"{vietnamese} nằm ngoài khoảng thường gặp ({usual_vi}).",
        ),
    )


def _add_cumulative_falls(
    changes: Sequence[FigureChange],
    valued_changes: Mapping[int, FigureChange],
    warnings: WarningsByPosition,
    shared_starts: Collection[StartKey] | None,
    surroundings: Surroundings | None,
) -> None:
    sum_changes = {
        position: change
        for position, change in valued_changes.items()
        if change.indicator.accumulation == Accumulation.SUM
    }
    if not sum_changes or (shared_starts is not None and not shared_starts):
        return
    keys: list[StartKey] = [(change.indicator.id, change.area, change.period.start) for change in changes]
    if shared_starts is not None:
        sum_changes = {position: change for position, change in sum_changes.items() if keys[position] in shared_starts}
    starts = {keys[position] for position in sum_changes}
    if not starts:
        return
    values_by_start: dict[StartKey, dict[date, Decimal]] = defaultdict(dict)
    if surroundings is not None:
        for key in starts:
            values_by_start[key] = {period.end: value for period, value in surroundings.measured_values(key[2]).items()}
    else:
        for key, end, value in _figures_starting_at(starts):
            values_by_start[key][end] = value
    for key, change in zip(keys, changes, strict=True):
        if key in starts:
            if change.value is None or change.is_forecast:
                values_by_start[key].pop(change.period.end, None)
            else:
                values_by_start[key][change.period.end] = change.value
    series = {key: plausibility.CumulativeValues(values) for key, values in values_by_start.items()}
    for position, change in sum_changes.items():
        contradictions = series[keys[position]].contradictions(change.period.end, change.value or Decimal(0))
        warnings[position] += [fall_warning(change.period.start, contradiction) for contradiction in contradictions]


def _figures_starting_at(keys: set[StartKey]) -> Iterator[tuple[StartKey, date, Decimal]]:
    """The figures in force that begin at these keys. The query selects a superset, which is filtered here."""
    indicators, areas, starts = (set(column) for column in zip(*keys, strict=True))
    rows = Measurement.objects.filter(
        _superset_filter("indicator", indicators),
        _superset_filter("area", areas),
        _superset_filter("period_start", starts),
        ~forecast_condition(),
        value__isnull=False,
    )
    columns = rows.values_list("indicator_id", "area_id", "period_start", "period_end", "value")
    for indicator, area, start, end, value in columns.iterator(chunk_size=5000):
        if (indicator, area, start) in keys:
            yield (indicator, area, start), end, value


def _superset_filter(name: str, values: set[Any]) -> Q:
    if len(values) <= _MAX_LISTED:
        return Q(**{f"{name}__in": values})
    return Q(**{f"{name}__gte": min(values), f"{name}__lte": max(values)})


def fall_warning(start: date, contradiction: plausibility.Contradiction) -> ProblemItem:
    """A warning about cumulative figures that begin on the day `start`."""
    period = Period(start, contradiction.end)
    english, vietnamese = in_both_notations(contradiction.value)
    words, words_vi = period_in_words(period, vietnamese=False), period_in_words(period, vietnamese=True)
    if contradiction.earlier:
        detail = text(f"Less than {words}: {english}.", f"Nhỏ hơn số lũy kế {words_vi}: {vietnamese}.")
    else:
        detail = text(f"More than {words}: {english}.", f"Lớn hơn số lũy kế {words_vi}: {vietnamese}.")
    return ProblemItem("/value", "cumulative-falls", detail)


def _add_formula_differences(
    changes: Sequence[FigureChange],
    checked_changes: Mapping[int, FigureChange],
    mergers: Mergers,
    today: date,
    warnings: WarningsByPosition,
) -> None:
    inputs = _load_inputs({change.indicator.id for change in checked_changes.values()})
    areas = sorted({change.area for change in checked_changes.values()})
    for offset in range(0, len(areas), _AREA_CHUNK):
        area_ids = set(areas[offset : offset + _AREA_CHUNK])
        area_changes = {position: change for position, change in checked_changes.items() if change.area in area_ids}
        resolvers = _load_resolvers(
            {change.indicator.id: change.indicator for change in area_changes.values()},
            inputs,
            area_ids,
            changes,
            mergers,
            today,
        )
        for position, change in area_changes.items():
            warnings[position] += _warn_difference(change, resolvers[change.area])


def _load_inputs(indicator_ids: set[int]) -> list[Indicator]:
    """All indicators that the check formulas read, stored and computed, also through other formulas."""
    direct_inputs = CheckInput.objects.filter(indicator__in=indicator_ids).values_list("input", flat=True)
    inputs: list[Indicator] = Indicator.objects.with_inputs(set(direct_inputs))
    return inputs


def _load_resolvers(
    indicators: Mapping[int, Indicator],
    inputs: Sequence[Indicator],
    areas: set[int],
    changes: Iterable[FigureChange],
    mergers: Mergers,
    today: date,
) -> dict[int, ValueResolver]:
    """By area id, a resolver of the stored figures with the changes in place of the same periods.

    It knows the areas that have merged: a growth across a merger compares like with like.
    """
    stored_inputs = {indicator.pk: indicator for indicator in inputs if not indicator.formula}
    read_areas = mergers.with_predecessors(areas)
    series = Measurement.objects.current_figures((pk, area) for pk in stored_inputs for area in read_areas)
    posted_figures: dict[SeriesKey, dict[Period, Figure]] = defaultdict(dict)
    for change in changes:
        if change.indicator.id in stored_inputs and change.area in read_areas:
            posted_figures[change.indicator.id, change.area][change.period] = _to_figure(change, today)
    terms = [*map(terms_of, inputs), *map(_check_terms, indicators.values())]
    figures_by_area = {
        area: {
            indicator.code: _replace_posted(series.get((pk, area), []), posted_figures.get((pk, area), {}))
            for pk, indicator in stored_inputs.items()
        }
        for area in read_areas
    }
    return {
        area: ValueResolver(terms, figures_by_area[area], territory=mergers.territory(area, figures_by_area))
        for area in areas
    }


def _replace_posted(figures: list[Figure], posted: Mapping[Period, Figure]) -> list[Figure]:
    return [*(figure for figure in figures if figure.period not in posted), *posted.values()] if posted else figures


def _to_figure(change: FigureChange, today: date) -> Figure:
    return Figure("", 0, *change.period, change.value, "", "", today, _RECORDED_LAST)


def _check_code(indicator: Indicator) -> str:
    """A code for the check formula that no indicator can have."""
    return f"{indicator.code} checked"


def _check_terms(indicator: Indicator) -> IndicatorTerms:
    formula = indicator.check_formula
    return IndicatorTerms(
        _check_code(indicator), IndicatorKind(indicator.kind), Frequency(indicator.frequency), None, formula
    )


def _warn_difference(change: FigureChange, resolver: ValueResolver) -> list[ProblemItem]:
    indicator, value = change.indicator, change.value or Decimal(0)
    computed = resolver.beside(change.period.end).value(_check_code(indicator), change.period)
    tolerance = plausibility.effective_tolerance(indicator.check_tolerance, indicator.decimals)
    if computed is None or not plausibility.differs_from_computed(value, computed, tolerance):
        return []
    posted, posted_vi = in_both_notations(value)
    expected, expected_vi = in_both_notations(round_half_up(computed, indicator.decimals + 2))
    return [
        ProblemItem(
            "/value",
            "growth-differs",
            text(
                f"{posted} is posted, {indicator.check_formula} gives {expected}.",
                f"Số gửi {posted_vi}, {indicator.check_formula} cho {expected_vi}.",
            ),
        )
    ]
