"""Plausibility checks of figures before they are stored: they add warnings and never refuse (domain.md section 3)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet

from indicators.domain import plausibility
from indicators.domain.choices import Accumulation, Frequency, IndicatorKind
from indicators.domain.figures import Figure
from indicators.domain.period_words import period_in_words
from indicators.domain.periods import Period
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver
from indicators.models import CheckInput, Indicator, Measurement
from indicators.querysets import SeriesKey
from indicators.services.figures.series import terms_of
from kpitracker.lib.db.compiled_queries import compiled_query
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.numbers import localize_number

# The most values in an IN list (SQLite allows 32,766 parameters). Longer lists become a range, minimum to maximum.
_MAX_LISTED = 5000
# The number of areas whose figures are in memory at a time.
_AREA_CHUNK = 500
# Orders a posted figure after all recorded ones.
_RECORDED_LAST = 1 << 128


class FigureChange(NamedTuple):
    """A figure that is about to be stored. `area` is an id. `is_forecast`: by its stage or by its day."""

    indicator: Indicator
    area: int
    period: Period
    value: Decimal | None
    stage: str = ""
    is_forecast: bool = False


WarningsByPosition = dict[int, list[ProblemItem]]  # warnings by position among the changes
StartKey = tuple[int, int, date]  # indicator id, area id, first day


def find_warnings(
    changes: Sequence[FigureChange], today: date, shared_starts: Collection[StartKey] | None = None
) -> WarningsByPosition:
    """By position, the warnings of the changes that have any. Each change is checked as if all others were stored.

    `shared_starts`: the only series starts at which several figures begin, when the caller has computed them.

    The number of queries does not grow with the number of changes, only with every 500 areas of indicators that have a
    check formula. Changes that no check applies to need no query.
    """
    warnings: WarningsByPosition = defaultdict(list)
    valued_changes = {position: change for position, change in enumerate(changes) if change.value is not None}
    for position, change in valued_changes.items():
        low, high = change.indicator.usual_low, change.indicator.usual_high
        if change.value is not None and plausibility.is_unusual(change.value, low, high):
            warnings[position].append(_unusual_warning(change.value, low, high))
    _add_cumulative_falls(changes, valued_changes, warnings, shared_starts)
    checked_changes = {
        position: change for position, change in valued_changes.items() if change.indicator.check_formula
    }
    if checked_changes:
        _add_formula_differences(changes, checked_changes, today, warnings)
    return {position: items for position, items in warnings.items() if items}


def _unusual_warning(value: Decimal, low: Decimal | None, high: Decimal | None) -> ProblemItem:
    english, vietnamese = _in_both_notations(value)
    bounds = [("", "") if bound is None else _in_both_notations(bound) for bound in (low, high)]
    usual, usual_vi = (" … ".join(texts).strip() for texts in zip(*bounds, strict=True))
    return ProblemItem(
        "/value",
        "unusual-value",
        text(
            f"{english} is outside what is usual ({usual}).",
            f"{vietnamese} nằm ngoài khoảng thường gặp ({usual_vi}).",
        ),
    )


def _in_both_notations(value: Decimal) -> tuple[str, str]:
    """The number in English and in Vietnamese: a warning is stored in both languages."""
    plain = to_plain_string(value)
    return localize_number(plain, vietnamese=False), localize_number(plain, vietnamese=True)


def _add_cumulative_falls(
    changes: Sequence[FigureChange],
    valued_changes: Mapping[int, FigureChange],
    warnings: WarningsByPosition,
    shared_starts: Collection[StartKey] | None,
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
    for key, end, value in _figures_starting_at(starts):
        values_by_start[key][end] = value
    for key, change in zip(keys, changes, strict=True):
        if key in starts:
            if change.value is None:
                values_by_start[key].pop(change.period.end, None)
            else:
                values_by_start[key][change.period.end] = change.value
    series = {key: plausibility.CumulativeValues(values) for key, values in values_by_start.items()}
    for position, change in sum_changes.items():
        contradictions = series[keys[position]].contradictions(change.period.end, change.value or Decimal(0))
        warnings[position] += [_fall_warning(change.period.start, contradiction) for contradiction in contradictions]


def _figures_starting_at(keys: set[StartKey]) -> Iterator[tuple[StartKey, date, Decimal]]:
    """The figures in force that begin at these keys. The query selects a superset, which is filtered here."""
    indicators, areas, starts = (set(column) for column in zip(*keys, strict=True))
    if len(keys) == 1:
        yield from (((i, a, start), end, value) for i, a, start, end, value in _figures_of_start(*next(iter(keys))))
        return
    rows = Measurement.objects.filter(
        _superset_filter("indicator", indicators),
        _superset_filter("area", areas),
        _superset_filter("period_start", starts),
        value__isnull=False,
    )
    columns = rows.values_list("indicator_id", "area_id", "period_start", "period_end", "value")
    for indicator, area, start, end, value in columns.iterator(chunk_size=5000):
        if (indicator, area, start) in keys:
            yield (indicator, area, start), end, value


@compiled_query
def _figures_of_start(indicator: int, area: int, start: date) -> QuerySet[Model, object]:
    rows = Measurement.objects.filter(indicator=indicator, area=area, period_start=start, value__isnull=False)
    return rows.values_list("indicator_id", "area_id", "period_start", "period_end", "value")


def _superset_filter(name: str, values: set[Any]) -> Q:
    if len(values) <= _MAX_LISTED:
        return Q(**{f"{name}__in": values})
    return Q(**{f"{name}__gte": min(values), f"{name}__lte": max(values)})


def _fall_warning(start: date, contradiction: plausibility.Contradiction) -> ProblemItem:
    period = Period(start, contradiction.end)
    english, vietnamese = _in_both_notations(contradiction.value)
    words, words_vi = period_in_words(period, vietnamese=False), period_in_words(period, vietnamese=True)
    if contradiction.earlier:
        detail = text(f"Less than {words}: {english}.", f"Nhỏ hơn số lũy kế {words_vi}: {vietnamese}.")
    else:
        detail = text(f"More than {words}: {english}.", f"Lớn hơn số lũy kế {words_vi}: {vietnamese}.")
    return ProblemItem("/value", "cumulative-falls", detail)


def _add_formula_differences(
    changes: Sequence[FigureChange],
    checked_changes: Mapping[int, FigureChange],
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
    today: date,
) -> dict[int, ValueResolver]:
    """By area id, a resolver of the stored figures with the changes in place of the same periods."""
    stored_inputs = {indicator.pk: indicator for indicator in inputs if not indicator.formula}
    series = Measurement.objects.current_figures((pk, area) for pk in stored_inputs for area in areas)
    posted_figures: dict[SeriesKey, dict[Period, Figure]] = defaultdict(dict)
    for change in changes:
        if change.indicator.id in stored_inputs and change.area in areas:
            posted_figures[change.indicator.id, change.area][change.period] = _to_figure(change, today)
    terms = [*map(terms_of, inputs), *map(_check_terms, indicators.values())]
    return {
        area: ValueResolver(
            terms,
            {
                indicator.code: _replace_posted(series.get((pk, area), []), posted_figures.get((pk, area), {}))
                for pk, indicator in stored_inputs.items()
            },
        )
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
    computed = resolver.value(_check_code(indicator), change.period)
    tolerance = plausibility.effective_tolerance(indicator.check_tolerance, indicator.decimals)
    if computed is None or not plausibility.differs_from_computed(value, computed, tolerance):
        return []
    posted, posted_vi = _in_both_notations(value)
    expected, expected_vi = _in_both_notations(round_half_up(computed, indicator.decimals + 2))
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
