"""What a key may do, by its scopes."""

from typing import Any, cast

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from indicators.api.authentication import Caller
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import NotPermitted
from kpitracker.lib.texts import text


class ScopePermission(BasePermission):
    """Every GET needs `read`; every write the scope that the view names in `write_scope`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user:
            return False  # DRF answers 401, with WWW-Authenticate.
        if request.method == "OPTIONS":
            return True
        scope: Scope | None = Scope.READ if request.method in SAFE_METHODS else view.write_scope
        if scope is not None and not actor(request).may(scope):
            raise NotPermitted(
                "insufficient-scope",
                text(f"The key lacks the scope {scope}.", f"Khóa không có quyền {scope}."),
            )
        return True


def actor(request: Request) -> Actor:
    return cast("Caller", request.user).actor
