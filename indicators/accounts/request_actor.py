"""The user and the address behind a request."""

from typing import Any

from django.http import HttpRequest

from indicators.services.access import user_accounts
from kpitracker.lib.actor import Actor


def client_ip(request: HttpRequest) -> str:
    """IP address of the caller; behind a trusted proxy the address that the proxy reports."""
    return str(getattr(request, "client_address", request.META.get("REMOTE_ADDR", "")))


def actor(request: HttpRequest) -> Actor:
    """The logged-in user as an actor. An anonymous caller becomes an actor without scopes."""
    user: Any = request.user
    address = client_ip(request)
    return user_accounts.actor_of(user, address) if user.is_authenticated else Actor("anonymous", address=address)
