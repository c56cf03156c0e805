"""The indicators and areas that the rows of a batch name. They are read once and locked until the transaction ends."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db.models import Q

from indicators.models import Area, Indicator, ReportingDuty
from indicators.querysets import Pair
from indicators.services import areas, duties, measurements
from indicators.services.batches.rows import Row
from kpitracker.lib.actor import Actor
from kpitracker.lib.database import hold
from kpitracker.lib.errors import DomainError, Item


class _Answers(dict[Any, Any]):
    """Cached results of a function. A domain error is cached as its `Item`."""

    def __init__(self, ask: Callable[[Any], Any], pointer: str) -> None:
        super().__init__()
        self._ask, self._pointer = ask, pointer

    def __missing__(self, key: Any) -> Any:
        try:
            found = self._ask(key)
        except DomainError as error:
            found = error.items[0] if error.items else Item(self._pointer, error.slug, error.detail or "")
        self[key] = found
        return found


class References:
    """Resolves the codes of rows to ids, and checks whether the caller may post there."""

    def __init__(self, rows: Iterable[Row], by: Actor, today: date) -> None:
        self._by, self._today = by, today
        indicators, places = {row.indicator for row in rows}, {row.area for row in rows}
        wanted = Indicator.objects.filter(code__in=indicators)
        # One batch at a time per indicator, locked in one order: two with the same figures would deadlock otherwise.
        hold(wanted, alone=True)
        self.indicators: dict[str, Indicator] = {i.code: i for i in wanted.visible_to(by)}
        self._areas = _areas(places)
        self._family = None if by.department is None else duties.stood_for(by.department, today)
        self._duties = self._on_duty()
        # By the codes of indicator and area: the ids of both, or the reason why the caller may not post there.
        self.places = _Answers(lambda codes: self._place(*codes), "/indicator")
        # By day of publication: whether the figure is quiet history, or the reason why the day is refused.
        self.days = _Answers(lambda day: measurements.check_published(day, today, by), "/published")

    def _place(self, code: str, area: str) -> Pair:
        indicator = self.indicators.get(code)
        if indicator is None:
            raise Indicator.objects.unknown(code, "/indicator")
        if isinstance(place := self._areas[area], DomainError):
            raise place
        measurements.check_stored(indicator)
        if self._family is not None:
            default = {indicator.department_id} if indicator.department_id else set()
            if not self._duties.get((indicator.pk, place.pk), default) & self._family:
                raise duties.not_yours(indicator, place)
        return indicator.pk, place.pk

    def _on_duty(self) -> dict[Pair, set[int]]:
        found: dict[Pair, set[int]] = {}
        if self._family is None:
            return found
        ids = [indicator.pk for indicator in self.indicators.values()]
        rows = ReportingDuty.objects.filter(
            Q(valid_from=None) | Q(valid_from__lte=self._today),
            Q(valid_to=None) | Q(valid_to__gte=self._today),
            indicator__in=ids,
        )
        for indicator, area, department in rows.values_list("indicator", "area", "department"):
            found.setdefault((indicator, area), set()).add(department)
        return found


def _areas(codes: Iterable[str]) -> dict[str, Area | DomainError]:
    codes = set(codes)
    rows = Area.objects.filter(code__in=codes)
    hold(rows)
    found: dict[str, Area | DomainError] = {area.code: area for area in rows}
    for code in codes - set(found):
        # Only the home area needs another query: a file may hold thousands of unknown codes.
        found[code] = Area.objects.unknown(code, "/area") if code else _home()
    return found


def _home() -> Area | DomainError:
    try:
        home = areas.by_code_or_home(None)
    except DomainError as error:
        return error
    hold(Area.objects.filter(pk=home.pk))
    return home
