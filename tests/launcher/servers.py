"""A server started for the tests and ended with them."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kpitracker.run.parent_death import die_with_parent

START_SECONDS = 300
NOBODY = "nobody"


@dataclass(frozen=True)
class Server:
    """`made_by` says where it came from: a variable, a program of this machine, a package."""

    name: str
    version: str
    url: str
    made_by: str

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.made_by})"


def account() -> str | None:
    """Whom servers run as: PostgreSQL refuses root, who therefore borrows the account that owns nothing."""
    return NOBODY if os.geteuid() == 0 else None


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that NOBODY can reach too. Folders of others, such as root's home, are never opened for that."""
    base = Path(tempfile.gettempdir())
    if account() and not all(folder.stat().st_mode & 0o001 for folder in (base, *base.parents)):
        base = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="kpitracker-tests-", dir=base))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(command: list[str], log: Path, answers: Callable[[], bool], user: str | None = None) -> Iterator[None]:
    """A server in a session of its own, so that Ctrl-C leaves it to us; it dies with us whatever happens."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, user=user, start_new_session=True, preexec_fn=die_with_parent
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
