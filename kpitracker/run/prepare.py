"""Prepare what the first request needs: tables, static files and, once, the demo plan, a login and a key."""

import hashlib
import os
import secrets
import signal
import sys
import time
import traceback
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

from kpitracker.env import StartRefused, data_dir
from kpitracker.run.banner import ADMIN, SCOPES, format_banner, wait_for_web
from kpitracker.run.parent_death import die_with_parent
from kpitracker.run.programs import SUPERVISOR_PID_VARIABLE


def run_in_child(writing: int, started: float) -> NoReturn:
    """Prepare, write one byte to the descriptor `writing`, print the address when the web answers, and exit."""
    status = 1
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        die_with_parent(parent=int(os.environ[SUPERVISOR_PID_VARIABLE]))
        credentials = prepare_service()
        close_connections()
        os.write(writing, b"1")
        wait_for_web()
        print(format_banner(credentials, time.monotonic() - started), flush=True)
        unfinished_marker().unlink(missing_ok=True)
        status = 0
    except StartRefused as refusal:
        print(f"kpitracker does not start: {refusal}", file=sys.stderr, flush=True)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def unfinished_marker() -> Path:
    """A marker file that exists from the beginning of the first start until its login and key have been printed.

    A start that finds it repeats the first start: when that was killed, its login was never printed.
    """
    return data_dir() / "first-start"


def prepare_service() -> dict[str, str]:
    """Return the login and the key of the first start; empty at every later start. Raises `StartRefused`."""
    import django
    from django.conf import settings
    from django.core import checks
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, call_command
    from django.db import Error as DatabaseFailure

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpitracker.settings")
    try:
        django.setup()
        messages = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
        if faults := [f"{message.msg} {message.hint or ''}".strip() for message in messages if message.is_serious()]:
            raise StartRefused("\n".join(faults))
        run_step("database", lambda: call_command("migrate", verbosity=0, interactive=False, skip_checks=True))
        run_step("static files", collect_static)
        if not unfinished_marker().exists() and has_administrator():
            return {}
        unfinished_marker().touch()
        if settings.DEMO:
            run_step("demo plan", lambda: call_command("load_demo", stdout=StringIO()))
        key = StringIO()
        call_command("issue_key", "--scopes", SCOPES, "--name", "first start", stdout=key)
        return {"login": ADMIN, "password": reset_login(), "key": key.getvalue().strip()}
    except (ImproperlyConfigured, CommandError) as error:
        raise StartRefused(str(error)) from error
    except DatabaseFailure as error:
        # Such as a file that is no database, or a server that does not answer.
        raise StartRefused(describe_database_failure(error)) from error
    except OSError as error:
        raise StartRefused(f"{error.filename or data_dir()}: {error.strerror or error}.") from error


def describe_database_failure(error: Exception) -> str:
    from django.conf import settings

    from kpitracker.lib.db.damage import is_damage

    reason = " ".join(str(error).split()).rstrip(".")
    if is_damage(error):
        name = settings.DATABASES["default"]["NAME"]
        return f"The database {name} is damaged: {reason}. Restore it from the backup (docs/operations.md)."
    return f"The database cannot be used: {reason}. Check DATABASE_URL and the server."


def close_connections() -> None:
    from django.db import connections

    connections.close_all()


def run_step(name: str, action: Callable[[], object]) -> None:
    started = time.monotonic()
    action()
    print(f"  {name:<13} {time.monotonic() - started:4.1f} s", file=sys.stderr, flush=True)


def has_administrator() -> bool:
    from django.contrib.auth import get_user_model

    users: Any = get_user_model().objects
    return bool(users.administrators().exists())


def reset_login() -> str:
    """Set a new password for the account `admin`, which is created if it does not exist, and return it."""
    from django.contrib.auth import get_user_model

    password = secrets.token_urlsafe(12)
    users = get_user_model().objects
    admin = users.filter(username=ADMIN).first() or users.create_superuser(ADMIN)
    admin.set_password(password)
    admin.save()
    return password


def collect_static() -> None:
    """Copy and compress static files, unless none of them has changed since the last time: it takes seconds."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
    from django.core.management import call_command

    storage: Any = staticfiles_storage
    if not isinstance(storage, ManifestFilesMixin):
        # Files without hashed names are served from the installed packages.
        return
    fingerprint = hashlib.sha256()
    for finder in get_finders():
        for path, source in finder.list([]):
            state = os.stat(source.path(path))
            fingerprint.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if not stamp.exists() or stamp.read_text() != fingerprint.hexdigest():
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(fingerprint.hexdigest())
