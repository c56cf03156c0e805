"""Sends due deliveries: claim, talk to the receiver outside any transaction, record the result."""

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

# Then the next sweep continues: Celery kills a task after a minute, even in the middle of sending.
_LONGEST = 30.0  # seconds


@job
def deliver_due(**_: Any) -> None:
    send_due()


def send_due() -> int:
    """Send all deliveries that are due. Return the number sent. A failed one does not block the others."""
    sent, end = 0, time.monotonic() + _LONGEST
    silent = set[str]()
    while restored.may_send() and (batch := deliveries.due(now=clock.now(), without=silent)):
        for delivery in batch:
            if time.monotonic() > end:
                return sent
            if delivery.channel not in silent and deliveries.claim(delivery=delivery, now=clock.now()):
                sent += _send(delivery, silent)
    return sent


def _send(delivery: Delivery, silent: set[str]) -> bool:
    try:
        answer = CHANNELS[delivery.channel](delivery)
    except Exception as error:
        # Any error: one message that cannot be sent must not block all others.
        log.warning("Delivery %s failed", delivery.pk, exc_info=not isinstance(error, DeliveryError))
        if delivery.channel == "email" and getattr(error, "silent", False):
            # All mail uses one server: a timeout for each message would delay everything else.
            silent.add(delivery.channel)
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
