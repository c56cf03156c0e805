"""Rate limits: in the process always, shared while Redis answers."""

import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from kpitracker.lib.rest import rate_limit
from kpitracker.lib.rest.rate_limit import RateLimiter

NOWHERE = "unix:///nowhere/at/all.sock"


def granted(limiter: RateLimiter, count: int, rate: int = 5, name: str = "a") -> int:
    return sum(limiter.take(name, rate) == 0 for _ in range(count))


def test_a_minute_holds_the_rate_and_the_wait_ends_with_the_next_free_place() -> None:
    with time_machine.travel("2024-05-06T07:08:09Z", tick=False) as clock:
        limiter = RateLimiter(NOWHERE)
        assert granted(limiter, 2) == 2
        clock.shift(12)
        assert granted(limiter, 10) == 3
        wait = limiter.take("a", 5)
        assert wait == pytest.approx(48, abs=0.01)
        clock.shift(wait + 0.01)
        assert granted(limiter, 10) == 2
        clock.shift(1000)
        assert granted(limiter, 10) == 5


def test_names_do_not_share() -> None:
    limiter = RateLimiter(NOWHERE)
    assert granted(limiter, 6) == 5
    assert limiter.take("b", 5) == 0


def test_two_processes_share_one_limit_through_redis(redis_url: str) -> None:
    one, other = RateLimiter(redis_url), RateLimiter(redis_url)
    assert granted(one, 3) + granted(other, 10) == 5
    assert 0 < one.take("a", 5) <= 60


def test_another_rate_is_counted_from_its_start(redis_url: str) -> None:
    limiter = RateLimiter(redis_url)
    assert granted(limiter, 10, rate=5) == 5
    assert granted(limiter, 10, rate=7) == 7


def test_without_redis_each_process_counts_for_itself() -> None:
    assert granted(RateLimiter(NOWHERE), 10) == 5


@pytest.fixture
def silent() -> Iterator[str]:
    """A Redis that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_one_request_waits_for_a_silent_redis_and_no_other(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = RateLimiter(silent)
    waits: list[float] = []
    monkeypatch.setattr(limiter._shared, "hit", timed(limiter._shared.hit, waits))
    assert granted(limiter, 100) == 5
    assert len(waits) == 1
    # The server never answers. A slow machine may notice the end of the limit late.
    assert rate_limit.TIMEOUT * 0.9 < waits[0] < 60


def timed(call: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    def run(*args: Any) -> Any:
        start = time.monotonic()
        try:
            return call(*args)
        finally:
            seconds.append(time.monotonic() - start)

    return run


class CountingServer(socketserver.ThreadingTCPServer):
    """A Redis that grants every request, and answers with an error while it is full."""

    daemon_threads = True
    is_full = False
    asked = 0


class Connection(socketserver.StreamRequestHandler):
    server: CountingServer

    def handle(self) -> None:
        while count := re.fullmatch(rb"\*(\d+)\r\n", self.rfile.readline()):
            self.wfile.write(self._answer([self._word() for _ in range(int(count[1]))]))

    def _word(self) -> bytes:
        return self.rfile.read(int(self.rfile.readline()[1:]) + 2)

    def _answer(self, words: list[bytes]) -> bytes:
        if words[0] == b"HELLO\r\n":
            return b"%1\r\n$5\r\nproto\r\n:3\r\n"
        if words[0] != b"EVALSHA\r\n":
            return b"+OK\r\n"
        self.server.asked += 1
        return b"-OOM command not allowed when used memory > 'maxmemory'.\r\n" if self.server.is_full else b":1\r\n"


@pytest.fixture
def server() -> Iterator[CountingServer]:
    with CountingServer(("127.0.0.1", 0), Connection) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def url_of(server: CountingServer) -> str:
    return f"redis://127.0.0.1:{server.server_address[1]}/0"


def test_when_redis_fails_the_processes_own_count_goes_on(server: CountingServer) -> None:
    limiter = RateLimiter(url_of(server))
    assert granted(limiter, 3) == 3
    server.is_full = True
    assert granted(limiter, 10) == 2


def test_a_redis_that_does_not_count_is_logged_once_left_alone_and_asked_again_later(
    server: CountingServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = RateLimiter(url_of(server))
    assert limiter.take("a", 5) == 0
    server.is_full, before = True, server.asked

    callers = [threading.Thread(target=granted, args=(limiter, 100)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert 1 <= server.asked - before <= len(callers)
    assert [record.levelname for record in caplog.records if record.name == rate_limit.__name__] == ["WARNING"]

    # After the pause one request asks, and each one again as soon as Redis counts.
    server.is_full, before = False, server.asked
    monkeypatch.setattr(limiter._breaker, "_ask_at", time.monotonic())
    assert granted(limiter, 3, name="b") == 3
    assert server.asked - before == 3
