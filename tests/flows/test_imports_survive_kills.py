"""A Celery worker is killed, child and master, while it works on a long batch: every row is stored, once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from indicators.models import Import, Measurement, Revision
from indicators.services.batches import digests
from kpitracker.lib.models.audit import AuditEntry
from tasks import wakeup
from tests import factories, processes
from tests.example_counts import amount
from tests.processes import Running, wait_until
from tests.support import api_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process, pytest.mark.database]
# Slices of 5,000 rows: after each kill there is another one to do.
ROWS = amount(25_000, 25_000, full=50_000)
KILLED = ["child", "master", "child", "master", "child"][: amount(3, 2, full=5)]


def csv_of(rows: int) -> bytes:
    lines = [
        f"i{n % 20},city,{1960 + n // 240 % 64}-{n // 20 % 12 + 1:02},{n},20{n // 15360 + 10}-01-15"
        for n in range(rows)
    ]
    return "\n".join(["indicator,area,period,value,published", *lines]).encode()


@contextmanager
def worker(url: str) -> Iterator[Running]:
    with processes.running(
        "worker",
        [
            "celery",
            "-A",
            "kpitracker.celery:app",
            "worker",
            "--concurrency",
            "1",
            "--without-gossip",
            "--without-mingle",
        ],
        REDIS_URL=url,
    ) as started:
        yield started


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def at_work(pid: int) -> bool:
    """Whether a child holds the lock of an import."""
    try:
        held = [os.readlink(value) for child in children(pid) for value in Path(f"/proc/{child}/fd").iterdir()]
    except OSError:
        return False
    return any(path.endswith(".lock") for path in held)


def alive(pid: int) -> bool:
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def kill(started: Running, which: str) -> None:
    """Both go: a child whose master was killed ends by itself, a master whose child was killed is ended here."""
    below = children(started.process.pid)
    assert below, started.text()
    for pid in [started.process.pid, *below] if which == "master" else [*below, started.process.pid]:
        os.kill(pid, signal.SIGKILL)
    started.process.wait()
    wait_until(lambda: not any(alive(pid) for pid in below), "no child left")


def state(pk: Any) -> Import:
    connections.close_all()
    return Import.objects.get(pk=pk)


def further(pk: Any, before: int) -> bool:
    return before == ROWS or state(pk).rows_done > before


@pytest.mark.parametrize("atomic", [False, True], ids=["what is right", "all or nothing"])
def test_every_row_is_stored_once(redis_url: str, atomic: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.world()
    for number in range(20):
        factories.indicator(f"i{number}")
    sent = api_of().call(
        "POST", f"measurements/batch/?atomic={str(atomic).lower()}", raw=csv_of(ROWS), Prefer="respond-async",
        **{"Content-Type": "text/csv"},
    ).ok(202)  # fmt: skip
    seen = []
    for which in KILLED:
        before = state(sent["id"]).rows_done
        with worker(redis_url) as started:
            wakeup.request_task("tasks.imports.run_imports")
            wait_until(partial(at_work, started.process.pid), "work begun")
            # Where every row was looked at already, the one great write is under way.
            wait_until(partial(further, sent["id"], before), "another slice")
            seen.append(state(sent["id"]).rows_done / ROWS)
            kill(started, which)
        assert state(sent["id"]).is_open
        assert not atomic or not Revision.objects.exists()
        connections.close_all()
    with worker(redis_url):
        wakeup.request_task("tasks.imports.run_imports")
        wait_until(lambda: not state(sent["id"]).is_open, "the end")
    batch = state(sent["id"])
    assert (batch.state, batch.rows, batch.rows_done, batch.created + batch.revised) == ("done", ROWS, ROWS, ROWS)
    assert Revision.objects.filter(batch=batch.pk).count() == Revision.objects.count() == ROWS
    assert Measurement.objects.count() == batch.created
    noted = AuditEntry.objects.filter(kind="indicators.import", verb="recorded")
    assert sum(entry.after["revisions"] for entry in noted) == ROWS
    assert list(digests.find_broken_entries()) == []
    assert all(0.1 <= share <= 0.9 for share in seen[:3]), seen
