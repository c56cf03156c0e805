"""One try is bounded, whatever the receiver does; over TLS the name is checked that was asked for."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from kpitracker.lib.outbound import webhook_signing
from kpitracker.lib.outbound.http_post import NoResponse, send_post
from tests.webhook_receivers import CERTIFICATE, Receiver, answering

ALLOWED = ["127.0.0.0/8", "hook.example.org", "other.example.org"]
SECONDS = 0.4
# The receivers below would go on for ever: what ends at all has ended by its deadline, however slow the machine is.
LATEST = 60


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def seconds_of_no_answer(url: str) -> float:
    started = time.monotonic()
    with pytest.raises(NoResponse, match=r"within 0\.4 s"):
        send_post(url, b"{}", {}, allowed=ALLOWED, seconds=SECONDS)
    return time.monotonic() - started


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(None, id="says nothing"),
        pytest.param(b"", id="drips before the first line"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", id="drips in the headers"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, id="always says continue"),
    ],
)
def test_a_try_ends_by_its_deadline_when_the_receiver(start: bytes | None, receiver: Receiver) -> None:
    receiver.behave = receiver.silent if start is None else receiver.dripping(start)
    assert SECONDS <= seconds_of_no_answer(receiver.url) < LATEST


def test_a_try_ends_by_its_deadline_when_the_receiver_reads_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        started = time.monotonic()
        with pytest.raises(NoResponse):
            send_post(url, b"x" * 50_000_000, {}, allowed=ALLOWED, seconds=SECONDS)
        assert time.monotonic() - started < LATEST


def test_a_try_ends_by_its_deadline_when_the_handshake_of_tls_is_not_answered(monkeypatch: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert seconds_of_no_answer(f"https://127.0.0.1:{listening.getsockname()[1]}/") < LATEST


def test_a_try_ends_by_its_deadline_when_no_name_server_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    end = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: end.wait(300) and [])
    assert seconds_of_no_answer("https://hook.example.org/") < LATEST
    end.set()


def test_a_status_counts_also_when_the_text_behind_it_never_ends(receiver: Receiver) -> None:
    receiver.behave = receiver.dripping(b"HTTP/1.1 200 OK\r\n\r\n")
    started = time.monotonic()
    answer = send_post(receiver.url, b"{}", {}, allowed=ALLOWED, seconds=300)
    assert answer.status == 200
    assert answer.excerpt.startswith("a")
    assert time.monotonic() - started < LATEST


def test_of_a_long_answer_the_beginning_is_kept(receiver: Receiver) -> None:
    receiver.answer = answering(500, "\x1b[31mno " + "x" * 5000, Retry_After="7")
    answer = send_post(receiver.url, b"{}", {}, allowed=ALLOWED)
    assert (answer.status, answer.retry_after) == (500, "7")
    assert answer.excerpt.startswith("[31mno xxx")
    assert len(answer.excerpt) < 1001


@pytest.mark.parametrize(
    "start", [pytest.param(b"", id="hangs up"), pytest.param(b"SSH-2.0-OpenSSH\r\n", id="speaks another language")]
)
def test_it_is_no_answer_when_the_receiver(start: bytes, receiver: Receiver) -> None:
    receiver.answer = start
    with pytest.raises(NoResponse):
        send_post(receiver.url, b"{}", {}, allowed=ALLOWED, seconds=SECONDS)


def test_it_is_no_answer_when_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NoResponse, match="ConnectionRefused"):
            send_post(f"http://127.0.0.1:{taken.getsockname()[1]}/", b"", {}, allowed=ALLOWED)


class TestTls:
    @pytest.fixture(autouse=True)
    def names(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """All names are loopback's, and the certificate of hook.example.org is trusted."""
        real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda _, *args, **values: real("127.0.0.1", *args, **values))
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))

    def test_the_address_is_that_which_was_checked_and_the_name_that_which_was_asked_for(self) -> None:
        with Receiver(tls=True) as receiver:
            url = f"https://hook.example.org:{receiver.port}/hook"
            assert send_post(url, b"{}", {}, allowed=ALLOWED).status == 204
        [received] = receiver.received
        assert received.server_name == "hook.example.org"
        assert received.headers["host"] == f"hook.example.org:{receiver.port}"

    @pytest.mark.parametrize("trusted", [True, False], ids=["another name's", "one that nobody has signed"])
    def test_nothing_is_sent_under_a_certificate_that_is(self, trusted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        if not trusted:
            monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
        host = "other.example.org" if trusted else "hook.example.org"
        with Receiver(tls=True) as receiver:
            with pytest.raises(NoResponse, match="CERTIFICATE_VERIFY_FAILED"):
                send_post(f"https://{host}:{receiver.port}/", b"{}", {}, allowed=ALLOWED)
            assert receiver.received == []


def test_the_reference_library_knows_our_signatures() -> None:
    body, now = '{"type": "chậm tiến độ"}', datetime.now(UTC)
    old, new = b"a" * 32, b"b" * 32
    result = webhook_signing.signature_headers(
        secrets=[new, old], message="7", timestamp=int(now.timestamp()), body=body.encode()
    )
    for secret in (old, new):
        assert Webhook(webhook_signing.format_secret(secret)).verify(body, result) == {"type": "chậm tiến độ"}
        assert (
            Webhook(webhook_signing.format_secret(secret)).sign("7", now, body) in result["webhook-signature"].split()
        )
