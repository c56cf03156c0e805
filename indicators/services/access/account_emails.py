"""The queue of account e-mails: a service writes them, a worker claims and sends them and marks the result."""

from datetime import datetime, timedelta

from indicators import signals
from indicators.models import AccountEmail, User
from kpitracker.lib.actor import Actor

# Each step of an attempt is limited to 5 s. When the lease has expired, the worker that claimed it is taken for dead.
CLAIM_LEASE = timedelta(seconds=60)
# Seconds until the next attempt, by the number of attempts made: ten attempts over 75 hours.
_RETRY_DELAYS = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
# A limit, because anyone who knows an address could otherwise fill its mailbox.
MAX_RESETS_PER_HOUR = 3
_OPEN_STATES = ["pending", "sending"]


def queue_email(*, user: User, kind: str, by: Actor, now: datetime) -> AccountEmail:
    """Queue an e-mail within the transaction of the change that causes it."""
    account_email = AccountEmail.objects.create(
        user=user, kind=kind, requested_at=now, requested_by=by.name[:200], due_at=now
    )
    signals.account_emails_queued.send(sender=AccountEmail)
    return account_email


def has_too_many_resets(*, user: User, now: datetime) -> bool:
    recent_resets = AccountEmail.objects.filter(user=user, kind="reset", requested_at__gt=now - timedelta(hours=1))
    return recent_resets.count() >= MAX_RESETS_PER_HOUR


def due_emails(*, now: datetime, limit: int = 100) -> list[AccountEmail]:
    """The e-mails to be sent now, oldest first: new ones, retries, and those whose lease has expired."""
    open_emails = AccountEmail.objects.filter(state__in=_OPEN_STATES, due_at__lte=now)
    return list(open_emails.select_related("user").order_by("due_at", "pk")[:limit])


def claim_email(*, account_email: AccountEmail, now: datetime) -> bool:
    """Claim the e-mail by a conditional update, which succeeds for only one worker. Returns whether it succeeded.

    Marks the e-mail as failed instead when ten attempts did not finish, or when the user is inactive or has no address.
    """
    rows = AccountEmail.objects.filter(
        state__in=_OPEN_STATES, pk=account_email.pk, due_at=account_email.due_at, attempts=account_email.attempts
    )
    if account_email.attempts > len(_RETRY_DELAYS):
        rows.update(state="failed", answer="Given up: no attempt was completed.")
        return False
    if not account_email.user.is_active or not account_email.user.email:
        rows.update(state="failed", answer="Not sent: the user is not active or has no address.")
        return False
    claimed_count = rows.update(state="sending", due_at=now + CLAIM_LEASE, attempts=account_email.attempts + 1)
    account_email.attempts += claimed_count
    return claimed_count == 1


def mark_sent(*, account_email: AccountEmail, response: str = "") -> None:
    AccountEmail.objects.filter(pk=account_email.pk, state="sending").update(state="sent", answer=response)


def mark_failed(*, account_email: AccountEmail, now: datetime, response: str) -> None:
    """Schedule the next attempt after a growing delay. After ten attempts the e-mail stays failed."""
    rows = AccountEmail.objects.filter(pk=account_email.pk, state="sending")
    if account_email.attempts > len(_RETRY_DELAYS):
        rows.update(state="failed", answer=response[:1000])
        return
    delay = timedelta(seconds=_RETRY_DELAYS[account_email.attempts - 1])
    rows.update(state="pending", due_at=now + delay, answer=response[:1000])
