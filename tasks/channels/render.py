"""Renders messages about one alert, one action, or a batch of alerts."""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import override

from kpitracker.lib.i18n.text import text
from targets.domain.alerting import AlertState
from targets.models import Delivery
from targets.services.notifications import batching, links
from targets.services.text import alert_messages

log = logging.getLogger(__name__)

# How many alerts of a batch a mail and a chat message list. The link leads to all of them.
MAX_MAIL_LINES = 50
MAX_CHAT_LINES = 10


class RenderedMessage(NamedTuple):
    """A rendered message. `headers`: for mail programs that sort by header; `html`: the same content as `body`, or
    ""; `short`: the text for chats; `link`: the page with the full content.
    """

    subject: str
    body: str
    link: str
    headers: dict[str, str]
    html: str = ""
    short: str = ""


def render_delivery(delivery: Delivery) -> RenderedMessage:
    """Render a delivery in the language of its contact, or in both languages, Vietnamese first, if there is none."""
    members = batching.batch_members(delivery)
    if len(members) > 1:
        return _render_batch(delivery, members)
    return _render_reminder(delivery) if delivery.alert is None else _render_alert(delivery)


def _render_alert(delivery: Delivery) -> RenderedMessage:
    snapshot, event, alert = delivery.snapshot, delivery.event, delivery.alert
    assert alert is not None
    texts_by_language = _build_texts(
        delivery,
        lambda: {
            **alert_messages.message_context(snapshot),
            "opening": alert_messages.event_sentence(event, snapshot),
            "since": alert_messages.format_local_day(alert.opened_at),
            "headline": alert_messages.alert_headline(snapshot, event),
            "short": _alert_line(delivery),
        },
    )
    context = {
        "facts": snapshot,
        # An alert that is over needs no response.
        "answer": links.acknowledge_url(delivery) if AlertState(alert.state).is_active else "",
        "url": links.admin_url("target", alert.target_id),
        "page": links.admin_url("alert", alert.pk),
        "api": links.api_url(f"alerts/{alert.pk}"),
    }
    subject = _format_subject([texts["headline"] for texts in texts_by_language.values()], snapshot["period"])
    headers = {"X-Kpitracker-Alert": str(alert.pk)}
    html = _render_html("alert", context | {"severity": snapshot["severity"]}, texts_by_language)
    return RenderedMessage(
        subject,
        _render_text("alert", context, texts_by_language),
        links.admin_url("alert", alert.pk),
        headers,
        html,
        _join_short_texts(texts_by_language),
    )


def _render_reminder(delivery: Delivery) -> RenderedMessage:
    snapshot, event, link = delivery.snapshot, delivery.event, links.admin_url("action", delivery.action_id)
    texts_by_language = _build_texts(
        delivery,
        lambda: (
            alert_messages.reminder_context(snapshot, event)
            | {"headline": alert_messages.reminder_headline(snapshot, event)}
        ),
    )
    action_text = " ".join(snapshot["text"].split())
    short = f"{action_text[:60]}{'…' if len(action_text) > 60 else ''}"
    subject = (
        f"{_format_subject([texts['headline'] for texts in texts_by_language.values()], snapshot['due_day'])}: {short}"
    )
    headers = {"X-Kpitracker-Action": str(delivery.action_id)}
    return RenderedMessage(
        subject,
        _render_text("reminder", {"facts": snapshot, "url": link}, texts_by_language),
        link,
        headers,
        short=action_text,
    )


def _render_batch(leader: Delivery, members: list[Delivery]) -> RenderedMessage:
    listed = members[:MAX_MAIL_LINES]
    link = links.batch_url(leader)
    texts_by_language = _build_texts(leader, lambda: _batch_texts(members, listed))
    context = {"url": link, "api": links.api_url("alerts", message=str(leader.pk)), "number": len(members)}
    subject = _format_subject([texts["headline"] for texts in texts_by_language.values()], "")
    html = _render_html("together", context | {"severity": _max_severity(members)}, texts_by_language)
    headers = {"X-Kpitracker-Alerts": str(len(members))}
    return RenderedMessage(
        subject,
        _render_text("together", context, texts_by_language),
        link,
        headers,
        html,
        _join_short_texts(texts_by_language),
    )


def _batch_texts(members: list[Delivery], listed: list[Delivery]) -> dict[str, Any]:
    labels = [
        alert_messages.status_label(delivery.status, provisional=delivery.snapshot.get("provisional", False))
        for delivery in members
    ]
    lines = [
        {"text": _safe_alert_line(delivery), "url": links.admin_url("alert", delivery.alert_id)} for delivery in listed
    ]
    total, more_count = len(members), len(members) - len(listed)
    chat_lines = [line["text"] for line in lines[:MAX_CHAT_LINES]]
    return {
        "short": "\n".join(chat_lines) + ("\n…" if total > len(chat_lines) else ""),
        "headline": text(f"{total} alerts", f"{total} cảnh báo"),
        "counts": ", ".join(f"{label}: {count}" for label, count in Counter(labels).most_common()),
        "lines": lines,
        "more": str(text(f"and {more_count} more", f"và {more_count} cảnh báo khác")) if more_count else "",
    }


def _alert_line(delivery: Delivery) -> str:
    return f"{alert_messages.summary_line(delivery.snapshot)} {alert_messages.event_sentence(delivery.event, delivery.snapshot)}".strip()


def _safe_alert_line(delivery: Delivery) -> str:
    """Return the line of one alert. An error in one line must not block the whole batch."""
    try:
        return _alert_line(delivery)
    except Exception:
        log.exception("Delivery %s cannot be put in words.", delivery.pk)
        return str(delivery.alert or delivery.pk)


def _join_short_texts(texts_by_language: dict[str, dict[str, Any]]) -> str:
    return "\n\n".join(texts["short"] for texts in texts_by_language.values())


def _max_severity(members: list[Delivery]) -> str:
    return "critical" if any(member.snapshot.get("severity") == "critical" for member in members) else "warning"


def _format_subject(headlines: list[Any], period: str) -> str:
    title = " · ".join(dict.fromkeys(map(str, headlines)))
    return f"[kpitracker] {title}" + (f" ({period})" if period else "")


def _build_texts(delivery: Delivery, build: Callable[[], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the texts by language."""
    contact_language = delivery.contact.language if delivery.contact else ""
    texts_by_language = {}
    for language in (contact_language,) if contact_language else ("vi", "en"):
        with override(language):
            texts_by_language[language] = {name: _resolve_text(value) for name, value in build().items()}
    return texts_by_language


def _resolve_text(value: Any) -> Any:
    """Resolve a lazy text now, in the active language."""
    return value if isinstance(value, list) else str(value)


def _render_text(template: str, context: dict[str, Any], texts_by_language: dict[str, dict[str, Any]]) -> str:
    sections = []
    for language, texts in texts_by_language.items():
        with override(language):
            sections.append(render_to_string(f"tasks/{template}_{language}.txt", {**context, "words": texts}))
    return "\n---\n\n".join(sections)


def _render_html(template: str, context: dict[str, Any], texts_by_language: dict[str, dict[str, Any]]) -> str:
    sections = []
    for language, texts in texts_by_language.items():
        with override(language):
            sections.append(render_to_string(f"tasks/{template}_{language}.html", {**context, "words": texts}))
    return render_to_string(
        "tasks/mail.html", {"parts": sections, "language": next(iter(texts_by_language)), **context}
    )
