"""The first start on a data folder."""

import os
from pathlib import Path

from kpitracker.env import Refused, data_dir

ADMIN = "admin"
SCOPES = "read,figures:write,figures:history,plans:write,alerts:write,admin"


def unfinished() -> Path:
    """A file that stands from the beginning of the first start until its login and key have been shown.

    A start that finds it begins the first start again: the login of one that was killed is known to nobody.
    """
    return data_dir() / "first-start"


def wants_demo() -> bool:
    word = (os.environ.get("DEMO") or "yes").lower()
    if word not in ("yes", "no"):
        raise Refused(f"DEMO must be yes or no, not {word!r}.")
    return word == "yes"
