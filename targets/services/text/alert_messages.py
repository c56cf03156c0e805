"""The text of alert messages, in the active language, built from the stored snapshot."""

from datetime import datetime
from typing import TypedDict

from indicators.services.access.person_names import shown_name
from kpitracker.lib import clock
from kpitracker.lib.i18n.text import text, translate
from targets.domain.actions import ReminderReason
from targets.domain.alerting import AlertEvent
from targets.domain.choices import BoardMessage
from targets.models import Alert
from targets.payloads.alerts import AlertSnapshot, ReminderSnapshot
from targets.services.text.alert_facts import AlertTexts, message_context, name_in_language
from targets.services.text.formatting import format_day, format_period, format_short_day

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
    AlertEvent.ESCALATION.value: text("no response", "chưa có phản hồi"),
    ReminderReason.DUE_SOON.value: text("due soon", "sắp đến hạn"),
    ReminderReason.OVERDUE.value: text("overdue", "đã quá hạn"),
    BoardMessage.BOARD.value: text("board", "bảng theo dõi"),
    BoardMessage.REPORT.value: text("meeting report", "báo cáo họp"),
    "ping": text("test message", "tin thử"),
}
_EVENT_SENTENCES = {
    AlertEvent.WORSE: text("It has become worse since the last message.", "Tình hình xấu hơn lần báo trước."),
    AlertEvent.RESOLVED: text(
        "The alert is over; nothing is expected of you.", "Cảnh báo trước đây đã hết; không cần xử lý thêm."
    ),
    AlertEvent.REMINDER: text(
        "It has not changed, and there is no response yet.", "Tình trạng vẫn như vậy và chưa có phản hồi."
    ),
    AlertEvent.ESCALATION: text(
        "There is no response yet; the alert is escalated to you.", "Chưa có phản hồi; báo lên đơn vị cấp trên."
    ),
}
_MISSING_REMINDER = text(
    "The alert stays open until a figure shows that it is over.",
    "Cảnh báo vẫn mở cho đến khi có số liệu cho thấy tình trạng đã hết.",
)
_CLOSING_REASONS = {
    "settled": text(
        "The final result is known and can no longer change: the alert is closed with this result.",
        "Đã có kết quả cuối kỳ, không thể tác động thêm: cảnh báo được đóng với kết quả hiện tại.",
    ),
    "target-suspended": text(
        "The target was suspended: the alert is closed, and nothing is expected of you.",
        "Chỉ tiêu đã tạm dừng thực hiện: cảnh báo được đóng, không cần xử lý thêm.",
    ),
    "target-withdrawn": text(
        "The target was withdrawn: the alert is closed, and nothing is expected of you.",
        "Chỉ tiêu đã bãi bỏ: cảnh báo được đóng, không cần xử lý thêm.",
    ),
    "overdue": text(
        "The due day has passed and the figures are missing: they are overdue now.",
        "Đã qua hạn mà chưa có số liệu: số liệu đã quá hạn báo cáo.",
    ),
}


class MessageTexts(AlertTexts):
    """`opening` says why a further message is sent; `short` is the whole message in one line."""

    headline: str
    opening: str
    since: str
    short: str


class ReminderTexts(TypedDict):
    """The parts of an action reminder as short texts."""

    indicator: str
    area: str
    plan: str
    department: str
    period: str
    due_day: str
    event: str
    person: str
    headline: str
    short: str


def message_texts(snapshot: AlertSnapshot, event: str, opened_at: datetime) -> MessageTexts:
    """Return all texts of a message about an alert that was opened at a moment."""
    context, opening = message_context(snapshot), event_sentence(event, snapshot)
    return {
        **context,
        "headline": _headline(context, event, snapshot),
        "opening": opening,
        "since": format_day(clock.local_day(opened_at).isoformat()),
        "short": f"{_summary(context)} {opening}".strip(),
    }


def event_sentence(event: str, snapshot: AlertSnapshot) -> str:
    """Return the sentence that says why this further message is sent; "" for the first message."""
    if reason := snapshot.get("resolution_reason"):
        by = shown_name(snapshot["resolved_by"])
        return translate(f"Closed by {by}: {reason}", f"{by} đã đóng cảnh báo: {reason}")
    if closed := snapshot.get("closed"):
        return str(_CLOSING_REASONS[closed])
    if snapshot.get("data_missing_since") and event == AlertEvent.REMINDER:
        return str(_MISSING_REMINDER)
    return str(_EVENT_SENTENCES.get(AlertEvent(event), ""))


def resolution_text(alert: Alert) -> str:
    """Return why an alert was resolved: what a person wrote, or that its target was suspended or withdrawn."""
    return str(_CLOSING_REASONS.get(alert.resolution_reason, alert.resolution_reason))


def alert_headline(snapshot: AlertSnapshot, event: str = AlertEvent.OPENED.value) -> str:
    """Return the subject of a message: indicator and status, and the event if it is not the first."""
    return _headline(message_context(snapshot), event, snapshot)


def _headline(context: AlertTexts, event: str, snapshot: AlertSnapshot) -> str:
    if event == AlertEvent.OPENED:
        return f"{context['indicator']}: {context['status']}"
    label = translate("closed", "đóng cảnh báo") if snapshot.get("closed") else EVENT_NAMES[event]
    return f"{context['indicator']}: {context['status']} ({label})"


def alert_line(alert: Alert) -> str:
    """Return the summary of an alert in one line, and since when its data is missing."""
    snapshot: AlertSnapshot = alert.snapshot
    if alert.data_missing_since is not None:
        snapshot = {**snapshot, "data_missing_since": alert.data_missing_since.isoformat()}
    return summary_line(snapshot)


def dated_alert_line(alert: Alert) -> str:
    """Return the line of an alert after the day of its numbers: the target's status may be another by now."""
    day, line = format_short_day(alert.snapshot["as_of"]), alert_line(alert)
    return translate(f"As of {day}: {line}", f"Tính đến {day}: {line}")


def summary_line(snapshot: AlertSnapshot) -> str:
    """Return the summary of an alert in one line."""
    return _summary(message_context(snapshot))


def _summary(context: AlertTexts) -> str:
    start = f"{context['indicator']}, {context['area']}, {context['period']}: {context['status']}."
    if context["judgement"]:
        return f"{start} {context['judgement']} {context['why']}".strip()
    if context["missing"]:
        return f"{start} {context['missing']} {context['why']}".strip()
    if not context["has_numbers"]:
        return f"{start} {context['why']}".strip()
    due = f"{context['due']} {context['expected']}"
    line = translate(f"{start} Actual {context['actual']}, {due}", f"{start} Thực hiện {context['actual']}, {due}")
    if context["variance"] != "–":
        line += translate(f", variance {context['variance']}", f", chênh lệch {context['variance']}")
    line += "."
    return f"{line} {context['why']}".strip()


def reminder_texts(snapshot: ReminderSnapshot, event: str) -> ReminderTexts:
    due_day = format_short_day(snapshot["due_day"])
    return {
        "indicator": name_in_language(snapshot, "indicator_name", "indicator_name_en"),
        "area": name_in_language(snapshot, "area_name", "area_name_en"),
        "plan": name_in_language(snapshot, "plan_name", "plan_name_en"),
        "department": name_in_language(snapshot, "department_name", "department_name_en"),
        "period": format_period(snapshot["period"]),
        "due_day": due_day,
        "event": str(EVENT_NAMES[event]),
        "person": snapshot["person"] or "–",
        "headline": translate(
            f"Action {EVENT_NAMES[event]} ({due_day})", f"Biện pháp {EVENT_NAMES[event]} ({due_day})"
        ),
        "short": " ".join(snapshot["text"].split()),
    }
