"""Alerts by webhook, following Standard Webhooks (https://www.standardwebhooks.com)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec
from django.conf import settings

from kpitracker.lib import clock
from kpitracker.lib.i18n.text import in_both_languages
from kpitracker.lib.outbound import webhook_signing
from kpitracker.lib.outbound.http_post import HttpAnswer, NoResponse, send_post
from kpitracker.lib.outbound.ssrf import DestinationBlocked
from targets.models import Delivery, Webhook
from targets.services.notifications import webhook_payload, webhooks
from tasks.channels.base import DeliveryError

_GONE_STATUS, _BUSY_STATUSES = 410, (429, 503)


def send(delivery: Delivery) -> str:
    """Post one message. Every attempt has the same id and body, but a new signature.

    Raises `DeliveryError` for every response but 2xx: redirects are not followed.
    """
    assert delivery.webhook is not None
    body = msgspec.json.encode(webhook_payload.build_payload(delivery))
    headers = {"Content-Type": "application/json", **_signature_headers(delivery, delivery.webhook, body)}
    try:
        response = send_post(delivery.webhook.url, body, headers, allowed=settings.WEBHOOK_ALLOWED_HOSTS)
    except DestinationBlocked as error:
        # Stored in English, as all responses are: the language of the later reader is unknown.
        raise DeliveryError(f"blocked-destination: {in_both_languages(error.args[0])['en']}") from error
    except NoResponse as error:
        raise DeliveryError(f"{error}", timed_out=True) from error
    answer_text = f"{response.status} {response.excerpt}".strip()
    if 200 <= response.status < 300:
        return answer_text
    raise DeliveryError(
        answer_text, permanent=response.status == _GONE_STATUS, wait=_retry_after(response, clock.now())
    )


def _signature_headers(delivery: Delivery, webhook: Webhook, body: bytes) -> dict[str, str]:
    now = clock.now()
    try:
        signing_secrets = webhooks.signing_secrets(webhook, now)
    except webhooks.SecretUnavailable as error:
        raise DeliveryError(f"{error}") from error
    return webhook_signing.signature_headers(
        secrets=signing_secrets, message=str(delivery.pk), timestamp=int(now.timestamp()), body=body
    )


def _retry_after(response: HttpAnswer, now: datetime) -> timedelta | None:
    """Return the `Retry-After` of a busy receiver (429, 503): seconds or a date, at most one day."""
    header = (response.retry_after or "").strip()
    if response.status not in _BUSY_STATUSES or not header:
        return None
    if header.isascii() and header.isdigit():
        return timedelta(seconds=min(int(header[:9]), 86400))
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), timedelta(days=1))
