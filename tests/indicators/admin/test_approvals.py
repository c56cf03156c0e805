"""A second person of the department approves or rejects what waits, on a page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.domain.periods import Period
from indicators.models import Approval, Indicator
from indicators.services.figures import recording
from indicators.services.figures.recording import FigureInput
from kpitracker.lib import clock
from kpitracker.lib.admin.optimistic_lock import VERSION_FIELD
from kpitracker.lib.numbers import parse_number
from tests import factories
from tests.admin_support import client_of, errors, person, submit

pytestmark = pytest.mark.django_db

LIST = reverse("admin:indicators_approval_changelist")


@pytest.fixture
def first() -> Client:
    """Who posted the figure that waits."""
    factories.area()
    factories.department("trade")
    factories.indicator("sales", department="trade", needs_approval=True)
    user = person("lan", "officer", "trade")
    figure = FigureInput("sales", Period.parse("2024"), clock.today(), "city", parse_number("5"))
    recording.record_figure(figure=figure, by=user.as_actor(), now=clock.now())
    return client_of(user)


@pytest.fixture
def second(first: Client) -> Client:
    return client_of(person("hoa", "officer", "trade"))


def state() -> tuple[str, str, str]:
    row = Approval.objects.get()
    return row.state, row.decided_by, row.reason


def decide(client: Client, **fields: Any) -> Any:
    return submit(client, reverse("admin:indicators_approval_change", args=[Approval.objects.get().pk]), fields)


def test_a_second_person_approves_or_rejects_with_a_reason(second: Client) -> None:
    assert set(errors(decide(second, decision="reject"))) == {"reason"}
    assert decide(second, decision="reject", reason="a slip").status_code == 302
    assert state() == ("rejected", "admin hoa", "a slip")
    assert decide(second, decision="approve").status_code == 403


def test_many_are_approved_from_the_list(second: Client) -> None:
    second.post(LIST, {"action": "approve", "_selected_action": [Approval.objects.get().pk]})
    assert state() == ("approved", "admin hoa", "")


def test_who_posted_it_does_not_approve_it(first: Client) -> None:
    page = first.get(reverse("admin:indicators_approval_change", args=[Approval.objects.get().pk]))
    assert 'name="decision"' not in page.content.decode()
    assert decide(first, decision="approve").status_code == 403
    answer = first.post(LIST, {"action": "approve", "_selected_action": [Approval.objects.get().pk]}, follow=True)
    assert "second person" in str(next(iter(answer.context["messages"])))
    assert state()[0] == "pending"


def test_another_department_does_not_even_see_it(first: Client) -> None:
    factories.department("tax")
    client = client_of(person("minh", "officer", "tax"))
    assert client.get(LIST).context["cl"].result_count == 0
    assert decide(client, decision="approve").status_code == 302
    assert state()[0] == "pending"


def test_a_decision_is_made_with_everything_in_sight_and_nothing_preselected(second: Client) -> None:
    Indicator.objects.update(name_en="Retail sales", unit="billion", needs_approval=False)
    factories.figure("sales", "2023", "1234.5")
    page = second.get(reverse("admin:indicators_approval_change", args=[Approval.objects.get().pk]))
    shown = page.content.decode()
    for text in ("Retail sales, City, 2024", "5 billion", "2023: 1,234.5 billion", "lan"):
        assert text in shown, text
    assert "sales · city" not in shown
    assert page.context["adminform"].form["decision"].value() is None
    assert set(errors(decide(second, reason="x"))) == {"decision"}
    assert state()[0] == "pending"
    answer = second.post(
        reverse("admin:indicators_approval_change", args=[Approval.objects.get().pk]),
        {"decision": "approve", VERSION_FIELD: page.context["adminform"].form.initial[VERSION_FIELD]},
        follow=True,
    )
    assert [str(message) for message in answer.context["messages"]] == ["Approved: Retail sales, City, 2024: 5 billion"]
