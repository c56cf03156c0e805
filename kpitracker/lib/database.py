"""The one place that knows which database this is, apart from the SQLite backend and the field of exact decimals."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, OperationalError, connection, connections, models, router, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

from kpitracker.lib.errors import Running


def copies() -> bool:
    """Whether the database takes rows as a stream (COPY)."""
    return connection.vendor == "postgresql"


def hold(queryset: models.QuerySet[Any], *, alone: bool = False) -> bool:
    """Keep these rows from being deleted until the transaction ends, without keeping others from holding them too.

    `alone`: one at a time among those who ask for it so. Whether there were any. Waits for who is deleting one. On SQLite, where there is one writer at a time already,
    nothing is asked.
    """
    database = connections[queryset.db]
    if database.vendor != "postgresql":
        return True
    try:
        sql, parameters = queryset.order_by("pk").values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return False  # Django writes no statement for what cannot have rows.
    with database.cursor() as cursor:
        cursor.execute(f"{sql} FOR {'NO KEY UPDATE' if alone else 'KEY SHARE'}", parameters)
        return bool(cursor.fetchall())


def hold_row(model: type[models.Model], pk: int) -> bool:
    """As `hold`, of one row."""
    database = connections[router.db_for_write(model)]
    if database.vendor != "postgresql":
        return True
    with database.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {model._meta.db_table} WHERE id = %s FOR KEY SHARE", [pk])  # noqa: S608  # nosec B608
        return bool(cursor.fetchall())


def broken_constraint(error: IntegrityError) -> str:
    """What kind of constraint was broken: "foreign key", "unique", or "" for every other kind."""
    code = getattr(error.__cause__, "sqlstate", None) or getattr(error.__cause__, "sqlite_errorname", None)
    return _CONSTRAINTS.get(str(code), "")


_CONSTRAINTS = {
    "23503": "foreign key",
    "23505": "unique",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "foreign key",
    "SQLITE_CONSTRAINT_UNIQUE": "unique",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "unique",
}


def insert_once(row: models.Model) -> bool:
    """Whether the row was stored; False when another one has its unique values.

    Waits for a transaction that is about to store them, two seconds on PostgreSQL, and as long as any writer waits
    on SQLite. Raises `Running` after that.
    """
    database = connections[router.db_for_write(type(row))]
    patient = database.vendor == "postgresql"
    with transaction.atomic(), database.cursor() as cursor:
        if patient:
            cursor.execute("SELECT current_setting('lock_timeout')")
            (usual,) = cursor.fetchone()
            cursor.execute("SELECT set_config('lock_timeout', '2s', true)")
        try:
            type(row)._base_manager.bulk_create([row], ignore_conflicts=True)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
                raise Running() from error
            raise
        if patient:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [usual])
    return type(row)._base_manager.filter(pk=row.pk).exists()


_LOCK_NOT_AVAILABLE = "55P03"
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"
)


def _trigger(vendor: str, table: str, verb: str) -> list[str]:
    name = f"{table}_no_{verb}"
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        ]
    each = "STATEMENT" if verb == "truncate" else "ROW"
    return [
        _FUNCTION,
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_append_only()",
    ]


def _verbs(vendor: str, verbs: tuple[str, ...]) -> list[str]:
    # SQLite has no TRUNCATE.
    return [verb for verb in verbs if vendor != "sqlite" or verb != "truncate"]


def leave_room(table: str, percent: int) -> RunPython:
    """A migration step: rows fill each page of the table to so much only.

    For PostgreSQL, which writes a changed row anew: where it fits into its page, no index is touched.
    """

    def fill(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})", params=None)

    def full(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"ALTER TABLE {table} RESET (fillfactor)", params=None)

    return RunPython(fill, full)


def append_only(table: str, *verbs: str) -> RunPython:
    """A migration step: the database itself refuses these verbs (update, delete, truncate) on the table."""
    return RunPython(_guard(table, verbs), _unguard(table, verbs))


def not_append_only(table: str, *verbs: str) -> RunPython:
    """The same taken back, for migrations that must fill a column."""
    return RunPython(_unguard(table, verbs), _guard(table, verbs))


def never_replaced(table: str, *keys: str) -> RunPython:
    """A migration step: no insert takes the place of a row with the same `keys` (columns with commas between).

    For SQLite, where INSERT OR REPLACE removes that row without asking the triggers of removal, unless the connection
    wants it. Rows of such a table cannot be inserted with `ignore_conflicts`: the trigger comes first.
    """
    return RunPython(_guard_keys(table, keys), _unguard(table, ("replace",)))


def _guard_keys(table: str, keys: tuple[str, ...]) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE ({key}) = ({_new(key)}))" for key in keys)  # noqa: S608  # nosec B608
    statement = (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
        f"BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: {table} is append-only'); END"
    )

    def guard(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            editor.execute(statement, params=None)

    return guard


def _new(key: str) -> str:
    return ", ".join(f"NEW.{column.strip()}" for column in key.split(","))


def _guard(table: str, verbs: tuple[str, ...]) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    def guard(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        vendor = editor.connection.vendor
        for verb in _verbs(vendor, verbs):
            for statement in _trigger(vendor, table, verb):
                # As parameters None: nothing is to be filled in, and a percent sign would read as a placeholder.
                editor.execute(statement, params=None)

    return guard


def _unguard(table: str, verbs: tuple[str, ...]) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    def unguard(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        vendor = editor.connection.vendor
        of_table = "" if vendor == "sqlite" else f" ON {table}"
        for verb in _verbs(vendor, verbs):
            # IF EXISTS: where SQLite made the table anew, its triggers are gone already.
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{of_table}", params=None)

    return unguard
