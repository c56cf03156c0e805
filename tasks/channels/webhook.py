"""Alerts by webhook, following Standard Webhooks (https://www.standardwebhooks.com)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec
from django.conf import settings

from kpitracker.lib import clock
from kpitracker.lib.outbound import signing
from kpitracker.lib.outbound.guard import Blocked
from kpitracker.lib.outbound.posting import Answer, NoAnswer, post
from kpitracker.lib.texts import both
from targets.models import Delivery, Webhook
from targets.services import events, webhooks
from tasks.channels.base import DeliveryError

_GONE, _BUSY = 410, (429, 503)


def send(delivery: Delivery) -> str:
    """Post one message. Every attempt has the same id and body, but a new signature.

    Raises `DeliveryError` for every response but 2xx: redirects are not followed.
    """
    assert delivery.webhook is not None
    body = msgspec.json.encode(events.body(delivery))
    headers = {"Content-Type": "application/json", **_signed(delivery, delivery.webhook, body)}
    try:
        answer = post(delivery.webhook.url, body, headers, allowed=settings.WEBHOOK_ALLOWED_HOSTS)
    except Blocked as error:
        # Stored in English, as all answers are: the language of the later reader is unknown.
        raise DeliveryError(f"blocked-destination: {both(error.args[0])['en']}") from error
    except NoAnswer as error:
        raise DeliveryError(f"{error}", silent=True) from error
    said = f"{answer.status} {answer.text}".strip()
    if 200 <= answer.status < 300:
        return said
    raise DeliveryError(said, gone=answer.status == _GONE, wait=_asked_to_wait(answer, clock.now()))


def _signed(delivery: Delivery, webhook: Webhook, body: bytes) -> dict[str, str]:
    now = clock.now()
    try:
        secrets = webhooks.secrets(webhook, now)
    except webhooks.SecretLost as error:
        raise DeliveryError(f"{error}") from error
    return signing.headers(secrets=secrets, message=str(delivery.pk), timestamp=int(now.timestamp()), body=body)


def _asked_to_wait(answer: Answer, now: datetime) -> timedelta | None:
    """Return the `Retry-After` of a busy receiver (429, 503): seconds or a date, at most one day."""
    given = (answer.retry_after or "").strip()
    if answer.status not in _BUSY or not given:
        return None
    if given.isascii() and given.isdigit():
        return timedelta(seconds=min(int(given[:9]), 86400))
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), timedelta(days=1))
