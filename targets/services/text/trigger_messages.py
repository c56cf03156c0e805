"""The sentences about the trigger of an alert, in the active language, built from the stored snapshot."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language

from kpitracker.lib.i18n.text import text
from targets.domain.choices import Status
from targets.domain.rules import RuleKind
from targets.models.assessment import STATUS_LABELS
from targets.services.text import formatting

_CLOSING_REASONS = {
    "settled": text(
        "The final result is known and can no longer change: the alert is closed with this result.",
        "Đã có kết quả cuối kỳ, không thể tác động thêm: cảnh báo được đóng với kết quả hiện tại.",
    ),
    "overdue": text(
        "The due day has passed and the figures are missing: they are overdue now.",
        "Đã qua hạn mà chưa có số liệu: số liệu đã quá hạn báo cáo.",
    ),
}


def closing_reason(snapshot: dict[str, Any]) -> str:
    """Return why the alert was closed although its condition is not over; "" for any other message."""
    reason_key = snapshot.get("closed")
    return str(_CLOSING_REASONS[reason_key]) if reason_key else ""


def closed_label(snapshot: dict[str, Any]) -> str:
    """Return the word for such a closed alert, for the subject of a message; "" for any other message."""
    return str(text("closed", "đóng cảnh báo")) if snapshot.get("closed") else ""


def trigger_sentence(snapshot: dict[str, Any]) -> str:
    """Describe the trigger in one or two sentences; "" if there is none, or its condition is over."""
    finding = snapshot.get("finding")
    return (
        ""
        if finding is None or finding.get("over")
        else _SENTENCE_BUILDERS[RuleKind(finding["kind"])](finding, snapshot)
    )


def _recovered_sentence(finding: dict[str, Any], snapshot: dict[str, Any]) -> str:
    before, after = (STATUS_LABELS[Status(finding[name])] for name in ("before", "after"))
    return str(text(f"It was {before} and is {after} now.", f"Trước đó {before}, nay đã {after}."))


def _met_early_sentence(finding: dict[str, Any], snapshot: dict[str, Any]) -> str:
    after, period_end = STATUS_LABELS[Status(finding["after"])], formatting.format_day(finding["ends"])
    if finding["covered_through"] in (None, finding["ends"]):
        return str(
            text(
                f"It is {after} before its period ends, on {period_end}.",
                f"Đã {after} trước khi hết kỳ ({period_end}).",
            )
        )
    covered_through = formatting.format_day(finding["covered_through"])
    return str(
        text(
            f"It is {after} already, by figures through {covered_through}; its period ends on {period_end}.",
            f"Đã {after} ngay với số liệu đến {covered_through}, trong khi đến {period_end} mới hết kỳ.",
        )
    )


def _revised_sentence(finding: dict[str, Any], snapshot: dict[str, Any]) -> str:
    period, unit = formatting.format_period(finding["period"]), snapshot.get("unit") or ""
    before, after = (formatting.format_number(finding[name]) for name in ("before", "after"))
    is_own_indicator = finding["indicator"] == snapshot["indicator"]
    if is_own_indicator and unit:
        before, after = formatting.format_amount(before, unit), formatting.format_amount(after, unit)
    source = "" if is_own_indicator else f" ({finding['indicator']}, {finding['area']})"
    percent = "" if finding["percent"] is None else f" ({formatting.format_number(finding['percent'])} %)"
    sentence = text(
        f"The figure of {period}{source} was revised from {before} to {after}{percent}.",
        f"Số liệu {period}{source} được sửa từ {before} thành {after}{percent}.",
    )
    return f"{sentence}{_others_sentence(finding, 'figures', 'số liệu khác')}"


def _amended_sentence(finding: dict[str, Any], snapshot: dict[str, Any]) -> str:
    announced, number = formatting.format_day(finding["announced"]), finding["version"]
    before, after = (_edges_text(finding[name], snapshot) for name in ("before", "after"))
    act = f" ({finding['act']})" if finding["act"] else ""
    sentence = text(
        f"The target was amended on {announced}{act}, version {number}: {before} became {after}.",
        f"Chỉ tiêu được điều chỉnh {announced}{act}, phiên bản {number}: từ {before} thành {after}.",
    )
    if before == after:
        sentence = text(
            f"The target was amended on {announced}{act}, version {number}; its number stays {after}.",
            f"Chỉ tiêu được điều chỉnh {announced}{act}, phiên bản {number}; con số vẫn là {after}.",
        )
    return f"{sentence} {finding['reason']}".strip()


def _edges_text(edges: dict[str, Any], snapshot: dict[str, Any]) -> str:
    unit = snapshot.get("unit") or ""
    edge_texts = [
        formatting.format_amount(formatting.format_number(edges[name]), unit)
        for name in ("lower", "upper")
        if edges[name]
    ]
    return " – ".join(edge_texts) or str(text("no number", "không có con số"))


def _due_soon_sentence(finding: dict[str, Any], snapshot: dict[str, Any]) -> str:
    period, due_day = formatting.format_period(finding["period"]), formatting.format_day(finding["due"])
    return str(
        text(
            f"The figures of {period} are due on {due_day} and have not come yet.",
            f"Số liệu {period} đến hạn {due_day}, hiện chưa có.",
        )
    )


def _overdue_action_sentence(finding: dict[str, Any], snapshot: dict[str, Any]) -> str:
    is_english = (get_language() or "").startswith("en")
    department = (is_english and finding["department_en"]) or finding["department"]
    responsible = ", ".join(part for part in (department, finding["person"]) if part) or "–"
    action_text, due_day = " ".join(finding["text"].split()), formatting.format_day(finding["due"])
    sentence = text(
        f"Overdue since {due_day}: {action_text} ({responsible}).",
        f"Biện pháp quá hạn từ {due_day}: {action_text} ({responsible}).",
    )
    return f"{sentence}{_others_sentence(finding, 'actions', 'biện pháp khác')}"


def _inhibition_sentence(finding: dict[str, Any], snapshot: dict[str, Any]) -> str:
    waiting_count = finding["waiting_count"]
    return str(
        text(
            f"The department has posted none of the figures that are due: {waiting_count} targets wait for figures. "
            "This alert covers all of them.",
            f"Đơn vị chưa gửi số liệu nào đến hạn: {waiting_count} chỉ tiêu đang chờ số liệu, được báo chung tại đây.",
        )
    )


def _others_sentence(finding: dict[str, Any], plural: str, plural_vi: str) -> str:
    count = finding["others"]
    if not count:
        return ""
    noun = plural.removesuffix("s") if count == 1 else plural
    return " " + str(text(f"The same applies to {count} more {noun}.", f"Còn {count} {plural_vi} cũng vậy."))


_SENTENCE_BUILDERS: dict[RuleKind, Callable[[dict[str, Any], dict[str, Any]], str]] = {
    RuleKind.RECOVERED: _recovered_sentence,
    RuleKind.MET_EARLY: _met_early_sentence,
    RuleKind.REVISED_BEYOND: _revised_sentence,
    RuleKind.TARGET_AMENDED: _amended_sentence,
    RuleKind.DUE_SOON: _due_soon_sentence,
    RuleKind.ACTION_OVERDUE: _overdue_action_sentence,
    RuleKind.OVERDUE: _inhibition_sentence,
}
