"""Fair limits: so many requests a minute for each key, counted in this process."""

import threading
import time
from typing import Any, cast

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from indicators.models import ApiKey


class KeyThrottle(BaseThrottle):
    """A bucket a key: it holds a minute's worth and refills evenly, so a burst is served and a flood is not."""

    _buckets: dict[int, tuple[float, float]] = {}
    _lock = threading.Lock()

    def allow_request(self, request: Request, view: Any) -> bool:
        key = cast("ApiKey | None", request.auth)
        if key is None or key.rate == 0:
            return True
        now = time.monotonic()
        with self._lock:
            level, seen = self._buckets.get(key.pk, (float(key.rate), now))
            level = min(float(key.rate), level + (now - seen) * key.rate / 60)
            allowed = level >= 1
            self._buckets[key.pk] = (level - 1 if allowed else level, now)
        self._wait = 0 if allowed else (1 - level) * 60 / key.rate
        return allowed

    def wait(self) -> float:
        return self._wait
