"""The IP address of the client, behind trusted proxies."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# For a client that the proxy does not name: a comparable address that no client has.
UNKNOWN = IPv4Address(0)

# RFC 7239: name=token or name="text", then the next pair, the next element, or the end.
_PAIR = re.compile(r"""[ \t]*([A-Za-z]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)")[ \t]*(;|,|\Z)""", re.ASCII)
_NODE = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::(?:[0-9]{1,5}|_[\w.-]+))?", re.ASCII)


class ClientMiddleware:
    """Sets `request.client_address`, and the scheme https when a trusted proxy reports it.

    `X-Forwarded-*` headers are never trusted: a client can replace them by spelling the name with underscores.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.proxies = [ip_network(one) for one in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = address_of(request.META.get("REMOTE_ADDR", ""))
        if any(address in proxy for proxy in self.proxies):
            said = request.META.get("HTTP_FORWARDED", "")
            words = last_element(said)
            address = node(words.get("for", "")) if said else address
            request.environ["wsgi.url_scheme"] = "https" if words.get("proto", "").lower() == "https" else "http"  # type: ignore[attr-defined]
        request.client_address = str(address)  # type: ignore[attr-defined]
        return self.get_response(request)


def last_element(header: str) -> dict[str, str]:
    """Parameters of the last element, which the nearest proxy added; empty when the header is not valid (RFC 7239).

    The header is parsed from its start: an unclosed quotation mark of a client would hide what the proxy added.
    """
    words: dict[str, str] = {}
    position = 0
    while pair := _PAIR.match(header, position):
        name, token, quoted, mark = pair.groups()
        if name.lower() in words:
            return {}
        words[name.lower()] = token or re.sub(r"\\(.)", r"\1", quoted or "")
        if not mark:
            return words
        words = {} if mark == "," else words
        position = pair.end()
    return {}


def node(written: str) -> IPv4Address | IPv6Address:
    """Parse `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`; hidden nodes (`_name`, `unknown`) are UNKNOWN_ADDRESS."""
    found = _NODE.fullmatch(written)
    return address_of(found[1] or found[2]) if found else UNKNOWN


def address_of(written: str) -> IPv4Address | IPv6Address:
    try:
        address = ip_address(written)
    except ValueError:
        return UNKNOWN
    # An IPv4 client at an IPv6 socket is the same client.
    return getattr(address, "ipv4_mapped", None) or address
