"""The text of alert messages, in the active language, built from the stored snapshot."""

from datetime import datetime
from typing import Literal, TypedDict

from django.utils.translation import get_language

from indicators.domain.choices import IndicatorKind, Stage
from indicators.models.measurement import STAGES
from indicators.services.access.person_names import shown_name
from kpitracker.lib import clock
from kpitracker.lib.i18n.text import is_vietnamese, text, translate
from targets.domain.actions import ReminderReason
from targets.domain.alerting import AlertEvent
from targets.domain.choices import Goal
from targets.models import Alert
from targets.payloads.alerts import AlertSnapshot, ReminderSnapshot
from targets.payloads.explanations import FigurePayload
from targets.services.text import trigger_messages
from targets.services.text.formatting import (
    assessment_places,
    format_amount,
    format_day,
    format_figures,
    format_measured,
    format_number,
    format_period,
    format_short_day,
    format_variance,
    is_rank,
    shown_unit,
)
from targets.services.text.missing_reasons import missing_phrase, names_of_snapshot
from targets.services.text.promises import Promise, describe_promise
from targets.services.text.side_by_side import pace_sentence
from targets.services.text.status_labels import label_standing, status_label

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
_NameField = Literal["indicator_name", "area_name", "plan_name", "department_name"]
_EnglishField = Literal["indicator_name_en", "area_name_en", "plan_name_en", "department_name_en"]


class AlertTexts(TypedDict):
    """The parts of a message as short texts, with numbers and days in the style of the active language."""

    indicator: str
    area: str
    plan: str
    department: str
    period: str
    status: str
    before: str
    band: str
    missing: str
    actual: str
    through: str
    due: str
    expected: str
    variance: str
    required: str
    recipients: str
    figures: list[str]
    judgement: str
    why: str


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


def _name_in_language(facts: AlertSnapshot | ReminderSnapshot, name: _NameField, english_name: _EnglishField) -> str:
    is_english = (get_language() or "").startswith("en")
    return (is_english and facts[english_name]) or facts[name] or "–"


def message_context(snapshot: AlertSnapshot) -> AlertTexts:
    unit = shown_unit(snapshot)
    expected, required = snapshot["expected"], snapshot["required"]
    places = assessment_places(snapshot, snapshot["decimals"], snapshot["lower"], snapshot["upper"])
    goal, before, kind = snapshot["goal"] or "", snapshot["before"], snapshot.get("kind", "")
    expected_edges = [
        format_measured(snapshot, edge, places, kind)
        for edge in (
            None if goal == Goal.AT_MOST else expected["lower"],
            None if goal == Goal.AT_LEAST else expected["upper"],
        )
        if edge is not None
    ]
    required_edge = required["lower"] if required["lower"] is not None else required["upper"]
    return {
        "indicator": _name_in_language(snapshot, "indicator_name", "indicator_name_en"),
        "area": _name_in_language(snapshot, "area_name", "area_name_en"),
        "plan": _name_in_language(snapshot, "plan_name", "plan_name_en"),
        "department": _name_in_language(snapshot, "department_name", "department_name_en")
        if snapshot["department_name"]
        else translate("no lead named", "chưa nêu đơn vị chủ trì"),
        "period": format_period(snapshot["period"]),
        "status": label_standing(snapshot, goal),
        "before": status_label(before, goal, unit=snapshot["unit"]) if before else "–",
        "band": _band(snapshot, unit),
        "missing": _missing(snapshot),
        "actual": format_measured(snapshot, snapshot["actual"], places, kind),
        "through": format_day(snapshot["covered_through"]) if snapshot["covered_through"] else "",
        "due": _due_label(snapshot),
        "expected": " – ".join(expected_edges) or "–",
        "variance": format_variance(snapshot, snapshot["decimals"], kind),
        "required": "" if required_edge is None else format_measured(snapshot, required_edge, places, kind),
        "recipients": ", ".join(_recipient_names(snapshot)),
        "figures": [_format_figure(figure, snapshot) for figure in snapshot["figures"]],
        "judgement": _judgement(snapshot),
        "why": _why(snapshot),
    }


def _band(snapshot: AlertSnapshot, unit: str) -> str:
    lower, upper = (
        None if edge is None else format_amount(format_number(edge), unit)
        for edge in (snapshot["lower"], snapshot["upper"])
    )
    return describe_promise(
        Promise(
            snapshot["goal"],
            lower,
            upper,
            lower_open=snapshot["lower_open"],
            upper_open=snapshot["upper_open"],
            about=snapshot.get("about", False),
            is_rank=is_rank(snapshot),
            is_task=snapshot.get("kind") == IndicatorKind.YES_NO,
            unit=unit,
        )
    )


def _missing(snapshot: AlertSnapshot) -> str:
    """Why there is no value, as a sentence; "" if there is one, or if a person judges the target."""
    reason = snapshot.get("reason")
    if snapshot["actual"] is not None or reason is None:
        return ""
    phrase = missing_phrase(reason, names_of_snapshot(snapshot))
    return f"{phrase[0].upper()}{phrase[1:]}."


def _due_label(snapshot: AlertSnapshot) -> str:
    """What the expected edge is called: a ceiling allows, a range holds, everything else is due."""
    if snapshot["goal"] == Goal.AT_MOST and not is_rank(snapshot):
        return translate("allowed", "cho phép")
    return translate("due", "cần đạt")


def _recipient_names(snapshot: AlertSnapshot) -> list[str]:
    """Names in the active language. Messages that were stored without `recipients_en` have one language."""
    names = snapshot.get("recipients", [])
    return names if is_vietnamese() else snapshot.get("recipients_en", names)


def _judgement(snapshot: AlertSnapshot) -> str:
    """Who judged a target without a number, and why; empty for any other target."""
    judgement = snapshot.get("judgement")
    if judgement is None:
        return ""
    by, day = shown_name(judgement["by"]), format_day(judgement["day"])
    return translate(f"{judgement['reason']} (judged by {by} on {day})", f"{judgement['reason']} ({by} đánh giá {day})")


def _format_figure(figure: FigurePayload, snapshot: AlertSnapshot) -> str:
    """Return the text of a figure behind the status, with its stage and its day of publication."""
    has_date = figure["published"] != "unknown"
    published = format_day(figure["published"]) if has_date else translate("unknown", "không rõ")
    stage = str(STAGES[Stage(figure["stage"])]) if figure["stage"] else translate("no stage stated", "chưa nêu loại")
    # Of an input of a formula, only the code is known here: it is shown as it was posted.
    name, value = figure["indicator"], format_number(figure["value"])
    if figure["indicator"] == snapshot["indicator"] and figure["value"] is not None:
        name = _name_in_language(snapshot, "indicator_name", "indicator_name_en")
        (formatted,) = format_figures([figure["value"]], snapshot["decimals"])
        value = format_amount(formatted, shown_unit(snapshot))
    origin = translate(f"({stage}, published {published})", f"({stage}, công bố {published})")
    return f"{name}, {format_period(figure['period'])}: {value} {origin}"


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


def _why(snapshot: AlertSnapshot) -> str:
    """Return what triggered the alert, or since when its data is missing; "" if the numbers say it."""
    finding, missing_since = snapshot.get("finding"), snapshot.get("data_missing_since")
    if finding and not finding.get("over"):
        return trigger_messages.trigger_sentence(finding, snapshot)
    if missing_since is None:
        return pace_sentence(snapshot, snapshot["goal"], snapshot["decimals"])
    day = format_day(missing_since)
    return translate(
        f"The data is missing since {day}: the figures vanished or never came.",
        f"Thiếu số liệu từ {day}: số liệu đã bị rút hoặc chưa được gửi.",
    )


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


def summary_line(snapshot: AlertSnapshot) -> str:
    """Return the summary of an alert in one line."""
    return _summary(message_context(snapshot))


def _summary(context: AlertTexts) -> str:
    start = f"{context['indicator']}, {context['area']}, {context['period']}: {context['status']}."
    if context["judgement"]:
        return f"{start} {context['judgement']} {context['why']}".strip()
    if context["missing"]:
        return f"{start} {context['missing']} {context['why']}".strip()
    due = f"{context['due']} {context['expected']}"
    line = translate(f"{start} Actual {context['actual']}, {due}", f"{start} Thực hiện {context['actual']}, {due}")
    if context["variance"] != "–":
        line += translate(f", variance {context['variance']}", f", chênh lệch {context['variance']}")
    line += "."
    return f"{line} {context['why']}".strip()


def reminder_texts(snapshot: ReminderSnapshot, event: str) -> ReminderTexts:
    due_day = format_short_day(snapshot["due_day"])
    return {
        "indicator": _name_in_language(snapshot, "indicator_name", "indicator_name_en"),
        "area": _name_in_language(snapshot, "area_name", "area_name_en"),
        "plan": _name_in_language(snapshot, "plan_name", "plan_name_en"),
        "department": _name_in_language(snapshot, "department_name", "department_name_en"),
        "period": format_period(snapshot["period"]),
        "due_day": due_day,
        "event": str(EVENT_NAMES[event]),
        "person": snapshot["person"] or "–",
        "headline": translate(
            f"Action {EVENT_NAMES[event]} ({due_day})", f"Biện pháp {EVENT_NAMES[event]} ({due_day})"
        ),
        "short": " ".join(snapshot["text"].split()),
    }
