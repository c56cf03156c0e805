"""Configuration of the process from environment variables, and the secrets stored in the data folder."""

import hashlib
import os
import re
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The kernel allows 107 bytes for the path of a unix socket; supervisor first binds its socket with the suffix
# ".<process id>".
SOCKET_PATH_BYTES = 95


class StartRefused(Exception):
    """The start would do harm. The text is one line for the user in the terminal."""


def data_dir() -> Path:
    """The folder of database, broker and e-mail files (`DATA_DIR`, default `var/` beside manage.py)."""
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    try:
        # Its files hold restricted figures and mail: other accounts have no access unless the owner grants it.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartRefused(f"DATA_DIR: the folder {folder} cannot be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StartRefused(f"DATA_DIR: this account may not write into the folder {folder}.")
    return folder


def web_port() -> int:
    """The port of the web server (`PORT`, default 8000)."""
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise StartRefused(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def get_or_create_secret(name: str) -> str:
    """The secret of that name in the data folder, generated at the first call.

    It is written and flushed to a draft file, then linked in place: two processes that start together must read the
    same secret, and no process may find an empty file after a power cut. Raises `StartRefused` when a secret of a
    folder in use is lost or damaged: a new one in silence would end every API key.
    """
    path = data_dir() / "secrets" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        if is_data_dir_used() and not wants_new_secrets():
            raise StartRefused(
                f"{name.upper()} is lost: {path} is missing, and {data_dir()} has been in use. Restore the file from "
                f"the backup, or set the variable {name.upper()}. {_NEW_SECRETS_HINT}"
            )
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
    secret = path.read_text(errors="replace").strip()
    if not re.fullmatch(r"[!-~]{40,}", secret):
        raise StartRefused(f"{path} is damaged: restore it from the backup. {_NEW_SECRETS_HINT}")
    return secret


_NEW_SECRETS_HINT = (
    "Without a backup remove it and start once with NEW_SECRETS=yes: all sessions and API keys end then."
)


def is_data_dir_used() -> bool:
    """Whether a service has run on the data folder: it has a database, or the count of its sweeps."""
    return any((data_dir() / name).exists() for name in ("kpitracker.sqlite3", "sweeps"))


def wants_new_secrets() -> bool:
    """Whether lost secrets are made again (`NEW_SECRETS`)."""
    return (os.environ.get("NEW_SECRETS") or "no").strip().lower() in ("yes", "true", "on", "1")


def broker_socket() -> Path:
    """The socket of the bundled broker. It is in the data folder, so that no port is needed."""
    return _socket_path("broker.sock")


def control_socket() -> Path:
    """The socket on which supervisor accepts commands."""
    return _socket_path("control.sock")


def _socket_path(name: str) -> Path:
    """A path in the data folder. When it is too long for a socket or not safe in a URL: in a private folder in /tmp."""
    path = data_dir() / name
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES and re.fullmatch(r"[A-Za-z0-9/._-]+", str(path)):
        return path
    owner = path.parent.stat().st_uid
    digest = hashlib.sha256(os.fsencode(path.parent)).hexdigest()[:16]
    folder = Path("/tmp") / f"kpitracker-{owner}-{digest}"  # noqa: S108  # nosec B108 (checked below)
    folder.mkdir(mode=0o700, exist_ok=True)
    # Any account may create a folder of that name: another account's broker would read and forge our messages.
    if folder.is_symlink() or folder.stat().st_uid not in (owner, 0) or folder.stat().st_mode & 0o077:
        raise StartRefused(
            f"{folder} belongs to another account or is open to others; remove it or use a shorter DATA_DIR."
        )
    return folder / name
