"""Renders messages about one alert, one action, or a batch of alerts."""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import override

from kpitracker.lib.texts import text
from targets.domain.alerting import AlertState
from targets.models import Delivery
from targets.services import gathering, links, messages

log = logging.getLogger(__name__)

# How many alerts of a batch a mail and a chat message list. The link leads to all of them.
LISTED = 50
CHATTED = 10


class Message(NamedTuple):
    """A rendered message. `headers`: for mail programs that sort by header; `html`: the same content as `body`, or
    ""; `short`: the text for chats; `link`: the page with the full content.
    """

    subject: str
    body: str
    link: str
    about: dict[str, str]
    html: str = ""
    short: str = ""


def compose(delivery: Delivery) -> Message:
    """Render a delivery in the language of its contact, or in both languages, Vietnamese first, if there is none."""
    parts = gathering.parts(delivery)
    if len(parts) > 1:
        return _of_many(delivery, parts)
    return _of_action(delivery) if delivery.alert is None else _of_alert(delivery)


def _of_alert(delivery: Delivery) -> Message:
    facts, event, alert = delivery.facts, delivery.event, delivery.alert
    assert alert is not None
    words = _said(
        delivery,
        lambda: {
            **messages.in_words(facts),
            "opening": messages.opening(event, facts),
            "since": messages.day_of(alert.opened_at),
            "headline": messages.headline(facts, event),
            "short": _line(delivery),
        },
    )
    context = {
        "facts": facts,
        # An alert that is over needs no response.
        "answer": links.answer(delivery) if AlertState(alert.state).told else "",
        "url": links.page("target", alert.target_id),
        "page": links.page("alert", alert.pk),
        "api": links.api(f"alerts/{alert.pk}"),
    }
    subject = _subject([said["headline"] for said in words.values()], facts["period"])
    about = {"X-Kpitracker-Alert": str(alert.pk)}
    html = _html("alert", context | {"severity": facts["severity"]}, words)
    return Message(subject, _text("alert", context, words), links.page("alert", alert.pk), about, html, _short(words))


def _of_action(delivery: Delivery) -> Message:
    facts, event, link = delivery.facts, delivery.event, links.page("action", delivery.action_id)
    words = _said(
        delivery,
        lambda: messages.reminded(facts, event) | {"headline": messages.reminder_headline(facts, event)},
    )
    what = " ".join(facts["text"].split())
    short = f"{what[:60]}{'…' if len(what) > 60 else ''}"
    subject = f"{_subject([said['headline'] for said in words.values()], facts['due_day'])}: {short}"
    about = {"X-Kpitracker-Action": str(delivery.action_id)}
    return Message(subject, _text("reminder", {"facts": facts, "url": link}, words), link, about, short=what)


def _of_many(leader: Delivery, parts: list[Delivery]) -> Message:
    listed = parts[:LISTED]
    link = links.together(leader)
    words = _said(leader, lambda: _many(parts, listed))
    context = {"url": link, "api": links.api("alerts", message=str(leader.pk)), "number": len(parts)}
    subject = _subject([said["headline"] for said in words.values()], "")
    html = _html("together", context | {"severity": _gravest(parts)}, words)
    about = {"X-Kpitracker-Alerts": str(len(parts))}
    return Message(subject, _text("together", context, words), link, about, html, _short(words))


def _many(parts: list[Delivery], listed: list[Delivery]) -> dict[str, Any]:
    labels = [messages.label(each.status, provisional=each.facts.get("provisional", False)) for each in parts]
    lines = [{"text": _line_of_many(each), "url": links.page("alert", each.alert_id)} for each in listed]
    number, more = len(parts), len(parts) - len(listed)
    first = [line["text"] for line in lines[:CHATTED]]
    return {
        "short": "\n".join(first) + ("\n…" if number > len(first) else ""),
        "headline": text(f"{number} alerts", f"{number} cảnh báo"),
        "counts": ", ".join(f"{label}: {count}" for label, count in Counter(labels).most_common()),
        "lines": lines,
        "more": str(text(f"and {more} more", f"và {more} cảnh báo khác")) if more else "",
    }


def _line(delivery: Delivery) -> str:
    return f"{messages.sentence(delivery.facts)} {messages.opening(delivery.event, delivery.facts)}".strip()


def _line_of_many(delivery: Delivery) -> str:
    """Return the line of one alert. An error in one line must not block the whole batch."""
    try:
        return _line(delivery)
    except Exception:
        log.exception("Delivery %s cannot be put in words.", delivery.pk)
        return str(delivery.alert or delivery.pk)


def _short(words: dict[str, dict[str, Any]]) -> str:
    return "\n\n".join(said["short"] for said in words.values())


def _gravest(parts: list[Delivery]) -> str:
    return "critical" if any(each.facts.get("severity") == "critical" for each in parts) else "warning"


def _subject(headlines: list[Any], when: str) -> str:
    told = " · ".join(dict.fromkeys(map(str, headlines)))
    return f"[kpitracker] {told}" + (f" ({when})" if when else "")


def _said(delivery: Delivery, words: Callable[[], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the texts by language."""
    asked = delivery.contact.language if delivery.contact else ""
    found = {}
    for language in (asked,) if asked else ("vi", "en"):
        with override(language):
            found[language] = {name: _fixed(value) for name, value in words().items()}
    return found


def _fixed(value: Any) -> Any:
    """Resolve a lazy text now, in the active language."""
    return value if isinstance(value, list) else str(value)


def _text(template: str, context: dict[str, Any], words: dict[str, dict[str, Any]]) -> str:
    parts = []
    for language, said in words.items():
        with override(language):
            parts.append(render_to_string(f"tasks/{template}_{language}.txt", {**context, "words": said}))
    return "\n---\n\n".join(parts)


def _html(template: str, context: dict[str, Any], words: dict[str, dict[str, Any]]) -> str:
    parts = []
    for language, said in words.items():
        with override(language):
            parts.append(render_to_string(f"tasks/{template}_{language}.html", {**context, "words": said}))
    return render_to_string("tasks/mail.html", {"parts": parts, "language": next(iter(words)), **context})
