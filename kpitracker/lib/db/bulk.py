"""Bulk writes by the fastest way of each database: binary COPY on PostgreSQL, prepared statements on SQLite.

A row consists of pieces joined by `+`. An encoder (`fixed_width_encoder`, `variable_width_encoder`) makes a piece from
the values of some columns, so that columns shared by two tables are encoded once. Values are texts (also days,
decimals, times from `moment_text`, and ids as 32 hexadecimal digits), integers, True, False and None. Names of tables
and columns must come from our own code.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from operator import index
from struct import Struct, pack
from typing import Any

from django.db import connection, models

from kpitracker.lib.db.locks_and_triggers import supports_copy

Piece = Any  # bytes for PostgreSQL, the tuple of values for SQLite
Column = tuple[int, Callable[[Any], Any]]  # width in bytes, conversion of the value


def moment_text(when: datetime) -> str:
    """A time as text that the database in use can read."""
    utc = when.astimezone(UTC)
    return str(utc) if supports_copy() else str(utc.replace(tzinfo=None))


def decimal_text_sql(column: str) -> str:
    """SQL for an exact decimal as its shortest plain text, '' for NULL."""
    return f"COALESCE(trim_scale({column})::text, '')" if supports_copy() else f"COALESCE({column}, '')"


def fixed_width_encoder(*kinds: str) -> Callable[..., Piece]:
    """An encoder of fixed-width types. It takes one argument for each column; None is not allowed."""
    if not supports_copy():
        return lambda *values: values
    pack = Struct(">" + "".join(f"i{_WIDTHS[kind][0]}" for kind in kinds)).pack
    columns = [(_WIDTHS[kind][1], _converter(kind)) for kind in kinds]
    # Figures and assessments have eight such columns, revisions five: a loop takes twice as long for each row.
    return {2: _encoder_of_two, 5: _encoder_of_five, 8: _encoder_of_eight}.get(len(columns), _encoder_of_any)(
        pack, columns
    )


def _converter(kind: str) -> Callable[[Any], Any]:
    return bytes.fromhex if kind == "uuid" else _memoized(_CONVERTERS[kind]) if kind in _CONVERTERS else index


def _encoder_of_any(pack: Callable[..., bytes], columns: Sequence[Column]) -> Callable[..., bytes]:
    parts: list[Any] = [part for width, _ in columns for part in (width, None)]
    converters = [convert for _, convert in columns]

    def encode(*values: object) -> bytes:
        parts[1::2] = [convert(value) for convert, value in zip(converters, values, strict=True)]
        return pack(*parts)

    return encode


def _encoder_of_two(pack: Callable[..., bytes], columns: Sequence[Column]) -> Callable[..., bytes]:
    (w1, c1), (w2, c2) = columns
    return lambda v1, v2: pack(w1, c1(v1), w2, c2(v2))


def _encoder_of_five(pack: Callable[..., bytes], columns: Sequence[Column]) -> Callable[..., bytes]:
    (w1, c1), (w2, c2), (w3, c3), (w4, c4), (w5, c5) = columns
    return lambda v1, v2, v3, v4, v5: pack(w1, c1(v1), w2, c2(v2), w3, c3(v3), w4, c4(v4), w5, c5(v5))


def _encoder_of_eight(pack: Callable[..., bytes], columns: Sequence[Column]) -> Callable[..., bytes]:
    (w1, c1), (w2, c2), (w3, c3), (w4, c4), (w5, c5), (w6, c6), (w7, c7), (w8, c8) = columns
    return lambda v1, v2, v3, v4, v5, v6, v7, v8: pack(
        w1, c1(v1), w2, c2(v2), w3, c3(v3), w4, c4(v4), w5, c5(v5), w6, c6(v6), w7, c7(v7), w8, c8(v8)
    )


def variable_width_encoder(*kinds: str, is_cached: bool = True) -> Callable[[tuple[Any, ...]], Piece]:
    """An encoder of a tuple of values of any type, also None. `is_cached`: encoded tuples are cached."""
    if not supports_copy():
        return _identity
    encoders = [_ENCODERS[kind] for kind in kinds]

    def encode(values: tuple[object, ...]) -> bytes:
        return b"".join([_encode_with_length(convert, value) for convert, value in zip(encoders, values, strict=True)])

    return _memoized(encode) if is_cached else encode


def text_encoder() -> Callable[[str], Piece]:
    """An encoder of texts that rarely repeat."""
    return (
        (lambda value: _pack_length(len(encoded := value.encode())) + encoded)
        if supports_copy()
        else (lambda value: (value,))
    )


def decimal_encoder() -> Callable[[str], Piece]:
    """An encoder of decimals; "" is NULL."""
    return (
        (lambda value: _encode_numeric(value) if value else _NULL)
        if supports_copy()
        else (lambda value: (value or None,))
    )


_pack_length = Struct(">i").pack


def _encode_with_length(convert: Callable[[object], bytes], value: object) -> bytes:
    if value is None:
        return _NULL
    encoded = convert(value)
    return _pack_length(len(encoded)) + encoded


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Piece]) -> None:
    """Insert rows; `names` are the columns. Constraints and triggers hold as for every insert."""
    _write_rows(model._meta.db_table, names, rows)


def upsert_rows(model: type[models.Model], key: str, columns: Mapping[str, str], rows: Iterable[Piece]) -> None:
    """Insert rows, or update those with the same `key`, which is one of `columns` (name → SQL type)."""
    table, names = model._meta.db_table, ", ".join(columns)
    assignments = ", ".join(f"{name} = excluded.{name}" for name in columns if name != key)
    conflict_clause = f"ON CONFLICT ({key}) DO UPDATE SET {assignments}"  # nosec B608
    with connection.cursor() as cursor:
        if not supports_copy():
            placeholders = ", ".join("?" * len(columns))
            _execute_many(cursor, f"INSERT INTO {table} ({names}) VALUES ({placeholders}) {conflict_clause}", rows)  # noqa: S608  # nosec B608
            return
        staging_table = f"stored_{table}"
        stage_rows(staging_table, columns, rows)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {staging_table} {conflict_clause}")  # noqa: S608  # nosec B608


def stage_rows(name: str, columns: Mapping[str, str], rows: Iterable[Piece]) -> None:
    """Fill the temporary table `name` (columns: name → SQL type), in a transaction. Earlier content is removed."""
    column_definitions = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    with connection.cursor() as cursor:
        if supports_copy():
            cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({column_definitions}) ON COMMIT DELETE ROWS")
            cursor.execute(f"TRUNCATE {name}")
        else:
            cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({column_definitions})")
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608  # nosec B608
        _write_rows(name, list(columns), rows)
        if supports_copy():
            # Without statistics a join may compare every row with every row.
            cursor.execute(f"ANALYZE {name}")


def update_rows(
    model: type[models.Model], names: Mapping[str, str], expected: Mapping[str, str], rows: Iterable[Piece]
) -> int:
    """Update rows by their primary key `id`, only where the `expected` columns still have the given values.

    Columns: name → SQL type. Each row: the id, the expected values, the new values of `names`. Returns the number of
    updated rows.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if not supports_copy():
            conditions = " AND ".join(f"{name} = ?{index}" for index, name in enumerate(expected, 2))
            assignments = ", ".join(f"{name} = ?{index}" for index, name in enumerate(names, 2 + len(expected)))
            statement = f"UPDATE {table} SET {assignments} WHERE id = ?1 AND {conditions}"  # noqa: S608  # nosec B608
            return _execute_many(cursor, statement, rows)
        columns = {"id": "uuid", **{f"was_{name}": kind for name, kind in expected.items()}, **names}
        staging_table = f"changed_{len(names)}_{table}"
        stage_rows(staging_table, columns, rows)
        conditions = " AND ".join(f"t.{name} = s.was_{name}" for name in expected)
        assignments = ", ".join(f"{name} = s.{name}" for name in names)
        cursor.execute(f"UPDATE {table} t SET {assignments} FROM {staging_table} s WHERE t.id = s.id AND {conditions}")  # noqa: S608  # nosec B608
        return int(cursor.rowcount)


def select_rows(statement: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement over staged tables one by one: a list would take as much memory as the batch."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        yield from cursor


def _write_rows(table: str, names: Sequence[str], rows: Iterable[Piece]) -> None:
    columns = ", ".join(names)
    with connection.cursor() as cursor:
        if not supports_copy():
            placeholders = ", ".join("?" * len(names))
            _execute_many(cursor, f"INSERT INTO {table} ({columns}) VALUES ({placeholders})", rows)  # noqa: S608  # nosec B608
            return
        count, remaining = pack(">h", len(names)), iter(rows)
        statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
        # Django does not wrap this stream: without it, database errors would be errors of the driver.
        with connection.wrap_database_errors, cursor.copy(statement) as copy:
            copy.write(_HEADER)
            # Each row begins with its number of columns.
            while block := count.join([b"", *islice(remaining, _BLOCK_ROWS)]):
                copy.write(block)
            copy.write(_TRAILER)


_BLOCK_ROWS = 1000
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"


def _execute_many(cursor: Any, statement: str, rows: Iterable[Piece]) -> int:
    """executemany with the placeholders of the driver: Django would search every row for percent signs.

    Django does not wrap this call: without it, a full disk would be an error of the driver, and answered by 500.
    """
    with connection.wrap_database_errors:
        return int(cursor.cursor.executemany_native(statement, rows))


def _identity(value: object) -> Any:
    return value


class _Memo(dict[Any, Any]):
    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, value: object) -> Any:
        converted = self[value] = self._convert(value)
        return converted


def _memoized(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Cache the results of `convert`."""
    return _Memo(convert).__getitem__


_EPOCH, _MIDNIGHT = date(2000, 1, 1).toordinal(), datetime(2000, 1, 1, tzinfo=UTC)


def _days_since_epoch(value: str) -> int:
    return date.fromisoformat(value).toordinal() - _EPOCH


def _microseconds_since_epoch(value: str) -> int:
    delta = datetime.fromisoformat(value) - _MIDNIGHT
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds


def _encode_numeric(value: str) -> bytes:
    """Binary form of PostgreSQL's numeric: base-10,000 digits, weight of the first digit, sign, scale.

    Raises `ValueError` for any other text: `int` skips spaces, so the groups of "1200\\n1350" would make another number.
    """
    sign, digits = (0x4000, value[1:]) if value[0] == "-" else (0, value)
    if not (digits.isascii() and digits.replace(".", "", 1).isdigit()):
        raise ValueError(f"{value!a} is no decimal in plain notation.")
    whole, _, fraction = digits.partition(".")
    scale = len(fraction)
    if len(whole) <= 8 and scale <= 4:
        # The common case: up to two groups before the point, one after it.
        high, low = divmod(int(whole), 10_000)
        return _PACK_SMALL_NUMERIC(14, 3, 1, sign, scale, high, low, int(fraction.ljust(4, "0")) if fraction else 0)
    padded = whole.rjust(-(-len(whole) // 4) * 4, "0") + fraction.ljust(-(-scale // 4) * 4, "0")
    groups = [int(padded[start : start + 4]) for start in range(0, len(padded), 4)]
    count = len(groups)
    return _NUMERIC_PACKERS[count](8 + 2 * count, count, -(-len(whole) // 4) - 1, sign, scale, *groups)


# For at most 38 digits before the point and 12 after it.
_NUMERIC_PACKERS = [Struct(f">ihhHH{count}h").pack for count in range(16)]
_PACK_SMALL_NUMERIC = _NUMERIC_PACKERS[3]


TIMESTAMP_TYPE = "timestamptz"
_WIDTHS = {
    "bigint": ("q", 8),
    "boolean": ("?", 1),
    "date": ("i", 4),
    "integer": ("i", 4),
    TIMESTAMP_TYPE: ("q", 8),
    "uuid": ("16s", 16),
}
_CONVERTERS: dict[str, Callable[[Any], Any]] = {"date": _days_since_epoch, TIMESTAMP_TYPE: _microseconds_since_epoch}
_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "bigint": lambda value: pack(">q", value),
    "boolean": lambda value: pack("?", value),
    "date": lambda value: pack(">i", _days_since_epoch(value)),
    "integer": lambda value: pack(">i", value),
    "jsonb": lambda value: b"\x01" + value.encode(),
    TIMESTAMP_TYPE: lambda value: pack(">q", _microseconds_since_epoch(value)),
    "text": str.encode,
    "uuid": bytes.fromhex,
}
