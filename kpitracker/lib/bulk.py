"""Bulk writes by the fastest way of each database: binary COPY on PostgreSQL, prepared statements on SQLite.

A row consists of pieces joined by `+`. An encoder (`fixed_width_encoder`, `variable_width_encoder`) makes a piece from
the values of some columns, so that columns shared by two tables are encoded once. Values are texts (also days,
decimals, times from `moment_text`, and ids as 32 hexadecimal digits), integers, True, False and None. Names of tables
and columns must come from our own code.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from struct import Struct, pack
from typing import Any

from django.db import connection, models

from kpitracker.lib.database import copies

Piece = Any  # bytes for PostgreSQL, the tuple of values for SQLite


def moment(when: datetime) -> str:
    """A time as text that the database in use can read."""
    utc = when.astimezone(UTC)
    return str(utc) if copies() else str(utc.replace(tzinfo=None))


def exact_text(column: str) -> str:
    """SQL for an exact decimal as its shortest plain text, '' for NULL."""
    return f"COALESCE(trim_scale({column})::text, '')" if copies() else f"COALESCE({column}, '')"


def fixed(*kinds: str) -> Callable[..., Piece]:
    """An encoder of fixed-width types. It takes one argument for each column; None is not allowed."""
    if not copies():
        return lambda *values: values
    widths = [_WIDTHS[kind] for kind in kinds]
    names = {"pack": Struct(">" + "".join(f"i{letter}" for letter, _ in widths)).pack, "uuid": bytes.fromhex}
    names |= {kind: _remembered(convert) for kind, convert in _CONVERTERS.items()}
    arguments = [f"v{place}" for place in range(len(kinds))]
    values = [f"{kind}({v})" if kind in names else v for kind, v in zip(kinds, arguments, strict=True)]
    packed = ", ".join(f"{width}, {value}" for (_, width), value in zip(widths, values, strict=True))
    # Generated code, as in namedtuple: a loop over the columns takes three times as long.
    encode: Callable[..., bytes] = eval(f"lambda {', '.join(arguments)}: pack({packed})", names)  # noqa: S307  # nosec B307
    return encode


def free(*kinds: str, repeated: bool = True) -> Callable[[tuple[Any, ...]], Piece]:
    """An encoder of a tuple of values of any type, also None. `is_cached`: encoded tuples are cached."""
    if not copies():
        return _itself
    encoders = [_ENCODERS[kind] for kind in kinds]

    def encode(values: tuple[Any, ...]) -> bytes:
        return b"".join([_sized(convert, value) for convert, value in zip(encoders, values, strict=True)])

    return _remembered(encode) if repeated else encode


def text() -> Callable[[str], Piece]:
    """An encoder of texts that rarely repeat."""
    return (lambda value: _length(len(found := value.encode())) + found) if copies() else (lambda value: (value,))


def number() -> Callable[[str], Piece]:
    """An encoder of decimals; "" is NULL."""
    return (lambda value: _number(value) if value else _NULL) if copies() else (lambda value: (value or None,))


_length = Struct(">i").pack


def _sized(convert: Callable[[Any], bytes], value: Any) -> bytes:
    if value is None:
        return _NULL
    encoded = convert(value)
    return _length(len(encoded)) + encoded


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Piece]) -> None:
    """Insert rows; `names` are the columns. Constraints and triggers hold as for every insert."""
    _insert(model._meta.db_table, names, rows)


def upsert(model: type[models.Model], key: str, columns: Mapping[str, str], rows: Iterable[Piece]) -> None:
    """Insert rows, or update those with the same `key`, which is one of `columns` (name → SQL type)."""
    table, names = model._meta.db_table, ", ".join(columns)
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name != key)
    end = f"ON CONFLICT ({key}) DO UPDATE SET {changed}"  # nosec B608
    with connection.cursor() as cursor:
        if not copies():
            places = ", ".join("?" * len(columns))
            _many(cursor, f"INSERT INTO {table} ({names}) VALUES ({places}) {end}", rows)  # noqa: S608  # nosec B608
            return
        staged = f"stored_{table}"
        stage(staged, columns, rows)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {staged} {end}")  # noqa: S608  # nosec B608


def stage(name: str, columns: Mapping[str, str], rows: Iterable[Piece]) -> None:
    """Fill the temporary table `name` (columns: name → SQL type), in a transaction. Earlier content is removed."""
    described = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    with connection.cursor() as cursor:
        if copies():
            cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({described}) ON COMMIT DELETE ROWS")
            cursor.execute(f"TRUNCATE {name}")
        else:
            cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({described})")
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608  # nosec B608
        _insert(name, list(columns), rows)
        if copies():
            # Without statistics a join may compare every row with every row.
            cursor.execute(f"ANALYZE {name}")


def update(
    model: type[models.Model], names: Mapping[str, str], expected: Mapping[str, str], rows: Iterable[Piece]
) -> int:
    """Update rows by their primary key `id`, only where the `expected` columns still have the given values.

    Columns: name → SQL type. Each row: the id, the expected values, the new values of `names`. Returns the number of
    updated rows.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if not copies():
            found = " AND ".join(f"{name} = ?{place}" for place, name in enumerate(expected, 2))
            new = ", ".join(f"{name} = ?{place}" for place, name in enumerate(names, 2 + len(expected)))
            statement = f"UPDATE {table} SET {new} WHERE id = ?1 AND {found}"  # noqa: S608  # nosec B608
            return _many(cursor, statement, rows)
        columns = {"id": "uuid", **{f"was_{name}": kind for name, kind in expected.items()}, **names}
        staged = f"changed_{len(names)}_{table}"
        stage(staged, columns, rows)
        found = " AND ".join(f"t.{name} = s.was_{name}" for name in expected)
        new = ", ".join(f"{name} = s.{name}" for name in names)
        cursor.execute(f"UPDATE {table} t SET {new} FROM {staged} s WHERE t.id = s.id AND {found}")  # noqa: S608  # nosec B608
        return int(cursor.rowcount)


def select(statement: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement over staged tables one by one: a list would take as much memory as the batch."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        yield from cursor


def _insert(table: str, names: Sequence[str], rows: Iterable[Piece]) -> None:
    columns = ", ".join(names)
    with connection.cursor() as cursor:
        if not copies():
            places = ", ".join("?" * len(names))
            _many(cursor, f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)  # noqa: S608  # nosec B608
            return
        count, left = pack(">h", len(names)), iter(rows)
        statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
        # Django does not wrap this stream: without it, database errors would be errors of the driver.
        with connection.wrap_database_errors, cursor.copy(statement) as copy:
            copy.write(_HEADER)
            # Each row begins with its number of columns.
            while block := count.join([b"", *islice(left, _BLOCK)]):
                copy.write(block)
            copy.write(_TRAILER)


_BLOCK = 1000
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"


def _many(cursor: Any, statement: str, rows: Iterable[Piece]) -> int:
    """executemany with the placeholders of the driver: Django would search every row for percent signs."""
    return int(cursor.cursor.execute_plainly(statement, rows))


def _itself(value: Any) -> Any:
    return value


class _Remembered(dict[Any, Any]):
    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, value: Any) -> Any:
        found = self[value] = self._convert(value)
        return found


def _remembered(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Cache the results of `convert`."""
    return _Remembered(convert).__getitem__


_EPOCH, _MIDNIGHT = date(2000, 1, 1).toordinal(), datetime(2000, 1, 1, tzinfo=UTC)


def _day(value: str) -> int:
    return date.fromisoformat(value).toordinal() - _EPOCH


def _microseconds(value: str) -> int:
    since = datetime.fromisoformat(value) - _MIDNIGHT
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds


def _number(value: str) -> bytes:
    """Binary form of PostgreSQL's numeric: base-10,000 digits, weight of the first digit, sign, scale."""
    sign, digits = (0x4000, value[1:]) if value[0] == "-" else (0, value)
    whole, _, rest = digits.partition(".")
    scale = len(rest)
    if len(whole) <= 8 and scale <= 4:
        # The common case: up to two groups before the point, one after it.
        high, low = divmod(int(whole), 10_000)
        return _SMALL(14, 3, 1, sign, scale, high, low, int(rest.ljust(4, "0")) if rest else 0)
    text = whole.rjust(-(-len(whole) // 4) * 4, "0") + rest.ljust(-(-scale // 4) * 4, "0")
    groups = [int(text[at : at + 4]) for at in range(0, len(text), 4)]
    count = len(groups)
    return _NUMBERS[count](8 + 2 * count, count, -(-len(whole) // 4) - 1, sign, scale, *groups)


# For at most 38 digits before the point and 12 after it.
_NUMBERS = [Struct(f">ihhHH{count}h").pack for count in range(16)]
_SMALL = _NUMBERS[3]


MOMENT = "timestamptz"
_WIDTHS = {
    "bigint": ("q", 8),
    "boolean": ("?", 1),
    "date": ("i", 4),
    "integer": ("i", 4),
    MOMENT: ("q", 8),
    "uuid": ("16s", 16),
}
_CONVERTERS: dict[str, Callable[[Any], Any]] = {"date": _day, MOMENT: _microseconds}
_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "bigint": lambda value: pack(">q", value),
    "boolean": lambda value: pack("?", value),
    "date": lambda value: pack(">i", _day(value)),
    "integer": lambda value: pack(">i", value),
    "jsonb": lambda value: b"\x01" + value.encode(),
    MOMENT: lambda value: pack(">q", _microseconds(value)),
    "text": str.encode,
    "uuid": bytes.fromhex,
}
