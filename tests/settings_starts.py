"""Many starts of the settings, each in a process of its own: one Python that has loaded the libraries forks them all.

`outcomes_of(starts)` in a test; `python -m tests.settings_starts` is that Python, one for each test process. It reads
a line of starts and writes a line of outcomes, until its input ends.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# Imports nothing of ours: each fork reads the settings for the first time.
LIBRARIES = (
    "celery.app.base, celery.worker.worker, environ, django.core.mail.backends.smtp, django.templatetags.static,"
    "django.utils.log, django.views.generic, zoneinfo"
)


class SettingsStart(NamedTuple):
    """`variables` is the whole environment but for PATH and DATA_DIR; `code` runs with `settings` loaded."""

    variables: dict[str, str]
    code: str = ""


class Outcome(NamedTuple):
    """`status` 0: started; 1: refused, `errors` is what the terminal shows; 2: anything else."""

    status: int
    output: str
    errors: str


def outcomes_of(starts: Sequence[SettingsStart]) -> list[Outcome]:
    server = _server()
    assert server.stdin
    assert server.stdout
    server.stdin.write(f"{json.dumps(starts)}\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    assert answer, f"{__name__} ended with status {server.wait()}"
    return [Outcome(*outcome) for outcome in json.loads(answer)]


@cache
def _server() -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-m", "tests.settings_starts"]
    environment = {"PATH": os.environ["PATH"]}
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    # It ends with its input.
    atexit.register(server.communicate)
    return server


def start_in_fork(start: SettingsStart, folder: Path) -> int:
    """The id of the child. It writes `out` and `err` into the folder."""
    child = os.fork()
    if child == 0:
        status = 2
        for number, name in enumerate(("out", "err"), 1):
            os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT), number)
        try:
            status = start_settings(start, folder)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return child


def start_settings(start: SettingsStart, folder: Path) -> int:
    """As manage.py and `make run` begin."""
    os.environ |= {"DATA_DIR": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "kpitracker.settings", **start.variables}
    from kpitracker.env import StartRefused

    try:
        from django.conf import settings
        from django.utils.log import configure_logging

        configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
        exec(start.code, {"settings": settings})  # noqa: S102 - the test's own lines
    except StartRefused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def run_starts(starts: list[SettingsStart]) -> list[Outcome]:
    """All side by side."""
    with tempfile.TemporaryDirectory(prefix="kpitracker-settings-") as name:
        folders, children = list[Path](), list[int]()
        for number, start in enumerate(starts):
            folders.append(Path(name) / str(number))
            folders[-1].mkdir()
            children.append(start_in_fork(start, folders[-1]))
        statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        texts = [[(folder / kind).read_text() for kind in ("out", "err")] for folder in folders]
    return [Outcome(status, *text) for status, text in zip(statuses, texts, strict=True)]


def main() -> None:
    exec(f"import {LIBRARIES}")  # noqa: S102
    for line in sys.stdin:
        print(json.dumps(run_starts([SettingsStart(*start) for start in json.loads(line)])), flush=True)


if __name__ == "__main__":
    main()
