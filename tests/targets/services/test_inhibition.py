"""A department that has posted nothing of what is due is told once of all of it."""

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from kpitracker.lib import clock
from targets.models import Alert, AlertRule, Delivery, Target
from targets.services.alerting import engine, user_responses
from targets.services.assessment import assess, daily
from targets.services.text import alert_messages
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NAMES = ("jobs", "sales", "trade")


@pytest.fixture(autouse=True)
def office() -> None:
    """Three monthly indicators of one department, in this year: nothing was ever posted."""
    AlertRule.objects.exclude(code="figures-overdue").update(active=False)
    AlertRule.objects.filter(active=True).update(offset_days=0, remind_days=0, escalate_days=0)
    factories.area()
    factories.department(email="office@example.org")
    factories.department("other", email="other@example.org")
    year = clock.today().year
    factories.plan(period=str(year))
    for name in NAMES:
        factories.indicator(name, department="statistics", due_days=5)
        factories.target(name)
    # As if they had been judged before anything was due.
    Target.objects.get(indicator__code="jobs").assessment.__class__.objects.update(
        overdue=False, valid_through="2000-01-01"
    )


def at(days: float) -> datetime:
    return clock.now() + timedelta(days=days)


def sweep(days: float = 0) -> None:
    while assess.process_series_changes(now=at(days)):
        pass
    daily.assess_expired(now=at(days))
    engine.process_due_alerts(now=at(days))


def states() -> dict[str, tuple[str, bool]]:
    rows = Alert.objects.exclude(state="resolved").select_related("target__indicator")
    return {row.target.indicator.code: (row.state, row.inhibited_by_id is not None) for row in rows}


def told() -> list[tuple[str, str]]:
    rows = Delivery.objects.order_by("pk").select_related("alert__target__indicator")
    return [(row.event, row.alert.target.indicator.code) for row in rows if row.alert]


def post(name: str) -> None:
    """All months that are due by now."""
    today = clock.today()
    for month in range(1, today.month + 1):
        factories.figure(name, f"{today.year}-{month:02}", 200)


def test_one_alert_is_told_and_says_how_much_is_missing() -> None:
    sweep()
    assert states() == {"jobs": ("firing", False), "sales": ("pending", True), "trade": ("pending", True)}
    assert told() == [("opened", "jobs")]
    with translation.override("en"):
        assert "none of the figures that are due: 3 targets wait" in alert_messages.summary_line(
            Alert.objects.get(state="firing").snapshot
        )


def test_nobody_is_told_of_the_others_while_it_is_so() -> None:
    sweep()
    for days in range(1, 4):
        sweep(days)
    assert told() == [("opened", "jobs")]


def test_once_it_posts_something_what_is_still_missing_is_told_by_itself() -> None:
    sweep()
    post("jobs")
    sweep(0.1)
    assert states() == {"sales": ("firing", False), "trade": ("firing", False)}
    assert told() == [("opened", "jobs"), ("resolved", "jobs"), ("opened", "sales"), ("opened", "trade")]


def test_also_where_it_posts_another_one() -> None:
    sweep()
    post("trade")
    sweep(0.1)
    assert states() == {"jobs": ("firing", False), "sales": ("firing", False)}
    assert told() == [("opened", "jobs"), ("opened", "sales")]


def test_when_somebody_closes_the_one_alert_another_is_told_for_all() -> None:
    sweep()
    user_responses.resolve_alert(
        alert=Alert.objects.get(state="firing"), by=factories.BY, now=clock.now(), reason="they know"
    )
    sweep(0.1)
    assert states() == {"sales": ("firing", False), "trade": ("pending", True)}


def test_a_department_that_has_posted_something_is_told_of_each() -> None:
    post("trade")
    sweep()
    assert states() == {"jobs": ("firing", False), "sales": ("firing", False)}


def test_of_a_single_target_its_own_alert_says_it() -> None:
    Target.objects.exclude(indicator__code="jobs").delete()
    sweep()
    assert states() == {"jobs": ("firing", False)}
    with translation.override("en"):
        assert "none of the figures that are due" not in alert_messages.summary_line(Alert.objects.get().snapshot)


def test_one_department_mutes_no_other() -> None:
    factories.indicator("crime", department="other", due_days=5)
    factories.target("crime").assessment.__class__.objects.filter(target__indicator__code="crime").update(
        overdue=False, valid_through="2000-01-01"
    )
    sweep()
    assert states()["crime"] == ("firing", False)
    assert [name for _, name in told()] == ["jobs", "crime"]
