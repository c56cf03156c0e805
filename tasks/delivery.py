"""Sending what was decided: claim, speak to the outside with no transaction open, record."""

import logging
from typing import Any

from kpitracker.lib import clock
from targets.models import Delivery
from targets.services import deliveries
from tasks.base import job
from tasks.channels import CHANNELS
from tasks.channels.base import DeliveryError

log = logging.getLogger(__name__)


@job
def deliver_due(**_: Any) -> None:
    send_due()


def send_due() -> int:
    """Everything that is due, once; the number of messages sent. One that cannot be sent holds no other."""
    sent = 0
    while batch := deliveries.due(now=clock.now()):
        for delivery in batch:
            if deliveries.claim(delivery=delivery, now=clock.now()):
                sent += _send(delivery)
    return sent


def _send(delivery: Delivery) -> bool:
    try:
        answer = CHANNELS[delivery.channel](delivery)
    except Exception as error:
        # Whatever it was: one message that cannot be sent may not hold all the others.
        log.warning("Delivery %s failed", delivery.pk, exc_info=not isinstance(error, DeliveryError))
        deliveries.mark_failed(delivery=delivery, now=clock.now(), answer=f"{error}")
        return False
    deliveries.mark_sent(delivery=delivery, now=clock.now(), answer=answer)
    return True
