"""What one figure runs through, from its POST to the mail about it: files, functions, calls.

    python -m bench.trace_figure [--list]

Counted are functions of this project only (not comprehensions, migrations or commands), on SQLite, warm: a first figure
has gone the same way before. A file is *returned to* when a call enters it again after the calls had left it.
"""

import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("indicators", "targets", "tasks", "kpitracker")
# The two jobs, by each name that they have had: the script also measures older commits.
ASSESS = (
    ("targets.services.assessment.assess", "process_series_changes"),
    ("targets.services.assessments", "assess_marked"),
)
SEND = (("tasks.delivery", "send_due_deliveries"), ("tasks.delivery", "send_due"))


class Trace:
    """The calls of one stage, in order: (file, function)."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self._names: dict[Any, tuple[str, str] | None] = {}

    def record(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            code = frame.f_code
            if code not in self._names:
                self._names[code] = self._name(code)
            if (name := self._names[code]) is not None:
                self.calls.append(name)

    def _name(self, code: Any) -> tuple[str, str] | None:
        path = Path(code.co_filename)
        if not path.is_relative_to(ROOT) or code.co_name in ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>"):
            return None
        file = str(path.relative_to(ROOT))
        if file.split("/")[0] not in PACKAGES or "/migrations/" in file or "/management/" in file:
            return None
        return file, f"{code.co_qualname if sys.version_info >= (3, 11) else code.co_name}:{code.co_firstlineno}"

    def __enter__(self) -> "Trace":
        sys.setprofile(self.record)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)


def summary(name: str, calls: list[tuple[str, str]]) -> str:
    visits = [file for index, (file, _) in enumerate(calls) if index == 0 or calls[index - 1][0] != file]
    files = dict.fromkeys(visits)
    returns = len(visits) - len(files)
    return f"{name:<22} {len(files):>5} files {len(set(calls)):>5} functions {len(calls):>6} calls {returns:>6} returns"


def job(candidates: tuple[tuple[str, str], ...]) -> Callable[..., Any]:
    for module, function in candidates:
        try:
            return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]
        except (ImportError, AttributeError):
            continue
    raise SystemExit(f"None of {candidates} exists.")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "kpitracker.settings",
            "ALLOWED_HOSTS": "localhost,testserver",
            "ALERT_EMAIL": "leaders@example.org",
        }
        for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
            os.environ.pop(name, None)
        measure()


def measure() -> None:
    import django
    from django.core.management import call_command
    from django.utils import timezone

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("load_demo", "--history-only", verbosity=0)
    from django.test import Client

    output = StringIO()
    call_command("issue_key", department="so-lao-dong", scopes="figures:write,read", stdout=output)
    client = Client(headers={"authorization": f"Bearer {output.getvalue().strip()}"})
    assess, send = job(ASSESS), job(SEND)

    def post(value: str) -> None:
        body = {"indicator": "new-jobs", "period": "2024", "value": value, "stage": "official", "source": "report"}
        answer = client.post("/api/v1/measurements/", body, content_type="application/json")
        if answer.status_code != 201:
            raise SystemExit(f"{answer.status_code}: {answer.content.decode()}")

    def judge() -> None:
        while assess(now=timezone.now()):
            pass

    for value in ("139900", "141001"):  # missed, and well again: everything is warm and nothing is open
        post(value)
        judge()
        send()
    stages = {"request": lambda: post("138200"), "job: assess, decide": judge, "job: send mail": lambda: send()}
    calls = []
    for name, stage in stages.items():
        with Trace() as trace:
            stage()
        print(summary(name, trace.calls))
        calls += trace.calls
        if "--list" in sys.argv:
            for file in dict.fromkeys(file for file, _ in trace.calls):
                functions = list(dict.fromkeys(function for other, function in trace.calls if other == file))
                print(f"    {file}: {', '.join(functions)}")
    print(summary("all", calls))


if __name__ == "__main__":
    main()
