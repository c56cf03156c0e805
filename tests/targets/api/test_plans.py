"""Plans: who may write them, and their targets."""

import pytest

from tests import factories
from tests.support import api_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def organisation() -> None:
    factories.area()
    factories.department("ministry")
    factories.department("office", parent="ministry")
    factories.department("stranger")
    factories.indicator()


def test_a_plan_needs_code_name_and_period() -> None:
    api = api_of()
    plan = api.post("plans/", {"code": "p", "name": "P", "period": "2024-01/2024-12"}).ok(201)
    assert (plan["period"], plan["area"], plan["department"]) == ("2024", "city", None)
    answer = api.post("plans/", {"code": "p"})
    answer.problem(400, "required")
    assert answer.pointers == [("/name", "required"), ("/period", "required")]


def test_a_departments_plan_is_its_own() -> None:
    office, ministry, stranger = api_of("office"), api_of("ministry"), api_of("stranger")
    body = {"code": "p", "name": "P", "period": "2024"}
    created = office.post("plans/", body)
    assert created.ok(201)["department"] == "office"
    tag = created.headers["ETag"]
    stranger.patch("plans/p/", {"note": "x"}, If_Match=tag).problem(403, "not-your-plan")
    stranger.post("targets/", {"plan": "p", "indicator": "sales", "goal": "at_least", "lower": 1}).problem(
        403, "not-your-plan"
    )
    stranger.post("plans/", {**body, "code": "q", "department": "office"}).problem(403, "not-your-plan")
    assert ministry.patch("plans/p/", {"note": "x"}, If_Match=tag).ok()["note"] == "x"
    ministry.post("targets/", {"plan": "p", "indicator": "sales", "goal": "at_least", "lower": 1}).ok(201)


def test_a_plan_with_targets_is_in_use() -> None:
    factories.plan()
    factories.target()
    api = api_of()
    tag = api.get("plans/plan/").headers["ETag"]
    api.delete("plans/plan/", If_Match=tag).problem(409, "in-use")
    assert [row["id"] for row in api.rows("plans/plan/targets/")] == ["plan:sales:city"]
    api.get("plans/nothing/targets/").problem(404, "not-found")


@pytest.mark.database
def test_plans_are_found_by_period_and_words() -> None:
    factories.plan("a", "2024", name="Kế hoạch năm")
    factories.plan("b", "2021/2025", name="Nhiệm kỳ")
    api = api_of()
    assert [row["code"] for row in api.rows("plans/?search=ke hoach")] == ["a"]
    assert [row["code"] for row in api.rows("plans/?period_end__lte=2024-12-31")] == ["a"]
