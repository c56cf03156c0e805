"""A figure that waits for approval is taken back by the department that posted it; it never counts."""

from collections.abc import Callable
from typing import Any

import pytest

from indicators.models import Approval, Department, Indicator, Revision
from indicators.services.figures import approvals
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Actor
from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BODY = {"reason": "another city"}


@pytest.fixture
def poster() -> Api:
    target = factories.world()
    Indicator.objects.filter(pk=target.indicator.pk).update(needs_approval=True)
    factories.department("other")
    return api_of("statistics")


def post(api: Api) -> str:
    answer = api.post("measurements/", {"indicator": "sales", "area": "city", "period": "2024", "value": "1300"})
    return str(answer.ok(201)["id"])


def decide(*, approve: bool) -> None:
    second = Actor("admin second", Department.objects.get(code="statistics").pk, ALL_SCOPES, person=1)
    pending = Approval.objects.filter(state="pending").values_list("pk", flat=True)
    approvals.decide_approvals(revisions=list(pending), approve=approve, by=second, now=clock.now(), reason="Wrong.")


def test_it_counts_nowhere_and_waits_no_longer(poster: Api) -> None:
    pk = post(poster)
    poster.post(f"measurements/{pk}/withdraw/", {"reason": " "}).problem(400, "required")
    taken = poster.post(f"measurements/{pk}/withdraw/", BODY).ok(201)
    assert (taken["value"], taken["current"], taken["warnings"]) == ("1300", False, [])
    approval = Approval.objects.get()
    assert (approval.state, approval.reason) == ("rejected", "another city")
    assert poster.rows("measurements/") == []
    assert poster.get("targets/plan:sales:city/status/").ok()["status"] == "no_data"
    history = poster.get(f"measurements/{pk}/history/").ok()["results"]
    assert [row["approval"] for row in history] == ["rejected"]
    entry = AuditEntry.objects.get(verb="revoked", kind="indicators.measurement")
    assert (entry.after["reason"], entry.after["revision"]) == ("another city", 1)
    # The repeated request of a caller that got no answer changes nothing, and the period can be reported again.
    assert poster.post(f"measurements/{pk}/withdraw/", BODY).ok(200)["outcome"] == "unchanged"
    assert post(poster) == pk
    assert list(Revision.objects.order_by("number").values_list("approval__state", flat=True)) == [
        "rejected",
        "pending",
    ]
    approvals_left = Approval.objects.filter(state="pending").count()
    assert approvals_left == 1


def all_answers(api: Api) -> dict[str, Any]:
    """What a reader gets about the target, without the times of the answers."""
    answers = {
        path: api.get(path).ok()
        for path in (
            "targets/plan:sales:city/status/",
            "statuses/",
            "plans/plan/scorecard/",
            "reporting/due/",
        )
    }
    return {
        path: {name: value for name, value in answer.items() if name != "generated_at"}
        for path, answer in answers.items()
    }


def test_no_one_is_told_of_what_waits_or_was_rejected(poster: Api) -> None:
    """The sentence said that the figure was marked as not available, and gave its period and day away."""
    readers = {"the poster": poster, "another department": api_of("other")}
    before = {name: all_answers(api) for name, api in readers.items()}
    assert before["the poster"]["targets/plan:sales:city/status/"]["reason"]["slug"] == "nothing-reported"
    pk = post(poster)
    assert {name: all_answers(api) for name, api in readers.items()} == before, "it waits"
    poster.post(f"measurements/{pk}/withdraw/", BODY).ok(201)
    assert {name: all_answers(api) for name, api in readers.items()} == before, "it was taken back"
    post(poster)
    decide(approve=False)
    assert {name: all_answers(api) for name, api in readers.items()} == before, "it was rejected"


WHO: dict[str, tuple[Callable[[], Api], int]] = {
    "the department that posted it": (lambda: api_of("statistics"), 201),
    "a key of all departments": (lambda: api_of(), 201),
    "another department, which does not see it": (lambda: api_of("other"), 404),
    "a key of the department that only reads": (lambda: api_of("statistics", ["read"]), 403),
}


@pytest.mark.parametrize("who", WHO)
def test_who_takes_it_back(poster: Api, who: str) -> None:
    pk = post(poster)
    make_api, status = WHO[who]
    answer: Any = make_api().post(f"measurements/{pk}/withdraw/", BODY)
    assert answer.status == status
    assert Approval.objects.get().state == ("rejected" if status == 201 else "pending")


@pytest.mark.parametrize("approve", [True, False], ids=["that was approved", "that was rejected"])
def test_a_figure_is_taken_back_before_it_is_decided(poster: Api, *, approve: bool) -> None:
    pk = post(poster)
    decide(approve=approve)
    state = Approval.objects.get().state
    # An approved figure is withdrawn like any other, and that waits for approval itself.
    assert poster.post(f"measurements/{pk}/withdraw/", BODY).status == (201 if approve else 404)
    assert Approval.objects.get(revision__number=1).state == state
