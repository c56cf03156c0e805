"""The record of letters to people: written with what they are about, claimed, sent by somebody else, marked."""

from datetime import datetime, timedelta

from indicators import signals
from indicators.models import Letter, User
from kpitracker.lib.actor import Actor

# Each step of a try is bounded to 5 s; after the lease whoever claimed it is taken for dead.
LEASE = timedelta(seconds=60)
# Seconds until the next try, by the number of tries made: ten tries over 75 hours.
_WAITS = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
# More would fill the mailbox of somebody whose address is known.
RESETS_AN_HOUR = 3
_OPEN = ["pending", "sending"]


def write(*, user: User, kind: str, by: Actor, now: datetime) -> Letter:
    """Within the transaction of what it is about."""
    letter = Letter.objects.create(user=user, kind=kind, requested_at=now, requested_by=by.name[:200], due_at=now)
    signals.letters_written.send(sender=Letter)
    return letter


def too_many_resets(*, user: User, now: datetime) -> bool:
    lately = Letter.objects.filter(user=user, kind="reset", requested_at__gt=now - timedelta(hours=1))
    return lately.count() >= RESETS_AN_HOUR


def due(*, now: datetime, limit: int = 100) -> list[Letter]:
    """What is to be sent now, oldest first: never tried, to be tried again, or claimed by somebody who died."""
    waiting = Letter.objects.filter(state__in=_OPEN, due_at__lte=now)
    return list(waiting.select_related("user").order_by("due_at", "pk")[:limit])


def claim(*, letter: Letter, now: datetime) -> bool:
    """Whether it is ours: a conditional update, which of many workers exactly one can make.

    Given up: what was claimed ten times and never came to an end, and what its reader could not use any more.
    """
    row = Letter.objects.filter(state__in=_OPEN, pk=letter.pk, due_at=letter.due_at, attempts=letter.attempts)
    if letter.attempts > len(_WAITS):
        row.update(state="failed", answer="Given up: no try came to an end.")
        return False
    if not letter.user.is_active or not letter.user.email:
        row.update(state="failed", answer="Not sent: the person is not active or has no address.")
        return False
    claimed = row.update(state="sending", due_at=now + LEASE, attempts=letter.attempts + 1)
    letter.attempts += claimed
    return claimed == 1


def mark_sent(*, letter: Letter, answer: str = "") -> None:
    Letter.objects.filter(pk=letter.pk, state="sending").update(state="sent", answer=answer)


def mark_failed(*, letter: Letter, now: datetime, answer: str) -> None:
    """To be tried again after a growing wait; after ten tries it stays failed, for all to see."""
    row = Letter.objects.filter(pk=letter.pk, state="sending")
    if letter.attempts > len(_WAITS):
        row.update(state="failed", answer=answer[:1000])
        return
    wait = timedelta(seconds=_WAITS[letter.attempts - 1])
    row.update(state="pending", due_at=now + wait, answer=answer[:1000])
