"""IP networks from which an API key may be used."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from kpitracker.lib.errors import ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text


def parse_networks(networks: Iterable[object], pointer: str) -> list[str]:
    """Networks in canonical spelling; a single address becomes a network.

    Raises `ValidationProblem` (invalid-address).
    """
    parsed, items = [], []
    for index, value in enumerate(networks):
        try:
            parsed.append(str(_unmap_ipv4(ip_network(str(value).strip()))))
        except ValueError:
            items.append(
                ProblemItem(
                    f"{pointer}/{index}",
                    "invalid-address",
                    text(
                        "A network such as 10.1.0.0/16 or 2001:db8::/32 is expected.",
                        "Cần dải mạng như 10.1.0.0/16 hoặc 2001:db8::/32.",
                    ),
                )
            )
    if items:
        raise ValidationProblem(items=items)
    return parsed


def is_in_networks(address: str, networks: Iterable[str]) -> bool:
    """Whether an address lies in one of the networks. An IPv4 address mapped to IPv6 counts as IPv4."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return any((mapped or ip) in ip_network(network) for network in networks)


def is_subnet_of_any(network: str, networks: Iterable[str]) -> bool:
    """Whether a network lies completely in one of the networks."""
    inner = ip_network(network)
    return any(inner.version == outer.version and inner.subnet_of(outer) for outer in map(ip_network, networks))  # type: ignore[arg-type]


def _unmap_ipv4(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """An IPv4-mapped IPv6 network as IPv4: the addresses of callers are compared as IPv4."""
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return ip_network(f"{mapped}/{network.prefixlen - 96}")
