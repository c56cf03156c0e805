"""Corrective actions."""

from datetime import timedelta
from typing import Any

import pytest

from kpitracker.lib import clock
from targets.models import Action
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

ID = "plan:sales:city"


def day(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


@pytest.fixture
def api() -> Api:
    factories.world()
    return api_of()


def ask(api: Api, due: str = "", **body: Any) -> Any:
    return api.post("actions/", {"target": ID, "text": "Open two markets", "due_day": due or day(5), **body})


def test_an_action_is_for_whoever_answers_unless_it_says_otherwise(api: Api) -> None:
    factories.department("trade")
    row = ask(api, person="Nguyễn Văn An", email="an@example.org").ok(201)
    assert {**row, "id": "", "created_at": "", "created_by": ""} == {
        "id": "", "target": ID, "plan": "plan", "text": "Open two markets", "department": "statistics",
        "person": "Nguyễn Văn An", "email": "an@example.org", "due_day": day(5), "state": "open", "overdue": False,
        "closed_day": None, "outcome": "", "created_at": "", "created_by": "",
    }  # fmt: skip
    assert api.get(f"actions/{row['id']}/").ok() == row
    below = api.post(f"targets/{ID}/actions/", {"text": "x", "due_day": day(-1), "department": "trade"}).ok(201)
    assert (below["department"], below["overdue"]) == ("trade", True)


@pytest.mark.database
def test_it_is_done_and_opened_again_with_the_tag_that_was_read(api: Api) -> None:
    created = ask(api)
    path, tag = f"actions/{created.json['id']}/", created.headers["ETag"]
    api.patch(path, {"state": "done"}).problem(428, "precondition-required")
    done = api.patch(path, {"state": "done", "outcome": "Opened one"}, If_Match=tag)
    assert (done.ok()["closed_day"], done.json["outcome"]) == (day(0), "Opened one")
    api.patch(path, {"state": "open"}, If_Match=tag).problem(412, "precondition-failed")
    second = api.patch(path, {"state": "open"}, If_Match=done.headers["ETag"]).ok()
    assert (second["closed_day"], second["outcome"]) == (None, "Opened one")
    assert api.delete(path, If_Match="*").status == 405


def test_the_tag_tells_that_its_day_has_passed(api: Api) -> None:
    row = ask(api).ok(201)
    seen = api.get(f"actions/{row['id']}/").headers["ETag"]
    Action.objects.update(due_day=day(-1))
    assert api.get(f"actions/{row['id']}/", If_None_Match=seen).ok()["overdue"] is True
    api.patch(f"actions/{row['id']}/", {"person": "An"}, If_Match=seen).ok()


@pytest.mark.parametrize(
    "body, status, slug",
    [
        pytest.param({"text": "  "}, 400, "required", id="nothing to do"),
        pytest.param({"due_day": None}, 400, "required", id="no day"),
        pytest.param({"state": "lost"}, 400, "invalid-choice", id="an unknown state"),
        pytest.param({"email": "an"}, 400, "invalid-email", id="no address"),
        pytest.param({"closed_day": "2024-01-01"}, 400, "invalid-date", id="ended while it is open"),
        pytest.param({"state": "done", "closed_day": "2190-01-01"}, 400, "invalid-date", id="ended some day"),
        pytest.param({"department": "none"}, 422, "unknown-department", id="for nobody"),
        pytest.param({"target": "plan:none:city"}, 422, "unknown-target", id="about nothing"),
    ],
)
def test_refused(api: Api, body: dict[str, Any], status: int, slug: str) -> None:
    ask(api, **body).problem(status, slug)
    assert not Action.objects.exists()


class TestWhoWrites:
    """The plan is the leaders', sales answers, trade cooperates, works is responsible, parks has nothing to do with it."""

    @pytest.fixture(autouse=True)
    def house(self) -> None:
        factories.area()
        for code in ("leaders", "sales", "trade", "works", "parks"):
            factories.department(code)
        factories.indicator(department="sales")
        factories.plan(department="leaders")
        target = factories.target(cooperating=["trade"])
        self.path = f"actions/{factories.action(target, '2024-09-30', department='works').pk}/"

    @pytest.mark.parametrize(
        "department, asks, changes, reports",
        [
            ("leaders", 201, 200, 200),
            ("sales", 201, 200, 200),
            ("trade", 201, 403, 403),
            ("works", 403, 403, 200),
            ("parks", 403, 403, 403),
        ],
    )
    def test_by_department(self, department: str, asks: int, changes: int, reports: int) -> None:
        api = api_of(department)
        assert ask(api).status == asks
        assert api.patch(self.path, {"due_day": "2024-10-31"}, If_Match="*").status == changes
        assert api.patch(self.path, {"state": "in_progress", "outcome": "begun"}, If_Match="*").status == reports

    def test_an_officer_reports_and_asks_for_nothing(self) -> None:
        officer = api_of("works", ["read", "alerts:write"])
        officer.patch(self.path, {"state": "done"}, If_Match="*").ok()
        ask(officer).problem(403, "insufficient-scope")
        ask(api_of(None, ["read", "alerts:write"])).problem(403, "insufficient-scope")


def test_the_list_is_asked_by_what_matters(api: Api) -> None:
    factories.indicator("jobs", department="statistics")
    factories.plan("other")
    other = factories.target("jobs", plan="other")
    made = {
        "late": ask(api, day(-3), text="Hội chợ việc làm").ok(201),
        "soon": ask(api, day(2)).ok(201),
        "done": ask(api, day(-9), state="done").ok(201),
    }
    factories.department("trade")
    factories.action(other, day(30), department="trade")
    requested = {
        "": "done late soon +", "overdue=true": "late", "overdue=false": "done soon +", "search=hoi cho": "late",
        "plan=plan": "done late soon", f"target={ID}": "done late soon", "department=trade": "+", "state=done": "done",
        "state__in=open,in_progress": "late soon +", f"due_day__lte={day(0)}": "done late",
        f"due_day__gte={day(2)}&ordering=-due_day": "+ soon", "ordering=created_at": "late soon done +",
    }  # fmt: skip
    names = {row["id"]: name for name, row in made.items()}
    results = {
        query: " ".join(names.get(row["id"], "+") for row in api.rows(f"actions/?page_size=2&{query}"))
        for query in requested
    }
    assert results == requested


def test_the_target_counts_what_is_open_and_its_tag_says_so(api: Api) -> None:
    seen = api.get(f"targets/{ID}/")
    assert (seen.json["actions_open"], seen.json["actions_overdue"]) == (0, 0)
    for due in (day(-1), day(1)):
        ask(api, due).ok(201)
    ask(api, day(-1), state="cancelled").ok(201)
    now = api.get(f"targets/{ID}/", If_None_Match=seen.headers["ETag"]).ok()
    [listed] = api.rows("targets/")
    assert (
        (now["actions_open"], now["actions_overdue"]) == (listed["actions_open"], listed["actions_overdue"]) == (2, 1)
    )
    api.patch(f"targets/{ID}/", {"section": "trade"}, If_Match=seen.headers["ETag"]).ok()


def test_a_target_about_which_something_is_done_stays(api: Api) -> None:
    ask(api).ok(201)
    api.delete(f"targets/{ID}/", If_Match="*").problem(409, "in-use")
