"""What an alert says, in the language that is active, from the facts that were stored with it."""

from typing import Any

from django.utils.translation import get_language, override

from kpitracker.lib.texts import text
from targets.domain.actions import Reminder
from targets.domain.alerting import Event
from targets.domain.vocabulary import Status
from targets.models.assessment import STATUSES
from targets.services import findings_told


def label(status: str, *, provisional: bool = False) -> str:
    """The word for a status; of a final one that rests on figures that are not official it says so."""
    word = str(STATUSES[Status(status)])
    if provisional and status in (Status.EXCEEDED, Status.MET, Status.MISSED):
        return str(text(f"{word} (provisional)", f"dự kiến {word}"))
    return word


def band(facts: dict[str, Any]) -> str:
    """The target in words, such as `at least 7.5, ambition 8 percent`."""
    lower, upper, unit = facts.get("lower"), facts.get("upper"), facts.get("unit") or ""
    if facts.get("goal") == "at_least":
        edge = (
            text(f"more than {lower}", f"trên {lower}")
            if facts.get("lower_open")
            else text(f"at least {lower}", f"ít nhất {lower}")
        )
        words = f"{edge}" + (str(text(f", ambition {upper}", f", phấn đấu {upper}")) if upper is not None else "")
    elif facts.get("goal") == "at_most":
        edge = (
            text(f"below {upper}", f"dưới {upper}")
            if facts.get("upper_open")
            else text(f"at most {upper}", f"không quá {upper}")
        )
        words = f"{edge}" + (str(text(f", ambition {lower}", f", phấn đấu {lower}")) if lower is not None else "")
    elif facts.get("goal") == "within":
        words = str(text(f"within {lower} to {upper}", f"trong khoảng {lower} đến {upper}"))
    else:
        return str(text("without a number", "không có con số"))
    return f"{words} {unit}".strip()


def in_words(facts: dict[str, Any]) -> dict[str, str]:
    """The parts of a message, each a short text."""
    english = (get_language() or "").startswith("en")
    unit = facts.get("unit") or ""
    expected = facts["expected"]
    edges = [edge for edge in (expected["lower"], expected["upper"]) if edge is not None]
    required = facts["required"]
    needed = required["lower"] if required["lower"] is not None else required["upper"]
    return {
        "indicator": (english and facts.get("indicator_name_en")) or facts["indicator_name"],
        "area": (english and facts.get("area_name_en")) or facts.get("area_name") or facts["area"],
        "plan": (english and facts.get("plan_name_en")) or facts.get("plan_name") or facts["plan"],
        "status": label(facts["status"], provisional=facts["provisional"]),
        "before": label(facts["before"]) if facts.get("before") else "–",
        "band": band(facts),
        "actual": f"{facts['actual']} {unit}".strip() if facts["actual"] is not None else "–",
        "expected": " – ".join(edges) or "–",
        "variance": f"{facts['variance']} {facts['variance_unit']}".strip() if facts["variance"] is not None else "–",
        "department": (english and facts.get("department_name_en")) or facts.get("department_name") or "–",
        "required": needed or "",
        "why": findings_told.why(facts),
    }


_EVENTS = {
    Event.WORSE: text("worse", "xấu hơn"),
    Event.RESOLVED: text("over", "đã hết"),
    Event.REMINDER: text("reminder", "nhắc lại"),
    Event.ESCALATION: text("no answer", "chưa có phản hồi"),
}
_OPENINGS = {
    Event.WORSE: text("It has become worse than when you were told of it.", "Tình hình xấu hơn lần báo trước."),
    Event.RESOLVED: text(
        "What you were told of is over; nothing is expected of you.", "Cảnh báo trước đây đã hết; không cần xử lý thêm."
    ),
    Event.REMINDER: text("It is still so, and nobody has answered.", "Tình trạng vẫn như vậy và chưa có phản hồi."),
    Event.ESCALATION: text(
        "Nobody has answered; you are told as the one above.", "Chưa có phản hồi; báo lên đơn vị cấp trên."
    ),
}


def opening(event: str, facts: dict[str, Any]) -> str:
    """Why somebody is told once more, in a sentence; "" the first time."""
    if reason := facts.get("resolve_reason"):
        by = facts["resolved_by"]
        return str(text(f"Closed by {by}: {reason}", f"{by} đã đóng cảnh báo: {reason}"))
    return findings_told.closing(facts) or str(_OPENINGS.get(Event(event), ""))


def subject(facts: dict[str, Any], event: str = Event.OPENED.value) -> str:
    """In both languages, since nobody knows the reader's."""
    told = []
    for language in ("vi", "en"):
        with override(language):
            words, again = in_words(facts), findings_told.ended(facts) or _EVENTS.get(Event(event))
            told.append(f"{words['indicator']}: {words['status']}" + (f" ({again})" if again else ""))
    return f"[kpitracker] {' · '.join(told)} ({facts['period']})"


_REMINDERS = {
    Reminder.DUE_SOON: text("due soon", "sắp đến hạn"),
    Reminder.OVERDUE: text("overdue", "đã quá hạn"),
}


def reminded(facts: dict[str, Any], event: str) -> dict[str, str]:
    """The parts of a reminder, each a short text."""
    english = (get_language() or "").startswith("en")
    named = ("indicator", "area", "plan", "department")
    words = {name: (english and facts.get(f"{name}_name_en")) or facts.get(f"{name}_name") or "–" for name in named}
    return {**words, "event": str(_REMINDERS[Reminder(event)]), "person": facts["person"] or "–"}


def reminder_subject(facts: dict[str, Any], event: str) -> str:
    """In both languages, since nobody knows the reader's."""
    told = []
    for language in ("vi", "en"):
        with override(language):
            told.append(f"{text('Action', 'Biện pháp')} {_REMINDERS[Reminder(event)]}")
    what = " ".join(facts["text"].split())
    return f"[kpitracker] {' · '.join(told)} ({facts['due_day']}): {what[:60]}{'…' if len(what) > 60 else ''}"


def sentence(facts: dict[str, Any]) -> str:
    """An alert in one line."""
    words = in_words(facts)
    said = text(
        f"{words['indicator']}, {words['area']}, {facts['period']}: {words['status']}. "
        f"Actual {words['actual']}, due {words['expected']}, variance {words['variance']}.",
        f"{words['indicator']}, {words['area']}, {facts['period']}: {words['status']}. "
        f"Thực hiện {words['actual']}, cần đạt {words['expected']}, chênh lệch {words['variance']}.",
    )
    return f"{said} {words['why']}".strip()
