"""Format numbers, days and periods in the active language: 1,234.5 or 1.234,5."""

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
# From this size on, computed numbers get no extra decimal places.
_LARGE = 1000


def number(value: str, places: int = 12) -> str:
    """Group the digits of a decimal text and round it half up to `places`."""
    rounded = plain(half_up(Decimal(value), places))
    whole, _, part = rounded.lstrip("-").partition(".")
    english = f"{int(whole):,}" + (f".{part}" if part else "")
    sign = "−" if rounded.startswith("-") else ""
    return sign + str(text(english, english.translate(_SWAPPED)))


def computed(value: str, decimals: int) -> str:
    """Round a computed number to two places more than the indicator's `decimals`; a large one to `decimals`."""
    exact = Decimal(value)
    shown = half_up(exact, decimals)
    large = abs(exact) >= _LARGE and shown != 0
    return number(value, decimals if large else decimals + 2)


def amount(shown: str, unit: str) -> str:
    """Add the unit to a number that `format_number` has formatted."""
    if unit == "percent":
        return f"{shown} %"
    if unit == "percentage points":
        return str(text(f"{shown} points", f"{shown} điểm %"))
    if unit == "rank":
        return str(text(f"rank {shown}", f"hạng {shown}"))
    return f"{shown} {unit}".strip()


def actual(status: dict[str, Any], decimals: int) -> str:
    """Return the actual value with its unit, as lists show it; "–" if there is none."""
    return measured(status["actual"], status["unit"], decimals)


def variance(status: dict[str, Any], decimals: int) -> str:
    """Return the variance with its unit; "–" if there is none. A difference of ranks has no unit."""
    return measured(status["variance"], "" if status["unit"] == "rank" else status["variance_unit"], decimals)


def measured(value: str | None, unit: str, decimals: int) -> str:
    """Return a value with its unit; "–" for None. Up to three decimal places count as entered and are not rounded."""
    if value is None:
        return "–"
    written = len(value.partition(".")[2]) <= 3
    return amount(number(value, 3) if written else computed(value, decimals), unit)


def arithmetic(expression: str) -> str:
    """Format an expression for print: grouped numbers, the signs × and −, and `;` between arguments."""
    signed = expression.replace(", ", "; ").replace("*", "×").replace("- ", "− ").replace("(-", "(−")
    signed = re.sub(r"^-", "−", signed)
    return _NUMBER.sub(lambda found: number(found[0]), signed)


def day(value: str) -> str:
    found = date.fromisoformat(value)
    return str(
        text(f"{found.day} {_MONTHS[found.month - 1]} {found.year}", f"ngày {found.day}/{found.month}/{found.year}")
    )


def period(code: str) -> str:
    """Return a period in words, such as `the third quarter of 2024`."""
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
