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


class FairLock:
    """A lock that waiters get in the order of their arrival."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.is_taken = False
        self.waiters: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        with self.mutex:
            if not self.is_taken:
                self.is_taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self.waiters.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self.mutex:
            if turn in self.waiters:
                self.waiters.remove(turn)
                return False
        # The lock was handed over between the timeout and the check: it is held now.
        return True

    def release(self) -> None:
        with self.mutex:
            if self.waiters:
                self.waiters.popleft().release()
            else:
                self.is_taken = False


class WriteQueue:
    """The write queue of one database file in this process.

    Threads of this process queue on a `FairLock`; the first of them queues with other processes: the process that
    holds `.lock.next` is next to get `.lock`. Without it a busy process would take the lock again before another one
    wakes up.
    """

    def __init__(self, database: Path) -> None:
        self.paths = (Path(f"{database}.lock.next"), Path(f"{database}.lock"))
        self._reset()

    def _reset(self) -> None:
        self.thread_lock = FairLock()
        self.lock_files: tuple[int, int] | None = None
        self.holder: object = None

    def enter(self, holder: object, timeout: float) -> bool:
        """Wait for a turn; returns False after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        if not self.thread_lock.acquire(timeout):
            return False
        try:
            next_lock, write_lock = self._open_files()
            if _lock_file(next_lock, QUEUE_PAUSE, deadline):
                try:
                    if _lock_file(write_lock, HEAD_PAUSE, deadline):
                        self.holder = holder
                finally:
                    fcntl.flock(next_lock, fcntl.LOCK_UN)
        finally:
            # A task's time limit may raise on any line here: a lock that is not released would block every writer.
            if self.holder is None:
                self._unlock()
        return self.holder is holder

    def leave(self, holder: object) -> None:
        """End the turn of the holder; does nothing if the holder has no turn."""
        if self.holder is holder:
            self.holder = None
            self._unlock()

    def _unlock(self) -> None:
        try:
            if self.lock_files:
                fcntl.flock(self.lock_files[1], fcntl.LOCK_UN)
        finally:
            self.thread_lock.release()

    def _open_files(self) -> tuple[int, int]:
        if self.lock_files is None:
            # Read-only is enough for a lock: files created by root must not block the account of the service.
            next_lock, write_lock = (os.open(path, os.O_RDONLY | os.O_CREAT, 0o644) for path in self.paths)
            self.lock_files = (next_lock, write_lock)
        return self.lock_files

    def reset_after_fork(self) -> None:
        """In a forked child: close the files of the parent without unlocking them, and start with an empty queue."""
        for descriptor in self.lock_files or ():
            os.close(descriptor)
        self._reset()


_queues: dict[Path, WriteQueue] = {}
_queues_lock = threading.Lock()


def write_queue_for(database: Path) -> WriteQueue:
    path = database.resolve()
    with _queues_lock:
        if path not in _queues:
            _queues[path] = WriteQueue(path)
        return _queues[path]


def _lock_file(descriptor: int, pause: float, deadline: float) -> bool:
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
    global _queues_lock
    _queues_lock = threading.Lock()
    for queue in list(_queues.values()):
        queue.reset_after_fork()


os.register_at_fork(after_in_child=_after_fork)
