"""How long an atomic import holds the only writer's turn of SQLite, or locks of PostgreSQL: its longest transaction."""

import io
import time
from typing import Any

from bench import dataset
from bench.common import Series
from bench.dataset import ROWS

TIMES = 3


def longest_transactions() -> list[object]:
    """An import in this process (`BENCH_ROWS`, else 50,000 rows): all new, then all changed, without other writers."""
    dataset.make()
    names = ("all new", "all changed")
    series = [Series(f"atomic import of {ROWS:,} rows, longest transaction, {name}", ROWS) for name in names]
    for number in range(TIMES):
        for bump, kind in enumerate(series):
            kind.seconds.append(max(_transactions_of_import(_body(bump, 1960 + 10 * number))))
    return list(series)


def _body(bump: int, year: int) -> bytes:
    lines = (
        f"indicator-{indicator},area-{area},{year + month // 12}-{month % 12 + 1:02},{dataset.value(row, bump)}\n"
        for row, (month, indicator, area) in enumerate(dataset.places(ROWS))
    )
    return ("indicator,area,period,value\n" + "".join(lines)).encode()


def _transactions_of_import(body: bytes) -> list[float]:
    """The durations of its transactions, in seconds."""
    from django.db import connection, transaction

    from indicators.importing import jobs
    from indicators.services.batches import imports
    from kpitracker.lib import clock
    from kpitracker.lib.actor import system_actor

    upload = jobs.receive_upload(io.BytesIO(body).read)
    batch = imports.queue_import(
        pk=upload.pk, file_format="csv", by=system_actor("bench"), now=clock.now(), size=upload.size
    )
    durations: list[float] = []
    enter, leave = transaction.Atomic.__enter__, transaction.Atomic.__exit__
    started = 0.0

    def timed_enter(block: Any) -> None:
        nonlocal started
        is_outermost = not connection.in_atomic_block
        enter(block)
        started = time.perf_counter() if is_outermost else started

    def timed_leave(block: Any, *error: Any) -> None:
        leave(block, *error)
        if not connection.in_atomic_block:
            durations.append(time.perf_counter() - started)

    transaction.Atomic.__enter__, transaction.Atomic.__exit__ = timed_enter, timed_leave  # type: ignore[method-assign]
    try:
        jobs.run_import(batch.pk, now=clock.now)
    finally:
        transaction.Atomic.__enter__, transaction.Atomic.__exit__ = enter, leave  # type: ignore[method-assign]
    batch.refresh_from_db()
    if (batch.state, batch.created + batch.revised) != ("done", ROWS):
        raise SystemExit(f"The import ended as {batch.state}: {batch.problem}")
    return durations
