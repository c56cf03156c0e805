"""A start of the whole service, as a person makes one, and a look at its processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from secrets import token_urlsafe
from uuid import uuid4

import psycopg
from psycopg import sql

from kpitracker.env import ROOT
from tests import databases
from tests.processes import DEADLINE, free_port, status_of, wait_until
from tests.settings import LANE

READY = "stop     Ctrl-C"
STOP_SECONDS = DEADLINE


class Start:
    """One `python -m kpitracker.run`, in a process group of its own as a shell would make it."""

    def __init__(self, folder: Path, port: int, command: list[str] | None = None, **environment: str) -> None:
        self.folder, self.port = folder, port
        self.seen: set[tuple[int, bytes]] = set()
        self.environment = environment_of(folder, port) | environment
        self.command = command or [sys.executable, "-m", "kpitracker.run"]
        self.launch()

    def launch(self) -> None:
        """Start the service; also again, when the first process has ended."""
        self.output = self.folder.with_name(f"{self.folder.name}.{time.monotonic_ns()}.out")
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # A shell that runs the tests in the background has them ignore Ctrl-C; what they start must not.
                preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
            )

    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def value(self, name: str) -> str:
        """What the banner says after a word: `value("password")`."""
        return next(line.split()[1] for line in self.text().splitlines() if line.strip().startswith(f"{name} "))

    def wait_for(self, words: str) -> "Start":
        wait_until(lambda: words in self.text() or self.process.poll() is not None, f"{words!r} in:\n{self.text()}")
        assert words in self.text(), self.text()
        return self

    def wait_ready(self) -> "Start":
        self.wait_for(READY)
        wait_until(lambda: self.complete(), f"all processes; there are {self.programs()}")
        return self

    def programs(self) -> dict[str, set[int]]:
        """Every process under ours, by what it is."""
        programs: dict[str, set[int]] = {}
        root = self.process.pid
        for pid, parent in ({root: 0} | descendants(root)).items():
            self.seen.add((pid, birth(pid)))
            if name := name_of(pid):
                child = name in ("web", "worker") and name_of(parent) == name
                programs.setdefault(f"{name} child" if child else name, set()).add(pid)
        return programs

    def complete(self) -> bool:
        counts = {name: len(pids) for name, pids in self.programs().items()}
        expected = {"supervisor": 1, "broker": 1, "web": 1, "web child": 2, "worker": 1, "worker child": 2, "beat": 1}
        return {name: counts.get(name, 0) for name in expected} == expected and self.answers()

    def answers(self) -> bool:
        return status_of(self.port, "/health/live") == 200

    def jobs_done(self) -> int:
        """How many jobs the worker has finished since the first start: beat, broker and worker are at work."""
        log = self.folder / "logs" / "worker.log"
        return log.read_text(errors="replace").count(" succeeded in ") if log.exists() else 0

    def signal_all(self, number: int) -> None:
        """As the terminal does it: to the whole group in the foreground."""
        os.killpg(self.process.pid, number)

    def wait_ended(self) -> int:
        """The exit status; every process ever seen is gone, and so is the port's listener."""
        status = self.process.wait(STOP_SECONDS)
        wait_until(lambda: not self.left(), "no process left behind", STOP_SECONDS)
        assert status_of(self.port, "/health/live") is None
        return status

    def left(self) -> list[str]:
        """Processes of ours that still run: those seen, and any that works on our data folder."""
        # A process id is given to others soon after; together with its birth it is one process.
        seen = {pid for pid, born in self.seen if birth(pid) == born}
        return [f"{pid} {name_of(pid)}" for pid in sorted(seen | working_on(self.folder)) if is_running(pid)]

    def end(self) -> None:
        """By SIGTERM, in order."""
        self.process.terminate()
        assert self.wait_ended() == 0


def environment_of(folder: Path, port: int) -> dict[str, str]:
    """Ours, without what was set for the tests; on the PostgreSQL lane with a database like a fresh one."""
    ours = ("DATABASE_URL", "REDIS_URL", "TEST_", "TESTS_FOLDER", "PYTEST", "DJANGO_SETTINGS_MODULE", "MAKE", "MFLAGS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"DATA_DIR": str(folder), "PORT": str(port), "DEMO": "no", "SWEEP_SECONDS": "0.5"}


@contextmanager
def own_database(name: str, template: str = "template1") -> Iterator[dict[str, str]]:
    """The variables of a start on an empty database: a file in its folder, or one of this lane's server."""
    if LANE == "sqlite":
        yield {}
        return
    server = os.environ["TEST_DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(words.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield {"DATABASE_URL": server.replace("/postgres?", f"/{name}?")}
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def migrated_database(folder: Path) -> Iterator[dict[str, str]]:
    """As `own_database`, through all migrations already, which take most of a first start: a copy of what the fixture
    `django_db_setup` made.
    """
    with own_database(f"start_{uuid4().hex[:12]}", databases.TEMPLATE) as variables:
        (folder / "secrets").mkdir(mode=0o700, parents=True)
        for secret in ("secret_key", "key_pepper"):
            # As the start that made the database left them.
            (folder / "secrets" / secret).write_text(token_urlsafe(48))
        if LANE == "sqlite":
            databases.copy_sqlite(Path(databases.TEMPLATE), folder / "kpitracker.sqlite3")
        yield variables


@contextmanager
def migrated_start(folder: Path, **environment: str) -> Iterator[Start]:
    """A start that is ready, on such a database."""
    with migrated_database(folder) as variables:
        start = new_start(folder, **environment, **variables)
        try:
            yield start.wait_ready()
        finally:
            start.end()


def descendants(root: int) -> dict[int, int]:
    """Process id → parent, of everything below a process."""
    parents = {pid: parent for pid in all_processes() if (parent := parent_of(pid)) is not None}
    results: dict[int, int] = {}
    generation = {root}
    while generation:
        generation = {pid for pid, parent in parents.items() if parent in generation}
        results |= {pid: parents[pid] for pid in generation}
    return results


def working_on(folder: Path) -> set[int]:
    setting = f"DATA_DIR={folder}\0".encode()
    return {pid for pid in all_processes() if setting in read(pid, "environ")} - {os.getpid()}


def all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def parent_of(pid: int) -> int | None:
    fields = read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else None


def birth(pid: int) -> bytes:
    fields = read(pid, "stat").rpartition(b")")[2].split()
    return fields[19] if fields else b""


def is_running(pid: int) -> bool:
    fields = read(pid, "stat").rpartition(b")")[2].split()
    return bool(fields) and fields[0] != b"Z"


def name_of(pid: int) -> str | None:
    command = command_line(pid).decode(errors="replace")
    marks = {
        "-m kpitracker.run ": "supervisor",
        "programs web": "web",
        "-server unixsocket": "broker",
        ":app worker": "worker",
        ":app beat": "beat",
    }
    return next((name for mark, name in marks.items() if mark in command), None)


def command_line(pid: int) -> bytes:
    return read(pid, "cmdline").replace(b"\0", b" ")


def read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def kill(pids: set[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def new_start(folder: Path, **environment: str) -> Start:
    return Start(folder, free_port(), None, **environment)
