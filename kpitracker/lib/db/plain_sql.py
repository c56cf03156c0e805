"""Statements in plain SQL, for the few paths where Django builds a query for longer than the database runs it.

Reads return model rows or tuples. Writes of several tables go to PostgreSQL as one statement. Names of tables and columns
come from the models or from our own code; values only as parameters.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple, cast

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import DatabaseDefault


class Statement(NamedTuple):
    sql: str
    parameters: Sequence[Any]


def column_names(model: type[models.Model], alias: str) -> str:
    """The columns of a model, in the order in which `fetch_models` reads them."""
    return ", ".join(f"{alias}.{field.column}" for field in model._meta.concrete_fields)


def fetch_rows(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows as the driver returns them: on SQLite decimals and JSON are texts, days and times may be, without a zone."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def to_date(value: date | str) -> date:
    """A day from `fetch_rows`."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def to_datetime(value: datetime | str) -> datetime:
    """A time from `fetch_rows`; those of SQLite are in UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def fetch_models(
    sql: str, parameters: Sequence[Any], *kinds: type[models.Model]
) -> list[tuple[list[Any], tuple[Any, ...]]]:
    """For each row a row of each model, None where its primary key is null, and the values that follow them.

    The statement selects `column_names` of each model in this order, then further columns.
    """
    readers = [_RowReader.of(kind, connection.vendor) for kind in kinds]
    results = []
    for row in fetch_rows(sql, parameters):
        rows, start = list[Any](), 0
        for reader in readers:
            end = start + len(reader.names)
            rows.append(reader.read(row[start:end]))
            start = end
        results.append((rows, row[start:]))
    return results


class _RowReader(NamedTuple):
    """How a row of the driver becomes a row of a model: by the converters of its fields."""

    model: type[models.Model]
    names: tuple[str, ...]
    primary_key: int
    converters: tuple[tuple[int, Any, tuple[Any, ...]], ...]

    @staticmethod
    @cache
    def of(model: type[models.Model], vendor: str) -> "_RowReader":
        fields, converters = model._meta.concrete_fields, []
        for position, field in enumerate(fields):
            column = field.get_col(model._meta.db_table)
            steps = (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
            if steps:
                converters.append((position, column, steps))
        primary_key = next(position for position, field in enumerate(fields) if field.primary_key)
        return _RowReader(model, tuple(field.attname for field in fields), primary_key, tuple(converters))

    def read(self, values: tuple[Any, ...]) -> models.Model | None:
        if values[self.primary_key] is None:
            return None
        converted = list(values)
        for position, column, steps in self.converters:
            for convert in steps:
                converted[position] = convert(converted[position], column, connection)
        return self.model.from_db(DEFAULT_DB_ALIAS, self.names, converted)


def insert_statement(row: models.Model) -> Statement:
    """Inserts a row. The database fills in its defaults, and a primary key that is None.

    The model's `save` is not called, and no signal is sent.
    """
    table, columns, parameters = insert_values(row)
    return Statement(_insert_sql(table, columns), parameters)


def insert_values(row: models.Model) -> tuple[str, tuple[str, ...], list[Any]]:
    """The table, the columns and their values for an insert of this row."""
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = field.pre_save(row, True)
        if not isinstance(value, DatabaseDefault) and not (field.primary_key and value is None):
            values[str(field.column)] = field.get_db_prep_save(value, connection)
    return row._meta.db_table, tuple(values), list(values.values())


@cache
def _insert_sql(table: str, columns: tuple[str, ...]) -> str:
    placeholders = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({placeholders})"  # noqa: S608  # nosec B608


def update_statement(row: models.Model, changes: Mapping[str, object]) -> Statement:
    """Sets fields of a stored row, by their names or the names of their columns. The row in memory stays as it is."""
    fields = {cast("models.Field[Any, Any]", row._meta.get_field(name)): value for name, value in changes.items()}
    assignments = ", ".join(f"{field.column} = %s" for field in fields)
    parameters = [field.get_db_prep_save(value, connection) for field, value in fields.items()]
    primary_key = row._meta.pk
    sql = f"UPDATE {row._meta.db_table} SET {assignments} WHERE {primary_key.column} = %s"  # noqa: S608  # nosec B608
    return Statement(sql, [*parameters, primary_key.get_db_prep_save(row.pk, connection)])


def insert_row(row: models.Model, *, ignore_conflicts: bool = False) -> bool:
    """Insert a row that has its primary key already; returns whether it was inserted.

    `ignore_conflicts`: a row with the same unique values is no error.
    """
    statement = insert_statement(row)
    conflict = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    with connection.cursor() as cursor:
        cursor.execute(statement.sql + conflict, statement.parameters)
        inserted = bool(cursor.rowcount)
    mark_stored(row)
    return inserted


def mark_stored(row: models.Model) -> None:
    """Tell Django that a row is in the database, so that saving it updates it."""
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def write_together(statements: Sequence[Statement]) -> None:
    """Run writes of different rows: on PostgreSQL as one statement, in no particular order.

    None of them sees what the others write. When one fails, none is done, and the error is that of the one.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            for statement in statements:
                cursor.execute(statement.sql, statement.parameters)
            return
        *others, last = statements
        parts = ", ".join(f"w{number} AS ({statement.sql})" for number, statement in enumerate(others))
        parameters = [value for statement in statements for value in statement.parameters]
        cursor.execute(f"WITH {parts} {last.sql}" if parts else last.sql, parameters)
