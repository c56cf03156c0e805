"""The IP address of the client, behind trusted proxies."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# For a client that the proxy does not name: a comparable address that no client has.
UNKNOWN_ADDRESS = IPv4Address(0)

# RFC 7239: name=token or name="text", then the next pair, the next element, or the end.
_PAIR = re.compile(r"""[ \t]*([A-Za-z]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)")[ \t]*(;|,|\Z)""", re.ASCII)
_NODE = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::(?:[0-9]{1,5}|_[\w.-]+))?", re.ASCII)


def client_ip(request: HttpRequest) -> str:
    """IP address of the caller; behind a trusted proxy the address that the proxy reports."""
    return str(getattr(request, "client_address", request.META.get("REMOTE_ADDR", "")))


class ClientAddressMiddleware:
    """Sets `request.client_address`, and the scheme https when a trusted proxy reports it.

    `X-Forwarded-*` headers are never trusted: a client can replace them by spelling the name with underscores.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.trusted_proxies = [ip_network(network) for network in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = parse_address(request.META.get("REMOTE_ADDR", ""))
        if any(address in proxy for proxy in self.trusted_proxies):
            header = request.META.get("HTTP_FORWARDED", "")
            parameters = last_forwarded_element(header)
            address = parse_node(parameters.get("for", "")) if header else address
            request.environ["wsgi.url_scheme"] = "https" if parameters.get("proto", "").lower() == "https" else "http"  # type: ignore[attr-defined]
        request.client_address = str(address)  # type: ignore[attr-defined]
        return self.get_response(request)


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
