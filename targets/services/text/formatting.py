"""Format numbers, days and periods in the active language: 1,234.5 or 1.234,5."""

import re
from datetime import date
from decimal import Decimal

from indicators.domain.periods import Period
from indicators.domain.rounding import round_half_up, to_plain_string
from kpitracker.lib.i18n.text import translate
from targets.payloads.assessments import AssessmentPayload

_SWAP_SEPARATORS = str.maketrans(",.", ".,")
_MONTH_NAMES = [
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
_NUMBER_PATTERN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# From this size on, computed numbers get no extra decimal places.
_LARGE_VALUE = 1000


def format_number(value: str | None, places: int = 12) -> str:
    """Group the digits of a decimal text and round it half up to `places`; "–" for None."""
    if value is None:
        return "–"
    rounded = to_plain_string(round_half_up(Decimal(value), places))
    whole, _, fraction = rounded.lstrip("-").partition(".")
    english = f"{int(whole):,}" + (f".{fraction}" if fraction else "")
    sign = "−" if rounded.startswith("-") else ""
    return sign + translate(english, english.translate(_SWAP_SEPARATORS))


def format_computed(value: str, decimals: int) -> str:
    """Round a computed number to two places more than the indicator's `decimals`; a large one to `decimals`."""
    exact = Decimal(value)
    rounded = round_half_up(exact, decimals)
    is_large = abs(exact) >= _LARGE_VALUE and rounded != 0
    return format_number(value, decimals if is_large else decimals + 2)


def format_amount(formatted: str, unit: str) -> str:
    """Add the unit to a number that `format_number` has formatted."""
    if unit == "percent":
        return f"{formatted} %"
    if unit == "percentage points":
        return translate(f"{formatted} points", f"{formatted} điểm %")
    if unit == "rank":
        return translate(f"rank {formatted}", f"hạng {formatted}")
    return f"{formatted} {unit}".strip()


def format_actual(status: AssessmentPayload, decimals: int) -> str:
    """Return the actual value with its unit; "–" if there is none."""
    return format_value(status["actual"], status["unit"], decimals)


def format_variance(status: AssessmentPayload, decimals: int) -> str:
    """Return the variance with its unit; "–" if there is none. A difference of ranks has no unit."""
    return format_value(status["variance"], "" if status["unit"] == "rank" else status["variance_unit"], decimals)


def format_value(value: str | None, unit: str, decimals: int) -> str:
    """Return a value with its unit; "–" for None. Up to three decimal places count as entered and are not rounded."""
    if value is None:
        return "–"
    is_entered = len(value.partition(".")[2]) <= 3
    return format_amount(format_number(value, 3) if is_entered else format_computed(value, decimals), unit)


def format_expression(expression: str) -> str:
    """Format an expression for print: grouped numbers, the signs × and −, and `;` between arguments."""
    signed = expression.replace(", ", "; ").replace("*", "×").replace("- ", "− ").replace("(-", "(−")
    signed = re.sub(r"^-", "−", signed)
    return _NUMBER_PATTERN.sub(lambda match: format_number(match[0]), signed)


def format_day(value: str) -> str:
    parsed = date.fromisoformat(value)
    return translate(
        f"{parsed.day} {_MONTH_NAMES[parsed.month - 1]} {parsed.year}",
        f"ngày {parsed.day}/{parsed.month}/{parsed.year}",
    )


def format_period(code: str) -> str:
    """Return a period in words, such as `the third quarter of 2024`."""
    span = Period.parse(code)
    year, months = span.start.year, span.whole_months
    if span.start == span.end:
        return format_day(span.start.isoformat())
    if not months or (span.end.year != year and span.end.month != 12):
        return _format_range(span)
    if span.end.year != year:
        return _format_years(span) if span.start.month == 1 else _format_range(span)
    return _format_months(span.start.month, months, year)


def _format_range(span: Period) -> str:
    first, last = format_day(span.start.isoformat()), format_day(span.end.isoformat())
    return translate(f"{first} to {last}", f"từ {first} đến {last}")


def _format_years(span: Period) -> str:
    return translate(f"{span.start.year} to {span.end.year}", f"giai đoạn {span.start.year}–{span.end.year}")


def _format_months(first: int, months: int, year: int) -> str:
    if months == 12:
        return translate(f"{year}", f"năm {year}")
    if months == 1:
        return translate(f"{_MONTH_NAMES[first - 1]} {year}", f"tháng {first}/{year}")
    if months == 3 and first % 3 == 1:
        quarter = first // 3
        return translate(f"the {_ORDINALS[quarter]} quarter of {year}", f"quý {_ROMAN[quarter]}/{year}")
    if first == 1:
        return translate(f"the first {months} months of {year}", f"{months} tháng đầu năm {year}")
    last = first + months - 1
    return translate(
        f"{_MONTH_NAMES[first - 1]} to {_MONTH_NAMES[last - 1]} {year}", f"tháng {first} đến tháng {last}/{year}"
    )
