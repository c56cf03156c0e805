"""Checks before the start: one running service for each data folder, and a free port."""

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kpitracker.env import StartRefused


@contextmanager
def lock_data_dir(folder: Path) -> Iterator[None]:
    """Lock the data folder: a second service would share the jobs of the database and the files of the broker."""
    with (folder / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise StartRefused(
                f"kpitracker runs already on {folder} ({file.read().strip() or 'starting'}). "
                "Stop it first, or choose another DATA_DIR."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield


def wait_for_port(port: int, seconds: float) -> None:
    """Wait until the port is free. Raises `StartRefused` after that: two web servers would share the requests."""
    refusal = f"Port {port} is in use by another program. Stop that, or choose another: make run PORT=8001"
    wait_until(lambda: port_is_free(port), seconds, refusal)


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Lingering connections of a stopped server do not block the port; listeners do.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def wait_for_broker_end(path: Path, seconds: float) -> None:
    """Wait until no process listens on the socket. Raises `StartRefused` after that."""
    refusal = f"A broker of an earlier start still answers at {path}; stop it first."
    wait_until(lambda: not broker_answers(path), seconds, refusal)


def broker_answers(path: Path) -> bool:
    """Whether a process listens on the socket; a file that a killed process left does not count."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        return probe.connect_ex(str(path)) == 0


def wait_until(is_done: Callable[[], bool], seconds: float, refusal: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            raise StartRefused(refusal)
        time.sleep(0.05)
