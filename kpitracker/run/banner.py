"""The text for the user at the terminal. Secrets are printed only here: never in a log or in arguments."""

import os
import shlex

from kpitracker.env import data_dir
from kpitracker.run.first_start import ADMIN, SCOPES

MANAGE = ".venv/bin/python manage.py"


def format_banner(address: str, credentials: dict[str, str], seconds: float) -> str:
    lines = [f"kpitracker is ready after {seconds:.0f} s: {address}/", f"  admin    {address}/admin/"]
    if credentials:
        key = credentials["key"]
        lines += [
            f"  login    {credentials['login']}",
            f"  password {credentials['password']}",
            f"  API key  {key}",
            "           Write both down: they are kept as hashes only and not shown again.",
            f'  try      curl -H "Authorization: Bearer {key}" {address}/api/v1/targets/',
        ]
    else:
        lines += [
            f"  password forgotten: {data_dir_prefix()}{MANAGE} changepassword {ADMIN}",
            f"  another API key:    {data_dir_prefix()}{MANAGE} issue_key --scopes {SCOPES}",
        ]
    lines += [f"  docs     {address}/api/v1/docs/", f"  logs     {data_dir() / 'logs'}", "  stop     Ctrl-C"]
    return "\n".join(lines)


def data_dir_prefix() -> str:
    """The prefix of a manage.py command that names the data folder; empty for the default folder."""
    return f"DATA_DIR={shlex.quote(str(data_dir()))} " if os.environ.get("DATA_DIR") else ""
