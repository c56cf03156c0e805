"""Install the packages of a lock file into `.venv`. Run by make with any Python >= 3.11, before any package exists.

`python3 kpitracker/run/environment.py requirements.lock [--same-python]`. The installed lock is kept
as `.venv/installed.lock`: when its text is equal there is nothing to do; without it the last attempt was broken off
and the installation starts again.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RUNTIME, EVERYTHING = "requirements.lock", "requirements-dev.lock"


class VirtualEnvironment:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "installed.lock"
        self.unfinished = self.folder / "unfinished"

    def matches_lock(self, lock: str) -> bool:
        """Whether the last finished installation was of this lock, or of the development lock, which contains it."""
        if not self.stamp.exists() or self.unfinished.exists():
            return False
        lock_names = [lock, EVERYTHING] if lock == RUNTIME else [lock]
        return any(self.stamp.read_text() == (self.root / name).read_text() for name in lock_names)

    def is_usable(self) -> bool:
        if self.unfinished.exists() or not self.python.exists():
            return False
        return subprocess.run([self.python, "-c", "import pip"], capture_output=True, check=False).returncode == 0

    def version(self) -> str:
        match = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", (self.folder / "pyvenv.cfg").read_text(), re.MULTILINE)
        return match[1] if match else ""

    def create(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        # Use the base interpreter: in an activated .venv, sys.executable has just been removed.
        python = getattr(sys, "_base_executable", None) or sys.executable
        result = subprocess.run([python, "-m", "venv", self.folder], capture_output=True, text=True, check=False)
        if result.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            sys.exit(f"No virtual environment could be made in {self.folder}:\n{result.stdout}{result.stderr}")

    def install(self, lock: str) -> None:
        self.unfinished.touch()
        pip: list[str | Path] = [
            self.python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
        ]
        result = subprocess.run([*pip, "--require-hashes", "-r", self.root / lock], check=False)
        if result.returncode:
            sys.exit(f"pip could not install {lock} (its reason stands above); the next make starts again.")
        shutil.copyfile(self.root / lock, self.stamp)
        self.unfinished.unlink()


def missing_package() -> str | None:
    """A message when this Python lacks the venv module or its wheels, as Debian's does; None when it is complete."""
    try:
        import ensurepip
        import venv  # noqa: F401

        # Debian ships the module without its wheels.
        ensurepip.version()
    except (ImportError, FileNotFoundError, RuntimeError, IndexError):
        package = "python{}.{}-venv".format(*sys.version_info)
        return f"Python's venv module is missing: apt install {package}"
    return None


def ensure_environment(root: Path, lock: str, same_python: bool = False) -> None:
    environment = VirtualEnvironment(root)
    wrong_python = (
        same_python and environment.is_usable() and environment.version() != "{}.{}".format(*sys.version_info)
    )
    if environment.matches_lock(lock) and environment.python.exists() and not wrong_python:
        return
    started = time.monotonic()
    if wrong_python or not environment.is_usable():
        if message := missing_package():
            sys.exit(message)
        print(f"Python environment: making .venv with Python {sys.version.split()[0]}", flush=True)
        environment.create()
    packages = len(re.findall(r"^\S+==", (root / lock).read_text(), re.MULTILINE))
    print(f"Python environment: installing {packages} packages from {lock}, half a minute or so", flush=True)
    environment.install(lock)
    print(f"Python environment: ready after {time.monotonic() - started:.0f} s", flush=True)


def main() -> None:
    # Two makes at the same time would install into the same unfinished folder: the second waits.
    folder = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    ensure_environment(ROOT, sys.argv[1], "--same-python" in sys.argv[2:])


if __name__ == "__main__":
    main()
