"""A fair queue for the writers of one SQLite file, across threads and processes.

SQLite lets writers wait by sleeping and trying again, longer each time: the unlucky one is passed by all others
until it gives up with "database is locked". Here every writer first takes `<database>.lock`.
"""

import fcntl
import os
import threading
import time
from collections import deque
from pathlib import Path

# How long the next in line sleeps between two tries; nobody else tries meanwhile, so it may be short.
HEAD_PAUSE = 0.0003
QUEUE_PAUSE = 0.001


class Line:
    """A lock whose waiters get it in the order in which they came."""

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
        # Our turn came between the time-out and the look: it is ours.
        return True

    def release(self) -> None:
        with self.mutex:
            if self.waiting:
                self.waiting.popleft().release()
            else:
                self.taken = False


class Gate:
    """One for each database file in a process.

    Threads of this process queue on a lock of their own; the first of them queues with other processes: whoever
    holds `.lock.next` is next in line for `.lock`. Without it a busy process would take the lock again before
    another one woke up.
    """

    def __init__(self, database: Path) -> None:
        self.paths = (Path(f"{database}.lock.next"), Path(f"{database}.lock"))
        self._reset()

    def _reset(self) -> None:
        self.threads = Line()
        self.files: tuple[int, int] | None = None
        self.holder: object = None

    def enter(self, holder: object, timeout: float) -> bool:
        """Whether the holder may write now; False after waiting `timeout` seconds for others."""
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
            # A task's time limit may strike on any line here: a lock left behind would stop every writer.
            if self.holder is None:
                self._release()
        return self.holder is holder

    def leave(self, holder: object) -> None:
        """Let the next one write, if it was the holder's turn at all."""
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
            # Read-only is enough for a lock: root's manage.py must not shut out the service's own account.
            following, writing = (os.open(path, os.O_RDONLY | os.O_CREAT, 0o644) for path in self.paths)
            self.files = (following, writing)
        return self.files

    def forget_parent(self) -> None:
        """In a forked child: let go of the parent's files without unlocking them, and stand in line anew."""
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
