"""Security and cache headers of every response."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from kpitracker.lib.paths import of_api

_STRICT = {
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
_DOCS = _STRICT | {"style-src": "'self' 'unsafe-inline'", "img-src": "'self' data:"}
# Alpine, used by the admin, compiles expressions from attributes.
_ADMIN = _DOCS | {"script-src": "'self' 'unsafe-eval'"}
_NOT_NEEDED = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")


def _policy(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())


POLICY = _policy(_STRICT)
RELAXED = {"/admin/": _policy(_ADMIN), "/answer/": _policy(_ADMIN), "/api/v1/docs/": _policy(_DOCS)}
PERMISSIONS = ", ".join(f"{name}=()" for name in _NOT_NEEDED)


class HeadersMiddleware:
    """Sets Content-Security-Policy and Permissions-Policy; for the API also Cache-Control and Vary."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = next((policy for place, policy in RELAXED.items() if request.path_info.startswith(place)), POLICY)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if of_api(request):
            response.headers.setdefault("Cache-Control", "private, no-cache")
            patch_vary_headers(response, ("Authorization", "Accept-Language", "Accept"))
        return response
