"""Columns of exact decimals on SQLite: texts that are no numbers, and tables made before the database refused them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.apps import apps
from django.core.checks import Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from kpitracker.lib.db.fields import ExactDecimalField


class DecimalColumn(NamedTuple):
    """`check`: the SQL condition that every value has to fulfil."""

    table: str
    name: str
    check: str


def decimal_columns(models: Sequence[Any], connection: BaseDatabaseWrapper) -> Iterator[DecimalColumn]:
    """The columns of exact decimals of these models; none on PostgreSQL, where the type refuses all other texts."""
    for model in models:
        for field in model._meta.local_concrete_fields:
            if isinstance(field, ExactDecimalField) and (check := field.db_check(connection)):
                yield DecimalColumn(model._meta.db_table, str(field.column), check)


def unchecked_columns(models: Sequence[Any], connection: BaseDatabaseWrapper) -> Iterator[DecimalColumn]:
    """The columns of tables that exist without the check."""
    with connection.cursor() as cursor:
        for column in decimal_columns(models, connection):
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [column.table])
            row = cursor.fetchone()
            if row is not None and f'"{column.name}"' in row[0] and column.check not in row[0]:
                yield column


def count_unreadable(column: DecimalColumn, connection: BaseDatabaseWrapper) -> int:
    """How many rows hold a text that is no number."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {column.table} WHERE NOT ({column.check})")  # noqa: S608  # nosec B608
        return int(cursor.fetchone()[0])


@register(Tags.database)
def check_decimal_texts(databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    """Runs at each start and at `migrate`, like the check of the migrations. Reads only tables without the check."""
    return [
        Error(
            f"{count} values of {column.table}.{column.name} are no numbers: an earlier version stored cells that hold a "
            "line break; run `manage.py mend_figures`, then start again.",
            id="kpitracker.E003",
        )
        for alias in databases or ()
        for column in unchecked_columns(apps.get_models(), connections[alias])
        if (count := count_unreadable(column, connections[alias]))
    ]


class CheckDecimalColumns(Operation):
    """A migration step that rebuilds the tables of these models on SQLite if they were made without the checks."""

    def __init__(self, *models: str) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        connection = schema_editor.connection
        for name in self.models if connection.vendor == "sqlite" else ():
            model = to_state.apps.get_model(app_label, name)
            if any(unchecked_columns([model], connection)):
                _rebuild_table(model, schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        pass


def _rebuild_table(model: Any, schema_editor: Any) -> None:
    """Copy the table into one with the checks. Triggers and indexes that Django does not know are made again."""
    made_by_hand = (
        "SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND type IN ('trigger', 'index') AND sql <> ''"
    )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(made_by_hand, [model._meta.db_table])
        statements = dict(cursor.fetchall())
    schema_editor._remake_table(model)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(made_by_hand, [model._meta.db_table])
        for name in statements.keys() - dict(cursor.fetchall()).keys():
            cursor.execute(statements[name])
