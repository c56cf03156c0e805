"""Install the packages of a lock file into `.venv`. Run by make with any Python >= 3.11, before any package exists.

`python3 kpitracker/run/environment.py requirements.lock [--same-python]`. A finished installation leaves a copy of
its lock as `.venv/installed.lock`; without it the environment is made from the beginning.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RUNTIME, EVERYTHING = "requirements.lock", "requirements-dev.lock"


def ensure_environment(root: Path, lock: str, same_python: bool = False) -> None:
    """Make `.venv` match the lock. Exits with the reason when it cannot be made."""
    folder = root / ".venv"
    if same_python and python_version(folder) not in ("", "{}.{}".format(*sys.version_info)):
        shutil.rmtree(folder)
    if matches_lock(root, lock):
        return
    stamp = folder / "installed.lock"
    if not (stamp.exists() and (folder / "bin" / "python").exists()):
        print(f"Python environment: making .venv with Python {sys.version.split()[0]}", flush=True)
        create_environment(folder)
    print(f"Python environment: installing the packages of {lock}, half a minute or so", flush=True)
    stamp.unlink(missing_ok=True)
    pip = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    if subprocess.run([*pip, "--require-hashes", "-r", str(root / lock)], check=False).returncode:
        sys.exit(f"pip could not install {lock} (its reason stands above); the next make starts again.")
    shutil.copyfile(root / lock, stamp)


def matches_lock(root: Path, lock: str) -> bool:
    """Whether the last finished installation was of this lock, or of the development lock, which contains it."""
    stamp = root / ".venv" / "installed.lock"
    if not stamp.exists() or not (root / ".venv" / "bin" / "python").exists():
        return False
    locks = [lock, EVERYTHING] if lock == RUNTIME else [lock]
    return any(stamp.read_text() == (root / name).read_text() for name in locks)


def python_version(folder: Path) -> str:
    """The version of an environment's Python, as "3.11"; empty when there is none."""
    file = folder / "pyvenv.cfg"
    match = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", file.read_text() if file.exists() else "", re.MULTILINE)
    return match[1] if match else ""


def create_environment(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    # The base interpreter: in an activated .venv, sys.executable has just been removed.
    python = getattr(sys, "_base_executable", None) or sys.executable
    result = subprocess.run([python, "-m", "venv", folder], capture_output=True, text=True, check=False)
    if result.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        version = "{}.{}".format(*sys.version_info)
        sys.exit(
            f"No virtual environment could be made in {folder}; on Debian: apt install python{version}-venv\n"
            f"{result.stdout}{result.stderr}"
        )


if __name__ == "__main__":
    # Two makes at the same time would install into the same unfinished folder: the second waits.
    fcntl.flock(os.open(ROOT, os.O_RDONLY), fcntl.LOCK_EX)
    ensure_environment(ROOT, sys.argv[1], "--same-python" in sys.argv[2:])
