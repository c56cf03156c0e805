"""Sends due deliveries: claim, talk to the receiver outside any transaction, record the result."""

import logging
import time

from kpitracker.lib import clock
from targets.models import Delivery
from targets.services.notifications import outbox, webhooks
from tasks import restore_guard
from tasks.base import job
from tasks.channels import CHANNELS
from tasks.channels.base import DeliveryError

log = logging.getLogger(__name__)

# Then the next sweep continues: Celery kills a task after a minute, even in the middle of sending.
_MAX_SECONDS = 30.0  # seconds


@job
def deliver_due(**_: object) -> None:
    send_due_deliveries()


def send_due_deliveries() -> int:
    """Send all deliveries that are due. Return the number sent. A failed one does not block the others."""
    sent_count, deadline = 0, time.monotonic() + _MAX_SECONDS
    failed_channels = set[str]()
    while restore_guard.is_sending_allowed() and (
        batch := outbox.next_deliveries(now=clock.now(), excluded_channels=failed_channels)
    ):
        for delivery in batch:
            if time.monotonic() > deadline:
                return sent_count
            if delivery.channel not in failed_channels and outbox.claim_delivery(delivery=delivery, now=clock.now()):
                sent_count += _try_to_send(delivery, failed_channels)
    return sent_count


def _try_to_send(delivery: Delivery, failed_channels: set[str]) -> bool:
    try:
        response = CHANNELS[delivery.channel](delivery)
    except Exception as error:
        # Any error: one message that cannot be sent must not block all others.
        log.warning("Delivery %s failed", delivery.pk, exc_info=not isinstance(error, DeliveryError))
        if delivery.channel == "email" and getattr(error, "timed_out", False):
            # All mail uses one server: a timeout for each message would delay everything else.
            failed_channels.add(delivery.channel)
        _record_failure(delivery, error if isinstance(error, DeliveryError) else DeliveryError(f"{error}"))
        return False
    outbox.mark_sent(delivery=delivery, now=clock.now(), response=response)
    if delivery.webhook is not None:
        webhooks.record_response(webhook=delivery.webhook)
    return True


def _record_failure(delivery: Delivery, error: DeliveryError) -> None:
    now = clock.now()
    outbox.mark_failed(delivery=delivery, now=now, response=f"{error}", wait=error.wait, final=error.permanent)
    if delivery.webhook is None:
        return
    webhooks.record_failure(webhook=delivery.webhook, now=now, wait=error.wait, timed_out=error.timed_out)
    if error.permanent:
        webhooks.disable_webhook(webhook=delivery.webhook, reason=f"{error}")
