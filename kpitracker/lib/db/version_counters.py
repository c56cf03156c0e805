"""Read and fold the version counters that triggers raise (`kpitracker.lib.db.counter_triggers`)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from kpitracker.lib.db.counter_triggers import EVERYTHING, MODULUS, TABLE

# An object with more rows than this is folded, and by as many rows in one transaction as the second number says.
_FOLD_FROM, _FOLD_ROWS = 20, 5000


class Counter(NamedTuple):
    """An object of a topic, by its id (0: all objects), or by SQL that finds the id for a code.

    Where the SQL finds none, all objects are counted.
    """

    topic: str
    object_sql: str = ""
    code: str = ""


class CounterSum(NamedTuple):
    """The sum of the numbers of a counter that are about one indicator; indicator 0: about none that is hidden."""

    topic: str
    object_id: int
    indicator_id: int
    total: int


def read_counters(counters: Sequence[Counter]) -> list[CounterSum]:
    """The sums of these counters, and the one of everything, in one statement: a change between two would be missed."""
    conditions, parameters = ["(topic = %s AND object_id = 0)"], [EVERYTHING]
    for counter in counters:
        object_sql = f"coalesce(({counter.object_sql}), 0)" if counter.object_sql else "0"
        conditions.append(f"(topic = %s AND object_id = {object_sql})")
        parameters += [counter.topic, counter.code] if counter.object_sql else [counter.topic]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT topic, object_id, indicator_id, sum(number) FROM {TABLE} WHERE {' OR '.join(conditions)} "  # noqa: S608  # nosec B608
            "GROUP BY topic, object_id, indicator_id ORDER BY topic, object_id, indicator_id",
            parameters,
        )
        return [
            CounterSum(topic, object_id, indicator_id, int(total) % MODULUS)
            for topic, object_id, indicator_id, total in cursor.fetchall()
        ]


def fold_counters(hidden_indicators: Collection[int]) -> int:
    """Replace rows by their sums. Those about indicators that all may see become one row. Returns the rows removed.

    What a reader counts stays the same: no tag moves. `hidden_indicators`: ids that some callers may not see.
    """
    return sum(_fold(topic, object_id, hidden_indicators) for topic, object_id in _crowded_objects())


def _crowded_objects() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT topic, object_id FROM {TABLE} GROUP BY topic, object_id HAVING count(*) > {_FOLD_FROM}"  # noqa: S608  # nosec B608
        )
        return [(topic, object_id) for topic, object_id in cursor.fetchall()]


def _fold(topic: str, object_id: int, hidden_indicators: Collection[int]) -> int:
    removed = 0
    while rows := _fold_once(topic, object_id, hidden_indicators):
        removed += rows
    return removed


def _fold_once(topic: str, object_id: int, hidden_indicators: Collection[int]) -> int:
    skip_locked = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, indicator_id, number FROM {TABLE} WHERE topic = %s AND object_id = %s "  # noqa: S608  # nosec B608
            f"ORDER BY id LIMIT {_FOLD_ROWS}{skip_locked}",
            [topic, object_id],
        )
        rows = cursor.fetchall()
        sums: dict[int, int] = defaultdict(int)
        for _, indicator_id, number in rows:
            is_hidden = indicator_id < 0 or indicator_id in hidden_indicators
            sums[indicator_id if is_hidden else 0] += number
        if len(rows) - len(sums) < _FOLD_FROM:
            return 0
        cursor.executemany(f"DELETE FROM {TABLE} WHERE id = %s", [(pk,) for pk, *_ in rows])  # noqa: S608  # nosec B608
        cursor.executemany(
            f"INSERT INTO {TABLE} (topic, object_id, indicator_id, number) VALUES (%s, %s, %s, %s)",  # noqa: S608  # nosec B608
            [(topic, object_id, indicator_id, total % MODULUS) for indicator_id, total in sums.items()],
        )
        return len(rows) - len(sums)
