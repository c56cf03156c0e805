"""The record of what is to be sent: claimed, then sent by somebody else, then marked."""

from datetime import datetime, timedelta

from targets.domain.actions import ActionState
from targets.models import Delivery

# Each of the eight steps of a try is bounded to 5 s; after the lease whoever claimed it is taken for dead.
LEASE = timedelta(seconds=60)
# Until the next try, by the number of tries made (Standard Webhooks; ten tries over 75 hours).
_WAITS = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]


def due(*, now: datetime, limit: int = 100) -> list[Delivery]:
    """What is to be sent now, oldest first: never tried, to be tried again, or claimed by somebody who died."""
    waiting = Delivery.objects.filter(state__in=["pending", "sending"], due_at__lte=now)
    return list(waiting.select_related("alert__target", "action").order_by("due_at", "pk")[:limit])


def claim(*, delivery: Delivery, now: datetime) -> bool:
    """Whether it is ours: a conditional update, which of many workers exactly one can make.

    One that was claimed ten times and never came to an end, because it kills its worker each time, is given up; one
    about an action that has been closed meanwhile is not needed any more.
    """
    row = Delivery.objects.filter(
        state__in=["pending", "sending"], pk=delivery.pk, due_at=delivery.due_at, attempts=delivery.attempts
    )
    if delivery.attempts > len(_WAITS):
        row.update(state="failed", answer="Given up: no try came to an end.")
        return False
    if delivery.action is not None and ActionState(delivery.action.state).closed:
        row.update(state="dropped", answer="The action was closed.")
        return False
    claimed = row.update(state="sending", due_at=now + LEASE, attempts=delivery.attempts + 1)
    delivery.attempts += claimed
    return claimed == 1


def mark_sent(*, delivery: Delivery, now: datetime, answer: str = "") -> None:
    Delivery.objects.filter(pk=delivery.pk, state="sending").update(state="sent", sent_at=now, answer=answer)


def mark_failed(*, delivery: Delivery, now: datetime, answer: str) -> None:
    """To be tried again after a growing wait; after ten tries it stays failed, for all to see."""
    if delivery.attempts > len(_WAITS):
        Delivery.objects.filter(pk=delivery.pk, state="sending").update(state="failed", answer=answer[:1000])
        return
    wait = timedelta(seconds=_WAITS[delivery.attempts - 1])
    Delivery.objects.filter(pk=delivery.pk, state="sending").update(
        state="pending", due_at=now + wait, answer=answer[:1000]
    )
