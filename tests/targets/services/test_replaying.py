"""What a year would have brought: the same decisions, day by day."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from kpitracker.lib import clock
from targets.domain.alerting import Reason
from targets.models import Alert, AlertRule, Delivery, Plan
from targets.services import messages, replaying
from targets.services.replaying import Happening
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


def told(*codes: str, last: date = date(2025, 2, 1)) -> list[Happening]:
    rules = AlertRule.objects.filter(code__in=codes or ["status-worrying"]).order_by("code")
    return replaying.replay(
        plan=Plan.objects.get(), rules=list(rules), first=date(2024, 1, 1), last=last, today=clock.today()
    )


def test_it_opens_on_the_day_of_the_figure_and_ends_on_that_of_the_better_one() -> None:
    AlertRule.objects.update(remind_days=0, escalate_days=0)
    found = [(each.day.isoformat(), each.reason, each.facts["status"], each.recipient) for each in told()]
    assert found == [
        ("2024-04-05", Reason.FIRST, "off_track", "office@example.org"),
        ("2024-12-06", Reason.RECOVERED, "on_track", "office@example.org"),
    ]


def test_nobody_answers_so_it_is_brought_to_mind_and_raised() -> None:
    AlertRule.objects.update(remind_days=5, escalate_days=8)
    found = [(each.day.isoformat(), each.reason.value, each.recipient) for each in told(last=date(2024, 4, 26))]
    assert found == [
        ("2024-04-05", "first", "office@example.org"),
        ("2024-04-12", "reminder", "office@example.org"),
        ("2024-04-17", "escalation", "hall@example.org"),
        ("2024-04-24", "reminder", "hall@example.org"),
    ]


def test_overdue_figures_are_told_days_after_the_due_day() -> None:
    AlertRule.objects.update(remind_days=0, escalate_days=0, days=5)
    found = [(each.day.isoformat(), each.reason.value) for each in told("figures-overdue")]
    # January's were due on 20 February and came in March; April's, due on 20 May, are missing until December.
    assert found == [
        ("2024-02-29", "first"),
        ("2024-03-08", "recovered"),
        ("2024-05-29", "first"),
        ("2024-12-06", "recovered"),
    ]


def test_what_is_known_to_be_missed_is_closed_instead_of_brought_to_mind() -> None:
    AlertRule.objects.update(remind_days=5, escalate_days=10)
    factories.figure("sales", "2024", 900, published="2025-01-17")
    found = [(each.day.isoformat(), each.reason.value, each.facts["status"]) for each in told()]
    assert found[-2:] == [("2025-01-17", "first", "missed"), ("2025-01-24", "settled", "missed")]
    with translation.override("en"):
        facts = told()[-1].facts
        assert messages.opening("resolved", facts).startswith("The result is known")
        assert "missed (provisional) (closed)" in messages.subject(facts, "resolved")


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
