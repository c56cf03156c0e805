"""What every request gets: an id, the address of its client, and the security headers of its response."""

import re
import secrets
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from kpitracker.lib.actor import API_KEY_PATTERN
from kpitracker.lib.http import access_log, refusals
from kpitracker.lib.logs import current_request_id

HEADER = "X-Request-ID"
VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

# For a client that the proxy does not name: a comparable address that no client has.
UNKNOWN_ADDRESS = IPv4Address(0)

# RFC 7239: name=token or name="text", then the next pair, the next element, or the end.
_PAIR = re.compile(r"""[ \t]*([A-Za-z]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)")[ \t]*(;|,|\Z)""", re.ASCII)
_NODE = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::(?:[0-9]{1,5}|_[\w.-]+))?", re.ASCII)


def client_ip(request: HttpRequest) -> str:
    """IP address of the caller; behind a trusted proxy the address that the proxy reports."""
    return str(getattr(request, "client_address", request.META.get("REMOTE_ADDR", "")))


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


class RequestContextMiddleware:
    """Sets `request.request_id`, `request.client_address`, and the scheme https when a trusted proxy reports it; adds
    the request id, Content-Security-Policy and Permissions-Policy to the response, for the API also Cache-Control and
    Vary.

    The caller's id is taken if it is safe in a log line. An API key is never taken as an id: the audit and the log
    would store it in clear text. `X-Forwarded-*` headers are never trusted: a client can replace them by spelling the
    name with underscores.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.trusted_proxies = [ip_network(network) for network in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identifier = request.headers.get(HEADER, "")
        if not VALID_ID.fullmatch(identifier) or API_KEY_PATTERN.search(identifier):
            identifier = secrets.token_hex(8)
        request.request_id = identifier  # type: ignore[attr-defined]
        self._set_client_address(request)
        started, token = time.monotonic(), current_request_id.set(identifier)
        try:
            response = self.get_response(request)
            refusals.record_response(request, response, client_ip(request))
            if settings.ACCESS_LOG:
                access_log.log_request(request, response, client_ip(request), started)
        finally:
            current_request_id.reset(token)
        response.headers[HEADER] = identifier
        path = request.path_info
        policies = (policy for prefix, policy in POLICY_BY_PREFIX.items() if path.startswith(prefix))
        response.headers.setdefault("Content-Security-Policy", next(policies, STRICT_POLICY))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if is_api_request(request):
            response.headers.setdefault("Cache-Control", "private, no-cache")
            patch_vary_headers(response, ("Authorization", "Accept-Language", "Accept"))
        return response

    def _set_client_address(self, request: HttpRequest) -> None:
        address = parse_address(request.META.get("REMOTE_ADDR", ""))
        if any(address in proxy for proxy in self.trusted_proxies):
            header = request.META.get("HTTP_FORWARDED", "")
            parameters = last_forwarded_element(header)
            address = parse_node(parameters.get("for", "")) if header else address
            request.environ["wsgi.url_scheme"] = "https" if parameters.get("proto", "").lower() == "https" else "http"  # type: ignore[attr-defined]
        request.client_address = str(address)  # type: ignore[attr-defined]


def is_api_request(request: HttpRequest) -> bool:
    return request.path_info == "/api" or request.path_info.startswith("/api/")


def last_forwarded_element(header: str) -> dict[str, str]:
    """Parameters of the last element, which the nearest proxy added; empty when the header is not valid (RFC 7239).

    The header is parsed from its start: an unclosed quotation mark of a client would hide what the proxy added.
    """
    parameters: dict[str, str] = {}
    position = 0
    while pair := _PAIR.match(header, position):
        name, token, quoted, separator = pair.groups()
        if name.lower() in parameters:
            return {}
        parameters[name.lower()] = token or re.sub(r"\\(.)", r"\1", quoted or "")
        if not separator:
            return parameters
        parameters = {} if separator == "," else parameters
        position = pair.end()
    return {}


def parse_node(value: str) -> IPv4Address | IPv6Address:
    """Parse `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`; hidden nodes (`_name`, `unknown`) are UNKNOWN_ADDRESS."""
    match = _NODE.fullmatch(value)
    return parse_address(match[1] or match[2]) if match else UNKNOWN_ADDRESS


def parse_address(value: str) -> IPv4Address | IPv6Address:
    try:
        address = ip_address(value)
    except ValueError:
        return UNKNOWN_ADDRESS
    # An IPv4 client at an IPv6 socket is the same client.
    return getattr(address, "ipv4_mapped", None) or address
