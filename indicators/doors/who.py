"""Who is at the door, and from where."""

from typing import Any

from django.http import HttpRequest

from indicators.services import people
from kpitracker.lib.actor import Actor


def address_of(request: HttpRequest) -> str:
    """Where the caller is, as the proxy says it where one is trusted."""
    return str(getattr(request, "client_address", request.META.get("REMOTE_ADDR", "")))


def actor(request: HttpRequest) -> Actor:
    """The person who is logged in. Nobody in particular may do nothing."""
    user: Any = request.user
    address = address_of(request)
    return people.actor_of(user, address) if user.is_authenticated else Actor("nobody", address=address)
