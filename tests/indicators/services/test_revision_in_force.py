"""Which revision is in force is one rule: the core, the SQL, the current figure and the alerts name the same one."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indicators.domain.figures import Figure, comparable_revision, figures_in_force
from indicators.domain.periods import Period
from indicators.models import Indicator, Measurement, Revision
from indicators.services.figures import approvals, recording, revision_store
from indicators.services.figures.recording import FigureInput
from kpitracker.lib.actor import ALL_SCOPES, Actor
from targets.services.alerting import revisions
from tests import factories
from tests.example_counts import amount

pytestmark = pytest.mark.django_db

FIRST_DAY = date(2024, 3, 1)
DAYS = [FIRST_DAY + timedelta(days=number) for number in range(-2, 8)]
SECOND_PERSON = Actor("second person", None, ALL_SCOPES, "", 7)


PERIOD = Period.parse("2024-02")


class Posted(NamedTuple):
    """A revision: recorded on a day, published that many days before (None: unknown), approved or rejected a day later."""

    day: int
    published_before: int | None
    approve: bool | None


POSTS = st.lists(
    st.builds(Posted, st.integers(0, 4), st.none() | st.integers(0, 4), st.none() | st.booleans()),
    min_size=1,
    max_size=6,
)


def record(posts: list[Posted]) -> None:
    """Record revisions of one figure, in the order of their days."""
    for number, post in enumerate(sorted(posts, key=lambda post: post.day)):
        now = datetime(2024, 3, 1 + post.day, 1, number, tzinfo=UTC)
        published = None if post.published_before is None else now.date() - timedelta(days=post.published_before)
        figure = FigureInput("sales", PERIOD, published, value=Decimal(number), note=str(number))
        revision = recording.record_figure(figure=figure, by=factories.BY, now=now).revision
        if post.approve is not None and revision_store.state_of(revision) == "pending":
            approvals.decide_approvals(
                revisions=[revision.pk], approve=post.approve, by=SECOND_PERSON, now=now + timedelta(days=1), reason="-"
            )


@pytest.fixture
def series() -> Indicator:
    factories.area()
    return factories.indicator()


@settings(
    max_examples=amount(40, 40, full=150),
    derandomize=True,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(posts=POSTS, needs_approval=st.booleans())
def test_all_name_the_same_revision(series: Indicator, posts: list[Posted], needs_approval: bool) -> None:
    with transaction.atomic():
        Indicator.objects.filter(pk=series.pk).update(needs_approval=needs_approval)
        record(posts)
        check_in_force()
        transaction.set_rollback(True)


def check_in_force() -> None:
    measurement = Measurement.objects.get()
    valid_revisions = list(Revision.objects.valid().order_by("number"))
    entries = [revision_store.to_entry(revision) for revision in valid_revisions]
    figures = [
        Figure("", entry.number, *PERIOD, entry.content.value, "", "", entry.published, entry.number, entry.recorded_on)
        for entry in entries
    ]
    for as_of in DAYS:
        by_sql = [revision.number for revision in Revision.objects.in_force(as_of)]
        assert [figure.revision for figure in figures_in_force(figures, as_of)] == by_sql
        comparable = comparable_revision(as_of, entries)
        assert [entry.number for entry in [comparable] if entry] == by_sql
    current = [revision.number for revision in valid_revisions if revision.pk == measurement.current_revision]
    assert current == by_sql
    records = revisions.load_revision_records([str(measurement.pk)])[str(measurement.pk)]
    assert [record.number for record in [revisions.record_in_force(records)] if record] == by_sql
