"""Security and cache headers of every response."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from kpitracker.lib.http.trailing_slash import is_api_request

_STRICT_DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# Swagger UI has inline styles, and images inside its styles.
_DOCS_DIRECTIVES = _STRICT_DIRECTIVES | {"style-src": "'self' 'unsafe-inline'", "img-src": "'self' data:"}
# Alpine, used by the admin, compiles expressions from attributes.
_ADMIN_DIRECTIVES = _DOCS_DIRECTIVES | {"script-src": "'self' 'unsafe-eval'"}
_DENIED_FEATURES = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")


def _join_directives(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())


STRICT_POLICY = _join_directives(_STRICT_DIRECTIVES)
POLICY_BY_PREFIX = {
    "/admin/": _join_directives(_ADMIN_DIRECTIVES),
    "/answer/": _join_directives(_ADMIN_DIRECTIVES),
    "/api/v1/docs/": _join_directives(_DOCS_DIRECTIVES),
}
PERMISSIONS_POLICY = ", ".join(f"{name}=()" for name in _DENIED_FEATURES)


class HeadersMiddleware:
    """Sets Content-Security-Policy and Permissions-Policy; for the API also Cache-Control and Vary."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = next(
            (policy for prefix, policy in POLICY_BY_PREFIX.items() if request.path_info.startswith(prefix)),
            STRICT_POLICY,
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if is_api_request(request):
            response.headers.setdefault("Cache-Control", "private, no-cache")
            patch_vary_headers(response, ("Authorization", "Accept-Language", "Accept"))
        return response
