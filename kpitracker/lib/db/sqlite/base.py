"""The backend behind `ENGINE = "kpitracker.lib.db.sqlite"`, and the queue of its writers.

SQLite lets waiting writers sleep and retry with growing pauses: an unlucky writer is overtaken by others until it
fails with "database is locked". Here every writer first locks `<database>.lock`, in the order of arrival.
"""

import fcntl
import os
import re
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from kpitracker.lib.db import search

T = TypeVar("T")
READ_STATEMENT = re.compile(
    r"\s*(SELECT|PRAGMA|EXPLAIN|VALUES|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE
)
CTE_STATEMENT = re.compile(r"\s*WITH\b", re.IGNORECASE)
WRITE_KEYWORD = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
# Seconds between two tries of the first waiter; it is the only one that tries, so the pause may be short.
HEAD_PAUSE = 0.0003
QUEUE_PAUSE = 0.001
# Seconds without a new turn after which writers beyond the limit of their process are sent away.
STALLED_AFTER = 0.5


class WriteQueueTimeout(OperationalError):
    """Other writers did not finish in time."""


class DatabaseWrapper(base.DatabaseWrapper):
    """WAL mode, every commit flushed to disk, one writer at a time: each outermost transaction and each single write
    waits in the write queue of its file. Reads outside transactions never wait.
    """

    queue: "WriteQueue | None" = None  # of a database in a file
    wait_limit: float | None = None  # seconds, instead of the option `timeout`

    def get_connection_params(self) -> dict[str, Any]:
        """The option `waiting_writers`: how many threads of this process may wait as long as `timeout`."""
        options = {"timeout": 20, "transaction_mode": "IMMEDIATE", "waiting_writers": None}
        self.settings_dict["OPTIONS"] = options | self.settings_dict["OPTIONS"]
        parameters: dict[str, Any] = super().get_connection_params()
        del parameters["waiting_writers"]
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        name = os.fspath(self.settings_dict["NAME"])
        if not self.is_in_memory_db():
            self.queue = write_queue_for(Path(unquote(urlsplit(name).path) if name.startswith("file:") else name))
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        # Switching to WAL needs exclusive access: of several processes that start together all but one would fail.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
            self.write_alone(partial(connection.execute, "PRAGMA journal_mode = WAL"))
        # In WAL mode, NORMAL may lose the last commits in a power cut: acknowledged figures.
        connection.execute("PRAGMA synchronous = FULL")
        # A negative value is in KiB; memory is used only as needed. The indexes of 50,000 figures exceed the default of
        # 2 MB, and nearly every row would load and evict pages: three times slower.
        connection.execute("PRAGMA cache_size = -65536")
        # Without it REPLACE deletes rows without firing delete triggers: history could be overwritten.
        connection.execute("PRAGMA recursive_triggers = ON")
        search.register_function(connection)
        return connection

    def create_cursor(self, name: str | None = None) -> "QueuedCursor":
        cursor: QueuedCursor = self.connection.cursor(factory=QueuedCursor)
        cursor.wrapper = self
        return cursor

    def write_alone(self, write: Callable[[], T]) -> T:
        """Run one write: wait for a turn in the queue, or use the turn of the open transaction."""
        if self.queue is None or self.queue.holder is self or (self.connection and self.connection.in_transaction):
            return write()
        try:
            self._enter_queue()
            return write()
        finally:
            # After set_autocommit(False) the first write opens a transaction, which keeps its turn until the commit.
            if not (self.connection and self.connection.in_transaction):
                self._leave_queue()

    @contextmanager
    def limit_wait(self, seconds: float) -> Iterator[None]:
        """Within the block wait for other writers that long only, also for programs that do not use the queue."""
        self.wait_limit = seconds
        try:
            self.ensure_connection()
            self.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
            yield
        finally:
            self.wait_limit = None
            if self.connection:
                self.connection.execute(f"PRAGMA busy_timeout = {int(self.settings_dict['OPTIONS']['timeout'] * 1000)}")

    def _start_transaction_under_autocommit(self) -> None:
        try:
            self._enter_queue()
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave_queue()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._leave_queue()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave_queue()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._leave_queue()

    def _enter_queue(self) -> None:
        options = self.settings_dict["OPTIONS"]
        timeout = options["timeout"] if self.wait_limit is None else self.wait_limit
        try:
            if self.queue is None or self.queue.enter(self, timeout, options["waiting_writers"]):
                return
        except OSError as error:
            raise OperationalError(f"unable to open the lock of the database: {error}") from error
        raise WriteQueueTimeout(f"database is locked: other writers did not finish in time, {timeout} s at most")

    def _leave_queue(self) -> None:
        if self.queue:
            self.queue.leave(self)


class QueuedCursor(base.SQLiteCursorWrapper):
    wrapper: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        if reads_only(query):
            return super().execute(query, params)
        return self.wrapper.write_alone(partial(super().execute, query, params))

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        return self.wrapper.write_alone(partial(super().executemany, query, param_list))

    def executemany_native(self, query: str, param_list: Iterable[Any]) -> int:
        """executemany with SQLite's own placeholders, in one turn; returns the number of changed rows."""
        return self.wrapper.write_alone(partial(sqlite3.Cursor.executemany, self, query, param_list)).rowcount


def reads_only(query: str) -> bool:
    """Whether a statement certainly changes nothing; in doubt it waits in the queue, which is only slower."""
    if CTE_STATEMENT.match(query):
        return not WRITE_KEYWORD.search(query)
    return bool(READ_STATEMENT.match(query))


class FairLock:
    """A lock that waiters get in the order of their arrival."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.is_taken = False
        self.taken_at = 0.0
        self.waiters: deque[threading.Lock] = deque()

    def acquire(self, timeout: float, limit: int | None = None) -> bool:
        """Wait for a turn, up to `timeout` seconds. Behind `limit` waiters only while turns are short: the threads
        of a web server that all wait for one long writer could serve no reader.
        """
        deadline = time.monotonic() + timeout
        with self.mutex:
            if not self.is_taken:
                self.is_taken, self.taken_at = True, time.monotonic()
                return True
            turn = threading.Lock()
            turn.acquire()
            self.waiters.append(turn)
        while (seconds := self._patience(turn, deadline, limit)) > 0:
            # In pieces: with each turn of others the place in the queue changes.
            if turn.acquire(timeout=min(seconds, STALLED_AFTER)):
                return True
        with self.mutex:
            if turn in self.waiters:
                self.waiters.remove(turn)
                return False
        # The lock was handed over between the timeout and the check: it is held now.
        return True

    def _patience(self, turn: threading.Lock, deadline: float, limit: int | None) -> float:
        """How many seconds a waiter may still wait."""
        with self.mutex:
            is_near = limit is None or turn not in self.waiters or self.waiters.index(turn) < limit
            end = deadline if is_near else min(deadline, self.taken_at + STALLED_AFTER)
        return end - time.monotonic()

    def release(self) -> None:
        with self.mutex:
            self.taken_at = time.monotonic()
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
        self.lock_files: list[int] = []
        self.holder: object = None

    def enter(self, holder: object, timeout: float, limit: int | None = None) -> bool:
        """Wait for a turn; returns False after `timeout` seconds. A holder that has the turn keeps it.

        `limit`: how many threads of this process may wait that long (`FairLock.acquire`).
        """
        if self.holder is holder:
            return True
        deadline = time.monotonic() + timeout
        if not self.thread_lock.acquire(timeout, limit):
            return False
        try:
            if not self.lock_files:
                # Read-only is enough for a lock: files created by root must not block the account of the service.
                self.lock_files = [os.open(path, os.O_RDONLY | os.O_CREAT, 0o644) for path in self.paths]
            next_lock, write_lock = self.lock_files
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

    def reset_after_fork(self) -> None:
        """In a forked child: close the files of the parent without unlocking them, and start with an empty queue."""
        for descriptor in self.lock_files:
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
