"""One figure, and how it came to be what it is."""

from typing import Any

import pytest

from indicators.models import Approval, Indicator, Measurement
from indicators.services.catalogue import indicators
from indicators.services.figures import approvals
from kpitracker.lib import clock
from tests import factories
from tests.admin_support import person
from tests.factories import BY
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def api() -> Api:
    factories.world()
    factories.department("other")
    return api_of()


def path() -> str:
    return f"measurements/{Measurement.objects.get().pk}/"


def history(api: Api, query: str = "") -> list[dict[str, Any]]:
    return api.rows(f"{path()}history/{query}")


def test_a_figure_is_its_revision_in_force(api: Api) -> None:
    factories.figure("sales", "2024-01", 5, published="2024-02-01", stage="estimate")
    factories.figure("sales", "2024-01", 6, published="2024-03-01")
    read = api.get(path()).ok()
    assert (read["value"], read["revision"], read["current"], read["period"]) == ("6", 2, True, "2024-01")
    then = api.get(f"{path()}?as_of=2024-02-28").ok()
    assert (then["value"], then["revision"], then["current"], then["stage"]) == ("5", 1, False, "estimate")
    api.get(f"{path()}?as_of=2024-01-31").problem(404, "not-found")
    api.get(f"{path()}?recorded_by=2024-05-01T00:00:00Z").problem(404, "not-found")


def test_each_revision_says_what_it_took_the_place_of(api: Api) -> None:
    factories.figure("sales", "2024-01", 5, published="2024-02-01", stage="estimate")
    factories.figure("sales", "2024-01", 6, published="2024-04-01")
    factories.figure("sales", "2024-01", 7, published="2024-03-01")
    factories.figure("sales", "2024-01", 5)
    rows = history(api)
    assert [(row["revision"], row["previous"] and row["previous"]["revision"], row["current"]) for row in rows] == [
        (1, None, False), (2, 1, False), (3, 1, False), (4, 2, True),
    ]  # fmt: skip
    assert rows[1]["previous"] == {
        "revision": 1, "value": "5", "missing_reason": None, "stage": "estimate", "published": "2024-02-01",
    }  # fmt: skip
    assert [warning["slug"] for warning in rows[3]["warnings"]] == ["repeats-earlier-revision"]
    assert {(row["approval"], row["decided_at"], row["posted_by"]) for row in rows} == {("valid", None, "tests")}
    assert [row["revision"] for row in history(api, "?as_of=2024-03-15")] == [1, 3]


@pytest.mark.parametrize(
    ("department", "scopes", "seen"),
    [
        pytest.param(None, ["read"], None, id="not to who only reads"),
        pytest.param(None, ["read", "admin"], "tests", id="to who keeps the catalogue"),
        pytest.param("statistics", ["read"], "tests", id="to the department that posted"),
        pytest.param("other", ["read"], None, id="not to another"),
    ],
)
def test_who_posted_it_is_told(api: Api, department: str | None, scopes: list[str], seen: str | None) -> None:
    factories.figure("sales", "2024-01", 5)
    assert [row["posted_by"] for row in history(api_of(department, scopes))] == [seen]


def test_what_waits_or_was_rejected_is_told_to_those_who_posted_it(api: Api) -> None:
    sales = Indicator.objects.get()
    factories.figure("sales", "2024-01", 5)
    indicators.update_indicator(indicator=sales, by=BY, now=clock.now(), needs_approval=True)
    for value, approve in ((6, False), (7, True), (8, None)):
        factories.figure("sales", "2024-01", value)
        if approve is not None:
            waiting = Approval.objects.filter(state="pending").values_list("pk", flat=True)
            by = person(f"lan{value}", "officer", "statistics").as_actor()
            approvals.decide_approvals(revisions=list(waiting), approve=approve, by=by, now=clock.now(), reason="x")
    own = [(row["value"], row["approval"], row["previous"] and row["previous"]["value"]) for row in history(api)]
    assert own == [("5", "valid", None), ("6", "rejected", "5"), ("7", "approved", "5"), ("8", "pending", "7")]
    others = history(api_of("other", ["read"]))
    assert [row["value"] for row in others] == ["5", "7"]
    assert api.get(path()).ok()["value"] == "7"


def test_a_figure_that_only_waits_is_not_there_for_others(api: Api) -> None:
    indicators.update_indicator(indicator=Indicator.objects.get(), by=BY, now=clock.now(), needs_approval=True)
    factories.figure("sales", "2024-01", 5)
    api_of("other", ["read"]).get(f"{path()}history/").problem(404, "not-found")
    api.get(path()).problem(404, "not-found")
    assert [row["approval"] for row in history(api)] == ["pending"]


@pytest.mark.parametrize("identifier", ["0192f7a0-0000-7000-8000-000000000000", "batchx", "1"])
def test_what_is_not_there(api: Api, identifier: str) -> None:
    api.get(f"measurements/{identifier}/").problem(404, "not-found")
    api.get(f"measurements/{identifier}/history/").problem(404, "not-found")
