"""`make test-pythons`: the tests of the core and the services under each supported Python that is on this machine."""

import os
import subprocess
import sys
from pathlib import Path

from kpitracker.env import ROOT

VERSIONS = ("3.11", "3.12", "3.13")


def interpreter(version: str) -> str | None:
    """One of PATH that starts, or one that pyenv keeps without having it on PATH."""
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for name in (f"python{version}", *map(str, sorted(kept.glob(f"{version}.*/bin/python")))):
        try:
            if subprocess.run([name, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
                return name
        except FileNotFoundError:
            continue
    return None


def make_environment(python: str, folder: Path) -> Path:
    """The packages of the development lock, in a folder kept between runs."""
    uv = [sys.executable, "-m", "uv", "--quiet"]
    own = folder / "bin" / "python"
    if not own.exists():
        subprocess.run([*uv, "venv", "--python", python, folder], check=True)
    lock = ROOT / "requirements-dev.lock"
    subprocess.run([*uv, "pip", "sync", "--require-hashes", "--python", own, lock], check=True)
    return own


def main(arguments: list[str]) -> int:
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    failed = []
    for version in VERSIONS:
        python = interpreter(version)
        if version == ours:
            print(f"Python {version}: the one of .venv, used by all other tests", flush=True)
        elif python is None:
            print(f"Python {version}: not on this machine, left out", flush=True)
        else:
            own = make_environment(python, ROOT / ".cache" / f"python{version}")
            print(f"Python {version}: {python}", flush=True)
            options = ["-q", "-m", "not long and not process", "-p", "no:cacheprovider"]
            done = subprocess.run([own, "-m", "pytest", *options, *arguments], cwd=ROOT, check=False)
            failed += [version] if done.returncode else []
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
