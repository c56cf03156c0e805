"""Querysets that are compiled once and then run with different values.

Django builds each query again, which takes longer than running it. Here the code still declares a queryset; its SQL is
cached by the shape of the values.

What it relies on in Django, beside the public interface (`tests/kpitracker/lib/db/test_compiled_queries.py` fails when a
new version changes it):

- `QuerySet._iterable_class(queryset)` yields the rows, and gets its compiler from `queryset.query.get_compiler()`.
- The compiler has its SQL from `as_sql()`, runs it by `execute_sql()`, which returns lists of rows, and converts values
  by `get_converters(fields)`, where the fields are those of `select[:col_count]`.
"""

from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, wraps
from itertools import count
from typing import Any, ParamSpec, cast
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.expressions import DatabaseDefault as _OwnDefault

P = ParamSpec("P")

# The most values of one tuple; with more, the query is built as usual.
_MAX_ITEMS = 4


def compiled_query(build: Callable[P, QuerySet[Any]]) -> Callable[P, list[Any]]:
    """Decorator: turns a function that builds a queryset into one that returns its rows, from cached SQL.

    `build` takes only positional values: integers, texts, days, times, ids, None, and short tuples of them for `__in`.
    Nothing is prefetched. `build` may branch only on the shape of a value: its type, None, or the number of items. A
    value must reach the statement unchanged; otherwise the first call of a shape raises `TypeError`.
    """

    @wraps(build)
    def run_query(*values: P.args, **kwargs: P.kwargs) -> list[Any]:
        shape = tuple(map(_value_shape, values))
        if any(isinstance(part, tuple) and len(part) > _MAX_ITEMS for part in shape):
            return list(build(*values, **kwargs))
        # Cached on the connection: each thread has its own, which lives longer than a request.
        connection = connections[DEFAULT_DB_ALIAS]
        statements = connection.__dict__.setdefault("prepared_statements", {})
        statement = statements.get((build, shape))
        if statement is None:
            statement = statements[build, shape] = _CompiledQuery(build, values, connection)
        return cast(_CompiledQuery, statement).rows(values)

    return run_query


def _value_shape(value: object) -> Hashable:
    if value is None:
        return None
    return tuple(type(item) for item in value) if isinstance(value, tuple) else type(value)  # type: ignore[return-value]


class _CompiledQuery:
    """One shape of a query on one connection."""

    def __init__(
        self, build: Callable[..., QuerySet[Any]], values: tuple[object, ...], connection: BaseDatabaseWrapper
    ) -> None:
        self.connection = connection
        numbers = count(1)
        markers = tuple(
            tuple(_marker(item, numbers) for item in value) if isinstance(value, tuple) else _marker(value, numbers)
            for value in values
        )
        self.queryset = build(*markers)
        self.compiler = self.queryset.query.get_compiler(connection=connection)
        positions = {
            repr(_adapt_value(marker, connection)): position
            for position, marker in enumerate(_flatten(markers))
            if marker is not None
        }
        try:
            self.sql, parameters = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql, parameters = "", ()
        self.parameters = list(parameters)
        self.placeholders = [
            (index, positions[repr(_unwrap_int(parameter))])
            for index, parameter in enumerate(parameters)
            if repr(_unwrap_int(parameter)) in positions
        ]
        missing = set(positions.values()) - {position for _, position in self.placeholders}
        if self.sql and missing:
            raise TypeError(f"{build.__qualname__}: value {min(missing)} does not reach the statement as it is.")
        # Every iterable class of rows (models, tuples, values) requests a compiler; ours has its SQL already.
        self.queryset.query.get_compiler = lambda *args, **kwargs: self.compiler  # type: ignore[method-assign]
        if self.sql:
            fields = [selected[0] for selected in self.compiler.select[: self.compiler.col_count]]
            converters = self.compiler.get_converters(fields)
            self.compiler.get_converters = lambda fields: converters

    def rows(self, values: tuple[Any, ...]) -> list[Any]:
        if not self.sql:
            return []
        parameters, adapted = (
            self.parameters.copy(),
            [None if value is None else _adapt_value(value, self.connection) for value in _flatten(values)],
        )
        for index, position in self.placeholders:
            parameters[index] = adapted[position]

        def execute(*args: object, **kwargs: object) -> list[Any]:
            with self.connection.cursor() as cursor:
                cursor.execute(self.sql, parameters)
                return [cursor.fetchall()]

        self.compiler.execute_sql = execute
        rows: Any = self.queryset._iterable_class(self.queryset)
        return list(rows)


def _flatten(values: tuple[object, ...]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, tuple):
            yield from value
        else:
            yield value


def _marker(value: object, numbers: Iterator[int]) -> Any:
    """A marker: a value of the same type that equals no other value in the statement."""
    number = next(numbers)
    match value:
        case None:
            return None
        case str():
            return f"\N{PILCROW SIGN}{number}"
        case int() if not isinstance(value, bool):
            return 2_000_000_000 + number
        case datetime():
            return datetime(1000, 1, 1, tzinfo=UTC) + timedelta(days=number)
        case date():
            return date(1000, 1, 1) + timedelta(days=number)
        case UUID():
            return UUID(int=number << 64)
    raise TypeError(f"A {type(value).__name__} cannot be filled in.")


def _adapt_value(value: Any, connection: Any) -> Any:
    """The value in the form of the database driver."""
    match value:
        case datetime():
            return connection.ops.adapt_datetimefield_value(value)
        case date():
            return connection.ops.adapt_datefield_value(value)
        case UUID():
            return models.UUIDField().get_db_prep_value(value, connection)
    return value


def _unwrap_int(parameter: object) -> Any:
    """A plain int: Django wraps integers in types of the driver."""
    return int(parameter) if isinstance(parameter, int) and not isinstance(parameter, bool) else parameter


def insert_row(row: models.Model, *, ignore_conflicts: bool = False) -> bool:
    """Insert a row that has its primary key already; returns whether it was inserted.

    `ignore_conflicts`: a row with the same unique values is no error. The model's `save` is not called, and no signal
    is sent.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    # Database defaults are left to the database.
    fields = [field for field in row._meta.concrete_fields if not isinstance(getattr(row, field.attname), _OwnDefault)]
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            _insert_sql(row._meta.db_table, tuple(field.column for field in fields), ignore_conflicts), values
        )
        inserted = bool(cursor.rowcount)
    row._state.adding, row._state.db = False, connection.alias
    return inserted


@cache
def _insert_sql(table: str, columns: tuple[str, ...], ignore_conflicts: bool) -> str:
    placeholders = ", ".join(["%s"] * len(columns))
    conflict = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({placeholders}){conflict}"  # noqa: S608  # nosec B608
