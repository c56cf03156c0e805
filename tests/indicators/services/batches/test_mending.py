"""Figures that an earlier version stored from a cell with a line break are mended by a command, on both databases."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from indicators.domain.periods import Period
from indicators.models import Measurement, Revision, SeriesChange
from indicators.services.batches import decide, digests, imports
from indicators.services.batches.rows import FigureRow
from kpitracker.lib import clock
from kpitracker.lib.db import bulk
from kpitracker.lib.models.audit import AuditEntry
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
# What was in the cell, and what PostgreSQL made of it.
CELLS = {
    "the old and the new value": ("1200\n1350", "102001350"),
    "five digits and four": ("138000\n8200", "13800008200"),
    "a short number first": ("12\n3456", "123456"),
    "a break in front of three digits": ("1200\n350", "12000350"),
    "below zero": ("-1200\n1350", "-102001350"),
    "decimals behind": ("1200\n1350.5", "102001350.5"),
}


def encode_as_before(value: str) -> bytes:
    sign, digits = (0x4000, value[1:]) if value[0] == "-" else (0, value)
    whole, _, fraction = digits.partition(".")
    padded = whole.rjust(-(-len(whole) // 4) * 4, "0") + fraction.ljust(-(-len(fraction) // 4) * 4, "0")
    groups = [int(padded[start : start + 4]) for start in range(0, len(padded), 4)]
    head = 8 + 2 * len(groups), len(groups), -(-len(whole) // 4) - 1, sign, len(fraction)
    return bulk._NUMERIC_PACKERS[len(groups)](*head, *groups)


@pytest.fixture
def api(settings: Any, tmp_path: Any) -> Api:
    settings.DATA_DIR = tmp_path
    factories.area()
    factories.indicator()
    return api_of()


def store_as_before(monkeypatch: pytest.MonkeyPatch, *cells: str) -> str:
    """Store a batch with these cells as the earlier version did; returns its id."""
    today = clock.today()
    rows: list[Any] = [
        FigureRow(n, "sales", "city", Period.parse(f"2024-{n:02}"), today, cell, "", "", "", "", "")
        for n, cell in enumerate(cells, 1)
    ]
    with monkeypatch.context() as patch, connection.cursor() as cursor:
        patch.setattr(bulk, "_encode_numeric", encode_as_before)
        # Warnings about such a cell could not be computed.
        patch.setattr(decide.BatchDecisions, "_figure_changes", lambda _: [])
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        stored = imports.import_rows(rows=rows, file_format="csv", by=factories.BY, now=clock.now())
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert stored.batch
    return str(stored.batch.pk)


def mend() -> str:
    output = StringIO()
    call_command("mend_figures", stdout=output)
    return output.getvalue()


@pytest.mark.parametrize(("cell", "made"), CELLS.values(), ids=CELLS)
def test_a_figure_from_two_numbers_is_taken_back_and_everything_reads_again(
    api: Api, monkeypatch: pytest.MonkeyPatch, cell: str, made: str
) -> None:
    store_as_before(monkeypatch, "5", cell, "60000", "1230456")
    if connection.vendor == "sqlite":
        assert api.get("measurements/").status == 500
    else:
        assert [row["value"] for row in api.rows("measurements/?ordering=period_end")][1] == made
    SeriesChange.objects.all().delete()
    assert "2024-02" in mend()
    rows = api.rows("measurements/?ordering=period_end")
    assert [row["value"] for row in rows] == ["5", None, "60000", "1230456"]
    assert rows[1]["missing_reason"] == "withdrawn"
    assert api.get("measurements/?include_history=true").status == 200
    assert api.get("indicators/sales/series/").status == 200
    assert SeriesChange.objects.filter(indicator__code="sales").exists()
    (kept,) = AuditEntry.objects.filter(kind="indicators.revision")
    assert kept.before["value"] == cell
    # What the audit keeps of the batch holds again, and nothing is left to be mended.
    assert list(digests.find_broken_entries()) == []
    assert "0 texts replaced, 0 figures withdrawn" in mend()
    assert api.post("measurements/", {"indicator": "sales", "period": "2024-02", "value": "1350"}).status == 201


def test_two_such_cells_in_one_batch_are_both_mended(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    store_as_before(monkeypatch, "1200\n1350", "5", "12\n3456")
    mend()
    assert [row["value"] for row in api.rows("measurements/?ordering=period_end")] == [None, "5", None]
    assert list(digests.find_broken_entries()) == []


def test_history_stays_append_only_after_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    store_as_before(monkeypatch, "1200\n1350")
    mend()
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute("UPDATE indicators_revision SET note = 'x'")


def test_a_figure_that_was_corrected_since_keeps_the_right_value(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    store_as_before(monkeypatch, "1200\n1350")
    api.post("measurements/batch/", [{"indicator": "sales", "period": "2024-01", "value": "1350"}]).ok()
    mend()
    assert [row["value"] for row in api.rows("measurements/")] == ["1350"]
    assert api.get("measurements/?include_history=true").status == 200


def test_a_batch_that_differs_for_another_reason_is_named(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = store_as_before(monkeypatch, "5", "6")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER indicators_revision_no_update")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE indicators_revision DISABLE TRIGGER USER")
        cursor.execute("UPDATE indicators_revision SET note = 'x'")
    with pytest.raises(CommandError, match=batch):
        mend()
    assert Revision.objects.count() == Measurement.objects.count() == 2
