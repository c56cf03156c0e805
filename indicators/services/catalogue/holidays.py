"""Create, change and delete holidays, and load the holidays of a country from the `holidays` library."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

import holidays as library
from django.db import transaction

from indicators import signals
from indicators.models import Holiday
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text

DEFAULT_COUNTRY = "VN"
_SATURDAY = 5


class HolidayLoadResult(NamedTuple):
    """How many days were created, and how many existed and were not changed."""

    created: int
    existing: int


@transaction.atomic
def create_holiday(*, by: Actor, now: datetime, **values: object) -> Holiday:
    """Raises `Conflict` (already-exists), `ValidationProblem` (invalid-date) for an exchanged working day on a weekday."""
    holiday = Holiday(**values)
    _check_working_day(holiday.day, is_working=holiday.working)
    saved = crud.insert_row(holiday, by=by, pointer="/day")
    _send_calendar_changed([saved.day], now)
    return saved


@transaction.atomic
def update_holiday(*, holiday: Holiday, by: Actor, now: datetime, **values: Any) -> Holiday:
    """Raises `ValidationProblem` (immutable) for another day: that would be another holiday."""
    if values.get("day", holiday.day) != holiday.day:
        raise ValidationProblem(
            "immutable", text("The day of a holiday cannot be changed.", "Không đổi được ngày."), pointer="/day"
        )
    working = values.get("working", holiday.working)
    _check_working_day(holiday.day, is_working=working)
    working_changed = working != holiday.working
    changed = crud.change_row(holiday, values, by=by)
    _send_calendar_changed([changed.day] if working_changed else [], now)
    return changed


@transaction.atomic
def delete_holiday(*, holiday: Holiday, by: Actor, now: datetime) -> None:
    day = holiday.day
    crud.delete_row(holiday, by=by)
    _send_calendar_changed([day], now)


@transaction.atomic
def load_holidays(*, year: int, country: str, by: Actor, now: datetime) -> HolidayLoadResult:
    """Create the holidays of a year that do not exist yet. Existing ones are not changed.

    Raises `ValidationProblem` for a country that the library does not know. The library knows a decree only when its release
    is newer than the decree.
    """
    candidates = _holidays_of_year(year, country)
    existing_days = set(
        Holiday.objects.filter(day__in=[holiday.day for holiday in candidates]).values_list("day", flat=True)
    )
    missing = [holiday for holiday in candidates if holiday.day not in existing_days]
    for holiday in missing:
        crud.insert_row(holiday, by=by, pointer="/day")
    _send_calendar_changed([holiday.day for holiday in missing], now)
    return HolidayLoadResult(len(missing), len(candidates) - len(missing))


def _holidays_of_year(year: int, country: str) -> list[Holiday]:
    if country not in library.list_supported_countries(include_aliases=False):
        raise ValidationProblem(
            "invalid-choice", text("An unknown country.", "Không có quốc gia này."), pointer="/country"
        )
    if not 1900 <= year < 2200:
        raise ValidationProblem(
            "invalid-number",
            text("A year from 1900 to 2199 is expected.", "Cần năm từ 1900 đến 2199."),
            pointer="/year",
        )
    calendar = library.country_holidays(country, years=year)
    local_names = library.country_holidays(country, years=year, language=calendar.default_language)
    language = "en_US" if "en_US" in calendar.supported_languages else calendar.default_language
    english_names = library.country_holidays(country, years=year, language=language)
    public_holidays = [
        Holiday(day=day, name=name[:300], name_en=english_names.get(day, "")[:300]) for day, name in local_names.items()
    ]
    swapped_days = {day for day in getattr(calendar, "weekend_workdays", set()) if day.year == year}
    return sorted(
        public_holidays
        + [Holiday(day=day, name="Ngày làm bù", name_en="Worked in exchange", working=True) for day in swapped_days],
        key=lambda holiday: holiday.day,
    )


def years_without_holidays(years: Iterable[int]) -> list[int]:
    """Those of these years that have no holiday in the table. Their working days leave out only weekends."""
    return [year for year in years if not Holiday.objects.filter(day__year=year).exists()]


def _check_working_day(day: date, *, is_working: bool) -> None:
    if is_working and day.weekday() < _SATURDAY:
        raise ValidationProblem(
            "invalid-date",
            text("Only a Saturday or Sunday is worked in exchange.", "Chỉ làm bù vào thứ bảy hoặc chủ nhật."),
            pointer="/day",
        )


def _send_calendar_changed(days: list[date], now: datetime) -> None:
    if days:
        signals.calendar_changed.send(sender=Holiday, first=min(days), last=max(days), now=now)
