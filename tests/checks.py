"""`make check`: what can be said about the source without running it. Changes nothing but caches.

Each check is a command; its output is shown if it fails. All run, so that one look shows everything.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kpitracker.env import ROOT
from tests.openapi_diff import compare_files

SCHEMA = ROOT / "docs" / "openapi-v1.json"
APPS = ("kpitracker", "indicators", "targets", "tasks")


def checks(folder: Path) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    manage = [sys.executable, "manage.py"]
    everything = [*APPS, "tests", "manage.py"]
    return {
        "style": [*python, "ruff", "check", *everything, "bench"],
        "format": [*python, "ruff", "format", "--check", *everything, "bench"],
        "types": [*python, "mypy", *everything],
        "imports": [str(Path(sys.executable).with_name("lint-imports"))],
        "unsafe code": [
            *python,
            "bandit",
            "--quiet",
            "--configfile",
            "pyproject.toml",
            "--recursive",
            *APPS,
            "manage.py",
        ],
        "settings": [*manage, "check", "--fail-level", "WARNING", "--database", "default"],
        "production": [*manage, "check", "--deploy", "--fail-level", "WARNING"],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "OpenAPI": [*manage, *schema_to(folder / "openapi.json")],
    }


def schema_to(path: Path) -> list[str]:
    """The command that writes the schema; a warning of the generator is a hole in the documentation."""
    return [
        "spectacular",
        "--file",
        str(path),
        "--format",
        "openapi-json",
        "--lang",
        "en",
        "--validate",
        "--fail-on-warn",
    ]


# What a deployment would set, so that `check --deploy` looks at what it would run with.
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "KEY_PEPPER": secrets.token_urlsafe(48),
    "ALLOWED_HOSTS": "kpi.example.gov",
    "BEHIND_PROXY": "yes",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.gov",
    "ALERT_EMAIL": "stats@example.gov",
}


def run(name: str, command: list[str], folder: Path) -> bool:
    started = time.monotonic()
    environment = os.environ | {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "kpitracker.settings"}
    if name == "settings":
        # A file of its own: what the source says is looked at, not somebody's server.
        environment["DATABASE_URL"] = f"sqlite:///{folder / 'kpitracker.sqlite3'}"
    if name == "production":
        environment |= PRODUCTION
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    output, good = done.stdout + done.stderr, done.returncode == 0
    if good and name == "OpenAPI" and (changes := compare_files(SCHEMA, folder / "openapi.json")):
        output, good = (
            "\n".join(["docs/openapi-v1.json is not what the code says: run `make schema`.", *map(str, changes)]),
            False,
        )
    print(f"{name:<11} {'ok' if good else 'FAILED'}  {time.monotonic() - started:.1f} s", flush=True)
    if not good:
        print(output, flush=True)
    return good


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="kpitracker-check-") as name:
        folder = Path(name)
        results = [run(check, command, folder) for check, command in checks(folder).items()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
