"""Renders messages about one alert, one action, or a batch of alerts."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import override

from kpitracker.lib.i18n.text import translate
from targets.domain.alerting import AlertState
from targets.models import Delivery
from targets.payloads.alerts import AlertSnapshot
from targets.services.notifications import batching, links
from targets.services.text import alert_messages
from targets.services.text.status_labels import label_standing

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


class Draft(NamedTuple):
    """A message in no language: the name of its templates, and their values.

    `write_texts` returns the texts in the active language, among them `headline` and `short`. `suffix` follows the
    headline in the subject.
    """

    template: str
    link: str
    headers: dict[str, str]
    values: Mapping[str, object]
    write_texts: Callable[[], Mapping[str, object]]
    suffix: str = ""
    has_html: bool = True


def render_delivery(delivery: Delivery) -> RenderedMessage:
    """Render a delivery in the language of its contact, or in both languages, Vietnamese first, if there is none."""
    members = batching.batch_members(delivery)
    if len(members) > 1:
        draft = _draft_batch(delivery, members)
    else:
        draft = _draft_reminder(delivery) if delivery.alert is None else _draft_alert(delivery)
    contact_language = delivery.contact.language if delivery.contact else ""
    return _render(draft, (contact_language,) if contact_language else ("vi", "en"))


def _render(draft: Draft, languages: tuple[str, ...]) -> RenderedMessage:
    headlines, bodies, html_parts, short_texts = [], [], [], []
    for language in languages:
        with override(language):
            texts = draft.write_texts()
            values = {**draft.values, "words": texts}
            headlines.append(str(texts["headline"]))
            short_texts.append(str(texts["short"]))
            bodies.append(render_to_string(f"tasks/{draft.template}_{language}.txt", values))
            if draft.has_html:
                html_parts.append(render_to_string(f"tasks/{draft.template}_{language}.html", values))
    page = {**draft.values, "parts": html_parts, "language": languages[0]}
    return RenderedMessage(
        subject=f"[kpitracker] {' · '.join(dict.fromkeys(headlines))}{draft.suffix}",
        body="\n---\n\n".join(bodies),
        link=draft.link,
        headers=draft.headers,
        html=render_to_string("tasks/mail.html", page) if draft.has_html else "",
        short="\n\n".join(dict.fromkeys(short_texts)),
    )


def _draft_alert(delivery: Delivery) -> Draft:
    snapshot, alert = delivery.snapshot, delivery.alert
    assert alert is not None
    page = links.target_url(snapshot["target"])
    return Draft(
        template="alert",
        link=page,
        headers={"X-Kpitracker-Alert": str(alert.pk)},
        values={
            "facts": snapshot,
            "severity": snapshot["severity"],
            # An alert that is over needs no response.
            "answer": links.acknowledge_url(delivery) if AlertState(alert.state).is_active else "",
            "url": page,
            "api": links.api_url(f"alerts/{alert.pk}"),
        },
        write_texts=lambda: alert_messages.message_texts(snapshot, delivery.event, alert.opened_at),
        suffix=f" ({snapshot['period']})",
    )


def _draft_reminder(delivery: Delivery) -> Draft:
    snapshot, link = delivery.snapshot, links.target_url(delivery.snapshot["target"])
    action_text = " ".join(snapshot["text"].split())
    beginning = f"{action_text[:60]}{'…' if len(action_text) > 60 else ''}"
    return Draft(
        template="reminder",
        link=link,
        headers={"X-Kpitracker-Action": str(delivery.action_id)},
        values={"facts": snapshot, "url": link},
        write_texts=lambda: alert_messages.reminder_texts(snapshot, delivery.event),
        suffix=f": {beginning}",
        has_html=False,
    )


def _draft_batch(leader: Delivery, members: list[Delivery]) -> Draft:
    link = links.work_url()
    is_critical = any(member.snapshot.get("severity") == "critical" for member in members)
    return Draft(
        template="together",
        link=link,
        headers={"X-Kpitracker-Alerts": str(len(members))},
        values={
            "url": link,
            "api": links.api_url("alerts", message=str(leader.pk)),
            "number": len(members),
            "severity": "critical" if is_critical else "warning",
        },
        write_texts=lambda: _batch_texts(members),
    )


def _standing(delivery: Delivery) -> str:
    snapshot: AlertSnapshot = delivery.snapshot
    at_event: AlertSnapshot = {**snapshot, "status": delivery.status}
    return label_standing(at_event, snapshot.get("goal") or "") if snapshot else delivery.status


def _line_url(delivery: Delivery) -> str:
    identifier = delivery.snapshot.get("target")
    return links.target_url(identifier) if identifier else links.work_url()


def _batch_texts(members: list[Delivery]) -> dict[str, object]:
    labels = [_standing(delivery) for delivery in members]
    lines = [{"text": _alert_line(delivery), "url": _line_url(delivery)} for delivery in members[:MAX_MAIL_LINES]]
    total, more_count = len(members), len(members) - len(lines)
    chat_lines = [line["text"] for line in lines[:MAX_CHAT_LINES]]
    return {
        "headline": translate(f"{total} alerts", f"{total} cảnh báo"),
        "short": "\n".join(chat_lines) + ("\n…" if total > len(chat_lines) else ""),
        "counts": ", ".join(f"{label}: {count}" for label, count in Counter(labels).most_common()),
        "lines": lines,
        "more": translate(f"and {more_count} more", f"và {more_count} cảnh báo khác") if more_count else "",
    }


def _alert_line(delivery: Delivery) -> str:
    """Return the line of one alert. An error in one line must not block the whole batch."""
    try:
        opening = alert_messages.event_sentence(delivery.event, delivery.snapshot)
        return f"{alert_messages.summary_line(delivery.snapshot)} {opening}".strip()
    except Exception:
        log.exception("Delivery %s cannot be put in words.", delivery.pk)
        return str(delivery.alert or delivery.pk)
