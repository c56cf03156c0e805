"""Wakes workers through the broker after a commit, without waiting for the broker.

A request only records the task name; a daemon thread publishes it. The request never talks to the broker: a slow broker
would delay it for seconds, and a broken one would turn a stored figure into an error. The sweep finds lost work.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable

from celery import current_app

log = logging.getLogger(__name__)

_PAUSE = 5.0  # seconds without publishing after the broker did not answer


class Doorbell:
    """Publishes task names. Requests for the same task that arrive during a publication become one message."""

    def __init__(self, publish: Callable[[str], None]) -> None:
        self._publish = publish
        self._wanted: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._owner = 0
        self._silent_until = 0.0
        self._busy = False

    def ring(self, task: str) -> None:
        """Request a task. Never raises, never waits."""
        with self._changed:
            self._wanted.add(task)
            self._ensure_thread()
            self._changed.notify_all()

    def flush(self, timeout: float = 1.0) -> bool:
        """Wait until all requests so far are published. Return False on timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: self._quiet() or self._owner != os.getpid(), timeout)

    def _quiet(self) -> bool:
        return not self._wanted and not self._busy

    def _ensure_thread(self) -> None:
        # Threads do not survive a fork: a child process of a worker starts its own.
        if self._thread is None or self._owner != os.getpid() or not self._thread.is_alive():
            self._owner, self._busy = os.getpid(), False
            self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._wanted))
                # Cleared before publishing: a later request may be for data that this message's worker does not see.
                tasks, self._wanted, self._busy = sorted(self._wanted), set(), True
            self._try(tasks)
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _try(self, tasks: list[str]) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            for task in tasks:
                self._publish(task)
        except Exception as error:
            self._silent_until = time.monotonic() + _PAUSE
            log.warning("The broker does not answer (%s); the sweep will find the work.", type(error).__name__)


def _send(task: str) -> None:
    current_app.send_task(task, ignore_result=True, retry=False)


_doorbell = Doorbell(_send)
ring = _doorbell.ring
flush = _doorbell.flush
# A command that ends right after its commit would take the thread with it.
atexit.register(flush)
