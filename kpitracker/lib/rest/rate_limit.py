"""Counting requests: in this process always, and in Redis for all processes while it is healthy.

A request must not wait for a Redis that is gone or silent: it is asked only while a thread in the background gets its
answers, with a short limit, and the first failure ends that until the thread gets answers again. The process's own
count goes on all the time, so that there is a limit in any case, only a looser one.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from redis import Redis

log = logging.getLogger(__name__)

_TIMEOUT = 0.1  # seconds that a request waits for Redis at most, once
_PAUSE = 2.0  # seconds between two looks at a Redis that does not answer

# KEYS[1]: the bucket; ARGV[1]: requests a minute. Returns the seconds to wait, as text. By the clock of Redis.
_TAKE = """
local rate = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'level', 'seen', 'rate')
local level = tonumber(bucket[1])
if level == nil or tonumber(bucket[3]) ~= rate then level = rate
else level = math.min(rate, level + (now - tonumber(bucket[2])) * rate / 60) end
local wait = 0
if level >= 1 then level = level - 1 else wait = (1 - level) * 60 / rate end
redis.call('HSET', KEYS[1], 'level', tostring(level), 'seen', string.format('%.6f', now), 'rate', rate)
redis.call('EXPIRE', KEYS[1], 120)
return tostring(wait)
"""


class Buckets:
    """A minute's worth for each name, refilled evenly. Of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, name: str, rate: int) -> float:
        """0.0 when one more request is within the rate, else the seconds until one is."""
        now = self._clock()
        with self._lock:
            level, seen = self._buckets.get(name, (float(rate), now))
            level = min(float(rate), level + (now - seen) * rate / 60)
            self._buckets[name] = (level - 1 if level >= 1 else level, now)
        return 0.0 if level >= 1 else (1 - level) * 60 / rate


class Limiter:
    """Buckets shared through Redis while it answers."""

    def __init__(self, url: str) -> None:
        self._own = Buckets()
        self._url = url
        self._redis: Any = None
        self._healthy = threading.Event()
        self._watching = threading.Lock()
        self._watcher: threading.Thread | None = None

    def take(self, name: str, rate: int) -> float:
        """As `Buckets.take`. Never raises, and waits for Redis a tenth of a second at most."""
        own = self._own.take(name, rate)
        if not self._healthy.is_set():
            self.watch()
            return own
        try:
            return self._ask(name, rate)
        except Exception as error:
            # Whatever it was, also what the library does not know: a request must not fail for its count.
            self._lost(error)
            return own

    def _ask(self, name: str, rate: int) -> float:
        return float(self._redis.eval(_TAKE, 1, f"kpitracker:rate:{name}", rate))

    def _lost(self, error: Exception) -> None:
        with self._watching:
            if not self._healthy.is_set():
                return  # Another request found it first, and told.
            self._healthy.clear()
            log.warning("Redis does not count (%s): rates are counted in each process.", error)
            self._start(_PAUSE)

    def wait_until_shared(self, timeout: float) -> bool:
        """Whether Redis answers, by then."""
        self.watch()
        return self._healthy.wait(timeout)

    def watch(self) -> None:
        """Look for Redis in the background, unless somebody looks already or it answers."""
        with self._watching:
            if self._watcher is None and not self._healthy.is_set():
                self._start(0.0)

    def _start(self, pause: float) -> None:
        self._watcher = threading.Thread(target=self._look, args=(pause,), name="rates", daemon=True)
        self._watcher.start()

    def _look(self, pause: float) -> None:
        """Ask until Redis answers; then it is healthy until a request finds that it is not."""
        time.sleep(pause)
        self._redis = Redis.from_url(self._url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT)
        while not self._answers():
            time.sleep(_PAUSE)
        with self._watching:
            self._watcher = None
            self._healthy.set()

    def _answers(self) -> bool:
        # Asked what requests ask: a Redis that is full, or only reads, still answers PING.
        try:
            self._ask(":", 1)
        except Exception:
            return False
        return True


limiter = Limiter(settings.REDIS_URL)
