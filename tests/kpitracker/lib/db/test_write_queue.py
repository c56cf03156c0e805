"""Writers of one SQLite file queue: none fails, none is lost, and reading never waits."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connections, transaction
from django.db.utils import ConnectionHandler

from kpitracker.lib.db.locks_and_triggers import is_busy
from kpitracker.lib.db.sqlite.base import DatabaseWrapper, WriteQueue, reads_only, write_queue_for

OURS, STOCK = "kpitracker.lib.db.sqlite", "django.db.backends.sqlite3"
PROCESSES, THREADS, ROUNDS = 3, 8, 25


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "figures.sqlite3"
    with sqlite3.connect(path) as plain:
        plain.execute("CREATE TABLE counter (n INTEGER)")
        plain.execute("CREATE TABLE log (n INTEGER)")
        plain.execute("INSERT INTO counter VALUES (0)")
    plain.close()
    return path


Open = Callable[..., DatabaseWrapper]


@pytest.fixture(autouse=True)
def _own_databases(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def made_by_django(name: str, options: dict[str, object]) -> DatabaseWrapper:
    made = ConnectionHandler({"default": {"ENGINE": OURS, "NAME": name, "OPTIONS": options}})["default"]
    assert isinstance(made, DatabaseWrapper)
    return made


@pytest.fixture
def open_database(database: Path) -> Iterator[Open]:
    """A connection as Django makes one, on its own file; closed at the end."""
    opened: list[DatabaseWrapper] = []

    def open_one(**options: object) -> DatabaseWrapper:
        opened.append(made_by_django(str(database), {"timeout": 0.2} | options))
        return opened[-1]

    yield open_one
    for wrapper in opened:
        wrapper.close()


def hammer(engine: str, database: Path) -> tuple[int, list[str], int, int]:
    """(rounds that succeeded, errors, the counter, rows of the log) after all writers of all processes."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.kpitracker.lib.db.sqlite_hammer"]
    arguments = [engine, str(database), str(THREADS), str(ROUNDS)]
    writers = [subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    reports = [json.loads(writer.communicate(timeout=600)[0]) for writer in writers]
    plain = sqlite3.connect(database)
    counter = plain.execute("SELECT n FROM counter").fetchone()[0]
    rows = plain.execute("SELECT count(*) FROM log").fetchone()[0]
    plain.close()
    errors = [error for report in reports for error in report["errors"]]
    return sum(report["done"] for report in reports), errors, counter, rows


def write(connection: DatabaseWrapper, number: int = 1) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO log (n) VALUES (%s)", [number])


def rows(connection: DatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM log")
        return int(cursor.fetchone()[0])


def gate_is_free(database: Path) -> bool:
    gate, somebody = write_queue_for(database), object()
    entered = gate.enter(somebody, timeout=0)
    gate.leave(somebody)
    return entered


def test_24_writers_in_3_processes_lose_nothing_and_never_meet_a_locked_database(database: Path) -> None:
    expected = PROCESSES * THREADS * ROUNDS

    done, errors, counter, logged = hammer(OURS, database)

    assert errors == []
    assert (done, counter, logged) == (expected, expected, expected)


def test_without_the_gate_the_same_writers_are_refused_so_the_test_above_can_fail(database: Path) -> None:
    _, errors, _, _ = hammer(STOCK, database)

    assert set(errors) == {"database is locked"}


def test_a_connection_is_durable_and_keeps_foreign_keys(open_database: Open) -> None:
    connection = open_database()
    pragmas = ("journal_mode", "synchronous", "foreign_keys")

    with connection.cursor() as cursor:
        results = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]

    assert results == ["wal", 2, 1]


def test_a_second_writer_waits_its_time_and_then_hears_of_a_locked_database(open_database: Open) -> None:
    first, second = open_database(), open_database()

    with hold(first):
        started = time.monotonic()
        with pytest.raises(OperationalError, match="database is locked"):
            write(second)
        assert time.monotonic() - started >= 0.2

    write(second)
    assert rows(first) == 1


def test_reading_outside_a_transaction_waits_for_no_writer(open_database: Open) -> None:
    writer, reader = open_database(), open_database()

    with hold(writer):
        write(writer)
        assert rows(reader) == 0

    assert rows(reader) == 1


class hold:  # noqa: N801 (reads as a word in a with statement)
    """An outermost transaction of a connection that Django does not know by name."""

    def __init__(self, connection: DatabaseWrapper) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self.connection.ensure_connection()
        self.connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        self.connection.rollback() if kind else self.connection.commit()
        self.connection.set_autocommit(True)


def commit(connection: DatabaseWrapper) -> None:
    with hold(connection):
        write(connection)


def fail(connection: DatabaseWrapper) -> None:
    def write_and_fail() -> None:
        with hold(connection):
            write(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()


def break_a_statement(connection: DatabaseWrapper) -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("INSERT INTO nowhere VALUES (1)")


def close_in_the_middle(connection: DatabaseWrapper) -> None:
    connection.ensure_connection()
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    write(connection)
    connection.close()


def many(connection: DatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO log (n) VALUES (%s)", [(1,), (2,)])


@pytest.mark.parametrize("end", [commit, fail, break_a_statement, close_in_the_middle, many])
def test_the_gate_is_free_after(end: Callable[[DatabaseWrapper], None], open_database: Open, database: Path) -> None:
    end(open_database())

    assert gate_is_free(database)


def test_the_gate_is_held_from_the_first_line_of_a_transaction(open_database: Open, database: Path) -> None:
    with hold(open_database()):
        assert not gate_is_free(database)


def test_a_transaction_opened_by_the_first_write_keeps_its_turn_until_the_commit(
    open_database: Open, database: Path
) -> None:
    connection = open_database()
    connection.ensure_connection()
    connection.set_autocommit(False)
    write(connection)
    assert not gate_is_free(database)

    connection.commit()
    connection.set_autocommit(True)
    assert gate_is_free(database)


def test_killing_the_writer_frees_the_gate_for_other_processes(database: Path) -> None:
    holding = "import sys; from pathlib import Path; from kpitracker.lib.db.sqlite.base import write_queue_for\n"
    holding += "write_queue_for(Path(sys.argv[1])).enter('it', 5); print('in', flush=True); sys.stdin.read()"
    command, pipe = [sys.executable, "-c", holding, str(database)], subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "in\n"
        assert not gate_is_free(database)
        writer.kill()
        writer.wait()

    assert gate_is_free(database)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_neither_holds_nor_frees_its_parents_place(database: Path) -> None:
    gate = write_queue_for(database)
    assert gate.enter("parent", 1)
    child = os.fork()
    if child == 0:
        # A child that inherits an open transaction closes it, and may not end the parent's turn by that.
        gate.leave("parent")
        os._exit(1 if gate.enter("child", 0.05) else 0)
    assert os.waitpid(child, 0)[1] == 0
    assert not WriteQueue(database).enter("somebody else", 0)

    gate.leave("parent")
    assert gate_is_free(database)


def test_threads_of_one_process_get_the_gate_in_the_order_in_which_they_came(database: Path) -> None:
    gate, order = write_queue_for(database), list[int]()
    assert gate.enter("first", 1)

    def stand_in_line(number: int) -> None:
        if gate.enter(number, 10):
            order.append(number)
            gate.leave(number)

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=stand_in_line, args=(number,)))
        threads[-1].start()
        wait_until(lambda: len(gate.thread_lock.waiters) == len(threads))
    gate.leave("first")
    for thread in threads:
        thread.join()

    assert order == [0, 1, 2, 3, 4, 5]


def stand_in_line(gate: WriteQueue, number: int, limit: int, results: dict[int, bool]) -> threading.Thread:
    """A thread that waits for a turn, is in the queue by now, and notes whether it got one."""

    def wait() -> None:
        results[number] = gate.enter(number, 30, limit)
        gate.leave(number)

    count = len(gate.thread_lock.waiters)
    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lambda: len(gate.thread_lock.waiters) > count or number in results)
    return thread


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_behind_a_long_writer_only_some_threads_wait_and_the_others_are_sent_away(database: Path, limit: int) -> None:
    gate, results = write_queue_for(database), dict[int, bool]()
    assert gate.enter("a long writer", 1)

    threads = [stand_in_line(gate, number, limit, results) for number in range(5)]
    # The writer goes on until all but those have given up.
    wait_until(lambda: len(results) == 5 - limit)
    refused = dict(results)
    gate.leave("a long writer")
    for thread in threads:
        thread.join()

    assert refused == dict.fromkeys(range(limit, 5), False)
    assert {number for number, entered in results.items() if entered} == set(range(limit))
    assert gate_is_free(database)


def test_behind_short_writers_every_thread_waits_for_its_turn(database: Path) -> None:
    gate, results = write_queue_for(database), dict[int, bool]()
    assert gate.enter("first", 1)
    threads = [stand_in_line(gate, number, 0, results) for number in range(6)]
    gate.leave("first")
    for thread in threads:
        thread.join()

    assert results == dict.fromkeys(range(6), True)


def test_a_connection_may_wait_shorter_than_its_time_also_for_a_program_without_the_gate(
    open_database: Open, database: Path
) -> None:
    connection, plain = open_database(timeout=600), sqlite3.connect(database, isolation_level=None)
    connection.ensure_connection()
    plain.execute("BEGIN IMMEDIATE")

    for holder in (None, "another thread"):
        if holder:
            plain.execute("ROLLBACK")
            assert write_queue_for(database).enter(holder, 1)
        with pytest.raises(OperationalError, match="database is locked") as error, connection.limit_wait(0.05):
            write(connection)
        assert is_busy(error.value)
    write_queue_for(database).leave("another thread")

    write(connection)
    assert connection.connection.execute("PRAGMA busy_timeout").fetchone()[0] == 600_000
    plain.close()


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_database_in_memory_works_without_a_gate() -> None:
    connection = made_by_django(":memory:", {})

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE log (n INTEGER)")
    commit(connection)
    assert rows(connection) == 1

    # Django never closes a database in memory; Python 3.13 warns of connections left open.
    connection.connection.close()


def test_djangos_own_atomic_uses_the_gate(open_database: Open, database: Path) -> None:
    connections["gate"] = open_database()
    try:
        with transaction.atomic(using="gate"):
            with transaction.atomic(using="gate"):
                assert not gate_is_free(database)
            assert not gate_is_free(database)
        assert gate_is_free(database)
    finally:
        del connections["gate"]


@pytest.mark.parametrize(
    "query, reads",
    [
        ("SELECT 1", True),
        (" \n select n from log", True),
        ("PRAGMA foreign_keys", True),
        ("WITH RECURSIVE tree AS (SELECT 1) SELECT * FROM tree", True),
        ("WITH old AS (SELECT 1) DELETE FROM log", False),
        ("INSERT INTO log VALUES (1) RETURNING n", False),
        ("update log set n = 1", False),
        ("CREATE TABLE t (n)", False),
        ("SELECTED", False),
    ],
)
def test_only_statements_that_surely_read_pass_the_gate(query: str, reads: bool) -> None:
    assert reads_only(query) is reads
