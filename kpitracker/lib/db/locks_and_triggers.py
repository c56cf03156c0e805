"""Locks, triggers and all other SQL that differs between the databases.

Only the SQLite backend, the bulk writes and the exact decimal field distinguish the databases elsewhere.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, OperationalError, connection, connections, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from kpitracker.lib.db.plain_sql import insert_row, insert_values, mark_stored
from kpitracker.lib.db.sqlite.base import WriteQueueTimeout
from kpitracker.lib.errors import RequestInProgress


def supports_copy() -> bool:
    """Whether the database has COPY."""
    return connection.vendor == "postgresql"


def lock_for_reference(queryset: models.QuerySet[Any], *, exclusive: bool = False) -> bool:
    """Lock these rows against deletion until the transaction ends; returns whether there were any.

    Others may hold the same lock, unless they ask for it `exclusive`. Waits for a transaction that deletes one of the
    rows. On SQLite, which has one writer at a time, no statement is needed.
    """
    database = connections[queryset.db]
    if database.vendor != "postgresql":
        return True
    try:
        sql, parameters = queryset.order_by("pk").values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return False  # Django builds no statement for a queryset that cannot have rows.
    with database.cursor() as cursor:
        cursor.execute(f"{sql} FOR {'NO KEY UPDATE' if exclusive else 'KEY SHARE'}", parameters)
        return bool(cursor.fetchall())


@contextmanager
def short_transaction(seconds: float) -> Iterator[None]:
    """A transaction that waits for other writers that long at most; then OperationalError (`is_busy`)."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
            previous_values = cursor.fetchone()
            set_timeouts = "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)"
            cursor.execute(set_timeouts, [f"{int(seconds * 1000)}ms"] * 2)
            yield
            # Within another transaction they would hold to its end.
            cursor.execute(set_timeouts, previous_values)
    else:
        with connection.limit_wait(seconds), transaction.atomic():  # type: ignore[attr-defined]
            yield


def is_busy(error: OperationalError) -> bool:
    """Whether a statement only waited too long for other writers."""
    code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
    return (
        isinstance(error, WriteQueueTimeout)
        or code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        or getattr(error.__cause__, "sqlstate", "") in (_LOCK_NOT_AVAILABLE, _QUERY_CANCELED)
    )


def violated_constraint(error: IntegrityError) -> str:
    """The kind of the violated constraint: "foreign key", "unique", or "" for any other."""
    code = getattr(error.__cause__, "sqlstate", None) or getattr(error.__cause__, "sqlite_errorname", None)
    return _CONSTRAINTS.get(str(code), "")


_CONSTRAINTS = {
    "23503": "foreign key",
    "23505": "unique",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "foreign key",
    "SQLITE_CONSTRAINT_UNIQUE": "unique",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "unique",
}


def insert_or_ignore(row: models.Model) -> bool:
    """Insert the row; returns False when another row has its unique values.

    Waits for a transaction that is storing the same values: 2 s on PostgreSQL, on SQLite as long as every writer
    waits. Raises `RequestInProgress` after that, which must end the transaction of the caller.
    """
    if connection.vendor != "postgresql":
        return insert_row(row, ignore_conflicts=True)
    table, columns, parameters = insert_values(row)
    placeholders = ", ".join(["%s"] * len(columns))
    # The limit holds for this statement: it is set before the row is inserted, and set back after that.
    sql = f"""
        WITH previous AS MATERIALIZED (SELECT current_setting('lock_timeout') AS lock_timeout),
        limited AS MATERIALIZED (SELECT set_config('lock_timeout', '2s', true) FROM previous),
        inserted AS (
            INSERT INTO {table} ({", ".join(columns)}) SELECT {placeholders} FROM limited
            ON CONFLICT DO NOTHING RETURNING 1
        ),
        result AS MATERIALIZED (SELECT count(*) AS inserted FROM inserted)
        SELECT inserted, CASE WHEN inserted >= 0 THEN set_config('lock_timeout', lock_timeout, true) END
        FROM result CROSS JOIN previous
    """  # noqa: S608  # nosec B608
    with connection.cursor() as cursor:
        try:
            cursor.execute(sql, parameters)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
                raise RequestInProgress() from error
            raise
        inserted = bool(cursor.fetchone()[0])
    mark_stored(row)
    return inserted


_LOCK_NOT_AVAILABLE, _QUERY_CANCELED = "55P03", "57014"
_TRIGGER_FUNCTION_SQL = (
    "CREATE OR REPLACE FUNCTION refuse_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"
)


def _trigger_statements(vendor: str, table: str, verb: str) -> list[str]:
    name = f"{table}_no_{verb}"
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        ]
    granularity = "STATEMENT" if verb == "truncate" else "ROW"
    return [
        _TRIGGER_FUNCTION_SQL,
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH {granularity} EXECUTE FUNCTION refuse_append_only()",
    ]


def _supported_verbs(vendor: str, verbs: tuple[str, ...]) -> list[str]:
    # SQLite has no TRUNCATE.
    return [verb for verb in verbs if vendor != "sqlite" or verb != "truncate"]


SchemaChange = Callable[[BaseDatabaseSchemaEditor], None]


class RunStatements(Operation):
    """A migration step that executes statements and does not change models.

    RunPython would build all model classes of the migration state for each step, a quarter of a second every time.
    """

    def __init__(self, forwards: SchemaChange, backwards: SchemaChange) -> None:
        self.forwards, self.backwards = forwards, backwards

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self.forwards(schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self.backwards(schema_editor)


def set_fillfactor(table: str, percent: int) -> Operation:
    """A migration step that sets the fill factor of a table, in percent.

    PostgreSQL writes a new copy of a changed row: when it fits into the same page, no index is updated.
    """

    def set_factor(editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})", params=None)

    def reset_factor(editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"ALTER TABLE {table} RESET (fillfactor)", params=None)

    return RunStatements(set_factor, reset_factor)


def append_only(table: str, *verbs: str) -> Operation:
    """A migration step: the database refuses these verbs (update, delete, truncate) on the table."""
    return RunStatements(_create_triggers(table, verbs), _drop_triggers(table, verbs))


def lift_append_only(table: str, *verbs: str) -> Operation:
    """The reverse of `append_only`, for migrations that must fill a column."""
    return RunStatements(_drop_triggers(table, verbs), _create_triggers(table, verbs))


def forbid_replace(table: str, *keys: str) -> Operation:
    """A migration step: no insert may replace a row with the same `keys` (column names separated by commas).

    On SQLite, INSERT OR REPLACE deletes that row without firing delete triggers, unless the connection enables
    recursive triggers. Rows of such a table cannot be inserted with `ignore_conflicts`: the trigger fires first.
    """
    return RunStatements(_create_replace_trigger(table, keys), _drop_triggers(table, ("replace",)))


def lift_forbid_replace(table: str, *keys: str) -> Operation:
    """The reverse of `forbid_replace`, for migrations that rebuild the table: SQLite then drops its triggers."""
    return RunStatements(_drop_triggers(table, ("replace",)), _create_replace_trigger(table, keys))


def _create_replace_trigger(table: str, keys: tuple[str, ...]) -> SchemaChange:
    row_exists = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE ({key}) = ({_new_columns(key)}))" for key in keys)  # noqa: S608  # nosec B608
    statement = (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {row_exists} "
        f"BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: {table} is append-only'); END"
    )

    def create(editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            editor.execute(statement, params=None)

    return create


def _new_columns(key: str) -> str:
    return ", ".join(f"NEW.{column.strip()}" for column in key.split(","))


def _create_triggers(table: str, verbs: tuple[str, ...]) -> SchemaChange:
    def create(editor: BaseDatabaseSchemaEditor) -> None:
        vendor = editor.connection.vendor
        for verb in _supported_verbs(vendor, verbs):
            for statement in _trigger_statements(vendor, table, verb):
                # params=None: otherwise a percent sign would be read as a placeholder.
                editor.execute(statement, params=None)

    return create


def _drop_triggers(table: str, verbs: tuple[str, ...]) -> SchemaChange:
    def drop(editor: BaseDatabaseSchemaEditor) -> None:
        vendor = editor.connection.vendor
        on_table = "" if vendor == "sqlite" else f" ON {table}"
        for verb in _supported_verbs(vendor, verbs):
            # IF EXISTS: when SQLite has rebuilt the table, its triggers no longer exist.
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on_table}", params=None)

    return drop
