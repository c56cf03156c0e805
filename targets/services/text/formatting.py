"""Format numbers, days and periods in the active language: 1,234.5 or 1.234,5."""

import re
from datetime import date
from decimal import Decimal

from indicators.domain.choices import RANK_UNITS
from indicators.domain.period_words import day_in_words, period_in_words
from indicators.domain.periods import Period
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.models.unit_words import unit_in_words
from kpitracker.lib.i18n.text import is_vietnamese, translate
from kpitracker.lib.numbers import localize_number
from targets.payloads.assessments import AssessmentPayload

_NUMBER_PATTERN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# From this size on, computed numbers get no extra decimal places.
_LARGE_VALUE = 1000


def format_number(value: str | None, places: int = 12) -> str:
    """Group the digits of a decimal text and round it half up to `places`; "–" for None."""
    if value is None:
        return "–"
    return localize_number(to_plain_string(round_half_up(Decimal(value), places)))


def format_computed(value: str, decimals: int) -> str:
    """Round a computed number to two places more than the indicator's `decimals`; a large one to `decimals`."""
    exact = Decimal(value)
    rounded = round_half_up(exact, decimals)
    is_large = abs(exact) >= _LARGE_VALUE and rounded != 0
    return format_number(value, decimals if is_large else decimals + 2)


def shown_unit(status: AssessmentPayload) -> str:
    """Return the unit in the language of the reader. Payloads that were stored without `unit_en` have one language."""
    return unit_in_words(status["unit"], status.get("unit_en", ""))


def shown_variance_unit(status: AssessmentPayload) -> str:
    """Return the unit of a difference in the language of the reader. A difference of ranks has none."""
    if status["unit"] in RANK_UNITS:
        return ""
    return shown_unit(status) if status["variance_unit"] == status["unit"] else status["variance_unit"]


def format_amount(formatted: str, unit: str) -> str:
    """Add the unit, as `shown_unit` gives it, to a number that `format_number` has formatted."""
    if unit == "percentage points":
        return translate(f"{formatted} points", f"{formatted} điểm %")
    if unit in RANK_UNITS:
        return translate(f"rank {formatted}", f"hạng {formatted}")
    return f"{formatted} {unit}".strip()


def format_actual(status: AssessmentPayload, decimals: int) -> str:
    """Return the actual value with its unit; "–" if there is none."""
    return format_value(status["actual"], shown_unit(status), decimals)


def format_variance(status: AssessmentPayload, decimals: int) -> str:
    """Return the variance with its unit; "–" if there is none."""
    return format_value(status["variance"], shown_variance_unit(status), decimals)


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
    """Return a day for a sentence: 5 November 2026, ngày 05/11/2026."""
    return translate("", "ngày ") + format_short_day(value)


def format_short_day(value: str) -> str:
    """Return a day for a table: 5 November 2026, 05/11/2026."""
    return day_in_words(date.fromisoformat(value), vietnamese=is_vietnamese())


def format_period(code: str) -> str:
    """Return a period in words, such as `the third quarter of 2024`."""
    return period_in_words(Period.parse(code), vietnamese=is_vietnamese())
