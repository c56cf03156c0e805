"""Sentences that put an assessment beside what was ever seen, the year before, and the target, in the active language."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from indicators.domain.choices import RANK_UNITS
from indicators.domain.missing_values import MissingSlug
from indicators.domain.rounding import shown_places
from kpitracker.lib.i18n.text import text, translate
from targets.domain.choices import Goal, PaceUnit
from targets.payloads.assessments import AssessmentPayload, SamePeriodPayload
from targets.payloads.explanations import MissingReasonPayload
from targets.services.text import formatting

PACE_LABELS: Final = {
    "day": text("a day", "mỗi ngày"),
    "month": text("a month", "mỗi tháng"),
    "quarter": text("a quarter", "mỗi quý"),
    "half": text("a half-year", "mỗi nửa năm"),
    "year": text("a year", "mỗi năm"),
    "rest": text("over all that is left", "trong cả phần còn lại"),
}
_PERCENT_PLACES: Final = 2


def pace_sentence(status: AssessmentPayload, goal: str | None, decimals: int) -> str:
    """Say that more (or less) is needed than was ever seen; "" unless an edge is out of reach."""
    required = status["required"]
    best, period = required.get("best_seen"), required.get("best_seen_period")
    if required["out_of_reach"] is not True or best is None or period is None:
        return ""
    lower, upper = required["lower"], required["upper"]
    is_more = goal != Goal.AT_MOST and lower is not None and Decimal(lower) > Decimal(best)
    needed = lower if is_more else upper
    if needed is None:
        return ""
    places = shown_places([Decimal(needed), Decimal(best)], decimals)
    unit = formatting.shown_unit(status)
    needed_text, best_text = (formatting.format_value(value, unit, places) for value in (needed, best))
    per = PACE_LABELS[required["per"] or PaceUnit.MONTH]
    span = formatting.format_period(period)
    if is_more:
        return translate(
            f"More is needed than ever seen: {needed_text} {per}; the most was {best_text}, in {span}.",
            f"Cần nhiều hơn mọi mức từng có: {needed_text} {per}, trong khi cao nhất là {best_text} ({span}).",
        )
    return translate(
        f"Less is allowed than ever seen: {needed_text} {per}; the least was {best_text}, in {span}.",
        f"Chỉ được phép thấp hơn mọi mức từng có: {needed_text} {per}, trong khi thấp nhất là {best_text} ({span}).",
    )


def side_by_side_lines(
    status: AssessmentPayload, decimals: int, area_names: Mapping[str, str] = MappingProxyType({})
) -> Iterator[str]:
    """Yield the actual in percent of the target, and the value of the same period a year before with the change.

    `area_names`: by code, in the active language.
    """
    # Documents that earlier releases stored have neither.
    if (percent := status.get("percent_of_target")) is not None:
        shown = formatting.format_number(percent, _PERCENT_PLACES)
        yield translate(f"{shown} % of the target", f"đạt {shown} % kế hoạch")
    if (same_period := status.get("same_period")) is not None:
        yield _same_period_line(status, same_period, decimals, area_names)


def _same_period_line(
    status: AssessmentPayload, same_period: SamePeriodPayload, decimals: int, area_names: Mapping[str, str]
) -> str:
    span, value, reason = formatting.format_period(same_period["period"]), same_period["value"], same_period["reason"]
    start = translate(f"a year before ({span})", f"cùng kỳ năm trước ({span})")
    if value is None:
        return f"{start}: {_missing_phrase(reason, area_names)}"
    places = shown_places([Decimal(value)], decimals)
    line = f"{start}: {formatting.format_value(value, formatting.shown_unit(status), places)}"
    if same_period["change"] is not None:
        return f"{line}; {change_phrase(status, same_period, decimals)}"
    return f"{line}; {_missing_phrase(reason, area_names)}" if reason else line


def change_phrase(status: AssessmentPayload, same_period: SamePeriodPayload, decimals: int) -> str:
    """Return `up 12 %`, `down 0.3 points` or `2 places better`."""
    change = Decimal(same_period["change"] or 0)
    if not change:
        return translate("unchanged", "không đổi")
    if same_period["unit"] == "percent":
        amount = f"{formatting.format_number(str(abs(change)), _PERCENT_PLACES)} %"
    else:
        number = formatting.format_number(str(abs(change)), shown_places([change], decimals))
        if (status["unit"] or status.get("unit_en", "")) in RANK_UNITS:
            places = translate(f"{number} {'place' if abs(change) == 1 else 'places'}", f"{number} bậc")
            better, worse = (
                translate(f"{places} better", f"tăng {places}"),
                translate(f"{places} worse", f"tụt {places}"),
            )
            return better if change < 0 else worse
        amount = formatting.format_amount(number, formatting.shown_variance_unit(status))
    up, down = translate(f"up {amount}", f"tăng {amount}"), translate(f"down {amount}", f"giảm {amount}")
    return up if change > 0 else down


def _missing_phrase(reason: MissingReasonPayload | None, area_names: Mapping[str, str]) -> str:
    day = formatting.format_day(reason["day"]) if reason and reason["day"] else ""
    slug = reason["slug"] if reason else ""
    areas = ", ".join(area_names.get(area, area) for area in reason["areas"]) if reason else ""
    if slug == MissingSlug.SERIES_BREAK:
        return translate(f"measured in another way until {day}", f"trước {day} đo theo cách khác nên không so sánh")
    if slug == MissingSlug.TERRITORY_CHANGED and areas:
        return translate(
            f"figures of {areas}, merged on {day}, are missing", f"thiếu số liệu của {areas}, sáp nhập từ {day}"
        )
    if slug == MissingSlug.TERRITORY_CHANGED:
        return translate(f"of another area until {day}", f"trước {day} thuộc phạm vi địa bàn khác nên không so sánh")
    if slug == MissingSlug.BASE_NOT_ABOVE_ZERO:
        return translate("no change in percent from there", "không tính phần trăm tăng, giảm từ mức này")
    return translate("its figures are missing", "chưa có đủ số liệu")
