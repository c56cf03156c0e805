"""Numbers, days and periods as people write them, in the language that is active: 1,234.5 or 1.234,5."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from indicators.domain.periods import Period
from indicators.domain.rounding import half_up, plain
from kpitracker.lib.texts import text

_SWAPPED = str.maketrans(",.", ".,")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_ROMAN = ("I", "II", "III", "IV")
_ORDINALS = ("first", "second", "third", "fourth")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# Of a number that is large, nobody reads what stands behind the point.
_LARGE = 1000


def number(value: str, places: int = 12) -> str:
    """Grouped, rounded half up; a text of plain decimals."""
    rounded = plain(half_up(Decimal(value), places))
    whole, _, part = rounded.lstrip("-").partition(".")
    english = f"{int(whole):,}" + (f".{part}" if part else "")
    sign = "−" if rounded.startswith("-") else ""
    return sign + str(text(english, english.translate(_SWAPPED)))


def computed(value: str, decimals: int) -> str:
    """To two places more than the indicator has; a large one to those it has."""
    exact = Decimal(value)
    shown = half_up(exact, decimals)
    large = abs(exact) >= _LARGE and shown != 0
    return number(value, decimals if large else decimals + 2)


def amount(shown: str, unit: str) -> str:
    """A number with its unit, `shown` as `number` writes it."""
    if unit == "percent":
        return f"{shown} %"
    if unit == "percentage points":
        return str(text(f"{shown} points", f"{shown} điểm %"))
    if unit == "rank":
        return str(text(f"rank {shown}", f"hạng {shown}"))
    return f"{shown} {unit}".strip()


def actual(status: dict[str, Any], decimals: int) -> str:
    """As lists show it: with its unit; "–" for none. With up to three places it is as somebody wrote it."""
    return measured(status["actual"], status["unit"], decimals)


def variance(status: dict[str, Any], decimals: int) -> str:
    """As `actual`. A difference of ranks is no rank."""
    return measured(status["variance"], "" if status["unit"] == "rank" else status["variance_unit"], decimals)


def measured(value: str | None, unit: str, decimals: int) -> str:
    """As `actual`, of any number."""
    if value is None:
        return "–"
    written = len(value.partition(".")[2]) <= 3
    return amount(number(value, 3) if written else computed(value, decimals), unit)


def arithmetic(expression: str) -> str:
    """Arithmetic with the numbers grouped, signs as they are written on paper, and `;` between the parts of a call."""
    signed = expression.replace(", ", "; ").replace("*", "×").replace("- ", "− ").replace("(-", "(−")
    signed = re.sub(r"^-", "−", signed)
    return _NUMBER.sub(lambda found: number(found[0]), signed)


def day(value: str) -> str:
    found = date.fromisoformat(value)
    return str(
        text(f"{found.day} {_MONTHS[found.month - 1]} {found.year}", f"ngày {found.day}/{found.month}/{found.year}")
    )


def period(code: str) -> str:
    """A period in words, such as `the third quarter of 2024`."""
    span = Period.parse(code)
    year, months = span.start.year, span.whole_months
    if span.start == span.end:
        return day(span.start.isoformat())
    if not months or (span.end.year != year and span.end.month != 12):
        return _between(span)
    if span.end.year != year:
        return _years(span) if span.start.month == 1 else _between(span)
    return _inside_a_year(span.start.month, months, year)


def _between(span: Period) -> str:
    first, last = day(span.start.isoformat()), day(span.end.isoformat())
    return str(text(f"{first} to {last}", f"từ {first} đến {last}"))


def _years(span: Period) -> str:
    return str(text(f"{span.start.year} to {span.end.year}", f"giai đoạn {span.start.year}–{span.end.year}"))


def _inside_a_year(first: int, months: int, year: int) -> str:
    if months == 12:
        return str(text(f"{year}", f"năm {year}"))
    if months == 1:
        return str(text(f"{_MONTHS[first - 1]} {year}", f"tháng {first}/{year}"))
    if months == 3 and first % 3 == 1:
        place = first // 3
        return str(text(f"the {_ORDINALS[place]} quarter of {year}", f"quý {_ROMAN[place]}/{year}"))
    if first == 1:
        return str(text(f"the first {months} months of {year}", f"{months} tháng đầu năm {year}"))
    last = first + months - 1
    return str(text(f"{_MONTHS[first - 1]} to {_MONTHS[last - 1]} {year}", f"tháng {first} đến tháng {last}/{year}"))
