"""What a year would have brought: the same decisions, day by day."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from indicators.models import Area
from kpitracker.lib import clock
from targets.domain.alerting import NotificationReason
from targets.models import Action, Alert, AlertRule, Delivery, Plan, Target
from targets.services.alerting import replay
from targets.services.alerting.replay import ReplayedMessage
from targets.services.planning import targets
from targets.services.text import alert_facts, alert_messages
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def year() -> None:
    """Twelve hundred in 2024, a hundred a month; March falls short, November brings it back."""
    factories.department("hall", email="hall@example.org")
    factories.department("office", parent="hall", email="office@example.org")
    factories.indicator("sales", department="office")
    factories.area("city")
    factories.plan()
    factories.target("sales")
    for span, value, published in (
        ("2024-01/2024-02", 200, "2024-03-08"),
        ("2024-01/2024-03", 200, "2024-04-05"),
        ("2024-01/2024-11", 1150, "2024-12-06"),
        ("2024", 1250, "2025-01-10"),
    ):
        factories.figure("sales", span, value, published=published)


def told(*codes: str, last: date = date(2025, 2, 1)) -> list[ReplayedMessage]:
    rules = AlertRule.objects.filter(code__in=codes or ["status-worrying"]).order_by("code")
    result = replay.replay(
        plan=Plan.objects.get(), rules=list(rules), first=date(2024, 1, 1), last=last, today=clock.today()
    )
    return list(result)


def test_it_opens_on_the_day_of_the_figure_and_ends_on_that_of_the_better_one() -> None:
    AlertRule.objects.update(remind_days=0, escalate_days=0)
    results = [(row.day.isoformat(), row.reason, row.snapshot["status"], row.addresses) for row in told()]
    assert results == [
        ("2024-04-05", NotificationReason.FIRST, "off_track", "office@example.org"),
        ("2024-12-06", NotificationReason.RECOVERED, "on_track", "office@example.org"),
    ]


def test_nobody_answers_so_it_is_brought_to_mind_and_raised() -> None:
    AlertRule.objects.update(remind_days=5, escalate_days=8)
    results = [(row.day.isoformat(), row.reason.value, row.addresses) for row in told(last=date(2024, 5, 1))]
    assert results == [
        ("2024-04-05", "first", "office@example.org"),
        ("2024-04-12", "reminder", "office@example.org"),
        ("2024-04-17", "escalation", "hall@example.org"),
        ("2024-05-01", "reminder", "hall@example.org"),
    ]


def test_overdue_figures_are_told_days_after_the_due_day() -> None:
    AlertRule.objects.update(remind_days=0, escalate_days=0, offset_days=5)
    results = [(row.day.isoformat(), row.reason.value) for row in told("figures-overdue")]
    # January's were due on 20 February and came in March; April's, due on 20 May, are missing until December.
    assert results == [
        ("2024-02-29", "first"),
        ("2024-03-08", "recovered"),
        ("2024-05-29", "first"),
        ("2024-12-06", "recovered"),
    ]


def test_an_area_that_ended_is_not_overdue() -> None:
    """January came late; after 31 March there is no area that owes April's figures."""
    AlertRule.objects.update(remind_days=0, escalate_days=0, offset_days=5)
    Area.objects.update(valid_to=date(2024, 3, 31))
    results = [(row.day.isoformat(), row.reason.value) for row in told("figures-overdue")]
    assert results == [("2024-02-29", "first"), ("2024-03-08", "recovered")]


def test_what_is_known_to_be_missed_is_closed_instead_of_brought_to_mind() -> None:
    AlertRule.objects.update(remind_days=5, escalate_days=10)
    factories.figure("sales", "2024", 900, published="2025-01-17")
    results = [(row.day.isoformat(), row.reason.value, row.snapshot["status"]) for row in told()]
    assert results[-2:] == [("2025-01-17", "first", "missed"), ("2025-01-24", "settled", "missed")]
    with translation.override("en"):
        facts = told()[-1].snapshot
        assert alert_messages.event_sentence("resolved", facts).startswith("The final result is known")
        assert "missed (provisional) (closed)" in alert_messages.alert_headline(facts, "resolved")


def happened(code: str, **values: object) -> list[tuple[str, str, str]]:
    AlertRule.objects.filter(code=code).update(remind_days=0, escalate_days=0, **values)
    with translation.override("en"):
        return [
            (row.day.isoformat(), row.reason.value, alert_facts.message_context(row.snapshot)["why"])
            for row in told(code)
        ]


def test_what_is_due_soon_and_then_overdue_or_there() -> None:
    result = happened("figures-due-soon")
    assert result[:2] == [
        ("2024-02-15", "first", "The figures of January 2024 are due on 20 February 2024 and have not come yet."),
        ("2024-02-21", "recovered", ""),
    ]
    # Nothing else was due soon while something was overdue, from May to December.
    assert [(day, reason) for day, reason, _ in result[2:]] == [
        ("2024-05-15", "first"),
        ("2024-05-21", "recovered"),
    ]


def test_who_is_back_on_track_and_who_is_early() -> None:
    assert happened("back-on-track") == [("2024-12-06", "first", "It was off track and is on track now.")]
    factories.figure("sales", "2024-01/2024-11", 1210, published="2024-12-13")
    assert [(day, why[:13]) for day, _, why in happened("met-early")] == [("2024-12-13", "It is met alr")]


def test_what_was_revised() -> None:
    factories.figure("sales", "2024-01/2024-03", 250, published="2024-04-15")
    assert happened("figure-revised") == [
        ("2024-04-15", "first", "The figure of the first quarter of 2024 was revised from 200 to 250 (25 %).")
    ]


def test_a_target_that_was_amended() -> None:
    target = Target.objects.get()
    targets.amend_target(
        target=target, by=factories.BY, now=clock.now(), announced=date(2024, 7, 1), act="12", lower=1000
    )
    assert [(day, reason) for day, reason, _ in happened("target-amended")] == [("2024-07-01", "first")]


def test_actions_by_the_days_on_which_they_were_written_and_closed() -> None:
    done = factories.action(Target.objects.get(), "2024-06-03", state="done", closed_day=date(2024, 6, 10))
    Action.objects.filter(pk=done.pk).update(created_at=clock.start_of_day(date(2024, 5, 2)))
    assert [(day, reason) for day, reason, _ in happened("action-overdue")] == [
        ("2024-06-04", "first"),
        ("2024-06-10", "recovered"),
    ]


def test_nothing_is_stored_and_nothing_is_sent() -> None:
    assert told()
    assert not Alert.objects.exists()
    assert not Delivery.objects.exists()


def test_the_command_prints_a_timeline() -> None:
    out = StringIO()
    call_command("replay", plan="plan", language="en", rule=["status-worrying"], stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "5 April 2024  opened  [A target becomes at risk, off track or missed]  → office@example.org"
    assert "off track" in lines[1]
    with pytest.raises(CommandError, match="no plan"):
        call_command("replay", plan="none")
    with pytest.raises(CommandError, match="no rule"):
        call_command("replay", plan="plan", rule=["none"])
