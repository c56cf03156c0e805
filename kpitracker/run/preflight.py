"""Checks before the start: one running service for each data folder, and a free port."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kpitracker.env import StartRefused, broker_socket, control_socket

STOP_SECONDS = 45


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


def wait_for_previous_stop() -> None:
    """Wait for the supervisor of a killed start, which stops its children in order. Raises `StartRefused`."""
    deadline = time.monotonic() + STOP_SECONDS
    if socket_answers(control_socket()):
        print("kpitracker: waiting for an earlier start to end", flush=True)
    while socket_answers(control_socket()):
        if time.monotonic() > deadline:
            raise StartRefused(f"A supervisor of an earlier start still answers at {control_socket()}; stop it first.")
        time.sleep(0.1)


def check_port(port: int) -> None:
    """Raises `StartRefused` when the port is in use: a leftover web server would take half of the requests."""
    if not port_is_free(port):
        raise StartRefused(
            f"Port {port} is in use by another program. Stop that, or choose another: make run PORT=8001"
        )


def check_broker() -> None:
    if socket_answers(broker_socket()):
        raise StartRefused(f"A broker of an earlier start still answers at {broker_socket()}; stop it first.")


def port_is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Lingering connections of a stopped server do not block the port; listeners do.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def socket_answers(path: Path) -> bool:
    """Whether a process listens on a unix socket; a file that a killed process left does not count."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
