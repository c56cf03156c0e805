"""Addresses that may not be spoken to, in every spelling: no connection reaches a listener on loopback."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from kpitracker.lib.outbound import ssrf
from kpitracker.lib.outbound.http_post import send_post
from kpitracker.lib.outbound.ssrf import DestinationBlocked
from tests.webhook_receivers import Receiver, answering

# What a resolver would say of these names; others it does not know.
NAMES = {
    "loopback.example.org": ["127.0.0.1"],
    "loopback-six.example.org": ["::1"],
    "both.example.org": ["93.184.215.14", "127.0.0.1"],
    "private.example.org": ["10.0.0.7"],
    "metadata.example.org": ["169.254.169.254"],
    "mapped.example.org": ["::ffff:127.0.0.1"],
    "nowhere.example.org": [],
    "localhost": ["127.0.0.1"],
    "receiver": ["127.0.0.1"],
}


def case(url: str, sentence: str) -> Any:
    return pytest.param(url, id=sentence)


# P stands for the port of the listener, which is made an open one: the address alone is to decide.
HOSTILE = [
    case("https://127.0.0.1:P/", "loopback"),
    case("https://127.8.9.10:P/", "another address of loopback"),
    case("https://localhost:P/", "the name of loopback"),
    case("https://LOCALHOST:P/", "the name of loopback in capitals"),
    case("https://hook.localhost:P/", "a name below that of loopback"),
    case("https://receiver:P/", "a name without a dot"),
    case("https://database.internal:P/", "a name of a cloud's own network"),
    case("https://printer.local:P/", "a name of the local network"),
    case("https://2130706433:P/", "loopback as one number"),
    case("https://0x7f000001:P/", "loopback as one hexadecimal number"),
    case("https://017700000001:P/", "loopback as one octal number"),
    case("https://0x7f.1:P/", "loopback in two parts, the first hexadecimal"),
    case("https://127.1:P/", "loopback in two parts"),
    case("https://127.0.1:P/", "loopback in three parts"),
    case("https://0177.0.0.1:P/", "loopback with an octal part"),
    case("https://127.0.0.01:P/", "loopback with a leading zero"),
    case("https://0x7f.0x0.0x0.0x1:P/", "loopback in hexadecimal parts"),
    case("https://127.0.0.1.:P/", "loopback with a trailing dot"),
    case("https://localhost.:P/", "a name with a trailing dot"),
    case("https://①②⑦.0.0.1:P/", "loopback in circled digits"),
    case("https://１２７。０。０。１:P/", "loopback in wide digits with wide dots"),
    case("https://ⓛocalhost:P/", "the name of loopback with a circled letter"),
    case("https://%31%32%37.0.0.1:P/", "loopback in percent signs"),
    case("https://0.0.0.0:P/", "the unspecified address"),
    case("https://0:P/", "the unspecified address as a nought"),
    case("https://[::1]:P/", "loopback of IPv6"),
    case("https://[::]:P/", "the unspecified address of IPv6"),
    case("https://[0:0:0:0:0:0:0:1]:P/", "loopback of IPv6, written out"),
    case("https://[::ffff:127.0.0.1]:P/", "loopback mapped into IPv6"),
    case("https://[::ffff:7f00:1]:P/", "loopback mapped into IPv6 in hexadecimal"),
    case("https://[::127.0.0.1]:P/", "loopback in the compatible form of IPv6"),
    case("https://[64:ff9b::7f00:1]:P/", "loopback behind NAT64"),
    case("https://[64:ff9b:1::7f00:1]:P/", "loopback behind a local NAT64"),
    case("https://[2002:7f00:1::]:P/", "loopback behind 6to4"),
    case("https://[2001:0:7f00:1::80ff:fffe]:P/", "loopback behind Teredo"),
    case("https://[fe80::1]:P/", "a link-local address of IPv6"),
    case("https://[fe80::1%25lo]:P/", "a link-local address with its zone"),
    case("https://[fd00:ec2::254]:P/", "a private address of IPv6"),
    case("https://[ff02::1]:P/", "a multicast address of IPv6"),
    case("https://[127.0.0.1]:P/", "loopback in brackets"),
    case("https://10.0.0.1:P/", "a private address"),
    case("https://172.31.255.255:P/", "another private address"),
    case("https://192.168.1.1:P/", "an address at home"),
    case("https://169.254.169.254:P/latest/", "the link-local address where clouds tell secrets"),
    case("https://100.64.0.1:P/", "an address of a carrier's NAT"),
    case("https://198.18.0.1:P/", "an address of a test network"),
    case("https://192.0.2.1:P/", "an address of documentation"),
    case("https://224.0.0.1:P/", "a multicast address"),
    case("https://255.255.255.255:P/", "the broadcast address"),
    case("https://240.0.0.1:P/", "a reserved address"),
    case("https://168.63.129.16:P/", "the address where Azure tells secrets"),
    case("https://ok@127.0.0.1:P/", "a user in front of loopback"),
    case("https://example.org:443@127.0.0.1:P/", "a name and a port in front of loopback"),
    case("https://example.org#@127.0.0.1:P/", "a fragment in front of loopback"),
    case("https://example.org\\@127.0.0.1:P/", "a backslash in front of loopback"),
    case("https://127.0.0.1:P\r\nHost: example.org/", "a second line"),
    case("https://127.0.0.1:P\t/", "a tabulator"),
    case(" https://127.0.0.1:P/", "a blank in front"),
    case("//127.0.0.1:P/", "no scheme"),
    case("https:127.0.0.1:P", "no slashes"),
    case("https:///127.0.0.1:P/", "three slashes"),
    case("http://example.org/", "plain http to a public name"),
    case("file:///etc/passwd", "a file"),
    case("gopher://127.0.0.1:P/", "another scheme"),
    case("unix:///run/docker.sock", "a socket of the machine"),
    case("https://example.org:22/", "a port of another service"),
    case("https://example.org:0/", "port nought"),
    case("https://example.org:65536/", "a port beyond all"),
    case("https://", "no host"),
    case("", "nothing"),
    case("https://loopback.example.org:P/", "a public name of loopback"),
    case("https://loopback-six.example.org:P/", "a public name of loopback of IPv6"),
    case("https://both.example.org:P/", "a name with a public address and loopback"),
    case("https://private.example.org:P/", "a public name of a private address"),
    case("https://metadata.example.org:P/", "a public name of where clouds tell secrets"),
    case("https://mapped.example.org:P/", "a public name of loopback mapped into IPv6"),
    case("https://nowhere.example.org:P/", "a name without an address"),
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that were looked up, by a resolver of our own; numbers are read by the real one."""
    results, real = list[str](), socket.getaddrinfo

    def look_up(host: str, *args: Any, **values: Any) -> Any:
        results.append(host)
        values["flags"] = socket.AI_NUMERICHOST
        addresses = NAMES.get(host, [host])
        return [row for address in addresses for row in real(address, *args, **values)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return results


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> Iterator[Receiver]:
    with Receiver() as canary:
        monkeypatch.setattr(ssrf, "ALLOWED_PORTS", {canary.port, 443})
        yield canary


@pytest.mark.parametrize("url", HOSTILE)
def test_no_connection_to(url: str, canary: Receiver) -> None:
    with pytest.raises(DestinationBlocked):
        send_post(url.replace("P/", f"{canary.port}/"), b"{}", {}, allowed=["listed.example.org", "10.9.0.0/16"])
    assert canary.connections_so_far() == 0


def test_the_table_is_long_enough() -> None:
    assert len({row.id for row in HOSTILE}) == len(HOSTILE) >= 40


@pytest.mark.parametrize(
    "url, allowed",
    [
        pytest.param("http://receiver:P/hook", ["receiver"], id="a name that the operator lists, by plain http"),
        pytest.param("http://127.0.0.1:P/hook", ["127.0.0.0/8"], id="an address in a network that is listed"),
        pytest.param("http://127.0.0.1:P/hook", ["127.0.0.1"], id="an address that is listed"),
        pytest.param("http://RECEIVER:P/hook?a=b", ["receiver"], id="a listed name in capitals"),
    ],
)
def test_there_is_a_way_to(url: str, allowed: list[str], canary: Receiver) -> None:
    """The control: the listener listens, and counts."""
    answer = send_post(url.replace(":P", f":{canary.port}"), b"{}", {"a": "b"}, allowed=allowed)
    assert (answer.status, canary.connections_so_far()) == (204, 1)
    [received] = canary.received
    assert received.line.startswith("POST /hook")
    assert received.body == b"{}"


def test_a_listed_network_admits_a_public_name_of_it(canary: Receiver) -> None:
    name = "loopback.example.org"
    ssrf.check_addresses(NAMES[name], ssrf.parse_destination(f"https://{name}/", []), ["127.0.0.0/8"])
    with pytest.raises(DestinationBlocked):
        ssrf.check_addresses(["127.0.0.1", "10.0.0.1"], ssrf.parse_destination(f"https://{name}/", []), ["127.0.0.0/8"])


def test_a_name_that_changes_while_we_look_is_looked_up_once(canary: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Public at the first look, loopback at the second: whoever looks twice is led into the house."""
    answers = iter(["8.8.8.8", "127.0.0.1", "127.0.0.1"])
    name, real = "rebinding.example.org", socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **values: real(next(answers) if host == name else host, *args, **values),
    )
    # conftest refuses what would leave this machine, and names it.
    with pytest.raises(AssertionError, match=r"8\.8\.8\.8"):
        send_post(f"https://rebinding.example.org:{canary.port}/", b"", {}, allowed=[])
    assert canary.connections_so_far() == 0
    # The control: the next look would have found loopback, and is refused.
    with pytest.raises(DestinationBlocked):
        send_post(f"https://rebinding.example.org:{canary.port}/", b"", {}, allowed=[])
    assert next(answers) == "127.0.0.1"


def test_a_redirect_is_followed_by_nobody(canary: Receiver) -> None:
    with Receiver() as first:
        first.answer = answering(302, Location=f"http://127.0.0.1:{canary.port}/")
        assert send_post(f"http://receiver:{first.port}/", b"", {}, allowed=["receiver"]).status == 302
    assert canary.connections_so_far() == 0


def test_proxies_of_the_environment_are_not_asked(canary: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    with Receiver() as receiver:
        assert send_post(f"http://receiver:{receiver.port}/", b"", {}, allowed=["receiver"]).status == 204
    assert canary.connections_so_far() == 0


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "203.113.131.1", "1.1.1.1", "172.15.0.1", "172.32.0.1", "2606:4700::1111", "2400:cb00::1"]
)
def test_public_addresses(address: str) -> None:
    assert ssrf.is_public(ip_address(address))


@pytest.mark.parametrize(
    "url, authority, target",
    [
        ("https://example.org", "example.org", "/"),
        ("HTTPS://Example.org:443/Hook?A=b", "example.org", "/Hook?A=b"),
        ("https://example.org:8443?a", "example.org:8443", "/?a"),
        ("https://[2606:4700::1111]/", "[2606:4700::1111]", "/"),
    ],
)
def test_what_is_asked_of_whom(url: str, authority: str, target: str) -> None:
    result = ssrf.parse_destination(url, [])
    assert (result.authority, result.target) == (authority, target)
