"""Pause all delivery: after a restore from a backup, waiting messages may already have been sent once."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from indicators.models import Letter
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.audit import notes
from kpitracker.lib.errors import NotPermitted
from kpitracker.lib.models import Counter
from kpitracker.lib.texts import text
from targets import signals
from targets.models import Delivery

_HELD = "delivery-held"
_OPEN = ["pending", "sending"]


class Waiting(NamedTuple):
    """Numbers of unsent messages about alerts and actions, and of unsent account e-mails to users of the admin."""

    messages: int
    letters: int


def is_held() -> bool:
    return Counter.objects.filter(name=_HELD, value__gt=0).exists()


def waiting() -> Waiting:
    letters = Letter.objects.filter(state__in=_OPEN)
    return Waiting(Delivery.objects.filter(state__in=_OPEN).count(), letters.count())


@transaction.atomic
def hold(*, by: Actor) -> None:
    """Stop sending: from now on all messages wait."""
    _set(1, by, {})


@transaction.atomic
def release(*, by: Actor, now: datetime, skip: bool = False) -> Waiting:
    """Send again. The waiting messages are sent, or dropped with `skip`. Return how many were waiting.

    Raises `NotPermitted` (forbidden).
    """
    if not by.may(Scope.ADMIN):
        raise NotPermitted("forbidden", text("Only administrators do this.", "Chỉ quản trị viên được làm việc này."))
    found = waiting()
    if skip:
        answer = "Skipped when delivery was released."
        Delivery.objects.filter(state__in=_OPEN).update(state="dropped", answer=answer)
        Letter.objects.filter(state__in=_OPEN).update(state="failed", answer=answer)
    _set(0, by, {"skipped": skip, **found._asdict()})
    signals.deliveries_written.send(sender=Delivery)
    return found


def _set(value: int, by: Actor, said: dict[str, object]) -> None:
    Counter.hold(_HELD)
    row = Counter.objects.get(name=_HELD)
    if row.value == value:
        return
    Counter.objects.filter(name=_HELD).update(value=value)
    notes.note(
        by=by,
        verb="changed",
        row=row,
        before={"held": bool(row.value)},
        after={"held": bool(value), **said},
        label=_HELD,
    )
