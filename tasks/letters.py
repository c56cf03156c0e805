"""Sends account e-mails: claim, make the link, talk to the mail server outside any transaction, record the result."""

import logging
import smtplib
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import override

from indicators.models import Letter
from indicators.services import letters
from kpitracker.lib import clock
from tasks import restored
from tasks.base import job
from tasks.channels.base import DeliveryError

log = logging.getLogger(__name__)

_SUBJECTS = {
    "invitation": "kpitracker: mời bạn đặt mật khẩu / set your password",
    "reset": "kpitracker: đặt lại mật khẩu / set a new password",
}


@job
def send_letters(**_: Any) -> None:
    send_due()


def send_due() -> int:
    """Send all e-mails that are due. Return the number sent. A failed one does not block the others."""
    if not restored.may_send():
        return 0
    sent = 0
    while batch := letters.due(now=clock.now()):
        for letter in batch:
            if letters.claim(letter=letter, now=clock.now()):
                sent += _send(letter)
    return sent


def _send(letter: Letter) -> bool:
    try:
        _hand_over(letter)
    except Exception as error:
        # Any error: one e-mail that cannot be sent must not block all others.
        log.warning("Letter %s failed", letter.pk, exc_info=not isinstance(error, DeliveryError))
        letters.mark_failed(letter=letter, now=clock.now(), answer=f"{error}")
        return False
    letters.mark_sent(letter=letter, answer="accepted")
    return True


def _hand_over(letter: Letter) -> None:
    """Send with the same Message-ID in every copy. Raises `DeliveryError`."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message_id = f"<letter-{letter.pk}@{sender.rpartition('@')[2] or 'kpitracker'}>"
    message = EmailMessage(
        subject=_SUBJECTS[letter.kind],
        body=_body(letter),
        to=[letter.user.email],
        headers={"Message-ID": message_id},
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"{type(error).__name__}: {error}") from error


def _body(letter: Letter) -> str:
    context = {"letter": letter, "user": letter.user, "url": _link(letter), "home": settings.PUBLIC_URL}
    context["days"] = settings.PASSWORD_RESET_TIMEOUT // 86400
    parts = []
    for language in ("vi", "en"):
        with override(language):
            parts.append(render_to_string(f"tasks/{letter.kind}_{language}.txt", context))
    return "\n---\n\n".join(parts)


def _link(letter: Letter) -> str:
    """Return the link to set a password once. It is stored nowhere but in this e-mail."""
    whom, token = urlsafe_base64_encode(force_bytes(letter.user_id)), default_token_generator.make_token(letter.user)
    return f"{settings.PUBLIC_URL}{reverse('admin:first_password', args=[whom, token])}"
