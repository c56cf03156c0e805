"""What changes between the check of an atomic import and its commit is decided again, as if all were sent then."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from indicators.importing import jobs
from indicators.models import (
    Approval,
    Import,
    ImportProblem,
    Indicator,
    Measurement,
    Revision,
    SeriesChange,
    StagedFigure,
    StagedRevision,
    StagedSlice,
)
from indicators.services.batches import digests, imports, staged_rows
from indicators.services.figures import approvals
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Actor
from kpitracker.lib.models.audit import AuditEntry
from targets.models import Plan
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ROWS = {f"{1990 + number}": str(number) for number in range(8)}
DAY = "2024-01-15"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.UPLOADS_DIR = str(tmp_path)
    monkeypatch.setattr(jobs, "SLICE", 3)


def queued_import(of: str = "sales") -> Import:
    lines = [f"{of},city,{period},{value},{DAY}" for period, value in ROWS.items()]
    body = "\n".join(["indicator,area,period,value,published", *lines])
    upload = jobs.receive_upload(BytesIO(body.encode()).read)
    return imports.queue_import(pk=upload.pk, file_format="csv", by=factories.BY, now=clock.now(), size=upload.size)


def run(batch: Import, between: Callable[[], object] = lambda: None) -> Import:
    """Run the import; do `between` when every row is staged and before the commit."""

    def act_once(progress: Import) -> None:
        if progress.rows_done == len(ROWS) and progress.is_open and not done:
            assert StagedSlice.objects.exists()
            done.append(True)
            between()

    done: list[bool] = []
    jobs.run_import(batch.pk, now=clock.now, on_progress=act_once)
    assert done
    batch.refresh_from_db()
    assert [model.objects.count() for model in (StagedSlice, StagedFigure, StagedRevision)] == [0, 0, 0]
    assert list(digests.find_broken_entries()) == []
    return batch


def counts(batch: Import) -> tuple[str, int, int, int, int]:
    return batch.state, batch.created, batch.revised, batch.unchanged, batch.rejected


def values() -> dict[str, list[str]]:
    """The values of all revisions by period, first to last."""
    rows = Revision.objects.order_by("measurement__period_start", "number")
    by_period: dict[str, list[str]] = {}
    for start, value in rows.values_list("measurement__period_start", "value"):
        by_period.setdefault(str(start.year), []).append(str(value))
    return by_period


def lock_plan() -> None:
    Plan.objects.update(locked_through="2024-01-31")


def forget_indicator() -> None:
    row = Indicator.objects.get(code="sales")
    row.formula, row.accumulation = "2 * profit", ""
    row.save()


def test_rows_are_stored_as_they_were_staged() -> None:
    factories.world()
    factories.figure("sales", "1991", 1, published=DAY)
    factories.figure("sales", "1992", 77, published=DAY)
    SeriesChange.objects.all().delete()
    staged_before = clock.now()
    batch = run(queued_import())
    assert counts(batch) == ("done", 6, 1, 1, 0)
    assert values() == {period: [value] for period, value in ROWS.items()} | {"1992": ["77", "2"]}
    in_force = dict(Measurement.objects.values_list("period_start__year", "value"))
    assert {str(year): str(value) for year, value in in_force.items()} == ROWS
    assert set(Revision.objects.filter(batch=batch.pk).values_list("quiet", flat=True)) == {False}
    assert Revision.objects.filter(batch=batch.pk, recorded_at__gte=staged_before).count() == 7
    assert SeriesChange.objects.count() == 1
    noted = AuditEntry.objects.filter(kind="indicators.import", verb="recorded")
    assert sum(entry.after["revisions"] for entry in noted) == 7


CHANGED: dict[str, tuple[Callable[[], object], tuple[str, int, int, int, int], dict[str, list[str]]]] = {
    "a new figure was posted with the same value": (
        lambda: factories.figure("sales", "1994", 4, published=DAY),
        ("done", 7, 0, 1, 0), {},
    ),
    "a new figure was posted with another value": (
        lambda: factories.figure("sales", "1994", 44, published="2024-01-14"),
        ("done", 7, 1, 0, 0), {"1994": ["44", "4"]},
    ),
    "a figure of another period was posted": (
        lambda: factories.figure("sales", "2010", 5, published=DAY), ("done", 8, 0, 0, 0), {"2010": ["5"]},
    ),
    "an indicator that is not in the file changed": (lambda: factories.indicator("others"), ("done", 8, 0, 0, 0), {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGED)
def test_what_changed_is_decided_again(case: str) -> None:
    factories.world()
    act, expected, other_values = CHANGED[case]
    assert counts(run(queued_import(), act)) == expected
    assert values() == {period: [value] for period, value in ROWS.items()} | other_values


def test_a_figure_that_was_unchanged_and_is_no_longer_gets_its_revision() -> None:
    factories.world()
    factories.figure("sales", "1991", 1, published=DAY)
    batch = run(queued_import(), lambda: factories.figure("sales", "1991", 5, published=DAY))
    assert counts(batch) == ("done", 7, 1, 0, 0)
    assert values()["1991"] == ["1", "5", "1"]


def test_a_figure_that_was_changed_and_was_revised_again_keeps_all_revisions() -> None:
    factories.world()
    factories.figure("sales", "1991", 9, published=DAY)
    batch = run(queued_import(), lambda: factories.figure("sales", "1991", 5, published=DAY))
    assert counts(batch) == ("done", 7, 1, 0, 0)
    assert values()["1991"] == ["9", "5", "1"]


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "the periods were locked": (lock_plan, "period-locked"),
    "the indicator is computed now": (forget_indicator, "computed-indicator"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_conflict_refuses_all_rows(case: str) -> None:
    factories.world()
    factories.indicator("profit")
    act, slug = REFUSED[case]
    batch = run(queued_import(), act)
    assert counts(batch)[0] == "rejected"
    assert batch.rejected == len(ROWS)
    assert set(ImportProblem.objects.values_list("slug", flat=True)) == {slug}
    assert not Revision.objects.exists()


def test_pending_revisions_are_compared_as_they_are_decided_at_the_commit() -> None:
    factories.world()
    factories.indicator("checked", needs_approval=True)
    pending = factories.figure("checked", "1991", 1, published=DAY).revision

    def reject() -> None:
        second = Actor("second", None, ALL_SCOPES, person=1)
        approvals.decide_approvals(revisions=[pending.pk], approve=False, by=second, now=clock.now(), reason="Wrong.")

    batch = run(queued_import("checked"), reject)
    # Its row repeated the pending revision; since that was rejected, it is posted like a new figure.
    assert counts(batch) == ("done", 8, 0, 0, 0)
    assert Approval.objects.filter(state="pending").count() == len(ROWS)
    assert set(Measurement.objects.values_list("missing_reason", flat=True)) == {"not_available"}


def test_an_import_that_an_earlier_version_has_checked_is_checked_again() -> None:
    factories.world()
    batch = run(queued_import(), lambda: staged_rows.delete_rows(StagedSlice.objects.all()[0]))
    assert counts(batch) == ("done", 8, 0, 0, 0)
    assert values() == {period: [value] for period, value in ROWS.items()}


def test_staged_rows_of_finished_imports_are_deleted() -> None:
    factories.world()
    batch = queued_import()
    kept = StagedSlice.objects.create(batch=batch, start=0)
    jobs.delete_abandoned_files(now=clock.now() + timedelta(days=2))
    assert StagedSlice.objects.get() == kept
    Import.objects.update(state="failed")
    jobs.delete_abandoned_files(now=clock.now() + timedelta(days=2))
    assert not StagedSlice.objects.exists()
