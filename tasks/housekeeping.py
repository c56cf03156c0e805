"""Daily housekeeping: export the head of the audit chain, delete old records, warn about API keys."""

import logging
import smtplib
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail

from indicators.intake import uploads
from indicators.models import ApiKey
from indicators.services import keys
from kpitracker.lib import clock
from kpitracker.lib.audit import chain, heads
from kpitracker.lib.idempotency import once
from kpitracker.lib.slots import slot

log = logging.getLogger(__name__)


def once_a_day(*, now: datetime) -> None:
    with slot("housekeeping", clock.local_day(now).isoformat(), now) as ours:
        if ours:
            once.forget_old(now=now)
            uploads.forget_abandoned(now=now)
            _look_at_keys(now)
            chain.seal(now=now)
            _send_head(now)


def _look_at_keys(now: datetime) -> None:
    for key in ApiKey.objects.filter(revoked_at=None).order_by("prefix"):
        if found := keys.worries(key, now):
            log.warning("Key %s: %s", key, ", ".join(found))


def _send_head(now: datetime) -> None:
    head = heads.export(now=now)
    if not settings.AUDIT_EMAIL:
        return
    try:
        body = f"{now.isoformat()}\n{head}\n\nmanage.py verify_audit --head {head}\n"
        send_mail(f"[kpitracker] audit head {head.position}", body, None, [settings.AUDIT_EMAIL])
    except (OSError, smtplib.SMTPException):
        # The file and the log contain the head, and the head of the next day covers it.
        log.warning("The head of the audit could not be mailed.", exc_info=True)
