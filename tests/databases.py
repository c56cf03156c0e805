"""The test database as the migrations left it, for every test process, and again after every test that commits.

The migrations run once: the process that comes first makes a template, and each process works on a copy of it. After a
test that commits Django would delete all rows, but history is append-only (its triggers refuse) and migrations made
the first alert rules: so the copy is made anew.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import TransactionTestCase
from psycopg import sql

from kpitracker.env import ROOT
from tests.settings import FOLDER, LANE, WORKER

SHARED = FOLDER.parent  # by all processes of one run
KEPT = ROOT / ".cache" / "test-databases"  # between runs
TEMPLATE, OWN = {
    "sqlite": (str(SHARED / "template.sqlite3"), str(FOLDER / "test.sqlite3")),
    "postgresql": ("kpitracker_test_template", f"kpitracker_test_{WORKER}"),
}[LANE]


def make() -> None:
    """Connect to a fresh copy; note down which database it is, for the summary of `make test`."""
    with (SHARED / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (SHARED / "template.made").exists():
            _make_template()
            (SHARED / "template.made").touch()
    _use(OWN)
    restore()
    if LANE == "sqlite":
        (FOLDER / "database").write_text(f"SQLite {sqlite3.sqlite_version}")
    else:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            (FOLDER / "database").write_text(f"PostgreSQL {cursor.fetchone()[0].split()[0]}")


def restore() -> None:
    if LANE == "sqlite":
        connections.close_all()
        copy_sqlite(source=Path(TEMPLATE), to=Path(OWN))
    else:
        _recreate(OWN, template=TEMPLATE)


def forget(name: str) -> None:
    """A file goes with its folder."""
    connections.close_all()
    if LANE == "postgresql":
        with _maintenance() as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _make_template() -> None:
    """Migrate an empty database, or take the copy that an earlier run with the same migrations left (SQLite)."""
    kept = KEPT / f"{_migrations_digest()}.sqlite3"
    if LANE == "postgresql":
        _recreate(TEMPLATE, template="template0")
    elif kept.exists():
        shutil.copyfile(kept, TEMPLATE)
        return
    _use(TEMPLATE)
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    connections.close_all()
    if LANE == "sqlite":
        KEPT.mkdir(parents=True, exist_ok=True)
        for outdated in KEPT.glob("*.sqlite3"):
            outdated.unlink(missing_ok=True)
        draft = kept.with_suffix(f".{os.getpid()}")
        copy_sqlite(source=Path(TEMPLATE), to=draft)
        draft.replace(kept)


def _migrations_digest() -> str:
    """Of everything that decides what `migrate` makes: the migrations, the code that they import, the packages."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    paths = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("kpitracker/lib/migrations/*.py")]
    # The triggers that `migrate` installs follow from the counted tables.
    paths += [*ROOT.glob("kpitracker/lib/db/*.py"), *ROOT.glob("*/counted_tables.py")]
    for path in sorted([*paths, ROOT / "kpitracker" / "settings.py"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:20]


def _use(name: str) -> None:
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def copy_sqlite(source: Path, to: Path) -> None:
    reading, writing = sqlite3.connect(source), sqlite3.connect(to, timeout=20)
    # Page by page within SQLite: whoever still has the file open sees a change, not another file.
    reading.backup(writing)
    reading.close()
    writing.close()


def _recreate(name: str, template: str) -> None:
    forget(name)
    with _maintenance() as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def _maintenance() -> "psycopg.Connection[tuple[object, ...]]":
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    requested = {
        name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if name in parameters
    }
    return psycopg.connect(**requested, autocommit=True)


def _after_transactional_test(self: TransactionTestCase) -> None:
    restore()


TransactionTestCase._fixture_teardown = _after_transactional_test  # type: ignore[attr-defined]
