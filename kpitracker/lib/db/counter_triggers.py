"""Triggers that raise version counters: in the database, where no way of writing can pass them by.

Services, the admin, commands, jobs, cascades, bulk SQL and COPY all raise them, in the transaction of the change.
The triggers follow from the tables that the apps register. `migrate` installs them after the migrations: on SQLite a
migration that rebuilds a table drops its triggers, and one that renames a table fails on triggers that name it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "lib_versioncounter"
MODULUS = 2**52  # of all sums of numbers; 2,000 of them fit into 64 bits
EVERYTHING = "everything"  # the topic that every reader counts
UNKNOWN_INDICATOR = -1  # of rows that only actors of the whole organisation see

_SUFFIX = "_raise_counters"
_COLUMN = re.compile(r"\bchanged\.(\w+)")
_RANDOM = {"postgresql": f"floor(random() * {MODULUS})::bigint", "sqlite": f"abs(random() % {MODULUS})"}


class CountedTable(NamedTuple):
    """What a change of a row raises. All fields but the topic are SQL about the row `changed`.

    `indicator_id`: the change is seen only by readers of this indicator; 0: by all. `keeps_indicator`: note it even
    if the indicator is open to all now: the same transaction may restrict it.
    """

    topic: str
    object_id: str = "0"
    indicator_id: str = "0"
    condition: str = "1 = 1"
    keeps_indicator: bool = False

    @property
    def columns(self) -> list[str]:
        return sorted(set(_COLUMN.findall(f"{self.object_id} {self.indicator_id} {self.condition}")))


class Registry:
    """The counted tables of all apps, and which indicators are hidden from some readers."""

    def __init__(self) -> None:
        self.tables: dict[str, CountedTable] = {}
        # SQL of a recursive query named `hidden`, with the ids of indicators that not all may see.
        self.hidden = "SELECT 0 WHERE 1 = 0"

    def register(self, tables: Mapping[str, CountedTable], hidden: str | None = None) -> None:
        self.tables |= tables
        self.hidden = hidden or self.hidden


registry = Registry()


def prepare_migration(using: str, plan: Sequence[tuple[object, bool]] = (), **_: object) -> None:
    """Drop the triggers before migrations run on SQLite, or take back the table of the counters."""
    database = connections[using]
    if plan and (database.vendor == "sqlite" or any(is_backwards for _, is_backwards in plan)):
        with database.cursor() as cursor:
            for name in _installed_triggers(database):
                cursor.execute(_drop_statement(database.vendor, name))


def install_triggers(using: str, plan: Sequence[tuple[object, bool]] = (), **_: object) -> None:
    """Make the triggers what the code says. Migrations raise the counter of everything."""
    database = connections[using]
    with transaction.atomic(using=using), database.cursor() as cursor:
        tables = database.introspection.table_names(cursor)
        if TABLE not in tables:
            return
        expected = {
            name: sql
            for table, counted in registry.tables.items()
            if table in tables
            for name, sql in _triggers(database.vendor, table, counted)
        }
        installed = _installed_triggers(database)
        if installed != expected:
            for statement in _replacing_statements(database.vendor, installed, expected):
                cursor.execute(statement)
        if plan or installed != expected:
            cursor.execute(_raise_everything(database.vendor))


def missing_triggers(using: str) -> list[str]:
    """Names of the triggers that are not there or not what the code says."""
    database = connections[using]
    installed = _installed_triggers(database)
    return [
        name
        for table, counted in registry.tables.items()
        for name, sql in _triggers(database.vendor, table, counted)
        if installed.get(name) != sql
    ]


def connect_signals(config: AppConfig) -> None:
    """Called by the first app: its signals are sent once for each run of `migrate`, around all migrations."""
    from django.db.models.signals import post_migrate, pre_migrate

    pre_migrate.connect(prepare_migration, sender=config)
    post_migrate.connect(install_triggers, sender=config)


def _installed_triggers(database: BaseDatabaseWrapper) -> dict[str, str]:
    """The text of each trigger (SQLite) or of its function (PostgreSQL), by name."""
    with database.cursor() as cursor:
        if database.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND instr(name, %s) > 0", [_SUFFIX]
            )
        else:
            cursor.execute(
                "SELECT tgname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
                "JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE relnamespace = current_schema()::regnamespace AND position(%s in tgname) > 0",
                [_SUFFIX],
            )
        return dict(cursor.fetchall())


def _replacing_statements(vendor: str, installed: Mapping[str, str], expected: Mapping[str, str]) -> Iterator[str]:
    for name in installed:
        yield _drop_statement(vendor, name)
    for name, sql in expected.items():
        if vendor == "sqlite":
            yield sql
            continue
        table, _, verb = name.partition(f"{_SUFFIX}_")
        if verb == "insert":  # the first of a table
            yield (
                f"CREATE OR REPLACE FUNCTION {table}{_SUFFIX}() RETURNS trigger LANGUAGE plpgsql AS $raise${sql}$raise$"
            )
        yield (
            f"CREATE TRIGGER {name} AFTER {verb} ON {table} {_REFERENCES[verb]}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}{_SUFFIX}()"
        )


def _drop_statement(vendor: str, name: str) -> str:
    return f"DROP TRIGGER {name}" if vendor == "sqlite" else f"DROP TRIGGER {name} ON {name.partition(_SUFFIX)[0]}"


def _raise_everything(vendor: str) -> str:
    return (
        f"INSERT INTO {TABLE} (topic, object_id, indicator_id, number) "  # noqa: S608  # nosec B608
        f"VALUES ('{EVERYTHING}', 0, 0, {_RANDOM[vendor]})"
    )


_REFERENCES = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
    "truncate": "",
}


def _triggers(vendor: str, table: str, counted: CountedTable) -> Iterator[tuple[str, str]]:
    """Names and texts of the triggers of a table."""
    if vendor == "postgresql":
        body = _postgresql_body(counted)
        yield from ((f"{table}{_SUFFIX}_{verb}", body) for verb in _REFERENCES)
        return
    new, old = (_sqlite_statements(counted, row) for row in ("NEW", "OLD"))
    yield _sqlite_trigger(table, "insert", "INSERT", new)
    yield _sqlite_trigger(table, "update", "UPDATE", new)
    yield _sqlite_trigger(table, "delete", "DELETE", old)
    if counted.columns:
        moved = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in counted.columns)
        yield _sqlite_trigger(table, "move", "UPDATE", f"WHEN {moved}", old)


def _sqlite_trigger(table: str, name: str, verb: str, *parts: Any) -> tuple[str, str]:
    *condition, statements = parts
    name = f"{table}{_SUFFIX}_{name}"
    return name, " ".join([f"CREATE TRIGGER {name} AFTER {verb} ON {table}", *condition, f"BEGIN {statements} END"])


def _sqlite_statements(counted: CountedTable, row: str) -> str:
    """One row for each counter, with a new number at each change: SQLite has one writer at a time."""
    object_id, indicator_id, condition = (
        _COLUMN.sub(rf"{row}.\1", sql) for sql in (counted.object_id, counted.indicator_id, counted.condition)
    )
    statements = []
    for counted_object in dict.fromkeys([f"coalesce({object_id}, 0)" if object_id != "0" else "0", "0"]):
        where = (
            f"topic = '{counted.topic}' AND object_id = {counted_object} AND indicator_id = coalesce({indicator_id}, 0)"
        )
        statements += [
            f"UPDATE {TABLE} SET number = {_RANDOM['sqlite']} WHERE {where} AND {condition};",  # noqa: S608  # nosec B608
            f"INSERT INTO {TABLE} (topic, object_id, indicator_id, number) "  # noqa: S608  # nosec B608
            f"SELECT '{counted.topic}', {counted_object}, coalesce({indicator_id}, 0), {_RANDOM['sqlite']} "
            f"WHERE {condition} AND NOT EXISTS (SELECT 1 FROM {TABLE} WHERE {where});",
        ]
    return " ".join(statements)


def _postgresql_body(counted: CountedTable) -> str:
    """Appends a row for each counter that a statement concerns: no writer waits for another.

    Rows about indicators that all may see are one row: a large batch would append as many as it has indicators.
    """
    branches = {
        "INSERT": _postgresql_statement(counted, "new_rows"),
        "UPDATE": _postgresql_statement(counted, "new_rows", "old_rows"),
        "DELETE": _postgresql_statement(counted, "old_rows"),
    }
    tests = " ELSIF ".join(f"TG_OP = '{verb}' THEN {statement};" for verb, statement in branches.items())
    return f"BEGIN IF {tests} ELSE {_raise_everything('postgresql')}; END IF; RETURN NULL; END"


def _postgresql_statement(counted: CountedTable, *sources: str) -> str:
    rows = " UNION ".join(
        f"SELECT coalesce({counted.object_id}, 0) AS object_id, coalesce({counted.indicator_id}, 0) AS indicator_id "  # noqa: S608  # nosec B608
        f"FROM {source} changed WHERE {counted.condition}"
        for source in sources
    )
    group, hidden = "indicator_id", ""
    if counted.indicator_id != "0" and not counted.keeps_indicator:
        hidden = f"WITH RECURSIVE hidden(id) AS ({registry.hidden}) "
        group = "CASE WHEN indicator_id < 0 OR indicator_id IN (SELECT id FROM hidden) THEN indicator_id ELSE 0 END"
    objects = "object_id" if counted.object_id == "0" else "unnest(ARRAY[object_id, 0])"
    return (
        f"INSERT INTO {TABLE} (topic, object_id, indicator_id, number) {hidden}"  # noqa: S608  # nosec B608
        f"SELECT '{counted.topic}', object_id, indicator_id, {_RANDOM['postgresql']} FROM ("
        f"SELECT DISTINCT {objects} AS object_id, {group} AS indicator_id FROM ({rows}) AS counted) AS counters"
    )
