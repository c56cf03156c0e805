"""`make run`, for real: it starts everything, keeps it alive, and ends all of it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from kpitracker.env import ROOT
from tests.flows.sql import connect
from tests.kpitracker.run.starting import (
    READY,
    Start,
    command_line,
    environment_of,
    is_running,
    kill,
    migrated_database,
    migrated_start,
    new_start,
    own_database,
)
from tests.processes import DEADLINE, free_port, wait_until

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def running(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    # A name that configuration files, URLs and shells would each read in their own way.
    with migrated_start(tmp_path_factory.mktemp("running") / "số liệu; 100% a?b#c+d") as start:
        yield start


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def empty_database() -> Iterator[dict[str, str]]:
    with own_database(f"start_{uuid4().hex[:12]}") as variables:
        yield variables


@pytest.fixture
def migrated(django_db_setup: None, folder: Path) -> Iterator[dict[str, str]]:
    with migrated_database(folder) as variables:
        yield variables


def login_works(start: Start, password: str) -> bool:
    code = (
        "import os; from indicators.models import User;"
        "print(User.objects.get(username='admin').check_password(os.environ['WORD']))"
    )
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    environment = start.environment | {"WORD": password}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return answer.stdout.split()[-1] == "True"


PROGRAMS = ["broker", "web", "web child", "worker", "worker child", "beat"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_killed_comes_back_and_leaves_no_orphan(running: Start, program: str) -> None:
    before = running.programs()
    kill(before[program])

    wait_until(lambda: not any(map(is_running, before[program])), f"the end of {program}")
    wait_until(running.complete, f"everything after {program} was killed; there are {running.programs()}")
    after = running.programs()
    assert not before[program] & after[program]
    if program in ("web", "worker"):
        # Children of a killed master would serve old code, or do a job twice.
        assert not (before["web child"] | before["worker child"]) & after.get(f"{program} child", set())
    done = running.jobs_done()
    wait_until(lambda: running.jobs_done() > done, f"a job done after {program} was killed")


def test_a_second_start_on_the_same_folder_is_refused(running: Start) -> None:
    second = Start(running.folder, free_port())

    assert second.process.wait(DEADLINE) == 1
    assert second.text().startswith(f"kpitracker runs already on {running.folder} (process {running.process.pid})")
    assert len(second.text().splitlines()) == 1
    assert running.complete()


def test_a_port_in_use_is_refused_before_anything_is_made(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        start = Start(folder, other.getsockname()[1])
        assert start.process.wait(DEADLINE) == 1

    assert start.text() == (
        f"Port {start.port} is in use by another program. Stop that, or choose another: make run PORT=8001\n"
    )
    assert [path.name for path in folder.iterdir()] == ["run.lock"]


@pytest.mark.parametrize(
    "variables, complaint",
    [
        ({"PORT": "http"}, "PORT must be a number from 1 to 65535, not 'http'."),
        ({"DEMO": "maybe"}, "DEMO must be yes or no, not 'maybe'."),
        ({"ENVIRONMENT": "production"}, "SECRET_KEY must be set"),
    ],
)
def test_what_cannot_run_is_refused_in_one_line(variables: dict[str, str], complaint: str, folder: Path) -> None:
    command = [sys.executable, "-m", "kpitracker.run"]
    environment = environment_of(folder, free_port()) | variables
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert answer.returncode == 1
    assert complaint in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_database_of_another_version_is_refused_in_one_sentence(folder: Path, migrated: dict[str, str]) -> None:
    url = migrated.get("DATABASE_URL") or f"sqlite:///{folder / 'kpitracker.sqlite3'}"
    with connect(url) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('targets', '0016_routing', '2026-11-01')"
        )
    start = new_start(folder, **migrated)

    assert start.process.wait(60) == 1
    assert start.text().splitlines()[1:] == [
        "kpitracker does not start: Another version of kpitracker made this database: it has the migration "
        "targets.0016_routing, which this version does not have; export its data with that version and load them into "
        "an empty database, as docs/upgrading.md describes."
    ]


def test_interrupted_starts_end_with_everything_and_keep_the_data(folder: Path, migrated: dict[str, str]) -> None:
    first = Start(folder, free_port(), command=["make", "run"], **migrated).wait_ready()
    password = first.value("password")
    # Only make: it does not pass the signal on.
    os.kill(first.process.pid, signal.SIGINT)
    first.wait_ended()

    second = new_start(folder, **migrated).wait_ready()
    assert "password forgotten" in second.text()
    assert "kpi_" not in second.text()
    assert login_works(second, password)
    # As a terminal does it on Ctrl-C.
    second.signal_all(signal.SIGINT)
    assert second.wait_ended() == 0


def test_neither_login_nor_key_are_written_anywhere(running: Start) -> None:
    secrets = [running.value("password").encode(), running.text().split("API key")[1].split()[0].encode()]
    files = [path for path in running.folder.rglob("*") if path.is_file()]
    lines = [command_line(pid) for pids in running.programs().values() for pid in pids]

    assert len(files) > 10
    assert [path for path in files for secret in secrets if secret in path.read_bytes()] == []
    assert [line for line in lines for secret in secrets if secret in line] == []


@pytest.mark.parametrize(
    "moment, command",
    [("database", [sys.executable, "-m", "kpitracker.run"]), ("starting web", ["make", "run"])],
    ids=["while preparing", "before its login was shown, by killing make"],
)
def test_a_first_start_that_is_killed_leaves_no_process_and_is_completed_by_the_next(
    moment: str, command: list[str], folder: Path, empty_database: dict[str, str]
) -> None:
    killed = Start(folder, free_port(), command, **empty_database).wait_for(moment)
    killed.programs()
    killed.process.kill()
    killed.wait_ended()
    assert READY not in killed.text()

    start = new_start(folder, **empty_database).wait_ready()
    assert login_works(start, start.value("password"))
    assert "kpi_" in start.text()
    # The supervisor: all others end with it.
    start.process.kill()
    start.wait_ended()


def test_a_hangup_stops_the_service_and_a_second_signal_stops_it_at_once(
    folder: Path, migrated: dict[str, str]
) -> None:
    start = new_start(folder, **migrated).wait_ready()
    # A worker that has been stopped cannot end in order: supervisor would wait 35 s for it.
    (worker,) = start.programs()["worker"]
    os.kill(worker, signal.SIGSTOP)
    start.process.send_signal(signal.SIGHUP)
    start.wait_for("stopping")
    time.sleep(1)
    began = time.monotonic()
    start.process.send_signal(signal.SIGHUP)

    assert start.wait_ended() == 0
    assert time.monotonic() - began < 20


def test_under_nohup_a_hangup_is_ignored(folder: Path, migrated: dict[str, str]) -> None:
    start = Start(folder, free_port(), ["nohup", sys.executable, "-m", "kpitracker.run"], **migrated).wait_ready()
    start.process.send_signal(signal.SIGHUP)
    done = start.jobs_done()
    wait_until(lambda: start.jobs_done() > done + 1, "more jobs")

    assert start.complete()
    start.end()


def test_with_a_redis_of_its_own_no_broker_is_started_and_jobs_are_done(
    folder: Path, migrated: dict[str, str], redis_url: str
) -> None:
    start = new_start(folder, REDIS_URL=redis_url, **migrated).wait_for(READY)

    wait_until(lambda: start.jobs_done() > 0, "a job done")
    assert "broker" not in start.programs()
    assert {"web", "worker", "beat"} <= start.programs().keys()
    start.end()
