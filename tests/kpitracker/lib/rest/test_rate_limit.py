"""Counting requests: in the process always, together while Redis answers."""

import re
import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from kpitracker.lib.rest.rate_limit import Buckets, Limiter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def granted(take: "Limiter | Buckets", count: int, rate: int = 5) -> int:
    return sum(take.take("a", rate) == 0 for _ in range(count))


def test_a_bucket_holds_a_minutes_worth_and_refills_evenly() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    assert granted(buckets, 10) == 5
    assert buckets.take("a", 5) == pytest.approx(12)
    clock.now = 12.1
    assert granted(buckets, 10) == 1
    clock.now = 1000
    assert granted(buckets, 10) == 5


def test_names_do_not_share() -> None:
    buckets = Buckets()
    assert granted(buckets, 6) == 5
    assert buckets.take("b", 5) == 0


def test_two_processes_share_one_limit_through_redis(redis_url: str) -> None:
    one, other = Limiter(redis_url), Limiter(redis_url)
    assert one.wait_until_shared(10)
    assert other.wait_until_shared(10)
    assert granted(one, 3) + granted(other, 10) == 5
    assert 0 < one.take("a", 5) <= 12


def test_another_rate_starts_anew(redis_url: str) -> None:
    limiter = Limiter(redis_url)
    assert limiter.wait_until_shared(10)
    assert granted(limiter, 10, rate=5) == 5
    assert granted(limiter, 10, rate=7) == 7


def test_without_redis_each_process_counts_for_itself() -> None:
    limiter = Limiter("unix:///nowhere/at/all.sock")
    assert granted(limiter, 10) == 5
    assert not limiter.wait_until_shared(0)


@pytest.fixture
def silent() -> Iterator[str]:
    """A Redis that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_a_silent_redis_is_not_waited_for(silent: str) -> None:
    limiter = Limiter(silent)
    assert granted(limiter, 10) == 5


def test_when_redis_goes_the_processes_own_count_goes_on(redis_url: str) -> None:
    limiter = Limiter(redis_url)
    assert limiter.wait_until_shared(10)
    assert granted(limiter, 3) == 3
    limiter._redis.connection_pool.disconnect()
    limiter._redis.connection_pool.connection_kwargs.update(host="127.0.0.1", port=1, path="/nowhere.sock", db=0)
    assert granted(limiter, 10) == 2


class Full(socketserver.ThreadingTCPServer):
    """A Redis that answers everything, and from a moment on everything but EVAL."""

    daemon_threads = True
    full = False
    asked = 0


class Answering(socketserver.StreamRequestHandler):
    server: Full

    def handle(self) -> None:
        while given := re.fullmatch(rb"\*(\d+)\r\n", self.rfile.readline()):
            self.wfile.write(self._answer([self._word() for _ in range(int(given[1]))]))

    def _word(self) -> bytes:
        return self.rfile.read(int(self.rfile.readline()[1:]) + 2)

    def _answer(self, words: list[bytes]) -> bytes:
        if words[0] == b"HELLO\r\n":
            return b"%1\r\n$5\r\nproto\r\n:3\r\n"
        if words[0] != b"EVAL\r\n":
            return b"+OK\r\n"
        self.server.asked += 1
        return b"-OOM command not allowed when used memory > 'maxmemory'.\r\n" if self.server.full else b"$1\r\n0\r\n"


@pytest.fixture
def answering() -> Iterator[Full]:
    with Full(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_redis_that_answers_but_does_not_count_is_told_once_and_left_alone(
    answering: Full, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = Limiter(f"redis://127.0.0.1:{answering.server_address[1]}/0")
    assert limiter.wait_until_shared(10)
    answering.full, before = True, answering.asked
    others = set(threading.enumerate())

    callers = [threading.Thread(target=granted, args=(limiter, 100)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert len([thread for thread in set(threading.enumerate()) - others if thread.name == "rates"]) == 1
    assert [record.levelname for record in caplog.records if record.name == "kpitracker.lib.rest.rate_limit"] == [
        "WARNING"
    ]
    assert answering.asked - before <= len(callers) + 1
    answering.full = False
    assert limiter.wait_until_shared(10)


def test_a_redis_that_never_counts_is_not_taken_for_healthy(answering: Full) -> None:
    answering.full = True
    limiter = Limiter(f"redis://127.0.0.1:{answering.server_address[1]}/0")
    assert not limiter.wait_until_shared(0.5)
    assert answering.asked == 1
