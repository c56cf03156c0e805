"""Many targets that break a rule at once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators.models import Area, Indicator
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from targets.models import Alert, AlertRule, Comment, Delivery, Target, TargetVersion
from targets.services.alerting import engine, rules
from targets.services.assessment import assess
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FEW, MANY = range(3), range(3, 30)
# What grows with the number of alerts unless they are written together.
TABLES = ("targets_alert", "lib_auditentry", "targets_comment")


def targets(count: int) -> None:
    """At least 1200 in the year, in so many areas of one department."""
    lead = factories.department(email="statistics@example.org")
    factories.indicator(department="statistics")
    factories.area()
    plan, indicator = factories.plan(), Indicator.objects.get()
    areas = Area.objects.bulk_create(Area(code=f"a{n}", name=f"A {n}") for n in range(count))
    span: dict[str, Any] = {"period_start": plan.period_start, "period_end": plan.period_end, "department": lead}
    made = Target.objects.bulk_create(
        Target(identifier=f"plan:sales:{a.code}", plan=plan, indicator=indicator, area=a, goal="at_least", **span)
        for a in areas
    )
    first: dict[str, Any] = {"number": 1, "lower": 1200, "announced": plan.period_start, "recorded_at": timezone.now()}
    TargetVersion.objects.bulk_create(TargetVersion(target=value, **first) for value in made)


def post(value: int, places: Collection[int]) -> None:
    for n in places:
        factories.figure("sales", "2024", value, area=f"a{n}")


def statements(value: int, places: Collection[int]) -> int:
    """About alerts and the audit, when figures of so many places are assessed at once."""
    post(value, places)
    with CaptureQueriesContext(connection) as queries:
        assess.process_series_changes(now=clock.now())
    # Whom each message goes to is asked for each.
    results = [query["sql"] for query in queries if "targets_delivery" not in query["sql"]]
    return sum(any(table in sql for table in TABLES) for sql in results)


def states() -> dict[str, int]:
    result = Alert.objects.values_list("state", flat=True)
    return {state: list(result).count(state) for state in set(result)}


@pytest.fixture(autouse=True)
def world() -> None:
    targets(30)
    post(1300, range(30))
    assess.process_series_changes(now=clock.now())


def test_as_many_statements_for_thirty_as_for_three() -> None:
    """Opened, closed, and opened anew as the second episode."""
    for value in (900, 1300, 880):
        few, many = statements(value, FEW), statements(value, MANY)
        assert few == many
        assert few < 12
    assert states() == {"resolved": 30, "firing": 30}
    assert set(Alert.objects.filter(state="firing").values_list("episode", flat=True)) == {2}
    noted = AuditEntry.objects.filter(kind="targets.alert").values_list("verb", flat=True)
    assert (list(noted).count("opened"), list(noted).count("resolved")) == (60, 30)
    assert Delivery.objects.count() == 90


def test_what_changes_together_is_stored_as_if_it_changed_alone() -> None:
    post(900, range(30))
    assess.process_series_changes(now=clock.now())
    later = clock.now() + timedelta(days=9)
    assert engine.process_due_alerts(now=later) == 30
    results = list(Alert.objects.order_by("pk"))
    # The result is known: closed instead of brought to mind.
    notified = {
        (row.message_count, row.state, row.resolved_at, row.last_notified_on, row.next_check_at) for row in results
    }
    assert notified == {(2, "resolved", later, clock.local_day(later), None)}
    assert [row.snapshot["target"] for row in results] == [row.target.identifier for row in results]


def test_of_those_that_end_unheard_those_that_were_talked_about_are_kept() -> None:
    rules.change_rule(rule=AlertRule.objects.get(code="status-worrying"), by=factories.BY, for_hours=24)
    post(900, range(30))
    assess.process_series_changes(now=clock.now())
    talked = Alert.objects.order_by("pk")[7]
    Comment.objects.create(alert=talked, text="Why?", created_at=clock.now(), author="lan")
    post(1300, range(30))
    assess.process_series_changes(now=clock.now())
    assert [(row.pk, row.state) for row in Alert.objects.all()] == [(talked.pk, "resolved")]
