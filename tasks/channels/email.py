"""Alerts and reminders by e-mail."""

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from kpitracker.lib.outbound.mail_files import mail_response
from targets.models import Delivery
from tasks.channels.base import DeliveryError
from tasks.channels.render import render_delivery


def send(delivery: Delivery) -> str:
    """Hand one message to the mail server. Every copy of it carries the same Message-ID. Raises `DeliveryError`."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message_id = f"<{delivery.pk}@{sender.rpartition('@')[2] or 'kpitracker'}>"
    rendered = render_delivery(delivery)
    message = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.body,
        to=[delivery.recipient],
        headers={"Message-ID": message_id, **rendered.headers},
        connection=get_connection(),
    )
    if rendered.html:
        message.attach_alternative(rendered.html, "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        # SMTPException is an OSError; a response of the server has a code.
        has_answer = isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)
        raise DeliveryError(f"{type(error).__name__}: {error}", timed_out=not has_answer) from error
    return mail_response()
