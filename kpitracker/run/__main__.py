"""`make run`: prepare the service, start all programs under supervisor, print the address, and stop all on exit."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

from kpitracker.env import ROOT, StartRefused, control_socket, data_dir, web_port
from kpitracker.run import first_start, preflight
from kpitracker.run.banner import format_banner
from kpitracker.run.parent_death import die_with_parent, parent_was_interrupted

READY_SECONDS, STOP_SECONDS = 60, 60
SHORT_LIFE_SECONDS, MAX_SHORT_LIVES = 5.0, 3


class Foreground:
    def __init__(self, under_make: bool) -> None:
        self.under_make = under_make
        self.started = time.monotonic()
        self.port = web_port()
        self.data = data_dir()
        self.stopping = threading.Event()
        self.child: subprocess.Popen[str] | None = None
        self.child_started = self.started
        self.short_lives = 0

    def run(self) -> int:
        with preflight.lock_data_dir(self.data):
            preflight.wait_for_previous_stop()
            preflight.check_port(self.port)
            preflight.check_broker()
            self.install_handlers()
            credentials = self.prepare()
            if not self.stopping.is_set():
                self.start()
                self.wait_until_ready()
            if not self.stopping.is_set():
                seconds = time.monotonic() - self.started
                print(format_banner(f"http://127.0.0.1:{self.port}", credentials, seconds), flush=True)
                first_start.unfinished_marker().unlink(missing_ok=True)
            while not self.wait_for_stop(after=0.5):
                self.supervise()
            return self.stop()

    def install_handlers(self) -> None:
        signal.signal(signal.SIGINT, self.on_signal)
        signal.signal(signal.SIGTERM, self.on_signal)
        # Under nohup the service survives the end of the terminal.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self.on_signal)

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """The first signal stops all programs in order; a second one kills them."""
        if self.stopping.is_set() and self.child is not None:
            self.child.kill()
        self.stopping.set()

    def wait_for_stop(self, after: float) -> bool:
        if self.under_make and parent_was_interrupted():
            self.stopping.set()
        return self.stopping.wait(after)

    def prepare(self) -> dict[str, str]:
        print(f"kpitracker: preparing {self.data}", flush=True)
        self.child = self.spawn_module("kpitracker.run.prepare", stdout=subprocess.PIPE)
        while self.child.poll() is None and not self.wait_for_stop(after=0.05):
            pass
        if self.stopping.is_set():
            self.child.kill()
        output, _ = self.child.communicate()
        if self.stopping.is_set():
            return {}
        if self.child.returncode < 0:
            raise StartRefused("The preparation was ended from outside; the next start completes it.")
        if self.child.returncode:
            # The preparation has printed the reason.
            raise SystemExit(1)
        credentials: dict[str, str] = json.loads(output)
        return credentials

    def start(self) -> None:
        print("kpitracker: starting web, broker, worker and beat", flush=True)
        (self.data / "logs").mkdir(mode=0o700, exist_ok=True)
        self.child = self.spawn_module("kpitracker.run.supervisor", str(os.getpid()), stdout=subprocess.DEVNULL)
        self.child_started = time.monotonic()

    def spawn_module(self, module: str, *arguments: str, stdout: int) -> "subprocess.Popen[str]":
        """Start a module in a session of its own: Ctrl-C reaches only this process, which stops the others in order."""
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.Popen(
            command, cwd=self.data, env=self.environment(), stdout=stdout, text=True, start_new_session=True
        )

    def environment(self) -> dict[str, str]:
        inherited = os.environ
        return {
            "ALERT_EMAIL": "leaders@kpitracker.local",
            **inherited,
            "DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "PYTHONPATH": f"{ROOT}{os.pathsep}{inherited.get('PYTHONPATH', '')}".rstrip(os.pathsep),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}",
            "PYTHONUNBUFFERED": "1",
            "CONTROL_SOCKET": str(control_socket()),
            "BUNDLED_BROKER": "false" if inherited.get("REDIS_URL") else "true",
        }

    def wait_until_ready(self) -> None:
        warn_at = time.monotonic() + READY_SECONDS
        while not self.wait_for_stop(after=0.1) and not self.web_answers():
            self.supervise()
            if time.monotonic() > warn_at:
                warn_at = float("inf")
                print(f"kpitracker: no answer after {READY_SECONDS} s; {self.data}/logs/web.log ends with:")
                print("\n".join(last_lines(self.data / "logs" / "web.log")), flush=True)

    def web_answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health/live")
            # 400 counts as an answer: ALLOWED_HOSTS of a production server may not name the loopback address.
            return connection.getresponse().status < 500
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def supervise(self) -> None:
        """Restart supervisor when it has ended, unless it repeatedly ends right after its start.

        Supervisor itself restarts the other programs.
        """
        assert self.child is not None
        if self.child.poll() is None:
            return
        self.short_lives = self.short_lives + 1 if time.monotonic() - self.child_started < SHORT_LIFE_SECONDS else 0
        if self.short_lives == MAX_SHORT_LIVES:
            raise StartRefused(f"Supervisor does not stay alive; see {self.data}/logs/supervisord.log")
        print("kpitracker: supervisor was ended from outside, starting it again", flush=True)
        self.start()

    def stop(self) -> int:
        if self.child is not None and self.child.poll() is None:
            print("\nkpitracker: stopping (again to stop at once)", flush=True)
            self.child.terminate()
            try:
                self.child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        if control_socket().parent != self.data:
            with contextlib.suppress(OSError):
                control_socket().parent.rmdir()
        print("kpitracker: stopped", flush=True)
        return 0


def last_lines(path: Path, lines: int = 10) -> list[str]:
    return path.read_text(errors="replace").splitlines()[-lines:] if path.exists() else []


def main() -> int:
    under_make = "--end-with-parent" in sys.argv[1:]
    if under_make:
        # When make is killed, this process would stay in the background and hold the port.
        die_with_parent(signal.SIGTERM)
    try:
        first_start.wants_demo()
        return Foreground(under_make).run()
    except StartRefused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"kpitracker cannot write to its data folder: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # Nothing has been started yet.
        return 0


if __name__ == "__main__":
    sys.exit(main())
