"""The queue of account e-mails: a service writes them, a worker claims and sends them and marks the result."""

from datetime import datetime, timedelta

from indicators import signals
from indicators.models import Letter, User
from kpitracker.lib.actor import Actor

# Each step of an attempt is limited to 5 s. When the lease has expired, the worker that claimed it is taken for dead.
LEASE = timedelta(seconds=60)
# Seconds until the next attempt, by the number of attempts made: ten attempts over 75 hours.
_WAITS = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
# A limit, because anyone who knows an address could otherwise fill its mailbox.
RESETS_AN_HOUR = 3
_OPEN = ["pending", "sending"]


def write(*, user: User, kind: str, by: Actor, now: datetime) -> Letter:
    """Queue an e-mail within the transaction of the change that causes it."""
    letter = Letter.objects.create(user=user, kind=kind, requested_at=now, requested_by=by.name[:200], due_at=now)
    signals.letters_written.send(sender=Letter)
    return letter


def too_many_resets(*, user: User, now: datetime) -> bool:
    lately = Letter.objects.filter(user=user, kind="reset", requested_at__gt=now - timedelta(hours=1))
    return lately.count() >= RESETS_AN_HOUR


def due(*, now: datetime, limit: int = 100) -> list[Letter]:
    """The e-mails to be sent now, oldest first: new ones, retries, and those whose lease has expired."""
    waiting = Letter.objects.filter(state__in=_OPEN, due_at__lte=now)
    return list(waiting.select_related("user").order_by("due_at", "pk")[:limit])


def claim(*, letter: Letter, now: datetime) -> bool:
    """Claim the e-mail by a conditional update, which succeeds for only one worker. Returns whether it succeeded.

    Marks the e-mail as failed instead when ten attempts did not finish, or when the user is inactive or has no address.
    """
    row = Letter.objects.filter(state__in=_OPEN, pk=letter.pk, due_at=letter.due_at, attempts=letter.attempts)
    if letter.attempts > len(_WAITS):
        row.update(state="failed", answer="Given up: no attempt was completed.")
        return False
    if not letter.user.is_active or not letter.user.email:
        row.update(state="failed", answer="Not sent: the user is not active or has no address.")
        return False
    claimed = row.update(state="sending", due_at=now + LEASE, attempts=letter.attempts + 1)
    letter.attempts += claimed
    return claimed == 1


def mark_sent(*, letter: Letter, answer: str = "") -> None:
    Letter.objects.filter(pk=letter.pk, state="sending").update(state="sent", answer=answer)


def mark_failed(*, letter: Letter, now: datetime, answer: str) -> None:
    """Schedule the next attempt after a growing delay. After ten attempts the e-mail stays failed."""
    row = Letter.objects.filter(pk=letter.pk, state="sending")
    if letter.attempts > len(_WAITS):
        row.update(state="failed", answer=answer[:1000])
        return
    wait = timedelta(seconds=_WAITS[letter.attempts - 1])
    row.update(state="pending", due_at=now + wait, answer=answer[:1000])
