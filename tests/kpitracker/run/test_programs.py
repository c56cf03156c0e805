"""The programs that supervisor keeps alive, one by one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from kpitracker.env import ROOT
from kpitracker.run.programs import server_binary, server_version
from tests.kpitracker.run.starting import environment_of, is_running
from tests.processes import DEADLINE, Running, wait_until

pytestmark = pytest.mark.process


def test_there_is_a_broker_even_where_none_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    server = server_binary()

    assert os.access(server, os.X_OK)
    name, _, version = server_version(server).rpartition("-")
    assert name == "valkey-server"
    assert int(version) >= 9


def test_an_installed_broker_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = tmp_path / "redis-server"
    installed.write_text("#!/bin/sh\necho 'Redis server v=7.0.15 sha=00000000:0'\n")
    installed.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert server_binary() == str(installed)
    assert server_version(str(installed)) == "redis-server-7"


@contextmanager
def broker(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "kpitracker.run.programs", "broker"]
    with subprocess.Popen(command, cwd=ROOT, env=environment_of(folder, 1), stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: answers(folder), "the broker")
        yield process
        process.kill()


def client(folder: Path) -> "Redis":
    return Redis(unix_socket_path=str(folder / "broker.sock"))


def answers(folder: Path) -> bool:
    try:
        with client(folder) as connection:
            return bool(connection.ping())
    except RedisError:
        return False


def test_a_killed_broker_has_kept_its_messages_and_starts_again(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with broker(folder) as process, client(folder) as connection:
        connection.lpush("celery", "message")
        process.kill()
    assert (folder / "broker.sock").exists()

    with broker(folder), client(folder) as connection:
        assert connection.lrange("celery", 0, -1) == [b"message"]


def test_only_the_owner_may_speak_to_the_broker(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()

    with broker(folder):
        assert (folder / "broker.sock").stat().st_mode & 0o077 == 0


DYING = """
import os, sys, time
from kpitracker.run.parent_death import die_with_parent
if os.fork() == 0:
    die_with_parent(parent=int(sys.argv[1]) if sys.argv[1:] else None)
    print(os.getpid(), flush=True)
    time.sleep(100)
os.wait()
"""


def test_a_child_dies_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", DYING], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        wait_until(lambda: not is_running(child), "the end of the child")


def test_a_child_whose_parent_died_before_it_looked_ends_at_once() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", DYING, "1"], capture_output=True, text=True, cwd=ROOT, timeout=DEADLINE
    )

    assert answer.stdout == ""


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_a_job_on_the_tests_own_database(celery_worker_process: Running) -> None:
    from kpitracker.celery import app

    app.send_task("tasks.sweep.sweep", ignore_result=True)

    wait_until(lambda: "succeeded in" in celery_worker_process.text(), "a job that is done")
