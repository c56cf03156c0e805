"""Where the caller is: what a trusted proxy says, and nothing that a stranger writes."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from kpitracker.lib.http.request_context import UNKNOWN_ADDRESS, RequestContextMiddleware

NOBODY = str(UNKNOWN_ADDRESS)
PROXIES = ["127.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"]


def seen(peer: str = "127.0.0.1", proxies: list[str] = PROXIES, **headers: str) -> tuple[str, bool]:
    """The address and whether it is https, as later middleware sees them."""
    met: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        met.append(request)
        return HttpResponse()

    with override_settings(TRUSTED_PROXIES=proxies):
        request = RequestFactory().get(
            "/", headers={name.replace("_", "-"): header for name, header in headers.items()}
        )
        request.META["REMOTE_ADDR"] = peer
        RequestContextMiddleware(view)(request)
    return met[0].client_address, met[0].is_secure()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("forwarded", "address", "secure"),
    [
        pytest.param("for=192.0.2.1;proto=https", "192.0.2.1", True, id="address and https"),
        pytest.param("proto=https;for=192.0.2.1", "192.0.2.1", True, id="in another order"),
        pytest.param("For=192.0.2.1; Proto=HTTPS", "192.0.2.1", True, id="in capitals"),
        pytest.param("for=192.0.2.1;proto=http", "192.0.2.1", False, id="address and http"),
        pytest.param("for=192.0.2.1", "192.0.2.1", False, id="no protocol is not https"),
        pytest.param('for="192.0.2.1:4711";proto=https', "192.0.2.1", True, id="with a port"),
        pytest.param('for="[2001:db8::17]";proto=https', "2001:db8::17", True, id="IPv6"),
        pytest.param('for="[2001:db8::17]:4711";proto=https', "2001:db8::17", True, id="IPv6 with a port"),
        pytest.param('for="[::ffff:192.0.2.1]"', "192.0.2.1", False, id="IPv4 within IPv6"),
        pytest.param(
            "for=198.51.100.9;proto=https, for=192.0.2.1;proto=http", "192.0.2.1", False, id="of several the last"
        ),
        pytest.param("for=198.51.100.9,for=192.0.2.1;proto=https", "192.0.2.1", True, id="of several, no space"),
        pytest.param('for="a, for=198.51.100.9", for=192.0.2.1', "192.0.2.1", False, id="a comma within quotes"),
        pytest.param("for=198.51.100.9;proto=https, for=unknown", NOBODY, False, id="nobody lends another's words"),
        pytest.param("for=_hidden;proto=https", NOBODY, True, id="a hidden address"),
        pytest.param("for=unknown;proto=https", NOBODY, True, id="an unknown address"),
        pytest.param("proto=https", NOBODY, True, id="no address"),
        pytest.param('for="x, for=198.51.100.9, for=192.0.2.1', NOBODY, False, id="a quote left open"),
        pytest.param("for=192.0.2.1;for=198.51.100.9", NOBODY, False, id="two addresses in one element"),
        pytest.param("for=192.0.2.1;proto=https;proto=http", NOBODY, False, id="two protocols in one element"),
        pytest.param("for=2001:db8::17;proto=https", NOBODY, False, id="IPv6 without brackets"),
        pytest.param('for="[2001:db8::17%eth0]"', NOBODY, False, id="IPv6 with a zone"),
        pytest.param("for=192.0.2.01", NOBODY, False, id="a leading zero"),
        pytest.param("for=2130706433", NOBODY, False, id="an address as one number"),
        pytest.param("for=999.1.1.1", NOBODY, False, id="no address"),
        pytest.param("for=192.0.2.1, ", NOBODY, False, id="an empty element at the end"),
        pytest.param("192.0.2.1", NOBODY, False, id="no pair"),
        pytest.param('for="' + "\\" * 5000, NOBODY, False, id="thousands of backslashes"),
        pytest.param("for=1," * 3000 + "x", NOBODY, False, id="thousands of elements and garbage"),
    ],
)
def test_what_a_trusted_proxy_says(forwarded: str, address: str, secure: bool) -> None:
    assert seen(Forwarded=forwarded) == (address, secure)


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"])
def test_a_proxy_is_known_by_its_network(peer: str) -> None:
    assert seen(peer, Forwarded="for=192.0.2.1;proto=https") == ("192.0.2.1", True)


@pytest.mark.parametrize("peer", ["10.2.0.1", "198.51.100.1", "2001:db9::1"])
def test_a_stranger_is_not_believed(peer: str) -> None:
    assert seen(peer, Forwarded="for=192.0.2.1;proto=https") == (peer, False)


def test_nobody_is_trusted_unless_it_is_said() -> None:
    assert seen(proxies=[], Forwarded="for=192.0.2.1;proto=https") == ("127.0.0.1", False)


@pytest.mark.parametrize("name", ["X_Forwarded_For", "X_Real_IP", "Client_IP", "True_Client_IP"])
def test_other_headers_are_never_believed(name: str) -> None:
    headers: dict[str, Any] = {name: "192.0.2.1", "X_Forwarded_Proto": "https"}
    assert seen(**headers) == ("127.0.0.1", False)


def test_a_proxy_that_says_nothing_asks_for_itself() -> None:
    assert seen() == ("127.0.0.1", False)


@pytest.mark.parametrize("peer", ["", "unix:", "127.0.0.1:80"])
def test_a_peer_without_address_is_nobody(peer: str) -> None:
    assert seen(peer, Forwarded="for=192.0.2.1;proto=https") == (NOBODY, False)
