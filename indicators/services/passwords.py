"""Passwords: asked for, set, used. Nobody sets the password of somebody else."""

from datetime import datetime

from django.db import transaction

from indicators.models import User
from indicators.services import letters
from indicators.services.people import actor_of
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import notes
from kpitracker.lib.models import Counter


@transaction.atomic
def ask_for_reset(*, email: str, address: str, now: datetime) -> None:
    """Write a letter to the active person with this address, if there is one and he got fewer than three lately.

    Says nothing, and takes its turn at the same row either way: neither answer nor time tell who is known.
    """
    Counter.hold("resets")
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).exclude(email="").first()
    if user is None or letters.too_many_resets(user=user, now=now):
        return
    by = Actor("login page", address=address)
    letters.write(user=user, kind="reset", by=by, now=now)
    notes.note(by=by, verb="reset", row=user)


@transaction.atomic
def set_own(*, user: User, password: str, address: str) -> None:
    """All other sessions of the person end by it, and all links that were sent to him."""
    user.set_password(password)
    user.save(update_fields=["password"])
    notes.note(by=actor_of(user, address), verb="password", row=user)


def note_login(*, user: User, address: str) -> None:
    """Within the transaction of the login."""
    notes.note(by=actor_of(user, address), verb="logged-in", row=user)
