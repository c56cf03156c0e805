"""Whatever a batch did, after its undo every figure says again what it said before."""

from datetime import date
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from indicators.domain.figures import RevisionContent, comparable_revision, current_revision
from indicators.domain.periods import Period
from indicators.models import Approval, Import, Indicator, Measurement, Revision
from indicators.services.batches import import_undo, imports
from indicators.services.batches.rows import FigureRow
from indicators.services.figures import revision_store
from tests import factories
from tests.example_counts import amount
from tests.indicators.services.batches import generated
from tests.indicators.services.batches.generated import NOW, Example

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ALWAYS = settings(
    max_examples=amount(60, 30, full=60, quick=8),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
Place = tuple[int, int, date, date]
Said = dict[Place, list[RevisionContent | None]]
DAYS = [day for day in generated.KNOWN_DAYS if day]


def said() -> Said:
    """By figure, its content in force now and as of each day; None: nothing was known."""
    results: Said = {}
    for row in Measurement.objects.all():
        revisions = Revision.objects.filter(measurement=row).select_related("approval").order_by("number")
        entries = [
            revision_store.to_entry(revision)
            for revision in revisions
            if revision_store.state_of(revision) in ("valid", "approved")
        ]
        existing = [current_revision(entries), *(comparable_revision(day, entries) for day in DAYS)]
        place = row.indicator_id, row.area_id, row.period_start, row.period_end
        results[place] = [entry and entry.content for entry in existing]
        assert revision_store.project_current(row) == {}
    return results


def post(example: Example) -> Import | None:
    by = generated.actors()[example.by]
    return imports.import_rows(rows=list(example.rows), file_format="json", by=by, now=NOW, atomic=False).batch


def test_every_figure_says_what_it_said_before() -> None:
    generated.world()
    undone = []

    @ALWAYS
    @given(example=generated.examples())
    def same(example: Example) -> None:
        with transaction.atomic():
            generated.happen(example.past)
            before, batch = said(), post(example)
            if batch is not None and Revision.objects.filter(batch=batch.pk).exists():
                made = import_undo.undo_batch(batch=batch, by=factories.BY, now=NOW)
                undone.append((made.undo or {})["withdrawn"])
                after, nothing = said(), [None] * (len(DAYS) + 1)
                for place, contents in after.items():
                    now, *then = contents
                    was, *earlier = before.get(place, nothing)
                    assert (now or import_undo.WITHDRAWN_CONTENT) == (was or import_undo.WITHDRAWN_CONTENT)
                    # Of days before anything was known: nothing, or what was known without a day.
                    assert all(old in (None, new) for old, new in zip(earlier, then, strict=True))
                assert not Approval.objects.filter(revision__batch=batch.pk, state="pending").exists()
            transaction.set_rollback(True)

    same()
    assert sum(undone) > amount(50, 15, full=50, quick=4)


def test_a_figure_without_a_day_is_in_force_again() -> None:
    factories.world()
    factories.figure("sales", "2024-01", 5, published=None)
    row = FigureRow(1, "sales", "city", Period.parse("2024-01"), date(2024, 2, 1), "7", *[""] * 5)
    batch = imports.import_rows(rows=[row], file_format="csv", by=factories.BY, now=NOW).batch
    assert batch
    assert (import_undo.undo_batch(batch=batch, by=factories.BY, now=NOW).undo or {})["withdrawn"] == 1
    assert Measurement.objects.get().value == 5


def test_what_waits_is_rejected_also_where_nobody_has_to_approve_any_more() -> None:
    factories.world()
    Indicator.objects.update(needs_approval=True)
    row = FigureRow(1, "sales", "city", Period.parse("2024-01"), date(2024, 2, 1), "7", *[""] * 5)
    batch = imports.import_rows(rows=[row], file_format="csv", by=factories.BY, now=NOW).batch
    assert batch
    Indicator.objects.update(needs_approval=False)
    import_undo.undo_batch(batch=batch, by=factories.BY, now=NOW)
    assert Approval.objects.get().state == "rejected"
    assert Measurement.objects.get().current_revision == UUID(int=0)
