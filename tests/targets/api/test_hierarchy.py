"""Headings of a plan and the targets that they are made of."""

import io
import json

import pytest

from indicators.models import Indicator
from kpitracker.lib import clock
from kpitracker.lib.spreadsheets.reading import Workbook
from targets.catalogue import export, import_
from targets.models import Assessment, Target
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

HEAD, PART, LEAF = "plan:groups:city", "plan:part:city", "plan:a-leaf:city"


@pytest.fixture
def api() -> Api:
    """A heading, a part of it, and a part of that."""
    factories.area()
    factories.plan()
    for code, above in (("groups", None), ("part", HEAD), ("a-leaf", PART)):
        factories.indicator(code)
        factories.target(code, heading=above)
    return api_of()


def families(api: Api, plan: str = "plan") -> dict[str, tuple[str | None, list[str]]]:
    return {row["id"]: (row["heading"], row["components"]) for row in api.rows(f"plans/{plan}/targets/")}


@pytest.mark.database
def test_each_names_its_heading_and_its_parts_and_headings_are_counted_apart(api: Api) -> None:
    assert families(api) == {HEAD: (None, [PART]), PART: (HEAD, [LEAF]), LEAF: (PART, [])}
    assert api.get(f"targets/{PART}/").ok()["components"] == [LEAF]
    totals = api.get("plans/plan/scorecard/").ok()["totals"]
    assert (totals["targets"], totals["headings"], sum(totals["counts"].values())) == (1, 2, 1)


def test_a_part_is_moved_and_the_tag_of_its_heading_says_so(api: Api) -> None:
    seen = api.get(f"targets/{HEAD}/").headers["ETag"]
    assert api.patch(f"targets/{LEAF}/", {"heading": HEAD}, If_Match="*").ok()["heading"] == HEAD
    assert api.get(f"targets/{HEAD}/", If_None_Match=seen).ok()["components"] == [LEAF, PART]
    assert api.patch(f"targets/{PART}/", {"heading": ""}, If_Match="*").ok()["heading"] is None
    assert families(api)[HEAD] == (None, [LEAF])
    api.delete(f"targets/{HEAD}/", If_Match="*").problem(409, "in-use")


@pytest.mark.parametrize(
    "target, heading, slug",
    [
        pytest.param(HEAD, HEAD, "tree-cycle", id="itself"),
        pytest.param(HEAD, LEAF, "tree-cycle", id="what is below it"),
        pytest.param(LEAF, "other:groups:city", "unknown-target", id="of another plan"),
        pytest.param(LEAF, "plan:none:city", "unknown-target", id="of nothing"),
        pytest.param(PART, "plan:secret:city", "restricted-heading", id="of what not everybody sees"),
    ],
)
def test_refused(api: Api, target: str, heading: str, slug: str) -> None:
    factories.plan("other")
    factories.target("groups", plan="other")
    factories.indicator("secret", restricted=True)
    factories.target("secret")
    answer = api.patch(f"targets/{target}/", {"heading": heading}, If_Match="*")
    assert answer.problem(422, slug)["errors"][0]["pointer"] == "/heading"


class TestHeadingWithoutANumber:
    @pytest.fixture(autouse=True)
    def group(self, api: Api) -> None:
        """A heading without a number, with a part that is missed and one, restricted, of which nothing is known."""
        factories.department("other")
        factories.plan("groups-of", period="2023")
        factories.target("groups", plan="groups-of", qualitative=True, lower=None, goal="")
        for code, restricted in (("jobs", False), ("secret", True)):
            factories.indicator(code, restricted=restricted)
            factories.target(code, plan="groups-of", heading="groups-of:groups:city")
        factories.figure("jobs", "2023", 1300, published="2024-01-10")

    def card(self, api: Api) -> tuple[str, int, int, int]:
        card = api.get("plans/groups-of/scorecard/").ok()
        (row,) = [row for row in card["targets"] if row["target"] == "groups-of:groups:city"]
        totals = card["totals"]
        return row["status"], totals["targets"], totals["headings"], totals["suspended"]

    def test_stands_like_the_worst_of_the_parts_that_the_reader_sees(self, api: Api) -> None:
        assert self.card(api) == ("no_data", 2, 1, 0)
        assert self.card(api_of("other")) == ("met", 1, 1, 0)

    def test_is_frozen_for_each_reader_as_it_stands_for_that_reader(self, api: Api) -> None:
        api.post("plans/groups-of/closings/", {"reason": "end", "as_of": "2024-02-01"}).ok(201)
        for reader, wanted in ((api, "no_data"), (api_of("other"), "met")):
            content = json.loads(reader.get("plans/groups-of/closings/1/").ok()["content"])
            (row,) = [row for row in content["targets"] if row["target"] == "groups-of:groups:city"]
            assert row["status"] == wanted

    def test_does_not_count_suspended_parts(self, api: Api) -> None:
        ending = {"state": "suspended", "act": "a", "reason": "r", "announced": "2024-02-01"}
        api.post("targets/groups-of:secret:city/amendments/", ending).ok(201)
        assert self.card(api) == ("met", 1, 1, 1)
        api.post("targets/groups-of:jobs:city/amendments/", ending).ok(201)
        status, targets, headings, suspended = self.card(api)
        assert (targets, headings, suspended) == (1, 0, 2)
        assert status == "no_data"

    def test_lists_show_the_worst_first_and_what_was_suspended_last(self, api: Api) -> None:
        rows = api.get("plans/groups-of/scorecard/").ok()["targets"]
        assert [row["status"] for row in rows] == ["no_data", "no_data", "exceeded"]
        ending = {"state": "withdrawn", "act": "a", "reason": "r", "announced": "2024-02-01"}
        api.post("targets/groups-of:secret:city/amendments/", ending).ok(201)
        rows = api.get("plans/groups-of/scorecard/").ok()["targets"]
        assert [row["state"] for row in rows] == ["adopted", "adopted", "withdrawn"]


def test_nobody_is_told_of_parts_that_he_does_not_see(api: Api) -> None:
    factories.department("other")
    Indicator.objects.filter(code="part").update(restricted=True)
    assert families(api_of("other")) == {HEAD: (None, []), LEAF: (None, [])}


def test_the_plan_for_the_next_year_is_made_the_same_way(api: Api) -> None:
    api.post("plans/plan/copy/", {"code": "next"}).ok(201)
    assert families(api, "next") == {
        "next:groups:city": (None, ["next:part:city"]),
        "next:part:city": ("next:groups:city", ["next:a-leaf:city"]),
        "next:a-leaf:city": ("next:part:city", []),
    }


def test_a_catalogue_brings_them_back(api: Api) -> None:
    book, by, now = io.BytesIO(), factories.BY, clock.now()
    export.write_catalogue(book, by=by, now=now)
    second = import_.import_workbook(workbook=Workbook(book), by=by, now=now, dry_run=False)
    assert second.counts["targets"] == {"created": 0, "changed": 0, "unchanged": 3, "rejected": 0}
    before = families(api)
    Assessment.objects.all().delete()
    Target.objects.update(heading=None)
    Target.objects.all().delete()
    assert families(api) == {}
    assert (
        import_.import_workbook(workbook=Workbook(book), by=by, now=now, dry_run=False).counts["targets"]["created"]
        == 3
    )
    assert families(api) == before
