"""`make test` itself: it counts right, fails when it should, and stops its servers whatever happens."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from kpitracker.env import ROOT
from tests.kpitracker.run.starting import command_line, descendants, environment_of, is_running
from tests.launcher.__main__ import TIERS, Result, lanes, selection
from tests.launcher.redis import database_of
from tests.processes import wait_until

pytestmark = pytest.mark.process


def result(passed: int = 1, failed: int = 0, exit_status: int = 0) -> Result:
    return Result("SQLite 3", passed, failed, skipped=0, exit_status=exit_status, seconds=1)


def test_a_run_is_good_only_if_something_passed_nothing_failed_and_pytest_agrees() -> None:
    assert result().good
    assert not result(failed=1).good
    assert not result(passed=0).good
    assert not result(exit_status=1).good


@pytest.mark.parametrize(
    ("tier", "lane", "named", "expected"),
    [
        pytest.param("test", "sqlite", [], ["-m", "not long"], id="SQLite runs all but what is long"),
        pytest.param("test", "postgresql", [], ["-m", "database and not long"], id="PostgreSQL what is marked"),
        pytest.param("test", "postgresql", ["tests/tasks"], ["-m", "not long"], id="and whatever is named"),
        pytest.param("all", "sqlite", [], [], id="in the long run everything"),
        pytest.param("all", "postgresql", [], ["-m", "django_db or database"], id="and there all of the database"),
    ],
)
def test_marks_select(tier: str, lane: str, named: list[str], expected: list[str]) -> None:
    assert selection(TIERS[tier], lane, named) == expected


def test_coverage_is_measured_on_one_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DB", raising=False)
    assert lanes(TIERS["test"]) == ["sqlite", "postgresql"]
    assert lanes(TIERS["coverage"]) == ["sqlite"]
    assert [TIERS["all"].measures(lane) for lane in ("sqlite", "postgresql")] == [True, False]


def test_every_test_process_of_every_lane_has_a_broker_of_its_own() -> None:
    workers = ["main", *(f"gw{number}" for number in range(7))]
    urls = [
        [database_of(url, lane, worker) for lane in ("sqlite", "postgresql") for worker in workers]
        for url in ("unix:///tmp/redis.sock", "redis://:word@server:6379")
    ]

    assert [len(set(one)) for one in urls] == [16, 16]
    assert urls[0][1] == "unix:///tmp/redis.sock?db=1"
    assert urls[1][15] == "redis://:word@server:6379/15"


@contextmanager
def launched(tests: Path, database: str) -> Iterator[subprocess.Popen[str]]:
    """`make test` of a file with tests, in a process group of its own."""
    environment = environment_of(tests.parent / "data", 1) | {"DB": database}
    arguments = ["-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", "-n", "0", str(tests)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.launcher", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell that runs the tests in the background has them ignore Ctrl-C; what they start must not.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    with process:
        yield process


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_last_line_counts_what_passed_and_failed(tmp_path: Path, database: str) -> None:
    tests = tmp_path / "test_some.py"
    tests.write_text("def test_good(): pass\ndef test_fine(): pass\ndef test_bad(): assert False\n")

    with launched(tests, database) as process:
        printed, _ = process.communicate(timeout=600)

    name, version, *counts = printed.splitlines()[-1].split()
    assert name == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database]
    assert version[0].isdigit()
    assert " ".join(counts).startswith("2 passed, 1 failed in ")
    assert "Servers: SQLite" in printed
    assert process.returncode == 1


def test_a_run_without_tests_fails(tmp_path: Path) -> None:
    tests = tmp_path / "test_none.py"
    tests.write_text("")

    with launched(tests, "sqlite") as process:
        printed, _ = process.communicate(timeout=600)

    assert "0 passed, 0 failed" in printed.splitlines()[-1]
    assert process.returncode == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_server_is_left_behind(tmp_path: Path, number: signal.Signals) -> None:
    tests, started = tmp_path / "test_endless.py", tmp_path / "started"
    tests.write_text(
        f"import pathlib, threading\ndef test_it():\n    pathlib.Path({str(started)!r}).touch()\n"
        "    threading.Event().wait(1000)\n"
    )
    with launched(tests, "postgresql") as process:
        wait_until(lambda: started.exists() or process.poll() is not None, "the endless test")
        assert process.poll() is None, process.communicate()
        servers = {pid: command_line(pid).decode() for pid in descendants(process.pid)}
        servers = {pid: line for pid, line in servers.items() if "postgres -D" in line or "-server " in line}
        everything = list(descendants(process.pid))
        if number == signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        process.communicate(timeout=600)

    assert len(servers) >= 2
    wait_until(lambda: not any(map(is_running, servers)), "the end of the servers")
    wait_until(lambda: not any(map(is_running, everything)), "the end of everything")
    scratch = next(Path(line.split()[2]).parent for line in servers.values() if "postgres -D" in line)
    if number == signal.SIGKILL:
        # Nobody was left to do it.
        shutil.rmtree(scratch)
    assert not scratch.exists()
