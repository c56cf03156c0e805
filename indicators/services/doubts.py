"""Plausibility checks of figures before they are stored: they add warnings and never refuse (domain.md section 3)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from indicators.domain import doubts
from indicators.domain.book import Book
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.rounding import half_up, plain
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Accumulation, Frequency, Kind
from indicators.models import CheckInput, Indicator, Measurement
from indicators.querysets import Pair
from indicators.services.books import terms_of
from kpitracker.lib.errors import Item
from kpitracker.lib.prepared import prepared
from kpitracker.lib.texts import text

# The most values in an IN list (SQLite allows 32,766 parameters). Longer lists become a range, minimum to maximum.
_LISTED = 5000
# The number of areas whose figures are in memory at a time.
_AREAS = 500
# Orders a posted figure after all recorded ones.
_LAST = 1 << 128


class Change(NamedTuple):
    """A figure that is about to be stored. `area` is an id."""

    indicator: Indicator
    area: int
    period: Period
    value: Decimal | None


Found = dict[int, list[Item]]  # warnings by position among the changes
Key = tuple[int, int, date]  # indicator id, area id, first day


def find(changes: Sequence[Change], today: date, contested: Collection[Key] | None = None) -> Found:
    """By position, the warnings of the changes that have any. Each change is checked as if all others were stored.

    `shared_starts`: the only series starts at which several figures begin, when the caller has computed them.

    The number of queries does not grow with the number of changes, only with every 500 areas of indicators that have a
    check formula. Changes that no check applies to need no query.
    """
    found: Found = defaultdict(list)
    valued = {place: change for place, change in enumerate(changes) if change.value is not None}
    for place, change in valued.items():
        if change.indicator.has_usual_range:
            found[place] += _unusual(change)
    _find_falls(changes, valued, found, contested)
    _find_differences(changes, valued, today, found)
    return {place: items for place, items in found.items() if items}


def _unusual(change: Change) -> list[Item]:
    low, high, value = change.indicator.usual_low, change.indicator.usual_high, change.value
    if value is None or not doubts.is_unusual(value, low, high):
        return []
    ends = " … ".join("" if end is None else plain(end) for end in (low, high)).strip()
    return [
        Item(
            "/value",
            "unusual-value",
            text(
                f"{plain(value)} is outside what is usual ({ends}).",
                f"{plain(value)} nằm ngoài khoảng thường gặp ({ends}).",
            ),
        )
    ]


def _find_falls(
    changes: Sequence[Change], valued: Mapping[int, Change], found: Found, contested: Collection[Key] | None
) -> None:
    sums = {place: each for place, each in valued.items() if each.indicator.accumulation == Accumulation.SUM}
    if contested is not None:
        sums = {place: each for place, each in sums.items() if _key(each) in contested} if contested else {}
    if not sums:
        return
    standing: dict[Key, dict[date, Decimal]] = defaultdict(dict)
    wanted = {_key(each) for each in sums.values()}
    for key, end, value in _begun_with(wanted):
        standing[key][end] = value
    for each in changes:
        if (key := _key(each)) in wanted:
            if each.value is None:
                standing[key].pop(each.period.end, None)
            else:
                standing[key][each.period.end] = each.value
    series = {key: doubts.Cumulative(values) for key, values in standing.items()}
    for place, each in sums.items():
        others = series[_key(each)].contradicted(each.period.end, each.value or Decimal(0))
        found[place] += [_fall(each.period.start, other) for other in others]


def _key(change: Change) -> Key:
    return change.indicator.id, change.area, change.period.start


def _begun_with(keys: set[Key]) -> Iterator[tuple[Key, date, Decimal]]:
    """The figures in force that begin at these keys. The query selects a superset, which is filtered here."""
    indicators, areas, starts = (set(each) for each in zip(*keys, strict=True))
    if len(keys) == 1:
        yield from (((i, a, start), end, value) for i, a, start, end, value in _begun(*next(iter(keys))))
        return
    rows = Measurement.objects.filter(
        _among("indicator", indicators), _among("area", areas), _among("period_start", starts), value__isnull=False
    )
    columns = rows.values_list("indicator_id", "area_id", "period_start", "period_end", "value")
    for indicator, area, start, end, value in columns.iterator(chunk_size=5000):
        if (indicator, area, start) in keys:
            yield (indicator, area, start), end, value


@prepared
def _begun(indicator: int, area: int, start: date) -> QuerySet[Any]:
    rows = Measurement.objects.filter(indicator=indicator, area=area, period_start=start, value__isnull=False)
    return rows.values_list("indicator_id", "area_id", "period_start", "period_end", "value")


def _among(name: str, values: set[Any]) -> Q:
    if len(values) <= _LISTED:
        return Q(**{f"{name}__in": values})
    return Q(**{f"{name}__gte": min(values), f"{name}__lte": max(values)})


def _fall(start: date, other: doubts.Other) -> Item:
    period, value = Period(start, other.end), plain(other.value)
    if other.earlier:
        detail = text(f"Less than {period}: {value}.", f"Nhỏ hơn số lũy kế {period}: {value}.")
    else:
        detail = text(f"More than {period}: {value}.", f"Lớn hơn số lũy kế {period}: {value}.")
    return Item("/value", "cumulative-falls", detail)


def _find_differences(changes: Sequence[Change], valued: Mapping[int, Change], today: date, found: Found) -> None:
    checked = {place: each for place, each in valued.items() if each.indicator.check_formula}
    if not checked:
        return
    read = _inputs({each.indicator.id for each in checked.values()})
    areas = sorted({each.area for each in checked.values()})
    for first in range(0, len(areas), _AREAS):
        chosen = set(areas[first : first + _AREAS])
        here = {place: each for place, each in checked.items() if each.area in chosen}
        books = _books({each.indicator.id: each.indicator for each in here.values()}, read, chosen, changes, today)
        for place, each in here.items():
            found[place] += _difference(each, books[each.area])


def _inputs(checked: set[int]) -> list[Indicator]:
    """All indicators that the check formulas read, stored and computed, also through other formulas."""
    direct = CheckInput.objects.filter(indicator__in=checked).values_list("input", flat=True)
    inputs: list[Indicator] = Indicator.objects.with_inputs(set(direct))
    return inputs


def _books(
    checked: Mapping[int, Indicator], read: Sequence[Indicator], areas: set[int], changes: Iterable[Change], today: date
) -> dict[int, Book]:
    """By area id, a resolver of the stored figures with the changes in place of the same periods."""
    stored = {each.pk: each for each in read if not each.formula}
    series = Measurement.objects.current_figures((pk, area) for pk in stored for area in areas)
    posted: dict[Pair, dict[Period, Figure]] = defaultdict(dict)
    for each in changes:
        if each.indicator.id in stored and each.area in areas:
            posted[each.indicator.id, each.area][each.period] = _figure(each, today)
    terms = [*map(terms_of, read), *map(_check_terms, checked.values())]
    return {
        area: Book(
            terms,
            {
                each.code: _replaced(series.get((pk, area), []), posted.get((pk, area), {}))
                for pk, each in stored.items()
            },
        )
        for area in areas
    }


def _replaced(figures: list[Figure], posted: Mapping[Period, Figure]) -> list[Figure]:
    return [*(each for each in figures if each.period not in posted), *posted.values()] if posted else figures


def _figure(change: Change, today: date) -> Figure:
    return Figure("", 0, *change.period, change.value, "", "", today, _LAST)


def _check_code(indicator: Indicator) -> str:
    """A code for the check formula that no indicator can have."""
    return f"{indicator.code} checked"


def _check_terms(indicator: Indicator) -> IndicatorTerms:
    formula = indicator.check_formula
    return IndicatorTerms(_check_code(indicator), Kind(indicator.kind), Frequency(indicator.frequency), None, formula)


def _difference(change: Change, book: Book) -> list[Item]:
    indicator, value = change.indicator, change.value or Decimal(0)
    computed = book.value(_check_code(indicator), change.period)
    allowed = doubts.tolerance(indicator.check_tolerance, indicator.decimals)
    if computed is None or not doubts.differs(value, computed, allowed):
        return []
    shown, formula = plain(half_up(computed, indicator.decimals + 2)), indicator.check_formula
    return [
        Item(
            "/value",
            "growth-differs",
            text(
                f"{plain(value)} is posted, {formula} gives {shown}.", f"Số gửi {plain(value)}, {formula} cho {shown}."
            ),
        )
    ]
