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

# A row of CommitSequence that is used as a flag, because it has a lock: 1 = paused.
_PAUSE_FLAG = "delivery-paused"
_UNSENT_STATES = ["pending", "sending"]


class PendingCounts(NamedTuple):
    """Numbers of unsent deliveries and of unsent account e-mails."""

    deliveries: int
    account_emails: int


def is_paused() -> bool:
    return CommitSequence.objects.filter(name=_PAUSE_FLAG, value__gt=0).exists()


def count_pending() -> PendingCounts:
    account_emails = AccountEmail.objects.filter(state__in=_UNSENT_STATES)
    return PendingCounts(Delivery.objects.filter(state__in=_UNSENT_STATES).count(), account_emails.count())


@transaction.atomic
def pause_delivery(*, by: Actor) -> None:
    """Stop sending: from now on all messages wait. Only commands call it, so it checks no rights."""
    _set_paused(1, by, {})


@transaction.atomic
def resume_delivery(*, by: Actor, now: datetime, skip: bool = False) -> PendingCounts:
    """Resume sending. The waiting messages are sent, or dropped with `skip`. Return how many were waiting.

    Raises `Forbidden` (forbidden), also for administrators of a department: it concerns the messages of all.
    """
    if not by.may(Scope.ADMIN) or by.department is not None:
        raise Forbidden(
            "forbidden",
            text(
                "Only administrators of the whole organisation may do this.",
                "Chỉ quản trị viên toàn hệ thống được làm việc này.",
            ),
        )
    pending = count_pending()
    if skip:
        response = "Skipped when delivery was resumed."
        Delivery.objects.filter(state__in=_UNSENT_STATES).update(state="dropped", response=response)
        # An account e-mail has no state `dropped`.
        AccountEmail.objects.filter(state__in=_UNSENT_STATES).update(state="failed", answer=response)
    _set_paused(0, by, {"skipped": skip, **pending._asdict()})
    signals.deliveries_ready.send(sender=Delivery)
    return pending


def _set_paused(value: int, by: Actor, details: dict[str, object]) -> None:
    CommitSequence.lock(_PAUSE_FLAG)
    row = CommitSequence.objects.get(name=_PAUSE_FLAG)
    if row.value == value:
        return
    CommitSequence.objects.filter(name=_PAUSE_FLAG).update(value=value)
    log.write_entry(
        by=by,
        verb="changed",
        row=row,
        before={"paused": bool(row.value)},
        after={"paused": bool(value), **details},
        label=_PAUSE_FLAG,
    )
