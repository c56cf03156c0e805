"""Permissions of an API key, by its scopes."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from kpitracker.lib.actor import get_actor, refuse_scope
from kpitracker.lib.errors import Forbidden
from kpitracker.lib.i18n.text import text


class ScopePermission(BasePermission):
    """A read needs all `read_scopes` of the view; a write needs its `write_scope`, or one of its `write_scopes`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user:
            return False  # DRF answers 401, with WWW-Authenticate.
        if request.method == "OPTIONS":
            return True
        if request.method not in SAFE_METHODS and view.write_scopes:
            if not any(get_actor(request).may(scope) for scope in view.write_scopes):
                scopes = ", ".join(view.write_scopes)
                raise Forbidden(
                    "insufficient-scope",
                    text(f"The key has none of the scopes {scopes}.", f"Khóa không có quyền nào trong: {scopes}."),
                )
            return True
        required_scopes = view.read_scopes if request.method in SAFE_METHODS else (view.write_scope,)
        for scope in required_scopes:
            if scope is not None and not get_actor(request).may(scope):
                raise refuse_scope(get_actor(request), scope)
        return True
