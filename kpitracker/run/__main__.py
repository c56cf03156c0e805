"""`make run`: prepare the service, then supervise its programs in this process until Ctrl-C or SIGTERM."""

import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from kpitracker.env import ROOT, StartRefused, broker_socket, control_socket, data_dir, web_port
from kpitracker.run import checks, prepare
from kpitracker.run.parent_death import die_with_parent, parent_was_interrupted
from kpitracker.run.programs import SUPERVISOR_PID_VARIABLE
from kpitracker.run.supervise import supervise


def run(under_make: bool) -> None:
    started, data, port = time.monotonic(), data_dir(), web_port()
    with checks.lock_data_dir(data):
        # The programs of a killed start need a moment to end.
        checks.wait_for_port(port, seconds=2)
        checks.wait_for_broker_end(broker_socket(), seconds=2)
        set_environment(data, port)
        print(f"kpitracker: preparing {data}", flush=True)
        prepare_in_child(started, under_make)
        print("kpitracker: starting web, broker, worker and beat", flush=True)
        (data / "logs").mkdir(mode=0o700, exist_ok=True)
        supervise(under_make)
        if control_socket().parent != data:
            with suppress(OSError):
                control_socket().parent.rmdir()


def set_environment(data: Path, port: int) -> None:
    """Set what this process, supervisord.conf and all programs read."""
    inherited = dict(os.environ)
    if os.environ.get("ENVIRONMENT") != "production":
        os.environ.setdefault("ALERT_EMAIL", "leaders@kpitracker.local")
    os.environ |= {
        "DATA_DIR": str(data),
        "PORT": str(port),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{inherited.get('PYTHONPATH', '')}".rstrip(os.pathsep),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "CONTROL_SOCKET": str(control_socket()),
        "BUNDLED_BROKER": "false" if inherited.get("REDIS_URL") else "true",
        SUPERVISOR_PID_VARIABLE: str(os.getpid()),
    }
    # Paths in supervisord.conf are relative.
    os.chdir(data)


def prepare_in_child(started: float, under_make: bool) -> None:
    """Return when a child process has prepared the data folder; it lives on until it has printed the address.

    Only that process holds Django, the password and the key.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # In a session of its own: Ctrl-C reaches this process only, which ends the child.
        os.setsid()
        prepare.run_in_child(writing, started)
    os.close(writing)
    try:
        while not select.select([reading], [], [], 0.1)[0]:
            if under_make and parent_was_interrupted():
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        os.kill(child, signal.SIGKILL)
        raise
    prepared = os.read(reading, 1)
    os.close(reading)
    if not prepared:
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            raise StartRefused("The preparation was ended from outside; the next start completes it.")
        # The child has printed the reason.
        raise SystemExit(1)


def main() -> None:
    under_make = "--end-with-parent" in sys.argv[1:]
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    try:
        if under_make:
            # When make is killed, this process would stay in the background and hold the port.
            die_with_parent(signal.SIGTERM)
        run(under_make)
    except StartRefused as refusal:
        sys.exit(str(refusal))
    except PermissionError as error:
        sys.exit(f"kpitracker cannot write to its data folder: {error}")
    except KeyboardInterrupt:
        # Supervisor, which takes the signals over, has not been started.
        pass
    with suppress(OSError):
        print("kpitracker: stopped", flush=True)


if __name__ == "__main__":
    main()
