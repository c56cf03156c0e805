"""The browser of `make test-browser`: taken as it is, installed by apt, or asked for in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kpitracker.env import ROOT

FAILS = "exit 100"
INSTALLS = 'case "$*" in *install*chromium*) cp "$0" "$(dirname "$0")/chromium";; esac'


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the only programs that there are."""
    for name in ("env", "cp", "dirname"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    # It runs what it is asked to, without a question.
    put(tmp_path / "sudo", 'shift; exec "$@"')
    return tmp_path


def put(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def find_or_install(programs: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.browser.chromium"]
    environment = os.environ | {"PATH": str(programs)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_what_is_there_is_taken_without_asking_apt(programs: Path) -> None:
    put(programs / "chromium", "")
    put(programs / "apt-get", FAILS)

    done = find_or_install(programs)

    assert (done.returncode, done.stdout) == (0, f"{programs}/chromium\n")


def test_what_is_missing_is_installed_by_apt(programs: Path) -> None:
    put(programs / "apt-get", INSTALLS)

    done = find_or_install(programs)

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, f"{programs}/chromium")


@pytest.mark.parametrize("apt", [None, FAILS, "exit 0"], ids=["no apt", "apt fails", "apt installs nothing"])
def test_what_cannot_be_installed_is_asked_for_in_one_sentence(programs: Path, apt: str | None) -> None:
    if apt:
        put(programs / "apt-get", apt)

    done = find_or_install(programs)

    assert done.returncode == 1
    assert done.stderr == (
        "The browser tests need Chromium, which apt could not install: apt-get install chromium fonts-dejavu-core\n"
    )
