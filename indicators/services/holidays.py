"""Writing holidays, and filling the table from what a library knows of a country."""

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
    """How many days were written, and how many stood there already and were left as they are."""

    written: int
    kept: int


@transaction.atomic
def create(*, by: Actor, now: datetime, **values: Any) -> Holiday:
    """Raises `Conflict` (already-exists), `Invalid` (invalid-date) for a working day that is worked anyway."""
    holiday = Holiday(**values)
    _check_worked(holiday.day, worked=holiday.working)
    written = writing.insert(holiday, by=by, pointer="/day")
    _tell([written.day], now)
    return written


@transaction.atomic
def change(*, holiday: Holiday, by: Actor, now: datetime, **values: Any) -> Holiday:
    """Raises `Invalid` (immutable) when the day is to change: it is another holiday then."""
    if values.get("day", holiday.day) != holiday.day:
        raise Invalid("immutable", text("Its day never changes.", "Không đổi được ngày."), pointer="/day")
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
    """Write the days of a year that are not there yet; what is there stays as it is, whoever wrote it.

    Raises `Invalid` for a country that the library does not know. Decrees of the year are known to it only when its
    release is younger than they are.
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
        raise Invalid("invalid-number", text("A year 1900 to 2199.", "Cần năm từ 1900 đến 2199."), pointer="/year")
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
    """Of these years those of which no day is known: only weekends are left out there."""
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
