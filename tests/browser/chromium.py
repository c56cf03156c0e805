"""Debian's chromium: found, or installed by apt. `python -m tests.browser.chromium` says where it is."""

import os
import shutil
import subprocess
import sys

PACKAGES = ("chromium", "fonts-dejavu-core")
MISSING = "The browser tests need Chromium, which apt could not install: apt-get install " + " ".join(PACKAGES)


def find() -> str | None:
    return shutil.which("chromium")


def find_or_install() -> str:
    """The path of the program. Exits with status 1 and one sentence when it is missing and cannot be installed."""
    path = find()
    if path is None and install():
        path = find()
    if path is None:
        sys.exit(MISSING)
    return path


def install() -> bool:
    """Install the packages by apt, as root or through a sudo that asks nothing."""
    if shutil.which("apt-get") is None or (os.getuid() != 0 and shutil.which("sudo") is None):
        return False
    as_root = [] if os.getuid() == 0 else ["sudo", "--non-interactive"]
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    print(f"Browser tests: installing {' '.join(PACKAGES)}", flush=True)
    commands = [*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *PACKAGES]
    return all(subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0 for command in commands)


if __name__ == "__main__":
    print(find_or_install())
