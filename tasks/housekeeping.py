"""Daily housekeeping: export the head of the audit chain, delete old records, warn about API keys, check the database."""

import logging
import smtplib
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import DEFAULT_DB_ALIAS

from indicators.importing import jobs
from indicators.models import ApiKey
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.audit import chain, head_exports
from kpitracker.lib.db import damage
from kpitracker.lib.job_slots import claim_slot
from kpitracker.lib.rest import idempotency

log = logging.getLogger(__name__)


def run_daily_housekeeping(*, now: datetime) -> None:
    with claim_slot("housekeeping", clock.local_day(now).isoformat(), now) as acquired:
        if acquired:
            idempotency.delete_expired(now=now)
            jobs.delete_abandoned_files(now=now)
            _warn_about_keys(now)
            _check_database()
            chain.seal_entries(now=now)
            _send_audit_head(now)


def _check_database() -> None:
    """Find damage that no request has met yet: `/health/ready` is unavailable from then on."""
    if problem := damage.find_damage(DEFAULT_DB_ALIAS):
        damage.record_damage(problem)


def _warn_about_keys(now: datetime) -> None:
    for key in ApiKey.objects.filter(revoked_at=None).order_by("prefix"):
        if warnings := api_keys.key_warnings(key, now):
            log.warning("Key %s: %s", key, ", ".join(warnings))


def _send_audit_head(now: datetime) -> None:
    head = head_exports.export_head(now=now)
    if not settings.AUDIT_EMAIL:
        return
    try:
        body = f"{now.isoformat()}\n{head}\n\nmanage.py verify_audit --head {head}\n"
        send_mail(f"[kpitracker] audit head {head.position}", body, None, [settings.AUDIT_EMAIL])
    except (OSError, smtplib.SMTPException):
        # The file and the log contain the head, and the head of the next day covers it.
        log.warning("The head of the audit could not be mailed.", exc_info=True)
