"""Many rows at once, by the fastest way that each database has: COPY on PostgreSQL, prepared statements on SQLite.

Rows are tuples of what both databases read the same way: texts (also days, decimals and hexadecimal ids), whole
numbers and None; moments as `moment` writes them. Names of tables and columns come from our own code alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

from kpitracker.lib.database import copies

Row = tuple[Any, ...]
_CHUNK = 5000


def moment(when: datetime) -> str:
    """A time as both databases read it."""
    utc = when.astimezone(UTC)
    return str(utc) if copies() else str(utc.replace(tzinfo=None))


def exact_text(column: str) -> str:
    """SQL: an exact decimal as its shortest plain text, '' for none."""
    return f"COALESCE(trim_scale({column})::text, '')" if copies() else f"COALESCE({column}, '')"


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows; `names` are the columns. Constraints and triggers hold as for every insert."""
    _insert(model._meta.db_table, names, rows)


def stage(name: str, columns: Mapping[str, str], rows: Iterable[Row]) -> None:
    """Fill the temporary table `name` (columns: name → SQL type), within a transaction. What was in it is gone."""
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
            # A join over a table of unknown size may compare every row with every row.
            cursor.execute(f"ANALYZE {name}")


def update(
    model: type[models.Model], names: Mapping[str, str], expected: Mapping[str, str], rows: Iterable[Row]
) -> int:
    """Change rows found by their primary key `id`, and only where `expected` columns are still as given.

    Each row: the id, the expected values, the new values of `names` (name → SQL type). How many were changed.
    """
    table = model._meta.db_table
    rows = list(rows)
    with connection.cursor() as cursor:
        if not copies():
            found = " AND ".join(f"{name} = ?{place}" for place, name in enumerate(expected, 2))
            new = ", ".join(f"{name} = ?{place}" for place, name in enumerate(names, 2 + len(expected)))
            statement = f"UPDATE {table} SET {new} WHERE id = ?1 AND {found}"  # noqa: S608  # nosec B608
            return _many(cursor, statement, rows)
        columns = {"id": "uuid", **{f"was_{name}": kind for name, kind in expected.items()}, **names}
        staged = f"changed_{table}"
        stage(staged, columns, rows)
        found = " AND ".join(f"t.{name} = s.was_{name}" for name in expected)
        new = ", ".join(f"{name} = s.{name}" for name in names)
        cursor.execute(f"UPDATE {table} t SET {new} FROM {staged} s WHERE t.id = s.id AND {found}")  # noqa: S608  # nosec B608
        return int(cursor.rowcount)


def select(statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """The rows of a statement of our own over staged tables."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _insert(table: str, names: Sequence[str], rows: Iterable[Row]) -> None:
    columns = ", ".join(names)
    with connection.cursor() as cursor:
        if copies():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                write = copy.write_row
                for row in rows:
                    write(row)
            return
        places = ", ".join("?" * len(names))
        _many(cursor, f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)  # noqa: S608  # nosec B608


def _many(cursor: Any, statement: str, rows: Iterable[Row]) -> int:
    """executemany with the driver's own placeholders: Django's would look for percent signs in every row."""
    return int(cursor.cursor.execute_plainly(statement, rows))
