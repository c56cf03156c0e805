"""Real processes beside a test: a web server and a Celery worker on the test's own database and broker."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote, urlsplit

from django.db import connection

from kpitracker.env import ROOT
from kpitracker.run.parent_death import die_with_parent
from tests.settings import FOLDER

# Seconds. No test measures the machine: only what will never happen is waited for that long.
DEADLINE = 300.0


def wait_until(done: Callable[[], bool], what: str, seconds: float = DEADLINE) -> None:
    """Poll until it is so; a failure that names what was waited for, if it never is."""
    deadline = (began := time.monotonic()) + seconds
    while not done():
        ended = time.monotonic()
        if ended > deadline:
            raise AssertionError(f"Not within {seconds:.0f} s: {what}")
        # Looking through all processes takes long: it must not take the processor from what is waited for.
        time.sleep(min(max(0.02, ended - began), 0.5))
        began = time.monotonic()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """The test database, as another process finds it."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(settings['NAME']))}"
    given = urlsplit(os.environ["TEST_DATABASE_URL"])
    return given._replace(path=f"/{quote(settings['NAME'])}").geturl()


@dataclass
class Running:
    """A process that is ready, and everything it has written so far."""

    process: "subprocess.Popen[bytes]"
    log: Path
    url: str = ""

    def text(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def running(name: str, command: list[str], **environment: str) -> Iterator[Running]:
    log = FOLDER / f"{name}.log"
    given = os.environ | {"DJANGO_SETTINGS_MODULE": "kpitracker.settings", "DATABASE_URL": database_url()} | environment
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=given,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    try:
        yield Running(process, log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_ready(started: Running, ready: Callable[[], bool]) -> None:
    def ready_or_dead() -> bool:
        return ready() or started.process.poll() is not None

    wait_until(ready_or_dead, f"a process that is ready; it wrote:\n{started.text()}")
    assert started.process.poll() is None, f"The process ended by itself:\n{started.text()}"


@contextmanager
def celery_worker(redis_url: str) -> Iterator[Running]:
    options = ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    with running(
        "worker", ["celery", "-A", "kpitracker.celery:app", "worker", *options], REDIS_URL=redis_url
    ) as worker:
        wait_ready(worker, lambda: " ready." in worker.text())
        yield worker


@contextmanager
def web_server(redis_url: str) -> Iterator[Running]:
    port = free_port()
    with running("web", ["kpitracker.run.programs", "web"], REDIS_URL=redis_url, PORT=str(port)) as web:
        web.url = f"http://127.0.0.1:{port}"
        wait_ready(web, lambda: status_of(port, "/health/live") == 200)
        yield web


def status_of(port: int, path: str) -> int | None:
    """The status of an answer to GET; None where nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
