"""Clients that send their bodies drop by drop take neither all threads of the web server, nor one for ever."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPResponse
from io import BytesIO
from select import select
from urllib.parse import urlsplit

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.test import RequestFactory

from kpitracker.lib.http import slow_bodies
from kpitracker.lib.http.slow_bodies import SlowBodyMiddleware
from tests import processes
from tests.processes import Running, wait_until

SENDERS = 12
# Of each of the two processes (4 threads) two may read a body.
READING = 2 * 2
FIRST_DROP = (
    b"POST /api/v1/measurements/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)


@pytest.fixture
def senders(live_web: Running) -> Iterator[list[socket.socket]]:
    """Strangers who have sent one byte of their bodies."""
    address = urlsplit(live_web.url)
    with ExitStack() as stack:
        lines = [
            stack.enter_context(socket.create_connection((address.hostname, address.port), timeout=120))
            for _ in range(SENDERS)
        ]
        for line in lines:
            line.sendall(FIRST_DROP)
        yield lines


def answer(line: socket.socket) -> HTTPResponse:
    response = HTTPResponse(line)
    response.begin()
    return response


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_readers_and_probes_are_answered(live_web: Running, senders: list[socket.socket]) -> None:
    wait_until(lambda: len(select(senders, [], [], 0)[0]) >= SENDERS - READING, "senders that are sent away")
    # The others still send; nothing that follows waits for them.
    port = int(live_web.url.rpartition(":")[2])
    assert [processes.status_of(port, "/health/live") for _ in range(8)] == [200] * 8
    refused = [answer(line) for line in select(senders, [], [], 0)[0]]
    assert {response.status for response in refused} == {503}
    assert all(int(response.headers["Retry-After"]) > 0 for response in refused)


BODY = bytes(range(256)) * 100


def middleware_over(read: object) -> SlowBodyMiddleware:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(read(request))  # type: ignore[operator]

    return SlowBodyMiddleware(view)


def post() -> WSGIRequest:
    return RequestFactory().generic("POST", "/api/v1/measurements/", BODY)


READS = {
    "at once": lambda request: request.body,
    "in pieces": lambda request: b"".join(iter(lambda: request.read(1000), b"")),
    "without a size": lambda request: request.read(),
    "line by line": lambda request: b"".join(request),
}


@pytest.mark.parametrize("how", READS)
def test_a_body_is_read_as_it_is_and_gives_its_slot_back(how: str) -> None:
    middleware = middleware_over(READS[how])
    for _ in range(10):  # more often than there are slots
        assert middleware(post()).content == BODY


@pytest.mark.parametrize("how", READS)
def test_a_body_that_arrives_too_slowly_ends_the_request(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_bodies, "GRACE", -1000.0)
    middleware = middleware_over(READS[how])
    for _ in range(10):
        with pytest.raises(UnreadablePostError):
            middleware(post())
    monkeypatch.undo()
    assert middleware(post()).content == BODY


def test_a_request_without_a_body_waits_for_no_other() -> None:
    middleware = middleware_over(lambda request: request.body)
    while middleware.slots.acquire(blocking=False):
        pass
    assert middleware(post()).status_code == 503
    assert middleware(RequestFactory().get("/api/v1/indicators/")).status_code == 200
    page = middleware(RequestFactory().generic("POST", "/admin/login/", BytesIO(BODY).read()))
    assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
