"""Password resets, changes and logins. Users set only their own password."""

from datetime import datetime

from django.db import transaction

from indicators.models import User
from indicators.services.access import account_emails
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import log
from kpitracker.lib.models import CommitSequence


@transaction.atomic
def request_reset(*, email: str, address: str, now: datetime) -> None:
    """Queue a reset e-mail for the active user with this address, at most `MAX_RESETS_PER_HOUR` an hour.

    Returns nothing and locks the same row in every case, so that neither the response nor its time shows
    whether the address is known.
    """
    CommitSequence.lock("resets")
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).exclude(email="").first()
    if user is None or account_emails.has_too_many_resets(user=user, now=now):
        return
    by = Actor("login page", address=address)
    account_emails.queue_email(user=user, kind="reset", by=by, now=now)
    log.write_entry(by=by, verb="reset", row=user)


@transaction.atomic
def set_own_password(*, user: User, password: str, address: str) -> None:
    """Set the password. This ends all other sessions of the user and invalidates all links that were sent to them."""
    user.set_password(password)
    user.save(update_fields=["password"])
    log.write_entry(by=user.as_actor(address), verb="password", row=user)


def record_login(*, user: User, address: str) -> None:
    """Write the audit entry of a login. Call it within the transaction of the login."""
    log.write_entry(by=user.as_actor(address), verb="logged-in", row=user)
