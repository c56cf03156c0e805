"""Counting requests: in the process always, together while Redis answers."""

import socket
from collections.abc import Iterator

import pytest

from kpitracker.lib.rates import Buckets, Limiter


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
