"""A fair queue for the writers of one SQLite file, across threads and processes.

SQLite lets waiting writers sleep and retry with growing pauses: an unlucky writer is overtaken by others until it
fails with "database is locked". Here every writer first locks `<database>.lock`.
"""

import fcntl
import os
import threading
import time
from collections import deque
from pathlib import Path

# Seconds between two tries of the first waiter; it is the only one that tries, so the pause may be short.
HEAD_PAUSE = 0.0003
QUEUE_PAUSE = 0.001


class Line:
    """A lock that waiters get in the order of their arrival."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.taken = False
        self.waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        with self.mutex:
            if not self.taken:
                self.taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self.waiting.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self.mutex:
            if turn in self.waiting:
                self.waiting.remove(turn)
                return False
        # The lock was handed over between the timeout and the check: it is held now.
        return True

    def release(self) -> None:
        with self.mutex:
            if self.waiting:
                self.waiting.popleft().release()
            else:
                self.taken = False


class Gate:
    """The write queue of one database file in this process.

    Threads of this process queue on a `FairLock`; the first of them queues with other processes: the process that
    holds `.lock.next` is next to get `.lock`. Without it a busy process would take the lock again before another one
    wakes up.
    """

    def __init__(self, database: Path) -> None:
        self.paths = (Path(f"{database}.lock.next"), Path(f"{database}.lock"))
        self._reset()

    def _reset(self) -> None:
        self.threads = Line()
        self.files: tuple[int, int] | None = None
        self.holder: object = None

    def enter(self, holder: object, timeout: float) -> bool:
        """Wait for a turn; returns False after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        if not self.threads.acquire(timeout):
            return False
        try:
            following, writing = self._open()
            if _take(following, QUEUE_PAUSE, deadline):
                try:
                    if _take(writing, HEAD_PAUSE, deadline):
                        self.holder = holder
                finally:
                    fcntl.flock(following, fcntl.LOCK_UN)
        finally:
            # A task's time limit may raise on any line here: a lock that is not released would block every writer.
            if self.holder is None:
                self._release()
        return self.holder is holder

    def leave(self, holder: object) -> None:
        """End the turn of the holder; does nothing if the holder has no turn."""
        if self.holder is holder:
            self.holder = None
            self._release()

    def _release(self) -> None:
        try:
            if self.files:
                fcntl.flock(self.files[1], fcntl.LOCK_UN)
        finally:
            self.threads.release()

    def _open(self) -> tuple[int, int]:
        if self.files is None:
            # Read-only is enough for a lock: files created by root must not block the account of the service.
            following, writing = (os.open(path, os.O_RDONLY | os.O_CREAT, 0o644) for path in self.paths)
            self.files = (following, writing)
        return self.files

    def forget_parent(self) -> None:
        """In a forked child: close the files of the parent without unlocking them, and start with an empty queue."""
        for descriptor in self.files or ():
            os.close(descriptor)
        self._reset()


_known: dict[Path, Gate] = {}
_knowing = threading.Lock()


def gate_of(database: Path) -> Gate:
    path = database.resolve()
    with _knowing:
        if path not in _known:
            _known[path] = Gate(path)
        return _known[path]


def _take(descriptor: int, pause: float, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(pause)
        else:
            return True


def _after_fork() -> None:
    global _knowing
    _knowing = threading.Lock()
    for gate in list(_known.values()):
        gate.forget_parent()


os.register_at_fork(after_in_child=_after_fork)
