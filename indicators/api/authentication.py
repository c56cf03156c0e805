"""Authentication by API key. Cookies are ignored: a forged form could send them."""

from typing import Any

from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from indicators.api import throttling
from indicators.models import ApiKey
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Forbidden
from kpitracker.lib.http.ip_networks import is_in_networks
from kpitracker.lib.i18n.text import text


class ApiPrincipal:
    """The user object that DRF expects, for an API key."""

    is_authenticated = True
    is_active = True
    pk = None

    def __init__(self, key: ApiKey, address: str = "") -> None:
        self.key = key
        # The key of a department never gets `admin`: it could move other departments below its own.
        scopes = frozenset(key.scopes) - ({Scope.ADMIN} if key.department_id else set())
        self.actor = Actor(name=f"key {key.prefix}", department=key.department_id, scopes=scopes, address=address)

    def __str__(self) -> str:
        return self.actor.name


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer kpi_<prefix>_<secret>`. Every invalid key gets the same response."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, token = header.partition(" ")
        now = clock.now()
        key = api_keys.authenticate_key(token.strip(), now) if scheme.lower() == "bearer" else None
        if key is None:
            raise exceptions.AuthenticationFailed
        # Not a throttle of the views: DRF runs those after the permissions, so refused requests would not be counted.
        throttling.count_request(key)
        address = getattr(request, "client_address", None) or request.META.get("REMOTE_ADDR", "")
        if key.addresses and not is_in_networks(address, key.addresses):
            raise Forbidden(
                "address-not-allowed",
                text(f"The key may not be used from {address}.", f"Khóa không được dùng từ {address}."),
            )
        api_keys.record_use(key, now)
        return ApiPrincipal(key, address), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="kpitracker"'
