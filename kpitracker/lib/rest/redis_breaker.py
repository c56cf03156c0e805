"""A Redis that fails or is slow costs one request in ten seconds a short wait, and the others nothing."""

import logging
import threading
import time

PAUSE = 10.0  # seconds until a Redis that did not respond is asked again


class RedisBreaker:
    """Says whether to ask Redis. `consequence` completes the warning in `log`: what happens without it."""

    def __init__(self, log: logging.Logger, consequence: str) -> None:
        self._log, self._consequence = log, consequence
        self._lock = threading.Lock()
        self._ask_at = 0.0

    def may_ask(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if now < self._ask_at:
                return False
            if self._ask_at:
                # One request asks a Redis that failed before; the others do not wait for the response.
                self._ask_at = now + PAUSE
            return True

    def note_success(self) -> None:
        self._ask_at = 0.0

    def note_failure(self, error: Exception) -> None:
        with self._lock:
            if not self._ask_at:
                self._log.warning("Redis does not respond (%s): %s", error, self._consequence)
            self._ask_at = time.monotonic() + PAUSE
