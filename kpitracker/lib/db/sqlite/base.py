"""The backend behind `ENGINE = "kpitracker.lib.db.sqlite"`."""

import os
import re
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from kpitracker.lib.db.sqlite.write_queue import WriteQueue, write_queue_for

READ_STATEMENT = re.compile(
    r"\s*(SELECT|PRAGMA|EXPLAIN|VALUES|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE
)
CTE_STATEMENT = re.compile(r"\s*WITH\b", re.IGNORECASE)
WRITE_KEYWORD = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


class DatabaseWrapper(base.DatabaseWrapper):
    """WAL mode, every commit flushed to disk, one writer at a time: each outermost transaction and each single write
    waits in the write queue of its file. Reads outside transactions never wait.
    """

    def get_connection_params(self) -> dict[str, Any]:
        options = self.settings_dict["OPTIONS"]
        self.settings_dict["OPTIONS"] = {"timeout": 20, "transaction_mode": "IMMEDIATE"} | options
        return super().get_connection_params()

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        # Switching to WAL needs exclusive access: of several processes that start together all but one would fail.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
            self.write_alone(lambda: connection.execute("PRAGMA journal_mode = WAL"))
        # In WAL mode, NORMAL may lose the last commits in a power cut: acknowledged figures.
        connection.execute("PRAGMA synchronous = FULL")
        # A negative value is in KiB; memory is used only as needed. The indexes of 50,000 figures exceed the default of
        # 2 MB, and nearly every row would load and evict pages: three times slower.
        connection.execute("PRAGMA cache_size = -65536")
        # Without it REPLACE deletes rows without firing delete triggers: history could be overwritten.
        connection.execute("PRAGMA recursive_triggers = ON")
        return connection

    def create_cursor(self, name: str | None = None) -> "QueuedCursor":
        cursor: QueuedCursor = self.connection.cursor(factory=QueuedCursor)
        cursor.wrapper = self
        return cursor

    def write_alone(self, write: Callable[[], Any]) -> Any:
        """Run one write: wait for a turn in the queue, or use the turn of the open transaction."""
        if self._in_transaction() or self._has_turn():
            return write()
        try:
            self._enter_queue()
            return write()
        finally:
            # After set_autocommit(False) the first write opens a transaction, which keeps its turn until the commit.
            if not self._in_transaction():
                self._leave_queue()

    def _in_transaction(self) -> bool:
        return self.connection is not None and self.connection.in_transaction

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
        queue, timeout = self._write_queue(), self.settings_dict["OPTIONS"]["timeout"]
        if queue is None or queue.holder is self:
            return
        try:
            entered = queue.enter(self, timeout)
        except OSError as error:
            raise OperationalError(f"unable to open the lock of the database: {error}") from error
        if not entered:
            raise OperationalError(f"database is locked: another writer did not finish within {timeout} s")

    def _leave_queue(self) -> None:
        if queue := self._write_queue():
            queue.leave(self)

    def _has_turn(self) -> bool:
        queue = self._write_queue()
        return queue is not None and queue.holder is self

    def _write_queue(self) -> WriteQueue | None:
        name = os.fspath(self.settings_dict["NAME"])
        if self.is_in_memory_db():
            return None
        return write_queue_for(Path(unquote(urlsplit(name).path) if name.startswith("file:") else name))


class QueuedCursor(base.SQLiteCursorWrapper):
    wrapper: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        if reads_only(query):
            return super().execute(query, params)
        return self.wrapper.write_alone(lambda: super(QueuedCursor, self).execute(query, params))

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        return self.wrapper.write_alone(lambda: super(QueuedCursor, self).executemany(query, param_list))

    def executemany_native(self, query: str, param_list: Iterable[Any]) -> int:
        """executemany with SQLite's own placeholders, in one turn; returns the number of changed rows."""

        def write() -> int:
            return int(sqlite3.Cursor.executemany(self, query, param_list).rowcount)

        return int(self.wrapper.write_alone(write))


def reads_only(query: str) -> bool:
    """Whether a statement certainly changes nothing; in doubt it waits in the queue, which is only slower."""
    if CTE_STATEMENT.match(query):
        return not WRITE_KEYWORD.search(query)
    return bool(READ_STATEMENT.match(query))
