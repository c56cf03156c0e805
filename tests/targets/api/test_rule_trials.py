"""A rule tried on a year gone by: the API, and the page in the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.models import AuditEntry
from targets.models import Alert, AlertRule, Delivery, Plan
from targets.services.alerting import trials
from tests import factories
from tests.admin_support import administrator, client_of, person
from tests.support import api_of

pytestmark = pytest.mark.django_db

PATH = "alert-rules/status-worrying/trial/"


@pytest.fixture(autouse=True)
def year() -> None:
    """A hundred a month are asked; March falls short, November brings it back."""
    factories.world()
    for span, value, published in (("2024-01/2024-03", 200, "2024-04-05"), ("2024-01/2024-11", 1150, "2024-12-06")):
        factories.figure("sales", span, value, published=published)
    AlertRule.objects.filter(code="status-worrying").update(remind_days=0, escalate_days=0, active=False)


@pytest.mark.database
def test_what_it_would_have_told() -> None:
    api = api_of()
    before = AuditEntry.objects.count()
    body = api.post(PATH, {"plan": "plan"}).ok()
    assert {name: body[name] for name in ("rule", "plan", "from", "to", "opened", "whole")} == {
        "rule": "status-worrying", "plan": "plan", "from": "2024-01-01", "to": "2024-12-31", "opened": 1, "whole": True,
    }  # fmt: skip
    assert [
        (row["day"], row["reason"], row["target"], row["status"], row["recipient"]) for row in body["messages"]
    ] == [
        ("2024-04-05", "first", "plan:sales:city", "off_track", "statistics@example.org"),
        ("2024-12-06", "recovered", "plan:sales:city", "on_track", "statistics@example.org"),
    ]
    assert body["messages"][0]["message"].startswith("Sales, City, 2024: off track.")
    assert not Alert.objects.exists()
    assert not Delivery.objects.exists()
    assert AuditEntry.objects.count() == before


def test_of_the_days_that_are_asked_for() -> None:
    body = api_of().post(PATH, {"plan": "plan", "from": "2024-04-06", "to": "2024-12-05"}).ok()
    assert (body["opened"], body["messages"]) == (0, [])


def test_of_the_scope_of_the_rule(client: Any) -> None:
    factories.department("health")
    AlertRule.objects.filter(code="status-worrying").update(department=factories.department("other"))
    assert api_of().post(PATH, {"plan": "plan"}).ok()["messages"] == []


def test_of_many_messages_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MAX_ROWS", 1)
    body = api_of().post(PATH, {"plan": "plan"}).ok()
    assert (len(body["messages"]), body["whole"]) == (1, False)


TO_COME = (clock.today() + timedelta(days=9)).isoformat()  # the tests may run over midnight
REFUSED: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "no plan": ({}, 400, "required", "/plan"),
    "a plan that there is not": ({"plan": "none"}, 422, "unknown-plan", "/plan"),
    "from a day to come": ({"plan": "plan", "from": TO_COME}, 400, "invalid-date", "/from"),
    "through a day to come": ({"plan": "plan", "to": TO_COME}, 400, "invalid-date", "/to"),
    "the wrong way round": ({"plan": "plan", "from": "2024-05-01", "to": "2024-04-30"}, 400, "invalid-date", "/to"),
    "a day more than a leap year": ({"plan": "plan", "to": "2025-01-01"}, 400, "invalid-date", "/to"),
    "a field that is not known": ({"plan": "plan", "until": "2024-05-01"}, 400, "unknown-field", "/until"),
}


@pytest.mark.parametrize(("body", "status", "slug", "pointer"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(body: dict[str, Any], status: int, slug: str, pointer: str) -> None:
    answer = api_of().post(PATH, body)
    answer.problem(status, slug)
    assert answer.pointers == [(pointer, slug)]


def test_administrators_alone() -> None:
    factories.department("health")
    api_of("health", scopes=[Scope.READ, Scope.ALERTS_WRITE]).post(PATH, {"plan": "plan"}).problem(
        403, "insufficient-scope"
    )


class TestPage:
    def path(self) -> str:
        return reverse("admin:targets_alertrule_try_rule", args=[AlertRule.objects.get(code="status-worrying").pk])

    def test_it_shows_what_would_have_been_told(self) -> None:
        client, plan = administrator(), Plan.objects.get()
        rule = reverse("admin:targets_alertrule_change", args=[AlertRule.objects.get(code="status-worrying").pk])
        assert self.path() in client.get(rule).content.decode()
        assert client.get(self.path()).status_code == 200
        shown = client.post(self.path(), {"plan": plan.pk}).content.decode()
        assert "statistics@example.org" in shown
        assert "2024-12-31" not in shown
        assert not Alert.objects.exists()

    def test_what_is_wrong_is_said(self) -> None:
        answer = administrator().post(self.path(), {"plan": Plan.objects.get().pk, "first": TO_COME})
        assert answer.context["form"].errors

    def test_not_for_others(self) -> None:
        client = client_of(person("lan", "planner", "statistics"))
        assert client.post(self.path(), {"plan": Plan.objects.get().pk}).status_code == 403
