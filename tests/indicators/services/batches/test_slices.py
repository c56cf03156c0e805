"""A batch worked on in slices, later, does what it would have done at once; a dry run says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from indicators.importing import jobs, readers, spool
from indicators.models import Import, ImportProblem, Revision
from indicators.services.batches import imports
from indicators.services.batches.rows import FigureRow
from kpitracker.lib.actor import Actor
from tests import factories
from tests.example_counts import amount
from tests.indicators.services.batches import generated
from tests.indicators.services.batches.generated import NOW, TODAY, Example

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ALWAYS = settings(
    max_examples=amount(25, 10, full=25, quick=4),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.UPLOADS_DIR = str(tmp_path)
    monkeypatch.setattr(jobs, "SLICE", 2)


def given_as(row: FigureRow) -> dict[str, Any]:
    """The row as a line of NDJSON has it."""
    named = dict(zip(FigureRow._fields[5:], row[5:], strict=True))
    results = {name: value for name, value in named.items() if value}
    day = "unknown" if row.published is None else row.published.isoformat()
    results |= {"indicator": row.indicator, "period": str(row.period), "published": day}
    return results | ({"area": row.area} if row.area else {})


def body_of(rows: list[FigureRow]) -> bytes:
    return b"\n".join(msgspec.json.encode(given_as(row)) for row in rows)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


Seen = tuple[dict[str, int], list[Any], list[Any]]


def stored() -> list[Any]:
    return sorted(
        Revision.objects.values_list("measurement__indicator__code", "measurement__area__code", "measurement__period_start",
            "measurement__period_end", "number", "value", "missing_reason", "stage", "source", "note", "posted_by"),
        key=repr,
    )  # fmt: skip


def at_once(body: bytes, by: Actor, **values: Any) -> Seen:
    rows = imports.collect_rows(readers.read_bytes("ndjson", body, by=factories.BY, today=TODAY))
    report = imports.import_rows(rows=rows, file_format="ndjson", by=by, now=NOW, **values).report
    counts = {name: count for name, count in report.counts().items() if name != "warnings"}
    return counts, [(rejection.number, rejection.item.slug) for rejection in report.rejections], stored()


def in_slices(body: bytes, by: Actor, **values: bool) -> Seen:
    upload = jobs.receive_upload(_pieces(body))
    imports.queue_import(pk=upload.pk, file_format="ndjson", by=by, now=NOW, size=upload.size, **values)
    jobs.run_import(upload.pk, now=lambda: NOW)
    batch = Import.objects.get(pk=upload.pk)
    assert batch.state in ("done", "rejected"), batch.problem
    counts = {name: getattr(batch, name) for name in ("rows", "created", "revised", "unchanged", "rejected")}
    return counts, list(ImportProblem.objects.order_by("row").values_list("row", "slug")), stored()


def _pieces(body: bytes) -> Any:
    left = [body]
    return lambda _: left.pop() if left else b""


MODES = {
    "what is right": {"atomic": False},
    "all or nothing": {"atomic": True},
    "a dry run of what is right": {"atomic": False, "dry_run": True},
    "a dry run of all or nothing": {"atomic": True, "dry_run": True},
}


@pytest.mark.parametrize("mode", MODES)
def test_slices_do_what_one_request_does(mode: str) -> None:
    generated.world()
    actors = generated.actors()

    @ALWAYS
    @given(example=generated.examples())
    def same(example: Example) -> None:
        body, by = body_of(example.rows), actors[example.by]
        with undone():
            generated.happen(example.past)
            with undone():
                requested = at_once(body, by, **MODES[mode])
            with undone():
                assert in_slices(body, by, **MODES[mode]) == requested

    same()


def test_a_dry_run_sees_the_rows_before_in_other_slices() -> None:
    factories.world()
    rows = [
        f'{{"indicator":"sales","period":"2023","value":"{day}","published":"2024-01-0{day}"}}' for day in range(1, 6)
    ]
    attempted = in_slices("\n".join(rows).encode(), factories.BY, atomic=False, dry_run=True)
    assert attempted[0] == {"rows": 5, "created": 1, "revised": 4, "unchanged": 0, "rejected": 0}
    assert attempted[2] == []


def test_a_figure_with_more_rows_than_a_slice_may_have_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.world()
    monkeypatch.setattr(spool, "_MAX_EXTRA_ROWS", 0)
    days = ["2024-01-01", "2024-01-01", "2024-01-02", "2024-01-01", "2024-01-03"]
    rows = [f'{{"indicator":"sales","period":"2023","value":"{n}","published":"{day}"}}' for n, day in enumerate(days)]
    counts, errors, _ = in_slices("\n".join(rows).encode(), factories.BY, atomic=False)
    assert counts == {"rows": 5, "created": 1, "revised": 2, "unchanged": 0, "rejected": 2}
    assert errors == [(2, "duplicate-row"), (4, "duplicate-row")]
