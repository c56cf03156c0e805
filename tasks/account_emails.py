"""Sends account e-mails: claim, make the link, talk to the mail server outside any transaction, record the result."""

import logging
import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import override

from indicators.models import AccountEmail
from indicators.services.access import account_emails
from indicators.services.access.person_names import shown_name
from kpitracker.lib import clock
from kpitracker.lib.outbound.mail_files import mail_response
from tasks import restore_guard
from tasks.base import job
from tasks.channels.base import DeliveryError

log = logging.getLogger(__name__)

_SUBJECTS = {
    "invitation": "kpitracker: mời bạn đặt mật khẩu / set your password",
    "reset": "kpitracker: đặt lại mật khẩu / set a new password",
}


@job
def send_account_emails(**_: object) -> None:
    send_due_emails()


def send_due_emails() -> int:
    """Send all e-mails that are due. Return the number sent. A failed one does not block the others."""
    if not restore_guard.is_sending_allowed():
        return 0
    sent_count = 0
    while batch := account_emails.due_emails(now=clock.now()):
        for account_email in batch:
            if account_emails.claim_email(account_email=account_email, now=clock.now()):
                sent_count += _try_to_send(account_email)
    return sent_count


def _try_to_send(account_email: AccountEmail) -> bool:
    try:
        _send_email(account_email)
    except Exception as error:
        # Any error: one e-mail that cannot be sent must not block all others.
        log.warning("Letter %s failed", account_email.pk, exc_info=not isinstance(error, DeliveryError))
        account_emails.mark_failed(account_email=account_email, now=clock.now(), response=f"{error}")
        return False
    account_emails.mark_sent(account_email=account_email, response=mail_response())
    return True


def _send_email(account_email: AccountEmail) -> None:
    """Send with the same Message-ID in every copy. Raises `DeliveryError`."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message_id = f"<letter-{account_email.pk}@{sender.rpartition('@')[2] or 'kpitracker'}>"
    message = EmailMessage(
        subject=_SUBJECTS[account_email.kind],
        body=_render_body(account_email),
        to=[account_email.user.email],
        headers={"Message-ID": message_id},
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"{type(error).__name__}: {error}") from error


def _render_body(account_email: AccountEmail) -> str:
    context = {
        "letter": account_email,
        "user": account_email.user,
        "inviter": shown_name(account_email.requested_by),
        "url": _password_link(account_email),
        "home": settings.PUBLIC_URL,
    }
    context["days"] = settings.PASSWORD_RESET_TIMEOUT // 86400
    sections = []
    for language in ("vi", "en"):
        with override(language):
            sections.append(render_to_string(f"tasks/{account_email.kind}_{language}.txt", context))
    return "\n---\n\n".join(sections)


def _password_link(account_email: AccountEmail) -> str:
    """Return the link to set a password once. It is stored nowhere but in this e-mail."""
    user_id, token = (
        urlsafe_base64_encode(force_bytes(account_email.user_id)),
        default_token_generator.make_token(account_email.user),
    )
    return f"{settings.PUBLIC_URL}{reverse('admin:first_password', args=[user_id, token])}"
