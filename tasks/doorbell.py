"""Ringing the broker after a commit, without waiting for it.

A commit sets an event; a daemon thread publishes. The request never speaks to the broker: a silent one would hold it
for seconds, a broken one would turn a stored figure into an error. What is not rung, the sweep finds.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable

from celery import current_app

log = logging.getLogger(__name__)

_PAUSE = 5.0  # seconds without ringing after the broker did not answer


class Doorbell:
    """Rings that come while one is being published become one message."""

    def __init__(self, publish: Callable[[str], None]) -> None:
        self._publish = publish
        self._wanted: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._owner = 0
        self._silent_until = 0.0
        self._busy = False

    def ring(self, task: str) -> None:
        """Never raises, never waits."""
        with self._changed:
            self._wanted.add(task)
            self._ensure_thread()
            self._changed.notify_all()

    def flush(self, timeout: float = 1.0) -> bool:
        """Wait until everything rung so far was published; whether it was."""
        with self._changed:
            return self._changed.wait_for(lambda: self._quiet() or self._owner != os.getpid(), timeout)

    def _quiet(self) -> bool:
        return not self._wanted and not self._busy

    def _ensure_thread(self) -> None:
        # Threads do not survive a fork: a worker's child starts its own.
        if self._thread is None or self._owner != os.getpid() or not self._thread.is_alive():
            self._owner, self._busy = os.getpid(), False
            self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._wanted))
                # Taken before it is published: who rings from here on has committed what this message may miss.
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
