"""What a start prints when the web server answers: the address and, at the first start, the login and the key.

Secrets are printed only here, once: they are in no log, no file and no arguments.
"""

import shlex
import time
from http.client import HTTPConnection, HTTPException

from kpitracker.env import ROOT, data_dir, web_port

ADMIN = "admin"
SCOPES = "read,figures:write,figures:history,plans:write,alerts:write,admin"
READY_SECONDS = 60


def wait_for_web() -> None:
    """Wait until the web server answers; after 60 s print the end of its log, once."""
    warn_at = time.monotonic() + READY_SECONDS
    while not web_answers(web_port()):
        if time.monotonic() > warn_at:
            warn_at = float("inf")
            log = data_dir() / "logs" / "web.log"
            print(f"kpitracker: no answer after {READY_SECONDS} s; {log} ends with:")
            print("\n".join(log.read_text(errors="replace").splitlines()[-10:] if log.exists() else []), flush=True)
        time.sleep(0.1)


def web_answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        # 400 counts as an answer: ALLOWED_HOSTS of a production server may not name the loopback address.
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def format_banner(credentials: dict[str, str], seconds: float) -> str:
    address = f"http://127.0.0.1:{web_port()}"
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
        folder = "" if data_dir() == ROOT / "var" else f"DATA_DIR={shlex.quote(str(data_dir()))} "
        manage = f"{folder}.venv/bin/python manage.py"
        lines += [
            f"  password forgotten: {manage} changepassword {ADMIN}",
            f"  another API key:    {manage} issue_key --scopes {SCOPES}",
        ]
    lines += [f"  docs     {address}/api/v1/docs/", f"  logs     {data_dir() / 'logs'}", "  stop     Ctrl-C"]
    return "\n".join(lines)
