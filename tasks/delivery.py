"""Sending what was decided: claim, speak to the outside with no transaction open, record."""

import logging
import time
from typing import Any

from kpitracker.lib import clock
from targets.models import Delivery
from targets.services import deliveries, webhooks
from tasks import restored
from tasks.base import job
from tasks.channels import CHANNELS
from tasks.channels.base import DeliveryError

log = logging.getLogger(__name__)

# Then the next sweep goes on: Celery ends a task after a minute, in the middle of whatever it is sending.
_LONGEST = 30.0  # seconds


@job
def deliver_due(**_: Any) -> None:
    send_due()


def send_due() -> int:
    """Everything that is due, once; the number of messages sent. One that cannot be sent holds no other."""
    if not restored.may_send():
        return 0
    sent, end = 0, time.monotonic() + _LONGEST
    while batch := deliveries.due(now=clock.now()):
        for delivery in batch:
            if time.monotonic() > end:
                return sent
            if deliveries.claim(delivery=delivery, now=clock.now()):
                sent += _send(delivery)
    return sent


def _send(delivery: Delivery) -> bool:
    try:
        answer = CHANNELS[delivery.channel](delivery)
    except Exception as error:
        # Whatever it was: one message that cannot be sent may not hold all the others.
        log.warning("Delivery %s failed", delivery.pk, exc_info=not isinstance(error, DeliveryError))
        _note_failure(delivery, error if isinstance(error, DeliveryError) else DeliveryError(f"{error}"))
        return False
    deliveries.mark_sent(delivery=delivery, now=clock.now(), answer=answer)
    if delivery.webhook is not None:
        webhooks.note_answer(webhook=delivery.webhook)
    return True


def _note_failure(delivery: Delivery, error: DeliveryError) -> None:
    now = clock.now()
    deliveries.mark_failed(delivery=delivery, now=now, answer=f"{error}", wait=error.wait, final=error.gone)
    if delivery.webhook is None:
        return
    webhooks.note_failure(webhook=delivery.webhook, now=now, wait=error.wait, silent=error.silent)
    if error.gone:
        webhooks.disable(webhook=delivery.webhook, reason=f"{error}")
