"""The first start with a data folder."""

import os
from pathlib import Path

from kpitracker.env import StartRefused, data_dir

ADMIN = "admin"
SCOPES = "read,figures:write,figures:history,plans:write,alerts:write,admin"


def unfinished_marker() -> Path:
    """A marker file that exists from the beginning of the first start until its login and key have been printed.

    A start that finds it repeats the first start: when that was killed, its login was never printed.
    """
    return data_dir() / "first-start"


def wants_demo() -> bool:
    value = (os.environ.get("DEMO") or "yes").lower()
    if value not in ("yes", "no"):
        raise StartRefused(f"DEMO must be yes or no, not {value!r}.")
    return value == "yes"
