"""The indicators and areas that the rows of a batch name. They are read once and locked until the transaction ends."""

import hashlib
from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Q

from indicators.models import Area, Indicator, ReportingDuty
from indicators.querysets import SeriesKey
from indicators.services.catalogue import reporting_duties
from indicators.services.figures import recording
from kpitracker.lib.actor import Actor
from kpitracker.lib.db.locks_and_triggers import lock_for_reference
from kpitracker.lib.errors import DomainError, ProblemItem


class _LookupCache(dict[Any, Any]):
    """Cached results of a function. A domain error is cached as its `ProblemItem`."""

    def __init__(self, look_up: Callable[[Any], Any], pointer: str) -> None:
        super().__init__()
        self._look_up, self._pointer = look_up, pointer

    def __missing__(self, key: object) -> object:
        try:
            result = self._look_up(key)
        except DomainError as error:
            result = error.items[0] if error.items else ProblemItem(self._pointer, error.slug, error.detail or "")
        self[key] = result
        return result


class References:
    """Resolves the codes of rows to ids, and checks whether the caller may post there."""

    def __init__(self, indicator_codes: Collection[str], area_codes: Collection[str], by: Actor, today: date) -> None:
        self._by, self._today = by, today
        indicator_rows = Indicator.objects.filter(code__in=indicator_codes)
        # One batch at a time per indicator, locked in one order: two with the same figures would deadlock otherwise.
        lock_for_reference(indicator_rows, exclusive=True)
        self.indicators: dict[str, Indicator] = {i.code: i for i in indicator_rows.visible_to(by)}
        self._areas = _load_areas(area_codes)
        self._represented = (
            None if by.department is None else reporting_duties.represented_departments(by.department, today)
        )
        self._assigned = self._load_assigned()
        # By the codes of indicator and area: the ids of both, or the reason why the caller may not post there.
        self.series_by_codes = _LookupCache(lambda codes: self._resolve_series(*codes), "/indicator")
        # By day of publication: None, or the reason why the day is refused.
        self.day_faults = _LookupCache(lambda day: recording.check_published(day, today, by), "/published")

    def digest(self, indicator_codes: Iterable[str], area_codes: Iterable[str]) -> str:
        """Hexadecimal SHA-256 of all that decides what these codes stand for, and whether the caller may post there."""
        indicators = [(code, self.indicators.get(code)) for code in sorted(indicator_codes)]
        ids = {indicator.pk for _, indicator in indicators if indicator}
        content = (
            [(code, indicator and (indicator.pk, indicator.row_version)) for code, indicator in indicators],
            [(code, getattr(self._areas[code], "pk", None)) for code in sorted(area_codes)],
            sorted(self._represented or ()),
            sorted((key, sorted(departments)) for key, departments in self._assigned.items() if key[0] in ids),
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()

    def _resolve_series(self, code: str, area_code: str) -> SeriesKey:
        indicator = self.indicators.get(code)
        if indicator is None:
            raise Indicator.objects.unknown_code_error(code, "/indicator")
        if isinstance(area_row := self._areas[area_code], DomainError):
            raise area_row
        recording.check_not_computed(indicator)
        if self._represented is not None:
            default_departments = {indicator.department_id} if indicator.department_id else set()
            if not self._assigned.get((indicator.pk, area_row.pk), default_departments) & self._represented:
                raise reporting_duties.not_your_indicator(indicator, area_row)
        return indicator.pk, area_row.pk

    def _load_assigned(self) -> dict[SeriesKey, set[int]]:
        assigned: dict[SeriesKey, set[int]] = {}
        if self._represented is None:
            return assigned
        ids = [indicator.pk for indicator in self.indicators.values()]
        rows = ReportingDuty.objects.filter(
            Q(valid_from=None) | Q(valid_from__lte=self._today),
            Q(valid_to=None) | Q(valid_to__gte=self._today),
            indicator__in=ids,
        )
        for indicator, area, department in rows.values_list("indicator", "area", "department"):
            assigned.setdefault((indicator, area), set()).add(department)
        return assigned


def _load_areas(codes: Iterable[str]) -> dict[str, Area | DomainError]:
    codes = set(codes)
    rows = Area.objects.filter(code__in=codes)
    lock_for_reference(rows)
    areas_by_code: dict[str, Area | DomainError] = {area.code: area for area in rows}
    for code in codes - set(areas_by_code):
        # Only the home area needs another query: a file may hold thousands of unknown codes.
        areas_by_code[code] = Area.objects.unknown_code_error(code, "/area") if code else _load_home_area()
    return areas_by_code


def _load_home_area() -> Area | DomainError:
    try:
        home: Area = Area.objects.by_code_or_home(None)
    except DomainError as error:
        return error
    lock_for_reference(Area.objects.filter(pk=home.pk))
    return home
