"""Between the slices of a long import other writers get their turn."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection

from indicators.importing import jobs
from indicators.models import Import, Measurement
from indicators.services.batches import imports
from kpitracker.lib import clock
from kpitracker.lib.db.sqlite.base import write_queue_for
from tests import factories

pytestmark = [pytest.mark.only_on("sqlite"), pytest.mark.django_db(transaction=True)]

ROWS = 20


def queued_import(*, atomic: bool) -> Import:
    body = "indicator,area,period,value\n" + "".join(f"sales,city,{1900 + row},1\n" for row in range(ROWS))
    upload = jobs.receive_upload(BytesIO(body.encode()).read)
    return imports.queue_import(
        pk=upload.pk, file_format="csv", by=factories.BY, now=clock.now(), size=upload.size, atomic=atomic
    )


def queue_is_free() -> bool:
    queue, writer = write_queue_for(Path(connection.settings_dict["NAME"])), object()
    entered = queue.enter(writer, timeout=0)
    queue.leave(writer)
    return entered


def test_an_import_stores_a_bounded_number_of_wrong_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.area()  # without an indicator every row is wrong
    monkeypatch.setattr(jobs, "SLICE", 4)
    monkeypatch.setattr(imports, "MAX_STORED_ERRORS", 6)
    batch = queued_import(atomic=False)
    jobs.run_import(batch.pk, now=clock.now)
    batch.refresh_from_db()
    assert (batch.rejected, batch.problems.count()) == (ROWS, 6)


@pytest.mark.parametrize("atomic", [False, True], ids=["the rows that are right", "all or none"])
def test_the_queue_is_free_after_every_slice(atomic: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.world()
    monkeypatch.setattr(jobs, "SLICE", 4)
    batch, steps = queued_import(atomic=atomic), list[tuple[bool, int | None]]()
    note: Callable[[Import], None] = lambda row: steps.append((queue_is_free(), row.rows_done))  # noqa: E731

    jobs.run_import(batch.pk, now=clock.now, on_progress=note)

    assert all(is_free for is_free, _ in steps)
    assert [done for _, done in steps if done] == sorted(done for _, done in steps if done)
    assert {4, 8, 12, 16, 20} <= {done for _, done in steps}
    assert Measurement.objects.count() == ROWS
