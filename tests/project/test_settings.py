"""The environment decides, the documentation says so, and production starts only when it is safe."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kpitracker.env import ROOT

READ = re.compile(r"""(?:env\.\w+|environ\.get|_secret)\(\s*"([A-Z][A-Z_]+)\"""")
GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "s" * 32,
    "KEY_PEPPER": "p" * 32,
    "ALLOWED_HOSTS": "kpi.example.gov",
}


def test_every_variable_that_is_read_is_described_and_no_other() -> None:
    sources = [
        ROOT / "kpitracker" / "settings.py",
        ROOT / "kpitracker" / "env.py",
        *(ROOT / "kpitracker/run").glob("*.py"),
    ]
    read = {name for path in sources for name in READ.findall(path.read_text())}
    text = (ROOT / "docs" / "settings.md").read_text()
    described = {
        name for cell in re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE) for name in re.findall("`([A-Z_]+)`", cell)
    }

    assert len(read) > 20
    assert read <= described, read - described
    assert described - read == {"DB", "TEST_DATABASE_URL", "TEST_REDIS_URL"}


def start(folder: Path, code: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """What a process says that does nothing but read the settings."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), **variables}
    command = [sys.executable, "-c", f"from kpitracker import settings; {code}"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "change, complaint",
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set"),
        ({"SECRET_KEY": "s" * 31}, "SECRET_KEY must be set"),
        ({"KEY_PEPPER": ""}, "KEY_PEPPER must be set"),
        ({"DEBUG": "yes"}, "DEBUG must be off"),
        ({"UNSAFE_DATABASE": "yes"}, "UNSAFE_DATABASE must be off"),
        ({"TRUSTED_PROXIES": "10.0.0.1/8"}, "TRUSTED_PROXIES"),
        ({"WEBHOOK_ALLOWED_HOSTS": "bus.city.gov,10.0.0.1/8"}, "WEBHOOK_ALLOWED_HOSTS"),
        ({"WEBHOOK_ALLOWED_HOSTS": "bus.city.gov:8080"}, "WEBHOOK_ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name the hosts"),
        ({"ALLOWED_HOSTS": "kpi.example.gov,*"}, "ALLOWED_HOSTS must name the hosts"),
        ({"ENVIRONMENT": "prod"}, "ENVIRONMENT must be local or production"),
    ],
)
def test_production_does_not_start_unsafe(change: dict[str, str], complaint: str, tmp_path: Path) -> None:
    answer = start(tmp_path, **GOOD | change)

    assert answer.returncode != 0
    assert complaint in answer.stderr


def test_production_starts_with_what_it_needs_and_writes_no_secret(tmp_path: Path) -> None:
    answer = start(tmp_path, **GOOD)

    assert answer.returncode == 0, answer.stderr
    assert not (tmp_path / "secrets").exists()


def test_elsewhere_secrets_are_made_once_and_no_two_are_the_same(tmp_path: Path) -> None:
    show = "print(settings.SECRET_KEY, settings.KEY_PEPPER)"

    first, second = start(tmp_path, show).stdout.split(), start(tmp_path, show).stdout.split()

    assert first == second
    assert len(set(first)) == 2
    assert all(len(secret) >= 40 for secret in first)


@pytest.mark.parametrize(
    "url, broker",
    [
        ("redis://broker:6379/2", "redis://broker:6379/2"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
    ],
)
def test_the_broker_is_where_redis_url_says(url: str, broker: str, tmp_path: Path) -> None:
    assert start(tmp_path, "print(settings.CELERY_BROKER_URL)", REDIS_URL=url).stdout.strip() == broker
