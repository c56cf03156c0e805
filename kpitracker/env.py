"""What this process is told by its environment, and the secrets kept beside its data."""

import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    """The folder of database, broker and e-mail files (`DATA_DIR`, default `var/` beside manage.py)."""
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def kept_secret(name: str) -> str:
    """The secret of that name in the data folder, made at the first call.

    Created with O_EXCL and linked in place when complete: of two processes that start together both must
    read the same secret, and none may read half of one.
    """
    path = data_dir() / "secrets" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def broker_socket() -> Path:
    """Where the bundled broker listens: a socket in the data folder, so no port is taken.

    A socket's path may have 107 bytes at most; of a deeper data folder a short name in /tmp stands for it.
    """
    path = data_dir() / "broker.sock"
    if len(os.fsencode(path)) <= 100:
        return path
    import hashlib

    return Path("/tmp") / f"kpitracker-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}.sock"
