"""Format numbers, days and periods in the active language: 1,234.5 or 1.234,5."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from indicators.domain.choices import RANK_UNITS, IndicatorKind
from indicators.domain.period_words import day_in_words, period_in_words
from indicators.domain.periods import Period
from indicators.domain.rounding import count_places, round_half_up, shown_places, to_plain_string
from indicators.models.unit_words import rank_word, unit_in_words
from kpitracker.lib.i18n.text import is_vietnamese, translate
from kpitracker.lib.numbers import localize_number
from targets.domain.choices import PaceUnit
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
    return rank_word() if is_rank(status) else unit_in_words(status["unit"], status.get("unit_en", ""))


def kind_of(status: AssessmentPayload) -> str:
    """The kind of the indicator; "" of stored assessments, and of alerts of earlier releases."""
    facts = cast("Mapping[str, Any]", status)
    return str((facts["explanation"]["indicators"][0] if "explanation" in facts else facts).get("kind", ""))


def is_rank(status: AssessmentPayload) -> bool:
    """Whether the numbers are ranks, whatever their unit: the least is the best.

    The unit tells it only of payloads without a kind: stored assessments, and alerts of earlier releases.
    """
    if kind := kind_of(status):
        return kind == IndicatorKind.RANK
    return (status["unit"] or status.get("unit_en", "")) in RANK_UNITS


def shown_variance_unit(status: AssessmentPayload) -> str:
    """Return the unit of a difference in the language of the reader. A difference of ranks has none."""
    if is_rank(status):
        return ""
    return shown_unit(status) if status["variance_unit"] == status["unit"] else status["variance_unit"]


def format_amount(formatted: str, unit: str) -> str:
    """Add the unit, as `shown_unit` gives it, to a number that `format_number` has formatted."""
    if unit == "percentage points":
        noun = "percentage point" if formatted in ("1", "−1", "-1") else "percentage points"
        return translate(f"{formatted} {noun}", f"{formatted} điểm phần trăm")
    if unit in RANK_UNITS:
        return translate(f"rank {formatted}", f"hạng {formatted}")
    return f"{formatted} {unit}".strip()


def format_actual(status: AssessmentPayload, decimals: int, kind: str = "") -> str:
    """Return the actual value with its unit; "–" if there is none. `kind`: of the indicator."""
    return format_measured(status, status["actual"], assessment_places(status, decimals), kind)


def format_measured(status: AssessmentPayload, value: str | None, places: int, kind: str = "") -> str:
    """Return a value of the indicator with its unit; of what is to be done, whether it is done."""
    kind = kind or kind_of(status)
    if kind == IndicatorKind.YES_NO and value in ("0", "1"):
        return format_done(is_done=value == "1")
    return format_value(value, "" if kind == IndicatorKind.YES_NO else shown_unit(status), places)


def format_range(low: str | None, high: str | None, places: int) -> str:
    """Return the numbers with a dash between them, or the only one there is."""
    texts = [format_number(value, places) for value in (low, high) if value is not None]
    return " – ".join(dict.fromkeys(texts))


def format_due(status: AssessmentPayload, places: int, kind: str = "") -> str:
    """Return what is due by the day of an assessment, without the unit; "" if nothing is. `kind`: of the indicator."""
    expected = status["expected"]
    if (kind or kind_of(status)) == IndicatorKind.YES_NO:
        return format_measured(status, expected["lower"] or expected["upper"], places, kind)
    return format_range(expected["lower"], expected["upper"], places)


def format_done(*, is_done: bool) -> str:
    return translate("done", "đã hoàn thành") if is_done else translate("not done", "chưa hoàn thành")


def format_difference(status: AssessmentPayload, difference: Decimal, places: int, kind: str = "") -> str:
    """Return a difference between two values of the indicator: in percentage points of rates and shares, in places of ranks.

    Of what is to be done there is none: "–".
    """
    if (kind or kind_of(status)) == IndicatorKind.YES_NO:
        return "–"
    formatted = format_number(format(difference, "f"), places)
    if is_rank(status):
        return translate(f"{formatted} {'place' if abs(difference) == 1 else 'places'}", f"{formatted} bậc")
    return format_amount(formatted, shown_variance_unit(status))


def format_change(status: AssessmentPayload, change: Decimal, places: int, kind: str = "") -> str:
    """Return a difference with its direction: `−0.3 percentage points`, of ranks `2 places better`."""
    if not is_rank(status) or not change:
        return format_difference(status, change, places, kind)
    distance = format_difference(status, abs(change), places, kind)
    better, worse = (
        translate(f"{distance} better", f"hơn {distance}"),
        translate(f"{distance} worse", f"kém {distance}"),
    )
    return better if change < 0 else worse


def format_pace(status: AssessmentPayload, value: str, places: int, kind: str = "") -> str:
    """Return a required or best pace: growth and averages of all that is left are values, everything else is a change."""
    if status["required"]["per"] in (None, PaceUnit.REST) or (kind or kind_of(status)) == IndicatorKind.YES_NO:
        return format_measured(status, value, places, kind)
    return format_change(status, Decimal(value), places, kind)


def format_variance(status: AssessmentPayload, decimals: int, kind: str = "") -> str:
    """Return the variance with its unit; "–" if there is none. `kind`: of the indicator."""
    if status["variance"] is None:
        return "–"
    return format_change(status, Decimal(status["variance"]), assessment_places(status, decimals), kind)


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


def format_in_period(code: str) -> str:
    """Return when, such as `in the third quarter of 2024` or `from 1 January 2025 to 14 March 2025`."""
    words = format_period(code)
    if is_vietnamese():
        return words if words.startswith("từ ") else f"từ {words}" if " đến " in words else f"trong {words}"
    return f"from {words}" if " to " in words else f"in {words}"


def format_period_noun(code: str) -> str:
    """Return a period as words that can follow `của` and `for`: `giai đoạn từ ngày 01/01/2025 đến ngày 14/03/2025`."""
    words = format_period(code)
    return f"giai đoạn {words}" if words.startswith("từ ") else words
