"""Periods as people write them: `tháng 10/2024`, `Q1/2025`, `the first 6 months of 2025`."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Final

from .periods import InvalidPeriod, Period, month_length

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ROMAN: Final = ("I", "II", "III", "IV")
_ORDINALS: Final = ("first", "second", "third", "fourth")


def day_in_words(day: date, *, vietnamese: bool) -> str:
    """5 November 2026, or 05/11/2026."""
    return f"{day:%d/%m/%Y}" if vietnamese else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def period_in_words(period: Period, *, vietnamese: bool) -> str:
    """Such as `the third quarter of 2024` or `quý III/2024`. `parse_written_period` reads it back."""
    start, end = period
    months = period.whole_months
    if start == end:
        return _day_of_period(start, vietnamese)
    if months and start.year == end.year:
        return _months_in_words(start.month, months, start.year, vietnamese)
    if months and start.month == 1 and end.month == 12:
        return f"giai đoạn {start.year}–{end.year}" if vietnamese else f"{start.year} to {end.year}"
    first, last = _day_of_period(start, vietnamese), _day_of_period(end, vietnamese)
    return f"từ {first} đến {last}" if vietnamese else f"{first} to {last}"


def _day_of_period(day: date, vietnamese: bool) -> str:
    return ("ngày " if vietnamese else "") + day_in_words(day, vietnamese=vietnamese)


def _months_in_words(first: int, months: int, year: int, vietnamese: bool) -> str:
    last = first + months - 1
    if months == 12:
        return f"năm {year}" if vietnamese else f"{year}"
    if months == 1:
        return f"tháng {first}/{year}" if vietnamese else f"{_MONTHS[first - 1]} {year}"
    if months == 3 and first % 3 == 1:
        quarter = first // 3
        return f"quý {_ROMAN[quarter]}/{year}" if vietnamese else f"the {_ORDINALS[quarter]} quarter of {year}"
    if first == 1:
        return f"{months} tháng đầu năm {year}" if vietnamese else f"the first {months} months of {year}"
    if vietnamese:
        return f"tháng {first} đến tháng {last}/{year}"
    return f"{_MONTHS[first - 1]} to {_MONTHS[last - 1]} {year}"


_YEAR = r"(?P<year>(?:19|20|21)[0-9]{2})"
_OF = r"(?:\s?[/.\-]\s?|\s)(?:of\s|nam\s)?"  # between the parts: 10/2024, 10-2024, 10 nam 2024
_NAMES = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in map(str.lower, _MONTHS))
_QUARTER = r"(?P<quarter>[1-4]|i{1,3}|iv|first|second|third|fourth)"
# After `_simplify`: lower case, no diacritics, single spaces.
_PATTERNS: Final = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?:nam )?{_YEAR}",
        rf"(?:giai doan |tu nam |from )?{_YEAR}(?: ?- ?| den (?:nam )?| to )(?P<last_year>(?:19|20|21)[0-9]{{2}})",
        rf"(?:thang |t\.? ?)?(?P<month>[0-9]{{1,2}}){_OF}{_YEAR}",
        rf"{_YEAR}(?:[/.\-] ?|[/.\- ] ?t|t)(?P<month>[0-9]{{1,2}})",
        rf"(?P<month_name>{_NAMES})\.?,? {_YEAR}",
        rf"(?:quy |q\.? ?){_QUARTER}{_OF}{_YEAR}",
        rf"{_YEAR}[/.\- ]?q{_QUARTER}",
        rf"(?:the )?{_QUARTER} quarter(?: of)? {_YEAR}",
        rf"(?:the first )?(?P<count>[0-9]{{1,2}}) ?(?:thang|months?|t)(?: dau)?{_OF}{_YEAR}",
        rf"(?P<second_half>6 thang cuoi|nua cuoi|h2){_OF}{_YEAR}",
        rf"(?P<first_half>nua dau|h1){_OF}{_YEAR}",
        rf"(?:tu )?(?:thang )?(?P<first>[0-9]{{1,2}}) ?(?:-|den) ?(?:thang )?(?P<last>[0-9]{{1,2}}){_OF}{_YEAR}",
        rf"(?P<first_name>{_NAMES}) (?:to|-) (?P<last_name>{_NAMES}) {_YEAR}",
    )
)
_DAY: Final = re.compile(
    rf"(?:ngay )?(?P<day>[0-9]{{1,2}})(?:(?P<sign>[/.\-])(?P<month>[0-9]{{1,2}})(?P=sign)| (?P<month_name>{_NAMES}) ){_YEAR}",
    re.ASCII,
)


def parse_written_period(written: str) -> Period:
    """A period as its code or as people write it, in both languages. Raises InvalidPeriod."""
    text = _simplify(written)
    if (match := re.fullmatch(r"(?:tu |from )?(.+?) (?:den|to) (.+)", text)) and all(
        map(_DAY.fullmatch, match.groups())
    ):
        start, end = (_parse_day(part) for part in match.groups())
        return _checked(start, end, written)
    if _DAY.fullmatch(text):
        return Period(_parse_day(text), _parse_day(text))
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(text):
            return _to_period({name: value for name, value in match.groupdict().items() if value}, written)
    return Period.parse(written.strip().upper())


def _simplify(written: str) -> str:
    decomposed = unicodedata.normalize("NFD", written.strip().lower().replace("đ", "d").replace("–", "-"))
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())


def _to_period(parts: dict[str, str], written: str) -> Period:
    year = int(parts["year"])
    if "last_year" in parts:
        return _checked(date(year, 1, 1), date(int(parts["last_year"]), 12, 31), written)
    first, last = 1, 12
    for name, months_of in _READERS.items():
        if name in parts:
            first, last = months_of(parts)
    if not 1 <= first <= last <= 12:
        raise InvalidPeriod(f"{written!r} is no period")
    return Period(date(year, first, 1), date(year, last, month_length(year, last)))


def _month_number(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.lower().startswith(name[:3]))


def _quarter_months(parts: dict[str, str]) -> tuple[int, int]:
    word = parts["quarter"]
    names = [*map(str.lower, _ROMAN), *_ORDINALS]
    quarter = int(word) if word.isdigit() else names.index(word) % 4 + 1
    return quarter * 3 - 2, quarter * 3


_READERS: Final[dict[str, Callable[[dict[str, str]], tuple[int, int]]]] = {
    "month": lambda parts: (int(parts["month"]), int(parts["month"])),
    "month_name": lambda parts: (_month_number(parts["month_name"]),) * 2,
    "quarter": _quarter_months,
    "count": lambda parts: (1, int(parts["count"])),
    "first_half": lambda parts: (1, 6),
    "second_half": lambda parts: (7, 12),
    "first": lambda parts: (int(parts["first"]), int(parts["last"])),
    "first_name": lambda parts: (_month_number(parts["first_name"]), _month_number(parts["last_name"])),
}


def _parse_day(text: str) -> date:
    match = _DAY.fullmatch(text)
    parts = match.groupdict() if match else {}
    try:
        month = _month_number(parts["month_name"]) if parts["month_name"] else int(parts["month"])
        return date(int(parts["year"]), month, int(parts["day"]))
    except (KeyError, ValueError):
        raise InvalidPeriod(f"{text!r} is not a day of the calendar") from None


def _checked(start: date, end: date, written: str) -> Period:
    if start > end:
        raise InvalidPeriod(f"{written!r} ends before it begins")
    return Period(start, end)
