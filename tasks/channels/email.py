"""Alerts and reminders by e-mail, in both languages of the service."""

import smtplib
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils.translation import override

from targets.models import Delivery
from targets.services import messages
from tasks.channels.base import DeliveryError


class Letter(NamedTuple):
    """`about`: a header by which programs sort mail."""

    subject: str
    body: str
    about: dict[str, str]


def send(delivery: Delivery) -> str:
    """Hand one message to the mail server. Every copy of it carries the same Message-ID. Raises `DeliveryError`."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message_id = f"<{delivery.pk}@{sender.rpartition('@')[2] or 'kpitracker'}>"
    letter = _of_action(delivery) if delivery.alert is None else _of_alert(delivery, delivery.alert.target_id)
    message = EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[delivery.recipient],
        headers={"Message-ID": message_id, **letter.about},
        connection=get_connection(),
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"{type(error).__name__}: {error}") from error
    return "accepted"


def _of_alert(delivery: Delivery, target: int) -> Letter:
    facts = delivery.facts
    body = _both("alert", facts, f"target/{target}", lambda: messages.in_words(facts))
    return Letter(messages.subject(facts), body, {"X-Kpitracker-Alert": str(delivery.alert_id)})


def _of_action(delivery: Delivery) -> Letter:
    facts, event = delivery.facts, delivery.event
    body = _both("reminder", facts, f"action/{delivery.action_id}", lambda: messages.reminded(facts, event))
    return Letter(messages.reminder_subject(facts, event), body, {"X-Kpitracker-Action": str(delivery.action_id)})


def _both(template: str, facts: dict[str, Any], page: str, words: Callable[[], dict[str, str]]) -> str:
    """The text in each language; `page` is what it is about, in the admin."""
    context = {"facts": facts, "url": f"{settings.PUBLIC_URL}/admin/targets/{page}/change/"}
    parts = []
    for language in ("vi", "en"):
        with override(language):
            parts.append(render_to_string(f"tasks/{template}_{language}.txt", {**context, "words": words()}))
    return "\n---\n\n".join(parts)
