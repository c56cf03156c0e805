"""The text of alert messages, in the active language, built from the stored snapshot."""

from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from indicators.domain.choices import Stage
from indicators.models.measurement import STAGES
from kpitracker.lib import clock
from kpitracker.lib.i18n.text import text
from targets.domain.actions import ReminderReason
from targets.domain.alerting import AlertEvent
from targets.domain.choices import Status
from targets.models.assessment import STATUS_LABELS
from targets.services.text import formatting, trigger_messages


def status_label(status: str, *, provisional: bool = False) -> str:
    """Return the word for a status. `provisional` marks a final status that rests on figures that are not official."""
    word = str(STATUS_LABELS[Status(status)])
    if provisional and status in (Status.EXCEEDED, Status.MET, Status.MISSED):
        return str(text(f"{word} (provisional)", f"dự kiến {word}"))
    return word


def format_band(snapshot: dict[str, Any]) -> str:
    """Return the target in words, such as `at least 7.5, ambition 8 %`."""
    edges = {edge: snapshot.get(edge) and formatting.format_number(snapshot[edge]) for edge in ("lower", "upper")}
    return formatting.format_amount(format_edges({**snapshot, **edges}), snapshot.get("unit") or "")


def format_edges(terms: dict[str, Any]) -> str:
    """As `format_band`, for edges that are already formatted."""
    lower, upper = terms.get("lower"), terms.get("upper")
    if terms.get("goal") == "at_least":
        edge = (
            text(f"more than {lower}", f"trên {lower}")
            if terms.get("lower_open")
            else text(f"at least {lower}", f"ít nhất {lower}")
        )
        return f"{edge}" + (str(text(f", ambition {upper}", f", phấn đấu {upper}")) if upper is not None else "")
    if terms.get("goal") == "at_most":
        edge = (
            text(f"below {upper}", f"dưới {upper}")
            if terms.get("upper_open")
            else text(f"at most {upper}", f"không quá {upper}")
        )
        return f"{edge}" + (str(text(f", ambition {lower}", f", phấn đấu {lower}")) if lower is not None else "")
    if terms.get("goal") == "within":
        return str(text(f"within {lower} to {upper}", f"trong khoảng {lower} đến {upper}"))
    return str(text("without a number", "không có con số"))


def message_context(snapshot: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a message as short texts, with numbers and days in the style of the language.

    The value of `figures` is a list of texts.
    """
    is_english = (get_language() or "").startswith("en")
    decimals, unit = snapshot.get("decimals", 2), snapshot.get("unit") or ""
    expected, required = snapshot["expected"], snapshot["required"]
    expected_edges = [
        formatting.format_value(edge, "", decimals)
        for edge in (expected["lower"], expected["upper"])
        if edge is not None
    ]
    required_edge = required["lower"] if required["lower"] is not None else required["upper"]
    covered_through = snapshot.get("covered_through")
    return {
        "indicator": (is_english and snapshot.get("indicator_name_en")) or snapshot["indicator_name"],
        "area": (is_english and snapshot.get("area_name_en")) or snapshot.get("area_name") or snapshot["area"],
        "plan": (is_english and snapshot.get("plan_name_en")) or snapshot.get("plan_name") or snapshot["plan"],
        "period": formatting.format_period(snapshot["period"]),
        "status": status_label(snapshot["status"], provisional=snapshot["provisional"]),
        "before": status_label(snapshot["before"]) if snapshot.get("before") else "–",
        "band": format_band(snapshot),
        "actual": formatting.format_actual(snapshot, decimals),
        "through": formatting.format_day(covered_through) if covered_through else "",
        "expected": formatting.format_amount(" – ".join(expected_edges), unit) if expected_edges else "–",
        "variance": formatting.format_variance(snapshot, decimals),
        "department": (is_english and snapshot.get("department_name_en")) or snapshot.get("department_name") or "–",
        "required": formatting.format_value(required_edge, unit, decimals) if required_edge is not None else "",
        "recipients": ", ".join(snapshot.get("recipients", [])),
        "figures": [_format_figure(figure, unit, decimals) for figure in snapshot.get("figures", [])],
        "why": trigger_messages.trigger_sentence(snapshot),
    }


def _format_figure(figure: dict[str, Any], unit: str, decimals: int) -> str:
    """Return the text of a figure behind the status, with its stage and its day of publication."""
    has_date = figure["published"] != "unknown"
    published = formatting.format_day(figure["published"]) if has_date else str(text("unknown", "không rõ"))
    stage = str(STAGES[Stage(figure["stage"])]) if figure["stage"] else str(text("no stage stated", "chưa nêu loại"))
    value = formatting.format_value(figure["value"], unit, decimals)
    origin = text(f"({stage}, published {published})", f"({stage}, công bố {published})")
    return f"{figure['indicator']}, {formatting.format_period(figure['period'])}: {value} {origin}"


CHANNEL_NAMES = {
    "email": text("e-mail", "thư điện tử"),
    "chat": text("chat", "nhóm trò chuyện"),
    "webhook": text("webhook", "webhook"),
}
EVENT_NAMES = {
    AlertEvent.OPENED.value: text("opened", "mở cảnh báo"),
    AlertEvent.WORSE.value: text("worse", "xấu hơn"),
    AlertEvent.RESOLVED.value: text("over", "đã hết"),
    AlertEvent.REMINDER.value: text("reminder", "nhắc lại"),
    AlertEvent.ESCALATION.value: text("no answer", "chưa có phản hồi"),
    ReminderReason.DUE_SOON.value: text("due soon", "sắp đến hạn"),
    ReminderReason.OVERDUE.value: text("overdue", "đã quá hạn"),
    "ping": text("test message", "tin thử"),
}
_EVENT_SENTENCES = {
    AlertEvent.WORSE: text("It has become worse since the last message.", "Tình hình xấu hơn lần báo trước."),
    AlertEvent.RESOLVED: text(
        "The alert is over; nothing is expected of you.", "Cảnh báo trước đây đã hết; không cần xử lý thêm."
    ),
    AlertEvent.REMINDER: text(
        "It has not changed, and there is no answer yet.", "Tình trạng vẫn như vậy và chưa có phản hồi."
    ),
    AlertEvent.ESCALATION: text(
        "There is no answer yet; the alert is escalated to you.", "Chưa có phản hồi; báo lên đơn vị cấp trên."
    ),
}


def event_sentence(event: str, snapshot: dict[str, Any]) -> str:
    """Return the sentence that says why this further message is sent; "" for the first message."""
    if reason := snapshot.get("resolution_reason"):
        by = snapshot["resolved_by"]
        return str(text(f"Closed by {by}: {reason}", f"{by} đã đóng cảnh báo: {reason}"))
    return trigger_messages.closing_reason(snapshot) or str(_EVENT_SENTENCES.get(AlertEvent(event), ""))


def alert_headline(snapshot: dict[str, Any], event: str = AlertEvent.OPENED.value) -> str:
    """Return the subject of a message: indicator and status, and the event if it is not the first."""
    context = message_context(snapshot)
    suffix = "" if event == AlertEvent.OPENED else f" ({trigger_messages.closed_label(snapshot) or EVENT_NAMES[event]})"
    return f"{context['indicator']}: {context['status']}{suffix}"


def format_local_day(moment: datetime) -> str:
    """Return the day of a moment in the time zone of the service, as a text."""
    return formatting.format_day(clock.local_day(moment).isoformat())


def reminder_context(snapshot: dict[str, Any], event: str) -> dict[str, str]:
    """Return the parts of an action reminder as short texts."""
    is_english = (get_language() or "").startswith("en")
    names = ("indicator", "area", "plan", "department")
    texts = {
        name: (is_english and snapshot.get(f"{name}_name_en")) or snapshot.get(f"{name}_name") or "–" for name in names
    }
    return {**texts, "event": str(EVENT_NAMES[event]), "person": snapshot["person"] or "–"}


def reminder_headline(snapshot: dict[str, Any], event: str) -> str:
    return str(text(f"Action {EVENT_NAMES[event]}", f"Biện pháp {EVENT_NAMES[event]}"))


def summary_line(snapshot: dict[str, Any]) -> str:
    """Return the summary of an alert in one line."""
    context = message_context(snapshot)
    line = text(
        f"{context['indicator']}, {context['area']}, {context['period']}: {context['status']}. "
        f"Actual {context['actual']}, due {context['expected']}, variance {context['variance']}.",
        f"{context['indicator']}, {context['area']}, {context['period']}: {context['status']}. "
        f"Thực hiện {context['actual']}, cần đạt {context['expected']}, chênh lệch {context['variance']}.",
    )
    return f"{line} {context['why']}".strip()
