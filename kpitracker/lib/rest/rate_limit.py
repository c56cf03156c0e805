"""Rate limits of API keys: counted in Redis for all processes, and in this process while Redis does not respond."""

import logging
import time

from django.conf import settings
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from kpitracker.lib.rest.redis_breaker import RedisBreaker

TIMEOUT = 0.1  # seconds that a request waits for Redis


class RateLimiter:
    """At most `rate` requests of a name in any minute. A Redis that fails costs one request in ten seconds 0.1 s."""

    def __init__(self, url: str) -> None:
        # Without `retry` the client would try four times, with pauses.
        redis = storage_from_string(
            url.replace("unix://", "redis+unix://", 1),
            key_prefix="kpitracker",
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]
        )
        self._shared, self._own = MovingWindowRateLimiter(redis), MovingWindowRateLimiter(MemoryStorage())
        self._breaker = RedisBreaker(logging.getLogger(__name__), "rates are counted in each process.")

    def take(self, name: str, rate: int) -> float:
        """Count a request; 0.0 when it is within the rate, else the seconds until the next one is. Never raises."""
        limit = RateLimitItemPerMinute(rate)
        if not self._breaker.may_ask():
            return _take(self._own, limit, name)
        try:
            wait = _take(self._shared, limit, name)
        except Exception as error:
            # Any failure, also one that the library does not know: a request must not fail because of its count.
            self._breaker.note_failure(error)
            return _take(self._own, limit, name)
        self._breaker.note_success()
        if not wait:
            # Without Redis this process continues with its own count.
            self._own.hit(limit, name)
        return wait


def _take(limiter: MovingWindowRateLimiter, limit: RateLimitItemPerMinute, name: str) -> float:
    if limiter.hit(limit, name):
        return 0.0
    return max(limiter.get_window_stats(limit, name).reset_time - time.time(), 0.001)


limiter = RateLimiter(settings.REDIS_URL)
