"""A plan for the next period: what goes over, what stays behind, and who may."""

from datetime import date
from typing import Any

import pytest

from indicators.domain.periods import Period
from kpitracker.lib import clock
from targets.services.planning import targets
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def organisation() -> None:
    factories.area()
    factories.department("office")
    factories.department("finance")
    factories.department("planning", valid_to=date(2024, 12, 31), successor="finance")
    factories.department("guild", valid_to=date(2024, 12, 31))
    factories.indicator(department="office")
    factories.indicator("stock", accumulation="last")


def copied(body: dict[str, Any], code: str = "city-2024", api: Api | None = None) -> Any:
    return (api or api_of()).post(f"plans/{code}/copy/", body).ok(201)


@pytest.mark.database
def test_the_next_year_is_a_plan_of_drafts() -> None:
    factories.plan("city-2024", name="Kế hoạch năm 2024", issuer="UBND", act="NQ 12", source="x", department="office")
    made = factories.target(
        plan="city-2024", lower=1000, upper=1500, weight=3, section="economy", act="NQ 12", tolerance=5,
        result_due=date(2025, 2, 28), cooperating=["planning"],
        milestones=[{"date": date(2024, 2, 29), "lower": 100}, {"date": date(2024, 6, 15), "lower": 400}],
    )  # fmt: skip
    targets.amend_target(
        target=made, by=factories.BY, now=clock.now(), announced=date(2024, 5, 1), lower=900, act="NQ 30"
    )
    result = copied({})
    assert {name: result["plan"][name] for name in ("code", "name", "period", "issuer", "act", "source", "department")} == {
        "code": "city-2025", "name": "Kế hoạch năm 2025", "period": "2025", "issuer": "UBND", "act": "", "source": "",
        "department": "office",
    }  # fmt: skip
    assert (result["targets"], result["skipped"]) == (["city-2025:sales:city"], [])
    target = api_of().get("targets/city-2025:sales:city/").ok()
    expected = {
        "version": 1, "state": "draft", "announced": clock.today().isoformat(), "act": "", "lower": "900",
        "upper": "1500", "tolerance": "5", "weight": "3", "section": "economy", "result_due": "2026-02-28",
        "cooperating": ["finance"], "period": "2025",
        "milestones": [
            {"date": "2025-02-28", "lower": "100", "upper": None}, {"date": "2025-06-15", "lower": "400", "upper": None}
        ],
    }  # fmt: skip
    assert {name: target[name] for name in expected} == expected


def test_what_cannot_go_over_is_named() -> None:
    factories.plan("city-2024")
    factories.target("stock", plan="city-2024", lower=50, baseline=40, profile="path", department="guild")
    result = copied({})
    assert [(row["target"], row["field"]) for row in result["skipped"]] == [
        ("city-2024:stock:city", field) for field in ("department", "baseline", "profile")
    ]
    target = api_of().get("targets/city-2025:stock:city/").ok()
    assert (target["baseline"], target["profile"], target["department"]) == (None, None, None)


def test_a_target_that_no_longer_holds_is_left_out_alone() -> None:
    factories.plan("city-2024")
    factories.target(plan="city-2024")
    factories.target("stock", plan="city-2024", milestones=[{"date": date(2024, 3, 31), "lower": 1}], lower=2)
    result = copied({"period": "2025-01/2025-03"})
    assert result["targets"] == ["city-2025:sales:city"]
    assert [(row["target"], row["field"]) for row in result["skipped"]] == [("city-2024:stock:city", None)]
    assert "milestone" in result["skipped"][0]["detail"].lower()


SPANS = [
    pytest.param("2024", {}, "city-2025", "2025", id="a year"),
    pytest.param("2021/2025", {"code": "term"}, "term", "2026/2030", id="a term of five years"),
    pytest.param("2024-Q4", {"code": "spring"}, "spring", "2025-Q1", id="a quarter"),
    pytest.param("2024-04/2025-03", {}, "city-2025", "2025-04/2026-03", id="a fiscal year"),
    pytest.param("2024-01-10/2024-01-19", {"code": "x"}, "x", "2024-01-20/2024-01-29", id="ten days"),
    pytest.param("2024", {"period": "2027"}, "city-2027", "2027", id="a period of one's own"),
]


@pytest.mark.parametrize(("span", "body", "code", "period"), SPANS)
def test_the_next_period_is_of_the_same_length(span: str, body: dict[str, str], code: str, period: str) -> None:
    factories.plan("city-2024", span)
    factories.target(plan="city-2024", lower=1)
    plan = copied(body)["plan"]
    assert (plan["code"], plan["period"]) == (code, period)


def test_a_target_of_part_of_the_plan_moves_with_it() -> None:
    factories.plan("city-2024")
    factories.target(plan="city-2024", period="2024-02", lower=1)
    assert copied({})["targets"] == ["city-2025:sales:city:2025-02"]
    assert Period.parse("2024-02").months_later(12) == Period.parse("2025-02")
    assert Period.parse("2025-02").months_later(-12) == Period.parse("2024-02")


@pytest.mark.parametrize(
    ("department", "code", "body", "status", "slug"),
    [
        pytest.param(None, "quarter", {}, 400, "required", id="a code is needed where none can be made"),
        pytest.param(None, "city-2024", {"code": "quarter"}, 409, "already-exists", id="a code that is free"),
        pytest.param(None, "city-2024", {"typo": 1}, 400, "unknown-field", id="and nothing else"),
        pytest.param("finance", "city-2024", {}, 403, "not-your-plan", id="the plan is one's own"),
        pytest.param(None, "none", {}, 404, "not-found", id="and there"),
    ],
)
def test_refused(department: str | None, code: str, body: Any, status: int, slug: str) -> None:
    factories.plan("city-2024", department="office")
    factories.plan("quarter", "2024-Q1")
    api_of(department).post(f"plans/{code}/copy/", body).problem(status, slug)


def test_a_department_copies_its_own_and_what_it_sees() -> None:
    factories.plan("city-2024", department="office")
    factories.indicator("secret", department="finance", restricted=True)
    factories.target(plan="city-2024")
    factories.target("secret", plan="city-2024")
    result = copied({}, api=api_of("office"))
    assert (result["targets"], result["skipped"]) == (["city-2025:sales:city"], [])
