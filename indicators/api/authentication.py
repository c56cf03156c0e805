"""Who asks, by key. Cookies are never looked at here: a forged form could send them."""

from typing import Any

from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from indicators.models import ApiKey
from indicators.services import keys
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor


class Caller:
    """What DRF calls a user: a key is always somebody."""

    is_authenticated = True
    is_active = True
    pk = None

    def __init__(self, key: ApiKey) -> None:
        self.key = key
        self.actor = Actor(name=f"key {key.prefix}", department=key.department_id, scopes=frozenset(key.scopes))

    def __str__(self) -> str:
        return self.actor.name


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer kpi_<prefix>_<secret>`. Whatever is wrong with a key, the answer is the same."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, token = header.partition(" ")
        now = clock.now()
        key = keys.recognise(token.strip(), now) if scheme.lower() == "bearer" else None
        if key is None:
            raise exceptions.AuthenticationFailed
        keys.note_use(key, now)
        return Caller(key), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="kpitracker"'
