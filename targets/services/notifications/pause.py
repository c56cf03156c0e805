"""Pause all delivery: after a restore from a backup, waiting messages may already have been sent once."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from indicators.models import AccountEmail
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.audit import log
from kpitracker.lib.errors import Forbidden
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import CommitSequence
from targets import signals
from targets.models import Delivery

_PAUSE_COUNTER = "delivery-held"
_UNSENT_STATES = ["pending", "sending"]


class PendingCounts(NamedTuple):
    """Numbers of unsent messages about alerts and actions, and of unsent account e-mails to users of the admin."""

    messages: int
    letters: int


def is_paused() -> bool:
    return CommitSequence.objects.filter(name=_PAUSE_COUNTER, value__gt=0).exists()


def count_pending() -> PendingCounts:
    letters = AccountEmail.objects.filter(state__in=_UNSENT_STATES)
    return PendingCounts(Delivery.objects.filter(state__in=_UNSENT_STATES).count(), letters.count())


@transaction.atomic
def pause_delivery(*, by: Actor) -> None:
    """Stop sending: from now on all messages wait."""
    _set_paused(1, by, {})


@transaction.atomic
def resume_delivery(*, by: Actor, now: datetime, skip: bool = False) -> PendingCounts:
    """Send again. The waiting messages are sent, or dropped with `skip`. Return how many were waiting.

    Raises `Forbidden` (forbidden).
    """
    if not by.may(Scope.ADMIN):
        raise Forbidden("forbidden", text("Only administrators do this.", "Chỉ quản trị viên được làm việc này."))
    pending = count_pending()
    if skip:
        answer = "Skipped when delivery was released."
        Delivery.objects.filter(state__in=_UNSENT_STATES).update(state="dropped", response=answer)
        AccountEmail.objects.filter(state__in=_UNSENT_STATES).update(state="failed", answer=answer)
    _set_paused(0, by, {"skipped": skip, **pending._asdict()})
    signals.deliveries_written.send(sender=Delivery)
    return pending


def _set_paused(value: int, by: Actor, details: dict[str, object]) -> None:
    CommitSequence.lock(_PAUSE_COUNTER)
    row = CommitSequence.objects.get(name=_PAUSE_COUNTER)
    if row.value == value:
        return
    CommitSequence.objects.filter(name=_PAUSE_COUNTER).update(value=value)
    log.write_entry(
        by=by,
        verb="changed",
        row=row,
        before={"held": bool(row.value)},
        after={"held": bool(value), **details},
        label=_PAUSE_COUNTER,
    )
