"""Prepare what the first request needs: tables, static files and, once, the demo plan, a login and a key.

`python -m kpitracker.run.prepare` prints one JSON object on stdout for `python -m kpitracker.run`, progress on
stderr.
"""

import hashlib
import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError

from kpitracker.env import StartRefused
from kpitracker.run import first_start
from kpitracker.run.parent_death import die_with_parent


def prepare_service() -> dict[str, str]:
    """Return the login and the key of the first start; empty at every later start."""
    demo = first_start.wants_demo()
    django.setup()
    run_step("durability", lambda: call_command("check", tags=["database"], databases=["default"], stdout=StringIO()))
    run_step("database", lambda: call_command("migrate", verbosity=0, interactive=False))
    run_step("static files", collect_static)
    if not first_start.unfinished_marker().exists() and has_administrator():
        return {}
    first_start.unfinished_marker().touch()
    if demo:
        run_step("demo plan", lambda: call_command("load_demo", stdout=StringIO()))
    return {"login": first_start.ADMIN, "password": reset_login(), "key": issue_key()}


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
    admin = users.filter(username=first_start.ADMIN).first() or users.create_superuser(first_start.ADMIN)
    admin.set_password(password)
    admin.save()
    return password


def issue_key() -> str:
    output = StringIO()
    call_command("issue_key", "--scopes", first_start.SCOPES, "--name", "first start", stdout=output)
    return output.getvalue().strip()


def collect_static() -> None:
    """Copy and compress static files, unless none of them has changed since the last time: it takes seconds."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

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


def main() -> None:
    die_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kpitracker.settings")
    try:
        print(json.dumps(prepare_service()))
    except (StartRefused, ImproperlyConfigured, CommandError) as error:
        sys.exit(f"kpitracker does not start: {error}")


if __name__ == "__main__":
    main()
