"""Renders messages about one alert, one action, a batch of alerts, or a board, alone or below the alerts."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import get_language, override

from kpitracker.lib.i18n.text import translate
from targets.domain.alerting import AlertState
from targets.models import Delivery
from targets.pages.mailed_board import MailedBoard
from targets.payloads.alerts import AlertSnapshot
from targets.services.notifications import batching, links
from targets.services.text import alert_messages
from targets.services.text.status_labels import label_standing
from tasks.channels.board_texts import board_texts, render_html, render_text

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
    """A message in no language: the name of its templates ("": none), and their values.

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
    alerts = [member for member in members if not batching.is_about_board(member)]
    # An older one was held up: the newest says how things stand.
    newest_board = next((member for member in reversed(members) if batching.is_about_board(member)), None)
    contact_language = delivery.contact.language if delivery.contact else ""
    languages = (contact_language,) if contact_language else ("vi", "en")
    if not alerts and newest_board:
        boards = board_texts(newest_board, languages)
        return _render(_draft_board(newest_board, boards), languages, boards)
    if len(alerts) > 1:
        draft = _draft_batch(delivery, alerts)
    else:
        draft = _draft_reminder(alerts[0]) if alerts[0].alert is None else _draft_alert(alerts[0])
    return _render(draft, languages, _board_below_alerts(newest_board, languages))


def _board_below_alerts(board: Delivery | None, languages: Sequence[str]) -> Mapping[str, MailedBoard]:
    """Return the texts of the board. An error in it must not block the alerts."""
    try:
        return board_texts(board, languages) if board else {}
    except Exception:
        log.exception("The board of delivery %s cannot be put in words.", board)
        return {}


def _render(draft: Draft, languages: tuple[str, ...], boards: Mapping[str, MailedBoard]) -> RenderedMessage:
    """`boards`: what stands below the text of the draft, by language."""
    headlines, bodies, html_parts, short_texts = [], [], [], []
    for language in languages:
        with override(language):
            texts = draft.write_texts()
            values = {**draft.values, "words": texts}
            headlines.append(str(texts["headline"]))
            short_texts.append(str(texts["short"]))
            body, html = _render_draft(draft, language, values)
            board = boards.get(language)
            bodies.append("\n".join([*body, *([render_text(board)] if board else [])]))
            html_parts += [*html, *([render_html(board, language)] if board else [])]
    page = {**draft.values, "parts": html_parts, "language": languages[0], "is_wide": bool(boards)}
    return RenderedMessage(
        subject=f"[kpitracker] {' · '.join(dict.fromkeys(headlines))}{draft.suffix}",
        body="\n---\n\n".join(bodies),
        link=draft.link,
        headers=draft.headers,
        html=render_to_string("tasks/mail.html", page) if html_parts else "",
        short="\n\n".join(dict.fromkeys(short_texts)),
    )


def _render_draft(draft: Draft, language: str, values: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """Return its text and its HTML, each a list with one item or none."""
    names = [
        f"tasks/{draft.template}_{language}.{ending}" for ending in (("txt", "html") if draft.has_html else ("txt",))
    ]
    texts: list[str] = [render_to_string(name, {**values}) for name in names] if draft.template else []
    return texts[:1], texts[1:]


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


def _draft_board(delivery: Delivery, boards: Mapping[str, MailedBoard]) -> Draft:
    def write_texts() -> dict[str, object]:
        board = boards[get_language() or ""]
        return {"headline": board["title"], "short": f"{board['title']}\n{board['counts']} {board['reasons']}".strip()}

    return Draft(
        template="",
        link=next(iter(boards.values()))["url"],
        headers={"X-Kpitracker-Board": str(delivery.due_day)},
        values={"severity": "info"},
        write_texts=write_texts,
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
