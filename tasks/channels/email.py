"""Alerts by e-mail, in both languages of the service."""

import smtplib
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils.translation import override

from targets.models import Delivery
from targets.services import messages
from tasks.channels.base import DeliveryError


def send(delivery: Delivery) -> str:
    """Hand one message to the mail server. Every copy of it carries the same Message-ID. Raises `DeliveryError`."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message_id = f"<{delivery.pk}@{sender.rpartition('@')[2] or 'kpitracker'}>"
    message = EmailMessage(
        subject=messages.subject(delivery.facts),
        body=_body(delivery),
        to=[delivery.recipient],
        headers={"Message-ID": message_id, "X-Kpitracker-Alert": str(delivery.alert_id)},
        connection=get_connection(),
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"{type(error).__name__}: {error}") from error
    return "accepted"


def _body(delivery: Delivery) -> str:
    context: dict[str, Any] = {
        "facts": delivery.facts,
        "url": f"{settings.PUBLIC_URL}/admin/targets/target/{delivery.alert.target_id}/change/",
    }
    parts = []
    for language in ("vi", "en"):
        with override(language):
            facts = messages.in_words(delivery.facts)
            parts.append(render_to_string(f"tasks/alert_{language}.txt", {**context, "words": facts}))
    return "\n---\n\n".join(parts)
