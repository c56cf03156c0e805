"""Timings with their medians and spread, verdicts, and the servers that the parts run against."""

import gc
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from kpitracker.env import ROOT
from kpitracker.run.parent_death import die_with_parent
from tests.launcher import postgresql
from tests.launcher.servers import Server, account, running

# A server that keeps what it acknowledges; the sizes suit a machine with 23 GB of memory.
DURABLE = ["listen_addresses=", "shared_buffers=1GB", "max_wal_size=4GB", "work_mem=64MB", "max_connections=50"]


@dataclass
class Series:
    """The times of several runs of one thing; each run handles `amount` of `unit`."""

    name: str
    amount: int
    unit: str = "rows"
    seconds: list[float] = field(default_factory=list)

    def run(self, work: Callable[[], Any]) -> Any:
        gc.collect()
        started = time.perf_counter()
        result = work()
        self.seconds.append(time.perf_counter() - started)
        return result

    @property
    def rate(self) -> float:
        return self.amount / statistics.median(self.seconds)

    def __str__(self) -> str:
        low, high = self.amount / max(self.seconds), self.amount / min(self.seconds)
        return f"{self.name:<58}{self.rate:>10,.0f} {self.unit}/s   ({low:,.0f} to {high:,.0f})"


@dataclass
class Verdict:
    """A ratio with the least that it must reach, or an amount with the most that is allowed (`at_most`)."""

    name: str
    value: float
    goal: float
    at_most: bool = False
    unit: str = ""

    @property
    def met(self) -> bool:
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    def __str__(self) -> str:
        sign = "≤" if self.at_most else "≥"
        shown = f"{self.value:.0f} {self.unit}" if self.unit else f"{self.value:.3f}"
        goal = f"{self.goal:.0f} {self.unit}" if self.unit else f"{self.goal:.2f}"
        return f"{self.name:<58}{shown:>12}   {sign} {goal:<10} {'met' if self.met else 'NOT MET'}"


@contextmanager
def durable_postgresql(folder: Path) -> Iterator[Server]:
    """A PostgreSQL server that waits for the disk, started by the launcher of the tests."""
    binaries, made_by = postgresql.find(folder)
    data, sockets = folder / "postgresql", folder / "sockets"
    for place in (data, sockets):
        place.mkdir(mode=0o700)
        if user := account():
            shutil.chown(place, user)
    postgresql.create(binaries, data)
    url = f"postgres://postgres@/postgres?host={sockets}"
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(sockets)]
    command += [word for option in DURABLE for word in ("-c", option)]
    with running(command, folder / "postgresql.log", lambda: postgresql.answers(url), account()):
        yield Server("PostgreSQL", postgresql.server_version(url), url, made_by)


@contextmanager
def program(arguments: list[str], log: Path, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


class Http:
    """An HTTP client with one connection, kept open."""

    def __init__(self, port: int, key: str = "") -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=600)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def call(self, method: str, path: str, body: bytes = b"", media: str = "application/json") -> tuple[int, bytes]:
        self.connection.request(method, path, body, self.headers | {"Content-Type": media})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def wait(self, path: str) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                if self.call("GET", path)[0] == 200:
                    return
            except OSError:
                self.connection.close()
            if time.monotonic() > deadline:
                raise SystemExit(f"No answer at {path}.")
            time.sleep(0.05)


def family(pid: int) -> list[int]:
    """The ids of a process and of all processes that it has started."""
    pids = [pid]
    for process in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = process.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            pids += family(int(process.parent.name))
    return pids


def peak_mb(pid: int, *, reset: bool = False) -> float:
    """The most memory that any process of a family has held, in MB; `reset` starts the count again."""
    most = 0.0
    for member in family(pid):
        try:
            status = Path(f"/proc/{member}/status").read_text()
            if reset:
                Path(f"/proc/{member}/clear_refs").write_text("5")
        except OSError:
            continue
        for line in status.splitlines():
            if line.startswith("VmHWM"):
                most = max(most, int(line.split()[1]) / 1024)
    return most
