"""Querysets that are compiled once and then run with different values.

Django builds each query again, which takes longer than running it. Here the code still declares a queryset; its SQL is
cached by the shape of the values.
"""

from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, wraps
from itertools import count
from typing import Any, ParamSpec, cast
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import QuerySet
from django.db.models.expressions import DatabaseDefault as _OwnDefault

P = ParamSpec("P")

# The most values of one tuple; with more, the query is built as usual.
_FEW = 4


def prepared(build: Callable[P, QuerySet[Any]]) -> Callable[P, list[Any]]:
    """Decorator: turns a function that builds a queryset into one that returns its rows, from cached SQL.

    `build` takes only positional values: integers, texts, days, times, ids, None, and short tuples of them for `__in`.
    Nothing is prefetched. `build` may branch only on the shape of a value: its type, None, or the number of items. A
    value must reach the statement unchanged; otherwise the first call of a shape raises `TypeError`.
    """

    @wraps(build)
    def ask(*values: P.args, **named: P.kwargs) -> list[Any]:
        shape = tuple(map(_shape, values))
        if any(isinstance(part, tuple) and len(part) > _FEW for part in shape):
            return list(build(*values, **named))
        # Cached on the connection: each thread has its own, which lives longer than a request.
        connection = connections[DEFAULT_DB_ALIAS]
        kept = connection.__dict__.setdefault("prepared_statements", {})
        statement = kept.get((build, shape))
        if statement is None:
            statement = kept[build, shape] = _Statement(build, values, connection)
        return cast(_Statement, statement).rows(values)

    return ask


def _shape(value: Any) -> Hashable:
    if value is None:
        return None
    return tuple(type(each) for each in value) if isinstance(value, tuple) else type(value)  # type: ignore[return-value]


class _Statement:
    """One shape of a query on one connection."""

    def __init__(self, build: Callable[..., QuerySet[Any]], values: tuple[Any, ...], connection: Any) -> None:
        self.connection = connection
        signs = count(1)
        marks = tuple(
            tuple(_mark(each, signs) for each in v) if isinstance(v, tuple) else _mark(v, signs) for v in values
        )
        self.queryset = build(*marks)
        self.compiler = self.queryset.query.get_compiler(connection=connection)
        places = {
            repr(_adapted(mark, connection)): place for place, mark in enumerate(_flat(marks)) if mark is not None
        }
        try:
            self.sql, parameters = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql, parameters = "", ()
        self.fixed = list(parameters)
        self.filled = [(n, places[repr(_plain(p))]) for n, p in enumerate(parameters) if repr(_plain(p)) in places]
        missing = set(places.values()) - {place for _, place in self.filled}
        if self.sql and missing:
            raise TypeError(f"{build.__qualname__}: value {min(missing)} does not reach the statement as it is.")
        # Every iterable class of rows (models, tuples, values) requests a compiler; ours has its SQL already.
        self.queryset.query.get_compiler = lambda *args, **named: self.compiler  # type: ignore[method-assign]
        if self.sql:
            fields = [selected[0] for selected in self.compiler.select[: self.compiler.col_count]]
            converters = self.compiler.get_converters(fields)
            self.compiler.get_converters = lambda fields: converters

    def rows(self, values: tuple[Any, ...]) -> list[Any]:
        if not self.sql:
            return []
        parameters, given = (
            self.fixed.copy(),
            [None if v is None else _adapted(v, self.connection) for v in _flat(values)],
        )
        for n, place in self.filled:
            parameters[n] = given[place]

        def execute(*args: Any, **named: Any) -> list[Any]:
            with self.connection.cursor() as cursor:
                cursor.execute(self.sql, parameters)
                return [cursor.fetchall()]

        self.compiler.execute_sql = execute
        rows: Any = self.queryset._iterable_class(self.queryset)
        return list(rows)


def _flat(values: tuple[Any, ...]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, tuple):
            yield from value
        else:
            yield value


def _mark(value: Any, signs: Iterator[int]) -> Any:
    """A marker: a value of the same type that equals no other value in the statement."""
    n = next(signs)
    match value:
        case None:
            return None
        case str():
            return f"\N{PILCROW SIGN}{n}"
        case int() if not isinstance(value, bool):
            return 2_000_000_000 + n
        case datetime():
            return datetime(1000, 1, 1, tzinfo=UTC) + timedelta(days=n)
        case date():
            return date(1000, 1, 1) + timedelta(days=n)
        case UUID():
            return UUID(int=n << 64)
    raise TypeError(f"A {type(value).__name__} cannot be filled in.")


def _adapted(value: Any, connection: Any) -> Any:
    """The value in the form of the database driver."""
    match value:
        case datetime():
            return connection.ops.adapt_datetimefield_value(value)
        case date():
            return connection.ops.adapt_datefield_value(value)
        case UUID():
            return models.UUIDField().get_db_prep_value(value, connection)
    return value


def _plain(parameter: Any) -> Any:
    """A plain int: Django wraps integers in types of the driver."""
    return int(parameter) if isinstance(parameter, int) and not isinstance(parameter, bool) else parameter


def insert(row: models.Model, *, unless_there: bool = False) -> bool:
    """Insert a row that has its primary key already; returns whether it was inserted.

    `ignore_conflicts`: a row with the same unique values is no error. The model's `save` is not called, and no signal
    is sent.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    # Database defaults are left to the database.
    fields = [field for field in row._meta.concrete_fields if not isinstance(getattr(row, field.attname), _OwnDefault)]
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_insertion(row._meta.db_table, tuple(field.column for field in fields), unless_there), values)
        inserted = bool(cursor.rowcount)
    row._state.adding, row._state.db = False, connection.alias
    return inserted


@cache
def _insertion(table: str, columns: tuple[str, ...], unless_there: bool) -> str:
    places = ", ".join(["%s"] * len(columns))
    conflict = " ON CONFLICT DO NOTHING" if unless_there else ""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}){conflict}"  # noqa: S608  # nosec B608
