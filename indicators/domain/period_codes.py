"""Codes of periods: strict parsing, shortest formatting (domain.md section 2)."""

import re
from datetime import date

from .date_math import is_month_end, month_length

# ASCII digits only: digits of other scripts would give one period two codes.
_PART_PATTERN = re.compile(
    r"(?P<year>(?:19|20|21)\d\d)"
    r"(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])"
    r"|(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01]))?))?",
    re.ASCII,
)
_MAX_LENGTH = len("2024-01-01/2024-12-31")


class InvalidPeriod(ValueError):
    """A text is not the code of a period."""


def parse_code(code: str) -> tuple[date, date]:
    """First and last day of a period code; raises InvalidPeriod."""
    if len(code) > _MAX_LENGTH:
        raise InvalidPeriod("a period has at most 21 characters")
    start_code, separator, end_code = code.partition("/")
    start, end = _parse_part(start_code)
    if separator:
        _, end = _parse_part(end_code)
    if start > end:
        raise InvalidPeriod(f"{code!r} ends before it begins")
    return start, end


def format_code(start: date, end: date) -> str:
    """The shortest code: year, half, quarter, month or day, else an interval of years, of months, or of days."""
    if start.day != 1 or not is_month_end(end):
        return f"{start}" if start == end else f"{start}/{end}"
    if start.month == 1 and end.month == 12:
        return _format_year(start) if start.year == end.year else f"{_format_year(start)}/{_format_year(end)}"
    if start.year == end.year:
        return _format_within_year(start, end)
    return f"{_format_month(start)}/{_format_month(end)}"


def _parse_part(text: str) -> tuple[date, date]:
    match = _PART_PATTERN.fullmatch(text)
    if match is None:
        raise InvalidPeriod(
            f"{text!r} is no period: write 2024, 2024-H1, 2024-Q3, 2024-07, 2024-07-15 "
            "or two of them with / between; years 1900 to 2199"
        )
    year = int(match["year"])
    if match["day"]:
        return _parse_day(text)
    first, last = _month_range(match)
    return date(year, first, 1), date(year, last, month_length(year, last))


def _parse_day(text: str) -> tuple[date, date]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidPeriod(f"{text!r} is not a day of the calendar") from None
    return day, day


def _month_range(match: re.Match[str]) -> tuple[int, int]:
    if match["month"]:
        return int(match["month"]), int(match["month"])
    if match["quarter"]:
        return int(match["quarter"]) * 3 - 2, int(match["quarter"]) * 3
    if match["half"]:
        return int(match["half"]) * 6 - 5, int(match["half"]) * 6
    return 1, 12


def _format_within_year(start: date, end: date) -> str:
    length = end.month - start.month + 1
    if length == 1:
        return _format_month(start)
    if length == 3 and end.month % 3 == 0:
        return f"{_format_year(start)}-Q{end.month // 3}"
    if length == 6 and end.month % 6 == 0:
        return f"{_format_year(start)}-H{end.month // 6}"
    return f"{_format_month(start)}/{_format_month(end)}"


def _format_year(day: date) -> str:
    return f"{day.year:04d}"


def _format_month(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"
