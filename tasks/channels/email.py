"""Alerts and reminders by e-mail."""

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from targets.models import Delivery
from tasks.channels.base import DeliveryError
from tasks.channels.composing import compose


def send(delivery: Delivery) -> str:
    """Hand one message to the mail server. Every copy of it carries the same Message-ID. Raises `DeliveryError`."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message_id = f"<{delivery.pk}@{sender.rpartition('@')[2] or 'kpitracker'}>"
    composed = compose(delivery)
    message = EmailMultiAlternatives(
        subject=composed.subject,
        body=composed.body,
        to=[delivery.recipient],
        headers={"Message-ID": message_id, **composed.about},
        connection=get_connection(),
    )
    if composed.html:
        message.attach_alternative(composed.html, "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        # SMTPException is an OSError; an answer of the server has a code.
        answered = isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)
        raise DeliveryError(f"{type(error).__name__}: {error}", silent=not answered) from error
    return "accepted"
