"""Reminders of actions: soon before they are due and once they are overdue, and never again."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.job_slots import claim_slot
from targets.models import Action, Delivery
from targets.services.notifications import action_reminders
from targets.services.planning import actions
from tasks import sweep
from tasks.delivery import send_due_deliveries
from tests import factories

pytestmark = pytest.mark.django_db

BY = factories.BY


def at(days: int) -> datetime:
    return clock.now() + timedelta(days=days)


def act(days: int = 5, **values: str) -> Action:
    due = (clock.today() + timedelta(days=days)).isoformat()
    return factories.action(factories.world(), due, text="Open two markets\nby the river", **values)


def told() -> list[tuple[str, str, str]]:
    rows = Delivery.objects.filter(alert=None).order_by("due_day", "event", "recipient")
    return [(row.event, row.recipient, row.state) for row in rows]


def test_each_recipient_is_told_once_of_each_due_day() -> None:
    action = act(email="an@example.org")
    written = [action_reminders.write_reminders(now=at(days)) for days in (1, 2, 2, 3, 5, 6, 7)]
    assert written == [0, 2, 0, 0, 0, 2, 0]
    soon = [("due_soon", "an@example.org", "pending"), ("due_soon", "statistics@example.org", "pending")]
    assert told() == [*soon, *[("overdue", *rest) for _, *rest in soon]]
    actions.update_action(action=action, by=BY, now=at(7), due_day=(clock.today() + timedelta(days=20)))
    assert [action_reminders.write_reminders(now=at(days)) for days in (8, 17, 18)] == [0, 2, 0]


def test_one_address_gets_one_message() -> None:
    act(1, email="Statistics@example.org")
    assert action_reminders.write_reminders(now=at(0)) == 1


def test_where_there_is_nobody_to_tell_the_row_says_so() -> None:
    act(1)
    Department.objects.update(email="")
    action_reminders.write_reminders(now=at(0))
    assert told() == [("due_soon", "", "failed")]


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_what_is_closed_reminds_nobody(state: str) -> None:
    action = act(1)
    action_reminders.write_reminders(now=at(0))
    actions.update_action(action=action, by=BY, now=at(0), state=state)
    assert (send_due_deliveries(), mail.outbox) == (0, [])
    assert told() == [("due_soon", "statistics@example.org", "dropped")]
    assert action_reminders.write_reminders(now=at(5)) == 0


def test_of_two_jobs_of_one_day_one_writes() -> None:
    act(1)
    with claim_slot(action_reminders.JOB_NAME, clock.local_day(at(0)).isoformat(), at(0)):
        assert action_reminders.write_reminders(now=at(0)) == 0


def test_the_sweep_sends_a_letter_in_both_languages() -> None:
    action = act(-1, person="Nguyễn Văn An")
    assert sweep.run_sweep().messages == 1
    (letter,) = mail.outbox
    due, due_in_english = f"{action.due_day:%d/%m/%Y}", f"{action.due_day.day} {action.due_day:%B %Y}"
    assert letter.subject == (
        f"[kpitracker] Biện pháp đã quá hạn ({due}) · Action overdue ({due_in_english}): Open two markets by the river"
    )
    assert letter.to == ["statistics@example.org"]
    assert letter.extra_headers["X-Kpitracker-Action"] == str(action.pk)
    for line in (
        f"Overdue, {due_in_english}: Open two markets",
        f"Đã quá hạn, {due}: ",
        "Nguyễn Văn An",
        "/targets/plan:sales:city/",
    ):
        assert line in letter.body
    assert told() == [("overdue", "statistics@example.org", "sent")]
