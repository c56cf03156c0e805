"""What would be if: hypothetical figures and terms. Nothing is stored, nobody is told."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpitracker.lib.models.audit import AuditEntry
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

TARGET = "targets/plan:sales:city/what-if/"
PLAN = "plans/plan/what-if/"


@pytest.fixture
def api() -> Api:
    factories.world()
    factories.figure("sales", "2024-01/2024-11", 1000, published="2024-12-05")
    return api_of()


def figure(period: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"period": period, "value": value, **more}


DECEMBER = "2024-12"
ASKED: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "nothing: as it is": ({}, "no_data", "1000"),
    "a month that makes it": ({"figures": [figure(DECEMBER, "200")]}, "met", "1200"),
    "a month that does not": ({"figures": [figure(DECEMBER, "199.9")]}, "missed", "1199.9"),
    "a figure in the place of one": ({"figures": [figure("2024-01/2024-11", "1250")]}, "met", "1250"),
    "as if there were no figure": ({"figures": [figure("2024-01/2024-11", None)]}, "no_data", None),
    "another edge": ({"figures": [figure(DECEMBER, "100")], "band": {"lower": "1100"}}, "met", "1100"),
    "an ambition that is passed": (
        {"figures": [figure(DECEMBER, "100")], "band": {"lower": "1000", "upper": "1050"}}, "exceeded", "1100",
    ),
    "nearly there": ({"figures": [figure(DECEMBER, "200", qualifier="nearly")], "band": {"lower_open": True}}, "missed", "1200"),
    "an earlier day": ({"as_of": "2024-12-06"}, "off_track", "1000"),
    "a day to come": ({"as_of": "2199-01-01", "figures": [figure(DECEMBER, "200")]}, "met", "1200"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "status", "actual"), ASKED.values(), ids=ASKED)
def test_the_target_would_be(api: Api, body: dict[str, Any], status: str, actual: str | None) -> None:
    after = api.post(TARGET, body).ok()["after"]
    assert (after["status"], after["actual"]) == (status, actual)


@pytest.mark.database
def test_it_is_said_beside_what_is_and_explained(api: Api) -> None:
    answer = api.post(TARGET, {"as_of": "2024-12-06", "figures": [figure(DECEMBER, "200", stage="estimate")]}).ok()
    assert answer["before"]["actual"] == api.get("targets/plan:sales:city/status/?as_of=2024-12-06").ok()["actual"]
    assert (answer["before"]["status"], answer["after"]["status"]) == ("off_track", "met")
    supposed = answer["after"]["explanation"]["figures"][-1]
    assert (supposed["value"], supposed["id"], supposed["revision"]) == ("200", "", 0)
    assert answer["after"]["label"] == "met (provisional)"


def test_nothing_is_written(api: Api) -> None:
    entries = AuditEntry.objects.count()
    with CaptureQueriesContext(connection) as asked:
        api.post(TARGET, {"figures": [figure(DECEMBER, "200")], "band": {"lower": "1"}}).ok()
        api.post(PLAN, {"bands": {"plan:sales:city": {"lower": "1"}}}).ok()
    written = [
        q["sql"] for q in asked.captured_queries if not q["sql"].startswith(("SELECT", 'UPDATE "indicators_apikey'))
    ]
    assert [sql for sql in written if sql.startswith(("INSERT", "UPDATE", "DELETE", "COPY"))] == []
    assert AuditEntry.objects.count() == entries


REFUSED = {
    "an unknown indicator": ({"figures": [figure(DECEMBER, 1, indicator="nothing")]}, 422, "unknown-indicator"),
    "a computed one": ({"figures": [figure(DECEMBER, 1, indicator="twice")]}, 422, "computed-indicator"),
    "an unknown area": ({"figures": [figure(DECEMBER, 1, area="moon")]}, 422, "unknown-area"),
    "one period twice": ({"figures": [figure(DECEMBER, 1), figure("2024-12-01/2024-12-31", 2)]}, 400, "duplicate-row"),
    "a band upside down": ({"band": {"lower": "5", "upper": "4"}}, 400, None),
    "no edge": ({"band": {"lower": None}}, 400, None),
    "an unknown field": ({"lower": "5"}, 400, "unknown-field"),
    "a number that is none": ({"figures": [figure(DECEMBER, "1e5")]}, 400, "invalid-number"),
}


@pytest.mark.parametrize(("body", "status", "slug"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(api: Api, body: dict[str, Any], status: int, slug: str | None) -> None:
    factories.indicator("twice", formula="2 * sales")
    answer = api.post(TARGET, body)
    assert answer.status == status
    assert slug in (None, answer.slug)


def test_it_says_where_the_fault_is(api: Api) -> None:
    answer = api.post(TARGET, {"figures": [figure(DECEMBER, 1), figure("2024-11", 1, indicator="nothing")]})
    assert answer.pointers == [("/figures/1/indicator", "unknown-indicator")]
    answer = api.post(PLAN, {"bands": {"plan:sales:city": {"lower": "x"}}})
    assert answer.pointers == [("/bands/plan:sales:city/lower", "invalid-number")]
    answer = api.post(PLAN, {"bands": {"plan:nothing:city": {}}})
    assert answer.pointers == [("/bands/plan:nothing:city", "unknown-target")]


class TestPlans:
    @pytest.fixture(autouse=True)
    def more(self, api: Api) -> None:
        factories.indicator("twice", formula="2 * sales")
        factories.target("twice", lower=2450)
        factories.indicator("jobs")
        factories.target("jobs")

    def test_a_figure_changes_all_that_is_computed_from_it(self, api: Api) -> None:
        card = api.post(PLAN, {"figures": [figure(DECEMBER, "250", indicator="sales")]}).ok()
        assert [(row["target"], row["before"]["status"], row["after"]["status"]) for row in card["changes"]] == [
            ("plan:sales:city", "no_data", "met"),
            ("plan:twice:city", "no_data", "met"),
        ]
        assert (card["before"]["counts"]["met"], card["totals"]["counts"]["met"]) == (0, 2)
        assert (card["before"]["score"], card["totals"]["score"]) == ("0", "66.7")
        assert len(card["targets"]) == 3

    def test_without_a_supposition_it_is_the_scorecard(self, api: Api) -> None:
        card, is_ = api.post(PLAN).ok(), api.get("plans/plan/scorecard/").ok()
        assert (card["totals"], card["by_department"], card["changes"]) == (is_["totals"], is_["by_department"], [])

    def test_a_figure_must_say_of_what(self, api: Api) -> None:
        assert api.post(PLAN, {"figures": [figure(DECEMBER, "5")]}).pointers == [("/figures/0/indicator", "required")]

    def test_what_one_may_not_see_cannot_be_supposed(self, api: Api) -> None:
        factories.department("health")
        factories.indicator("secret", department="health", restricted=True)
        factories.target("secret")
        other = api_of("statistics", scopes=["read"])
        other.post(PLAN, {"figures": [figure(DECEMBER, 1, indicator="secret")]}).problem(422, "unknown-indicator")
        other.post(PLAN, {"bands": {"plan:secret:city": {}}}).problem(422, "unknown-target")
        assert len(other.post(PLAN).ok()["targets"]) == 3
