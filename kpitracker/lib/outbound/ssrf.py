"""SSRF guard: requests may go only to public addresses and to those on the allow-list of the operator."""

import re
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from kpitracker.lib.i18n.text import text

Address = IPv4Address | IPv6Address

# A strict subset of URLs: anything else is refused, because parsers may read it differently.
_URL_PATTERN = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253})"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>(?:/[\w.~!$&'()*+,;=:@%/-]*)?(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?)",
    re.ASCII | re.IGNORECASE,
)
_LABEL_PATTERN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# Some resolvers read a name whose last label is a number as an IPv4 address: 127.1, 0x7f.1, 2130706433.
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVATE_SUFFIXES = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "home.arpa",
    "arpa",
    "onion",
    "test",
)
_DEFAULT_PORTS = {"https": 443, "http": 80}
ALLOWED_PORTS = {443, 80, 8443}

# IANA's registries of special-purpose addresses (2025), as a list: `is_global` of the standard library differs between
# releases of Python.
_SPECIAL_V4 = [
    ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # the platform service of Azure
    )
]  # fmt: skip
_PUBLIC_V6 = ip_network("2000::/3")
_SPECIAL_V6 = [
    ip_network(network)
    # Teredo and other protocol assignments, documentation, 6to4, AS112.
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]


class DestinationBlocked(Exception):
    """Requests to this address are not allowed; the text gives the reason for users."""


class Destination(NamedTuple):
    """A parsed URL: `host` in lower case without brackets, `target` is path and query.

    `allowlisted`: the operator has listed this host, which may then resolve to any address.
    """

    scheme: str
    host: str
    port: int
    target: str
    allowlisted: bool

    @property
    def authority(self) -> str:
        """The value of the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_destination(url: str, allowed: Collection[str]) -> Destination:
    """Parse and check a URL without resolving names. Raises `DestinationBlocked`.

    `allowed` are names, addresses and networks of internal receivers: for these http and any port are accepted.
    """
    match = _URL_PATTERN.fullmatch(url)
    if match is None:
        raise DestinationBlocked(
            text(
                "An address such as https://example.org/hook is expected, without a user, in ASCII.",
                "Cần địa chỉ dạng https://example.org/hook, không kèm tên người dùng, chỉ gồm ký tự ASCII.",
            )
        )
    scheme, host = match["scheme"].lower(), match["host"].lower().strip("[]")
    literal = _parse_literal(host, bracketed=match["host"].startswith("["))
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    allowlisted = host in allowed or (literal is not None and is_allowlisted(literal, allowed))
    if not allowlisted:
        _check_public(scheme, host, port, literal)
    if not 0 < port < 65536:
        raise DestinationBlocked(text("There is no such port.", "Không có cổng này."))
    target = match["target"]
    return Destination(scheme, host, port, target if target.startswith("/") else f"/{target}", allowlisted)


def _parse_literal(host: str, *, bracketed: bool) -> Address | None:
    """The IP address of a literal host, None for a name. Raises `DestinationBlocked` for malformed hosts."""
    if bracketed or _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]):
        try:
            address = ip_address(host)
        except ValueError as error:
            raise DestinationBlocked(text("Not a standard IP address.", "Cách viết địa chỉ số không chuẩn.")) from error
        if (address.version == 6) is not bracketed:
            raise DestinationBlocked(text("Not a standard IP address.", "Cách viết địa chỉ số không chuẩn."))
        return address
    if not all(_LABEL_PATTERN.fullmatch(label) for label in host.split(".")):
        raise DestinationBlocked(text("Not a host name.", "Không phải tên máy."))
    return None


def _check_public(scheme: str, host: str, port: int, literal: Address | None) -> None:
    if scheme != "https":
        raise DestinationBlocked(
            text(
                "Only https. The operator may allow an internal host over http by WEBHOOK_ALLOWED_HOSTS.",
                "Chỉ nhận https. Người vận hành có thể cho phép máy nội bộ dùng http bằng WEBHOOK_ALLOWED_HOSTS.",
            )
        )
    if port not in ALLOWED_PORTS:
        ports = ", ".join(map(str, sorted(ALLOWED_PORTS)))
        raise DestinationBlocked(text(f"Only the ports {ports}.", f"Chỉ các cổng {ports}."))
    if literal is not None and not is_public(literal):
        raise DestinationBlocked(text("Not a public address.", "Không phải địa chỉ công cộng."))
    if literal is None and ("." not in host or any(f".{host}".endswith(f".{suffix}") for suffix in _PRIVATE_SUFFIXES)):
        raise DestinationBlocked(text("A name of a private network.", "Tên máy nội bộ."))


def check_addresses(addresses: Sequence[str], destination: Destination, allowed: Collection[str]) -> None:
    """Raises `DestinationBlocked` unless every resolved address is allowed.

    One is not enough: with a public and a private address, a second try would go to the private one.
    """
    if not addresses:
        raise DestinationBlocked(text("The name has no address.", "Tên máy không có địa chỉ."))
    for address in [] if destination.allowlisted else map(ip_address, addresses):
        if not is_public(address) and not is_allowlisted(address, allowed):
            raise DestinationBlocked(text("Not a public address.", "Không phải địa chỉ công cộng."))


def is_public(address: Address) -> bool:
    """Whether the address is globally routable. IPv6 addresses that embed an IPv4 address (mapped, NAT64, 6to4, Teredo)
    are not public.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _PUBLIC_V6 and not any(address in network for network in _SPECIAL_V6)


def is_allowlisted(address: Address, allowed: Collection[str]) -> bool:
    """Whether an address is on the allow-list, itself or by its network."""
    for entry in allowed:
        try:
            if address in ip_network(entry):
                return True
        except ValueError:  # a name
            continue
    return False
