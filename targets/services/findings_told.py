"""The sentences about the trigger of an alert, in the active language, built from the stored snapshot."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language

from kpitracker.lib.texts import text
from targets.domain.rules import RuleKind
from targets.domain.vocabulary import Status
from targets.models.assessment import STATUSES
from targets.services import numerals

_CLOSINGS = {
    "settled": text(
        "The final result is known and can no longer change: the alert is closed with this result.",
        "Đã có kết quả cuối kỳ, không thể tác động thêm: cảnh báo được đóng với kết quả hiện tại.",
    ),
    "overdue": text(
        "The due day has passed and the figures are missing: they are overdue now.",
        "Đã qua hạn mà chưa có số liệu: số liệu đã quá hạn báo cáo.",
    ),
}


def closing(facts: dict[str, Any]) -> str:
    """Return why the alert was closed although its condition is not over; "" for any other message."""
    closed = facts.get("closed")
    return str(_CLOSINGS[closed]) if closed else ""


def ended(facts: dict[str, Any]) -> str:
    """Return the word for such a closed alert, for the subject of a message; "" for any other message."""
    return str(text("closed", "đóng cảnh báo")) if facts.get("closed") else ""


def why(facts: dict[str, Any]) -> str:
    """Describe the trigger in one or two sentences; "" if there is none, or its condition is over."""
    finding = facts.get("finding")
    return "" if finding is None or finding.get("over") else _SENTENCES[RuleKind(finding["kind"])](finding, facts)


def _recovered(finding: dict[str, Any], facts: dict[str, Any]) -> str:
    before, after = (STATUSES[Status(finding[name])] for name in ("before", "after"))
    return str(text(f"It was {before} and is {after} now.", f"Trước đó {before}, nay đã {after}."))


def _met_early(finding: dict[str, Any], facts: dict[str, Any]) -> str:
    after, ends = STATUSES[Status(finding["after"])], numerals.day(finding["ends"])
    if finding["covered_through"] in (None, finding["ends"]):
        return str(text(f"It is {after} before its period ends, on {ends}.", f"Đã {after} trước khi hết kỳ ({ends})."))
    through = numerals.day(finding["covered_through"])
    return str(
        text(
            f"It is {after} already, by figures through {through}; its period ends on {ends}.",
            f"Đã {after} ngay với số liệu đến {through}, trong khi đến {ends} mới hết kỳ.",
        )
    )


def _revised(finding: dict[str, Any], facts: dict[str, Any]) -> str:
    period, unit = numerals.period(finding["period"]), facts.get("unit") or ""
    before, after = (numerals.number(finding[name]) for name in ("before", "after"))
    same = finding["indicator"] == facts["indicator"]
    if same and unit:
        before, after = numerals.amount(before, unit), numerals.amount(after, unit)
    of = "" if same else f" ({finding['indicator']}, {finding['area']})"
    share = "" if finding["percent"] is None else f" ({numerals.number(finding['percent'])} %)"
    said = text(
        f"The figure of {period}{of} was revised from {before} to {after}{share}.",
        f"Số liệu {period}{of} được sửa từ {before} thành {after}{share}.",
    )
    return f"{said}{_others(finding, 'figures', 'số liệu khác')}"


def _amended(finding: dict[str, Any], facts: dict[str, Any]) -> str:
    announced, number = numerals.day(finding["announced"]), finding["version"]
    before, after = (_band(finding[name], facts) for name in ("before", "after"))
    act = f" ({finding['act']})" if finding["act"] else ""
    said = text(
        f"The target was amended on {announced}{act}, version {number}: {before} became {after}.",
        f"Chỉ tiêu được điều chỉnh {announced}{act}, phiên bản {number}: từ {before} thành {after}.",
    )
    if before == after:
        said = text(
            f"The target was amended on {announced}{act}, version {number}; its number stays {after}.",
            f"Chỉ tiêu được điều chỉnh {announced}{act}, phiên bản {number}; con số vẫn là {after}.",
        )
    return f"{said} {finding['reason']}".strip()


def _band(edges: dict[str, Any], facts: dict[str, Any]) -> str:
    unit = facts.get("unit") or ""
    known = [numerals.amount(numerals.number(edges[name]), unit) for name in ("lower", "upper") if edges[name]]
    return " – ".join(known) or str(text("no number", "không có con số"))


def _due_soon(finding: dict[str, Any], facts: dict[str, Any]) -> str:
    period, due = numerals.period(finding["period"]), numerals.day(finding["due"])
    return str(
        text(
            f"The figures of {period} are due on {due} and have not come yet.",
            f"Số liệu {period} đến hạn {due}, hiện chưa có.",
        )
    )


def _late_action(finding: dict[str, Any], facts: dict[str, Any]) -> str:
    english = (get_language() or "").startswith("en")
    department = (english and finding["department_en"]) or finding["department"]
    who = ", ".join(part for part in (department, finding["person"]) if part) or "–"
    what, due = " ".join(finding["text"].split()), numerals.day(finding["due"])
    said = text(f"Overdue since {due}: {what} ({who}).", f"Biện pháp quá hạn từ {due}: {what} ({who}).")
    return f"{said}{_others(finding, 'actions', 'biện pháp khác')}"


def _silent(finding: dict[str, Any], facts: dict[str, Any]) -> str:
    owed = finding["owed"]
    return str(
        text(
            f"The department has posted none of the figures that are due: {owed} targets wait for figures. "
            "This alert covers all of them.",
            f"Đơn vị chưa gửi số liệu nào đến hạn: {owed} chỉ tiêu đang chờ số liệu, được báo chung tại đây.",
        )
    )


def _others(finding: dict[str, Any], things: str, things_vi: str) -> str:
    count = finding["others"]
    if not count:
        return ""
    thing = things.removesuffix("s") if count == 1 else things
    return " " + str(text(f"The same applies to {count} more {thing}.", f"Còn {count} {things_vi} cũng vậy."))


_SENTENCES: dict[RuleKind, Callable[[dict[str, Any], dict[str, Any]], str]] = {
    RuleKind.RECOVERED: _recovered,
    RuleKind.MET_EARLY: _met_early,
    RuleKind.REVISED_BEYOND: _revised,
    RuleKind.TARGET_AMENDED: _amended,
    RuleKind.DUE_SOON: _due_soon,
    RuleKind.ACTION_OVERDUE: _late_action,
    RuleKind.OVERDUE: _silent,
}
