"""Create, change and delete holidays, and load the holidays of a country from the `holidays` library."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

import holidays as library
from django.db import transaction

from indicators import signals
from indicators.models import Holiday
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Invalid
from kpitracker.lib.texts import text

COUNTRY = "VN"
_SATURDAY = 5


class Loaded(NamedTuple):
    """How many days were created, and how many existed and were not changed."""

    written: int
    kept: int


@transaction.atomic
def create(*, by: Actor, now: datetime, **values: Any) -> Holiday:
    """Raises `Conflict` (already-exists), `Invalid` (invalid-date) for an exchanged working day on a weekday."""
    holiday = Holiday(**values)
    _check_worked(holiday.day, worked=holiday.working)
    written = writing.insert(holiday, by=by, pointer="/day")
    _tell([written.day], now)
    return written


@transaction.atomic
def change(*, holiday: Holiday, by: Actor, now: datetime, **values: Any) -> Holiday:
    """Raises `Invalid` (immutable) for another day: that would be another holiday."""
    if values.get("day", holiday.day) != holiday.day:
        raise Invalid(
            "immutable", text("The day of a holiday cannot be changed.", "Không đổi được ngày."), pointer="/day"
        )
    working = values.get("working", holiday.working)
    _check_worked(holiday.day, worked=working)
    moved = working != holiday.working
    changed = writing.change(holiday, values, by=by)
    _tell([changed.day] if moved else [], now)
    return changed


@transaction.atomic
def delete(*, holiday: Holiday, by: Actor, now: datetime) -> None:
    day = holiday.day
    writing.delete(holiday, by=by)
    _tell([day], now)


@transaction.atomic
def load(*, year: int, country: str, by: Actor, now: datetime) -> Loaded:
    """Create the holidays of a year that do not exist yet. Existing ones are not changed.

    Raises `Invalid` for a country that the library does not know. The library knows a decree only when its release
    is newer than the decree.
    """
    known = _known(year, country)
    there = set(Holiday.objects.filter(day__in=[each.day for each in known]).values_list("day", flat=True))
    fresh = [each for each in known if each.day not in there]
    for each in fresh:
        writing.insert(each, by=by, pointer="/day")
    _tell([each.day for each in fresh], now)
    return Loaded(len(fresh), len(known) - len(fresh))


def _known(year: int, country: str) -> list[Holiday]:
    if country not in library.list_supported_countries(include_aliases=False):
        raise Invalid("invalid-choice", text("An unknown country.", "Không có quốc gia này."), pointer="/country")
    if not 1900 <= year < 2200:
        raise Invalid(
            "invalid-number",
            text("A year from 1900 to 2199 is expected.", "Cần năm từ 1900 đến 2199."),
            pointer="/year",
        )
    own = library.country_holidays(country, years=year)
    named = library.country_holidays(country, years=year, language=own.default_language)
    language = "en_US" if "en_US" in own.supported_languages else own.default_language
    english = library.country_holidays(country, years=year, language=language)
    found = [Holiday(day=day, name=name[:300], name_en=english.get(day, "")[:300]) for day, name in named.items()]
    swapped = {day for day in getattr(own, "weekend_workdays", set()) if day.year == year}
    return sorted(
        found + [Holiday(day=day, name="Ngày làm bù", name_en="Worked in exchange", working=True) for day in swapped],
        key=lambda each: each.day,
    )


def years_without(years: Iterable[int]) -> list[int]:
    """Those of these years that have no holiday in the table. Their working days leave out only weekends."""
    return [year for year in years if not Holiday.objects.filter(day__year=year).exists()]


def _check_worked(day: date, *, worked: bool) -> None:
    if worked and day.weekday() < _SATURDAY:
        raise Invalid(
            "invalid-date",
            text("Only a Saturday or Sunday is worked in exchange.", "Chỉ làm bù vào thứ bảy hoặc chủ nhật."),
            pointer="/day",
        )


def _tell(days: list[date], now: datetime) -> None:
    if days:
        signals.calendar_changed.send(sender=Holiday, first=min(days), last=max(days), now=now)
