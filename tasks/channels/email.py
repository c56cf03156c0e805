"""Alerts and reminders by e-mail, in both languages of the service."""

import smtplib
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils.translation import override

from targets.models import Delivery
from targets.services import messages
from tasks.channels.base import DeliveryError


class Letter(NamedTuple):
    """`about`: a header by which programs sort mail; `html`: the same for whoever reads mail in a browser, "" for none."""

    subject: str
    body: str
    about: dict[str, str]
    html: str = ""


def send(delivery: Delivery) -> str:
    """Hand one message to the mail server. Every copy of it carries the same Message-ID. Raises `DeliveryError`."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message_id = f"<{delivery.pk}@{sender.rpartition('@')[2] or 'kpitracker'}>"
    letter = _of_action(delivery) if delivery.alert is None else _of_alert(delivery, delivery.alert.target_id)
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.body,
        to=[delivery.recipient],
        headers={"Message-ID": message_id, **letter.about},
        connection=get_connection(),
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"{type(error).__name__}: {error}") from error
    return "accepted"


def _of_alert(delivery: Delivery, target: int) -> Letter:
    facts, event = delivery.facts, delivery.event
    page = f"alert/{delivery.alert_id}"
    about = {"X-Kpitracker-Alert": str(delivery.alert_id)}
    words = _spoken(lambda: {**messages.in_words(facts), "opening": messages.opening(event, facts)})
    links = {"answer": _page(page), "url": _page(f"target/{target}")}
    body = _both("alert", {"facts": facts, **links}, words)
    html = render_to_string("tasks/alert.html", {"facts": facts, **links, "said": words})
    return Letter(messages.subject(facts, event), body, about, html)


def _of_action(delivery: Delivery) -> Letter:
    facts, event = delivery.facts, delivery.event
    words = _spoken(lambda: messages.reminded(facts, event))
    body = _both("reminder", {"facts": facts, "url": _page(f"action/{delivery.action_id}")}, words)
    return Letter(messages.reminder_subject(facts, event), body, {"X-Kpitracker-Action": str(delivery.action_id)})


def _page(path: str) -> str:
    """What it is about, in the admin."""
    return f"{settings.PUBLIC_URL}/admin/targets/{path}/change/"


def _spoken(words: Callable[[], dict[str, str]]) -> dict[str, dict[str, str]]:
    """By language."""
    found = {}
    for language in ("vi", "en"):
        with override(language):
            found[language] = words()
    return found


def _both(template: str, context: dict[str, Any], words: dict[str, dict[str, str]]) -> str:
    """The text in each language."""
    parts = []
    for language, said in words.items():
        with override(language):
            parts.append(render_to_string(f"tasks/{template}_{language}.txt", {**context, "words": said}))
    return "\n---\n\n".join(parts)
