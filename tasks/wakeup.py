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

_PAUSE_SECONDS = 5.0  # seconds without publishing after the broker did not respond


class WakeupNotifier:
    """Publishes task names. Requests for the same task that arrive during a publication become one message."""

    def __init__(self, publish: Callable[[str], None]) -> None:
        self._publish = publish
        self._pending: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._owner_pid = 0
        self._paused_until = 0.0
        self._is_publishing = False

    def request_task(self, task: str) -> None:
        """Request a task. Never raises, never waits."""
        with self._changed:
            self._pending.add(task)
            self._ensure_thread()
            self._changed.notify_all()

    def flush(self, timeout: float = 1.0) -> bool:
        """Wait until all requests so far are published. Return False on timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_idle() or self._owner_pid != os.getpid(), timeout)

    def _is_idle(self) -> bool:
        return not self._pending and not self._is_publishing

    def _ensure_thread(self) -> None:
        # Threads do not survive a fork: a child process of a worker starts its own.
        if self._thread is None or self._owner_pid != os.getpid() or not self._thread.is_alive():
            self._owner_pid, self._is_publishing = os.getpid(), False
            self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._pending))
                # Cleared before publishing: a later request may be for data that this message's worker does not see.
                tasks, self._pending, self._is_publishing = sorted(self._pending), set(), True
            self._publish_all(tasks)
            with self._changed:
                self._is_publishing = False
                self._changed.notify_all()

    def _publish_all(self, tasks: list[str]) -> None:
        if time.monotonic() < self._paused_until:
            return
        try:
            for task in tasks:
                self._publish(task)
        except Exception as error:
            self._paused_until = time.monotonic() + _PAUSE_SECONDS
            log.warning("The broker does not respond (%s); the sweep will find the work.", type(error).__name__)


def _send_task(task: str) -> None:
    current_app.send_task(task, ignore_result=True, retry=False)


_notifier = WakeupNotifier(_send_task)
request_task = _notifier.request_task
flush_requests = _notifier.flush
# A command that ends right after its commit would take the thread with it.
atexit.register(flush_requests)
