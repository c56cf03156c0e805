"""The test database as the migrations left it, again after every test that commits.

Django would delete all rows, but history is append-only (its triggers refuse) and migrations made the first alert
rule. So a copy is kept and put back.
"""

import sqlite3
from pathlib import Path

import psycopg
from django.db import connection, connections
from django.test import TransactionTestCase
from psycopg import sql

from tests.settings import FOLDER

_kept: list[str] = []


def keep() -> None:
    """Note down which database this is, for the summary of `make test`, and copy it."""
    if connection.vendor == "sqlite":
        (FOLDER / "database").write_text(f"SQLite {sqlite3.sqlite_version}")
        _copy_sqlite(source=_live(), to=_template())
    else:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            (FOLDER / "database").write_text(f"PostgreSQL {cursor.fetchone()[0].split()[0]}")
        name = connection.settings_dict["NAME"]
        _recreate(f"{name}_template", template=name)
    _kept.append(connection.settings_dict["NAME"])


def restore() -> None:
    if connection.vendor == "sqlite":
        _copy_sqlite(source=_template(), to=_live())
    else:
        name = connection.settings_dict["NAME"]
        _recreate(name, template=f"{name}_template")


def forget() -> None:
    if _kept and connection.vendor == "postgresql":
        with _maintenance() as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(f"{_kept[0]}_template")))


def _live() -> Path:
    return Path(connection.settings_dict["NAME"])


def _template() -> Path:
    return Path(f"{connection.settings_dict['NAME']}.template")


def _copy_sqlite(source: Path, to: Path) -> None:
    connections.close_all()
    reading, writing = sqlite3.connect(source), sqlite3.connect(to, timeout=20)
    # Page by page within SQLite: whoever still has the file open sees a change, not another file.
    reading.backup(writing)
    reading.close()
    writing.close()


def _recreate(name: str, template: str) -> None:
    connections.close_all()
    with _maintenance() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def _maintenance() -> "psycopg.Connection[tuple[object, ...]]":
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    wanted = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if name in parameters}
    return psycopg.connect(**wanted, autocommit=True)


def _after_transactional_test(self: TransactionTestCase) -> None:
    restore()


TransactionTestCase._fixture_teardown = _after_transactional_test  # type: ignore[attr-defined]
