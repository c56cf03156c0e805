"""The user behind a request to a page."""

from typing import Protocol, cast

from django.http import HttpRequest

from kpitracker.lib.actor import Actor
from kpitracker.lib.http.request_context import client_ip


class ActingUser(Protocol):
    """What the user model must have: the user as an actor. `address`: IP address of the caller."""

    def as_actor(self, address: str = "") -> Actor: ...


def actor(request: HttpRequest) -> Actor:
    """The logged-in user as an actor. An anonymous caller becomes an actor without scopes."""
    address = client_ip(request)
    if not request.user.is_authenticated:
        return Actor("anonymous", address=address)
    return cast(ActingUser, request.user).as_actor(address)
