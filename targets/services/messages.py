"""The text of alert messages, in the active language, built from the stored snapshot."""

from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from indicators.domain.vocabulary import Stage
from indicators.models.measurement import STAGES
from kpitracker.lib import clock
from kpitracker.lib.texts import text
from targets.domain.actions import Reminder
from targets.domain.alerting import Event
from targets.domain.vocabulary import Status
from targets.models.assessment import STATUSES
from targets.services import findings_told, numerals


def label(status: str, *, provisional: bool = False) -> str:
    """Return the word for a status. `provisional` marks a final status that rests on figures that are not official."""
    word = str(STATUSES[Status(status)])
    if provisional and status in (Status.EXCEEDED, Status.MET, Status.MISSED):
        return str(text(f"{word} (provisional)", f"dự kiến {word}"))
    return word


def band(facts: dict[str, Any]) -> str:
    """Return the target in words, such as `at least 7.5, ambition 8 %`."""
    shown = {edge: facts.get(edge) and numerals.number(facts[edge]) for edge in ("lower", "upper")}
    return numerals.amount(band_of({**facts, **shown}), facts.get("unit") or "")


def band_of(terms: dict[str, Any]) -> str:
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


def in_words(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a message as short texts, with numbers and days in the style of the language.

    The value of `figures` is a list of texts.
    """
    english = (get_language() or "").startswith("en")
    decimals, unit = facts.get("decimals", 2), facts.get("unit") or ""
    expected, required = facts["expected"], facts["required"]
    edges = [
        numerals.measured(edge, "", decimals) for edge in (expected["lower"], expected["upper"]) if edge is not None
    ]
    needed = required["lower"] if required["lower"] is not None else required["upper"]
    through = facts.get("covered_through")
    return {
        "indicator": (english and facts.get("indicator_name_en")) or facts["indicator_name"],
        "area": (english and facts.get("area_name_en")) or facts.get("area_name") or facts["area"],
        "plan": (english and facts.get("plan_name_en")) or facts.get("plan_name") or facts["plan"],
        "period": numerals.period(facts["period"]),
        "status": label(facts["status"], provisional=facts["provisional"]),
        "before": label(facts["before"]) if facts.get("before") else "–",
        "band": band(facts),
        "actual": numerals.actual(facts, decimals),
        "through": numerals.day(through) if through else "",
        "expected": numerals.amount(" – ".join(edges), unit) if edges else "–",
        "variance": numerals.variance(facts, decimals),
        "department": (english and facts.get("department_name_en")) or facts.get("department_name") or "–",
        "required": numerals.measured(needed, unit, decimals) if needed is not None else "",
        "told": ", ".join(facts.get("told", [])),
        "figures": [_figure(each, unit, decimals) for each in facts.get("figures", [])],
        "why": findings_told.why(facts),
    }


def _figure(figure: dict[str, Any], unit: str, decimals: int) -> str:
    """Return the text of a figure behind the status, with its stage and its day of publication."""
    known = figure["published"] != "unknown"
    published = numerals.day(figure["published"]) if known else str(text("unknown", "không rõ"))
    stage = str(STAGES[Stage(figure["stage"])]) if figure["stage"] else str(text("no stage stated", "chưa nêu loại"))
    value = numerals.measured(figure["value"], unit, decimals)
    told = text(f"({stage}, published {published})", f"({stage}, công bố {published})")
    return f"{figure['indicator']}, {numerals.period(figure['period'])}: {value} {told}"


CHANNEL_NAMES = {
    "email": text("e-mail", "thư điện tử"),
    "chat": text("chat", "nhóm trò chuyện"),
    "webhook": text("webhook", "webhook"),
}
EVENT_NAMES = {
    Event.OPENED.value: text("opened", "mở cảnh báo"),
    Event.WORSE.value: text("worse", "xấu hơn"),
    Event.RESOLVED.value: text("over", "đã hết"),
    Event.REMINDER.value: text("reminder", "nhắc lại"),
    Event.ESCALATION.value: text("no answer", "chưa có phản hồi"),
    Reminder.DUE_SOON.value: text("due soon", "sắp đến hạn"),
    Reminder.OVERDUE.value: text("overdue", "đã quá hạn"),
    "ping": text("test message", "tin thử"),
}
_OPENINGS = {
    Event.WORSE: text("It has become worse since the last message.", "Tình hình xấu hơn lần báo trước."),
    Event.RESOLVED: text(
        "The alert is over; nothing is expected of you.", "Cảnh báo trước đây đã hết; không cần xử lý thêm."
    ),
    Event.REMINDER: text(
        "It has not changed, and there is no answer yet.", "Tình trạng vẫn như vậy và chưa có phản hồi."
    ),
    Event.ESCALATION: text(
        "There is no answer yet; the alert is escalated to you.", "Chưa có phản hồi; báo lên đơn vị cấp trên."
    ),
}


def opening(event: str, facts: dict[str, Any]) -> str:
    """Return the sentence that says why this further message is sent; "" for the first message."""
    if reason := facts.get("resolve_reason"):
        by = facts["resolved_by"]
        return str(text(f"Closed by {by}: {reason}", f"{by} đã đóng cảnh báo: {reason}"))
    return findings_told.closing(facts) or str(_OPENINGS.get(Event(event), ""))


def headline(facts: dict[str, Any], event: str = Event.OPENED.value) -> str:
    """Return the subject of a message: indicator and status, and the event if it is not the first."""
    words = in_words(facts)
    again = "" if event == Event.OPENED else f" ({findings_told.ended(facts) or EVENT_NAMES[event]})"
    return f"{words['indicator']}: {words['status']}{again}"


def day_of(moment: datetime) -> str:
    """Return the day of a moment in the time zone of the service, as a text."""
    return numerals.day(clock.local_day(moment).isoformat())


def reminded(facts: dict[str, Any], event: str) -> dict[str, str]:
    """Return the parts of an action reminder as short texts."""
    english = (get_language() or "").startswith("en")
    named = ("indicator", "area", "plan", "department")
    words = {name: (english and facts.get(f"{name}_name_en")) or facts.get(f"{name}_name") or "–" for name in named}
    return {**words, "event": str(EVENT_NAMES[event]), "person": facts["person"] or "–"}


def reminder_headline(facts: dict[str, Any], event: str) -> str:
    return str(text(f"Action {EVENT_NAMES[event]}", f"Biện pháp {EVENT_NAMES[event]}"))


def sentence(facts: dict[str, Any]) -> str:
    """Return the summary of an alert in one line."""
    words = in_words(facts)
    said = text(
        f"{words['indicator']}, {words['area']}, {words['period']}: {words['status']}. "
        f"Actual {words['actual']}, due {words['expected']}, variance {words['variance']}.",
        f"{words['indicator']}, {words['area']}, {words['period']}: {words['status']}. "
        f"Thực hiện {words['actual']}, cần đạt {words['expected']}, chênh lệch {words['variance']}.",
    )
    return f"{said} {words['why']}".strip()
