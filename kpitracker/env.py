"""What this process is told by its environment, and the secrets kept beside its data."""

import hashlib
import os
import re
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The kernel takes 107 bytes for a unix socket; supervisor first binds its own with ".<process id>" behind the name.
SOCKET_PATH_BYTES = 95


class Refused(Exception):
    """A start that would do harm; the text is one line for the person who started it."""


def data_dir() -> Path:
    """The folder of database, broker and e-mail files (`DATA_DIR`, default `var/` beside manage.py)."""
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    # Its files hold restricted figures and mail: closed to other accounts unless the owner opens it.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def port() -> int:
    """The port of the web server (`PORT`, default 8000)."""
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Refused(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def kept_secret(name: str) -> str:
    """The secret of that name in the data folder, made at the first call.

    Written and flushed aside, then linked in place: of two processes that start together both must read the
    same secret, and after a power cut none may find an empty one.
    """
    path = data_dir() / "secrets" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def broker_socket() -> Path:
    """Where the bundled broker listens: a socket in the data folder, so no port is taken."""
    return _socket("broker.sock")


def control_socket() -> Path:
    """Where supervisor takes orders."""
    return _socket("control.sock")


def _socket(name: str) -> Path:
    """In the data folder; where its name is too long for a socket or odd in a URL, in a closed folder in /tmp."""
    path = data_dir() / name
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES and re.fullmatch(r"[A-Za-z0-9/._-]+", str(path)):
        return path
    owner = path.parent.stat().st_uid
    digest = hashlib.sha256(os.fsencode(path.parent)).hexdigest()[:16]
    folder = Path("/tmp") / f"kpitracker-{owner}-{digest}"  # noqa: S108  # nosec B108 (checked below)
    folder.mkdir(mode=0o700, exist_ok=True)
    # Anybody may make a folder of that name: a stranger's broker would read and forge our messages.
    if folder.is_symlink() or folder.stat().st_uid not in (owner, 0) or folder.stat().st_mode & 0o077:
        raise Refused(f"{folder} belongs to somebody else or is open to others; remove it or use a shorter DATA_DIR.")
    return folder / name
