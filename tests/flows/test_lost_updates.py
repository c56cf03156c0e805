"""Eight writers at one target: whoever was told that his change was made, made it, upon what he had read."""

from typing import Any

import pytest

from kpitracker.lib.models import AuditEntry
from targets.models import Target
from tests import factories
from tests.example_counts import amount
from tests.flows.test_concurrent_requests import at_once
from tests.support import api_of

pytestmark = pytest.mark.database

WRITERS, EDITS = 8, amount(15, 15, full=50)
PATH = "targets/plan:sales:city/"


@pytest.mark.django_db(transaction=True)
def test_as_many_versions_as_changes_that_were_confirmed() -> None:
    factories.world()
    apis = [api_of() for _ in range(WRITERS)]

    def edit(writer: int) -> list[Any]:
        made = []
        for turn in range(EDITS):
            tag = apis[writer].get(PATH).headers["ETag"]
            note = f"writer {writer}, turn {turn}"
            answer = apis[writer].patch(PATH, {"note": note}, If_Match=tag)
            assert answer.status in (200, 412), answer.json
            if answer.status == 200:
                made.append((answer.headers["ETag"], note))
        return made

    made = [change for changes in at_once(WRITERS, edit) for change in changes]
    target = Target.objects.get()
    entries = AuditEntry.objects.filter(verb="changed", kind="targets.target").order_by("pk")

    assert target.row_version - 1 == len(made) == entries.count()
    assert len({tag for tag, _ in made}) == len(made)
    assert sorted(entry.after["note"] for entry in entries) == sorted(note for _, note in made)
    # Each change says what it replaced: the chain from the first to the last has no gap.
    followed = [entry.before["note"] for entry in entries][1:]
    assert followed == [entry.after["note"] for entry in entries][:-1]
    assert target.note == entries.last().after["note"]  # type: ignore[union-attr]
