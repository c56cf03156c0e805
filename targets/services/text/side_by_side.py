"""Sentences that put an assessment beside what was ever seen, the year before, and the target, in the active language."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from indicators.domain.choices import Frequency, IndicatorKind
from indicators.domain.missing_values import MissingSlug
from indicators.domain.periods import Period, months_in
from indicators.domain.rounding import shown_places
from kpitracker.lib.i18n.text import text, translate
from targets.domain.choices import RESULT_STATUSES, Goal, PaceUnit
from targets.payloads.assessments import AssessmentPayload, SamePeriodPayload
from targets.payloads.explanations import MissingReasonPayload
from targets.services.text import formatting
from targets.services.text.missing_reasons import (
    NO_NAMES,
    ReasonNames,
    join_names,
    missing_phrase,
    nothing_reported_phrase,
)

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
    if status.get("status") in RESULT_STATUSES:
        # A limit that is passed stays passed: nothing that is left can mend it.
        return ""
    lower, upper = required["lower"], required["upper"]
    is_more = goal != Goal.AT_MOST and lower is not None and Decimal(lower) > Decimal(best)
    needed = lower if is_more else upper
    if needed is None:
        return ""
    places = shown_places([Decimal(needed), Decimal(best)], decimals)
    per = PACE_LABELS[required["per"] or PaceUnit.MONTH]
    needed_text = formatting.format_pace(status, needed, places)
    best_text = best_seen_phrase(required["per"], period, formatting.format_pace(status, best, places))
    span, when = formatting.format_period(period), formatting.format_in_period(period)
    if is_more:
        return translate(
            f"More is needed than ever seen: {needed_text} {per}; the most was {best_text}, {when}.",
            f"Cần cao hơn mọi mức từng có: {needed_text} {per}, trong khi cao nhất là {best_text} ({span}).",
        )
    return translate(
        f"Less is allowed than ever seen: {needed_text} {per}; the least was {best_text}, {when}.",
        f"Chỉ được phép thấp hơn mọi mức từng có: {needed_text} {per}, trong khi thấp nhất là {best_text} ({span}).",
    )


def best_seen_phrase(per: str | None, period: str | None, best: str) -> str:
    """Say of the best pace, as a text, that it is an average where the span in which it was seen is of several reporting periods.

    `per`: what the pace is of. `period`: the span in which the best was seen.
    """
    if per is None or per == PaceUnit.REST or period is None:
        return best
    span = Period.parse(period)
    one = span.days == 1 if per == PaceUnit.DAY else span.whole_months == months_in(Frequency(per))
    return (
        best if one else translate(f"an average of {best} {PACE_LABELS[per]}", f"bình quân {best} {PACE_LABELS[per]}")
    )


def side_by_side_lines(
    status: AssessmentPayload, decimals: int, goal: str | None, names: ReasonNames = NO_NAMES
) -> Iterator[str]:
    """Yield the actual in percent of the target, and the value of the same period a year before with the change."""
    # Documents that earlier releases stored have neither.
    # What is done or not done has no percent.
    is_task = formatting.kind_of(status) == IndicatorKind.YES_NO
    if (percent := status.get("percent_of_target")) is not None and not is_task:
        shown = formatting.format_number(percent, _PERCENT_PLACES)
        # A limit is kept, not achieved.
        yield (
            translate(f"{shown} % of the limit", f"bằng {shown} % mức trần")
            if goal == Goal.AT_MOST
            else translate(f"{shown} % of the target", f"đạt {shown} % kế hoạch")
        )
    if (same_period := status.get("same_period")) is not None:
        yield _same_period_line(status, same_period, decimals, names)


def _same_period_line(
    status: AssessmentPayload, same_period: SamePeriodPayload, decimals: int, names: ReasonNames
) -> str:
    span, value, reason = formatting.format_period(same_period["period"]), same_period["value"], same_period["reason"]
    start = translate(f"a year before ({span})", f"cùng kỳ năm trước ({span})")
    if value is None:
        return f"{start}: {_missing_phrase(reason, names)}"
    places = shown_places([Decimal(value)], decimals)
    line = f"{start}: {formatting.format_measured(status, value, places)}"
    if formatting.kind_of(status) == IndicatorKind.YES_NO:
        return line
    if same_period["change"] is not None:
        return f"{line}; {change_phrase(status, same_period, decimals)}"
    if reason is None:
        return line
    return f"{line}; {translate('no change in percent from there', 'không tính phần trăm tăng, giảm từ mức này')}"


def change_phrase(status: AssessmentPayload, same_period: SamePeriodPayload, decimals: int) -> str:
    """Return `up 12 %`, `down 0.3 percentage points` or `2 places better`."""
    change = Decimal(same_period["change"] or 0)
    if not change:
        return translate("unchanged", "không đổi")
    if same_period["unit"] == "percent":
        amount = f"{formatting.format_number(str(abs(change)), _PERCENT_PLACES)} %"
    else:
        amount = formatting.format_difference(status, abs(change), shown_places([change], decimals), "")
        if formatting.is_rank(status):
            up, down = translate(f"{amount} better", f"tăng {amount}"), translate(f"{amount} worse", f"tụt {amount}")
            return up if change < 0 else down
    up, down = translate(f"up {amount}", f"tăng {amount}"), translate(f"down {amount}", f"giảm {amount}")
    return up if change > 0 else down


def _missing_phrase(reason: MissingReasonPayload | None, names: ReasonNames) -> str:
    if reason is None:
        return translate("its figures are missing", "chưa có đủ số liệu")
    day = formatting.format_day(reason["day"]) if reason["day"] else ""
    span = formatting.format_period_noun(reason["period"]) if reason["period"] else ""
    areas = join_names([names.areas.get(area, area) for area in reason["areas"]])
    match reason["slug"]:
        case MissingSlug.NOTHING_REPORTED if reason.get("missing_reason") is None:
            return translate("nothing was reported", "không có báo cáo nào")
        case MissingSlug.NOTHING_REPORTED:
            return nothing_reported_phrase(reason)
        case MissingSlug.GAP:
            return translate(f"no figures for {span}", f"thiếu số liệu của {span}")
        case MissingSlug.SERIES_BREAK:
            return translate(
                f"measured in another way before {day}", f"trước {day} tính theo phương pháp khác nên không so sánh"
            )
        case MissingSlug.TERRITORY_CHANGED if areas:
            return translate(
                f"figures of {areas}, merged on {day}, are missing", f"thiếu số liệu của {areas}, sáp nhập từ {day}"
            )
        case MissingSlug.TERRITORY_CHANGED:
            return translate(
                f"of another territory before {day}", f"trước {day} thuộc phạm vi địa bàn khác nên không so sánh"
            )
    return missing_phrase(reason, names)
