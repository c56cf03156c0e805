"""Format numbers, days and periods in the active language: 1,234.5 or 1.234,5."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from indicators.domain.choices import RANK_UNITS
from indicators.domain.period_words import day_in_words, period_in_words
from indicators.domain.periods import Period
from indicators.domain.rounding import count_places, round_half_up, shown_places, to_plain_string
from indicators.models.unit_words import unit_in_words
from kpitracker.lib.i18n.text import is_vietnamese, translate
from kpitracker.lib.numbers import localize_number
from targets.payloads.assessments import AssessmentPayload

_NUMBER_PATTERN = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def format_number(value: str | None, places: int = 12) -> str:
    """Group the digits of a decimal text and round it half up to `places`; "–" for None."""
    if value is None:
        return "–"
    return localize_number(to_plain_string(round_half_up(Decimal(value), places)))


def format_computed(value: str, decimals: int) -> str:
    """Format a computed number that stands alone; `decimals` are those of the indicator."""
    return format_number(value, shown_places([Decimal(value)], decimals))


def format_figures(values: Sequence[str], decimals: int) -> list[str]:
    """Format posted figures of an indicator that stand in one text."""
    places = shown_places(map(Decimal, values), decimals, computed=False)
    return [format_number(value, places) for value in values]


def assessment_places(status: AssessmentPayload, decimals: int, *edges: str | None) -> int:
    """With how many decimal places a text shows the numbers of an assessment.

    `edges`: those of the target beside them, which are shown as they were decided.
    """
    expected, required = status["expected"], status["required"]
    texts = (
        *(status["actual"], status["variance"], status["shortfall"], expected["lower"], expected["upper"]),
        *(required["lower"], required["upper"]),
    )
    numbers = [Decimal(value) for value in texts if value is not None]
    # Beside a figure as it was posted, a mark that was computed needs no places of its own: 28.7, due 24.86.
    is_computed = status["actual"] is not None and count_places(Decimal(status["actual"])) > decimals
    beside = [Decimal(edge) for edge in edges if edge is not None]
    return shown_places(numbers, decimals, beside=beside, computed=is_computed)


def shown_unit(status: AssessmentPayload) -> str:
    """Return the unit in the language of the reader. Payloads that were stored without `unit_en` have one language."""
    return unit_in_words(status["unit"], status.get("unit_en", ""))


def is_rank(status: AssessmentPayload) -> bool:
    """Whether the numbers are ranks: the least is the best."""
    return (status["unit"] or status.get("unit_en", "")) in RANK_UNITS


def shown_variance_unit(status: AssessmentPayload) -> str:
    """Return the unit of a difference in the language of the reader. A difference of ranks has none."""
    if status["unit"] in RANK_UNITS:
        return ""
    return shown_unit(status) if status["variance_unit"] == status["unit"] else status["variance_unit"]


def format_amount(formatted: str, unit: str) -> str:
    """Add the unit, as `shown_unit` gives it, to a number that `format_number` has formatted."""
    if unit == "percentage points":
        return translate(f"{formatted} {'point' if formatted in ('1', '−1') else 'points'}", f"{formatted} điểm %")
    if unit in RANK_UNITS:
        return translate(f"rank {formatted}", f"hạng {formatted}")
    return f"{formatted} {unit}".strip()


def format_actual(status: AssessmentPayload, decimals: int) -> str:
    """Return the actual value with its unit; "–" if there is none."""
    return format_value(status["actual"], shown_unit(status), assessment_places(status, decimals))


def format_variance(status: AssessmentPayload, decimals: int) -> str:
    """Return the variance with its unit; "–" if there is none."""
    return format_value(status["variance"], shown_variance_unit(status), assessment_places(status, decimals))


def format_value(value: str | None, unit: str, places: int) -> str:
    """Return a value, rounded to `places`, with its unit; "–" for None."""
    return "–" if value is None else format_amount(format_number(value, places), unit)


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
