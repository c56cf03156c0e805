"""Fair limits: so many requests a minute for each key."""

from typing import Any, cast

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from indicators.models import ApiKey
from kpitracker.lib import rates


class KeyThrottle(BaseThrottle):
    """A bucket a key: it holds a minute's worth and refills evenly, so a burst is served and a flood is not."""

    def allow_request(self, request: Request, view: Any) -> bool:
        key = cast("ApiKey | None", request.auth)
        self._wait = 0.0 if key is None or key.rate == 0 else rates.limiter.take(key.prefix, key.rate)
        return self._wait == 0

    def wait(self) -> float:
        return self._wait
