"""Indicators summed over areas, and areas that merge, as the API shows them."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone, translation

from indicators.models import Area, Indicator
from kpitracker.lib import clock
from targets.models import Assessment, StatusChange, Target
from targets.services.assessment import assess
from targets.services.evaluation import evaluate
from targets.services.planning import plans
from targets.services.text import explanation_report
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ID = "plan:sales:country"


def grow(parent: Area, *codes: str, **values: Any) -> None:
    for code in codes:
        factories.area(code, parent=parent, **values)


@pytest.fixture
def api() -> Api:
    """A country of a region of two provinces, and of a city into which a province merged in July 2024."""
    country = factories.area("country")
    region = factories.area("region", parent=country)
    grow(region, "a", "b")
    city = factories.area("city", parent=country)
    grow(country, "old", valid_to=date(2024, 6, 30), successor=city)
    factories.department(email="statistics@example.org")
    factories.indicator(department="statistics", regional="sum")
    factories.plan()
    return api_of()


def post(of: str, period: str, **values: object) -> None:
    for area, value in values.items():
        factories.figure(of, period, value, area=area)


def series(api: Api, area: str, of: str = "sales", more: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(f"indicators/{of}/series/?area={area}{more}").ok()["results"]
    return rows


def change(api: Api, code: str, values: dict[str, str]) -> Answer:
    return api.patch(f"indicators/{code}/", values, If_Match="*")


def text_of(identifier: str) -> str:
    today = clock.today()
    target = Target.objects.for_list().get(identifier=identifier)
    with translation.override("en"):
        return explanation_report.build_report(evaluate.evaluate_target(target=target, as_of=today, today=today))


class TestCatalogue:
    def test_what_adds_up_is_summed(self, api: Api) -> None:
        body = {"code": "firms", "name": "Firms", "kind": "count", "accumulation": "last", "regional": "sum"}
        assert api.post("indicators/", body).ok(201)["regional"] == "sum"
        assert change(api, "firms", {"regional": ""}).ok()["regional"] == ""

    @pytest.mark.parametrize(
        "values",
        [{"kind": kind, "accumulation": "last"} for kind in ("rate", "share", "index", "rank", "yes_no")]
        + [{"accumulation": "mean"}, {"accumulation": "none"}, {"formula": "yoy(sales)"}],
        ids=str,
    )
    def test_what_does_not_is_refused(self, api: Api, values: dict[str, str]) -> None:
        body = {"code": "growth", "name": "Growth", "regional": "sum", **values}
        api.post("indicators/", body).problem(400, "invalid-regional")

    def test_nor_made_so_afterwards(self, api: Api) -> None:
        change(api, "sales", {"accumulation": "mean"}).problem(400, "invalid-regional")


class TestSeries:
    def test_a_sum_stands_beside_what_was_posted(self, api: Api) -> None:
        post("sales", "2024-01", a=1, b=2, city=3, old="4.5")
        post("sales", "2024-02", country=7, a=1, b=2, city=3, old=4)
        rows = series(api, "country")
        assert [(row["period"], row["value"], row["computed"], row["basis"]) for row in rows] == [
            ("2024-01", "10.5", True, "sum"),
            ("2024-02", "7", False, None),
        ]
        assert rows[0]["completeness"] == {"reported": 4, "expected": 4, "missing": []}

    def test_who_has_not_reported_is_shown(self, api: Api) -> None:
        post("sales", "2024-01", a=1, city=3)
        (row,) = series(api, "country")
        assert (row["value"], row["completeness"]) == (None, {"reported": 2, "expected": 4, "missing": ["b", "old"]})
        assert "old" in api.get("indicators/sales/series/?area=country&format=csv").raw.decode()

    def test_growth_is_that_of_the_sums(self, api: Api) -> None:
        factories.indicator("growth", formula="yoy(sales)", kind="rate")
        post("sales", "2023", a=100, b=100, city=100, old=100)
        post("sales", "2024", a=400, b=100, city=300)
        # Never the mean of 300, 0 and 200 percent, and the city of 2024 answers for what merged into it.
        assert [(row["period"], row["value"]) for row in series(api, "country", "growth")] == [("2024", "100")]

    def test_the_past_knows_only_the_past(self, api: Api) -> None:
        factories.figure("sales", "2024-01", 1, area="a", published="2024-02-01")
        factories.figure("sales", "2024-01", 2, area="b", published="2024-02-05")
        before = timezone.now().isoformat().replace("+", "%2B")
        factories.figure("sales", "2024-01", 5, area="b", published="2024-03-01")
        values = {
            day: [row["value"] for row in series(api, "region", more=f"&as_of={day}")]
            for day in ("2024-02-04", "2024-02-05", "2024-03-01")
        }
        assert values == {"2024-02-04": [None], "2024-02-05": ["3"], "2024-03-01": ["6"]}
        assert [row["value"] for row in series(api, "region", more=f"&recorded_by={before}")] == ["3"]


class TestMergers:
    def test_the_series_before_and_after(self, api: Api) -> None:
        post("sales", "2024-06", city=10, old=5)
        post("sales", "2024-07", city=16)
        assert [(row["period"], row["value"]) for row in series(api, "city")] == [("2024-06", "10"), ("2024-07", "16")]
        rows = series(api, "city", more="&include_predecessors=true")
        assert [(row["period"], row["area"], row["value"], row["basis"]) for row in rows] == [
            ("2024-06", "city", "10", None),
            ("2024-06", "old", "5", None),
            ("2024-06", "city", "15", "before-merge"),
            ("2024-07", "city", "16", None),
        ]

    def test_growth_does_not_jump(self, api: Api) -> None:
        factories.indicator("growth", formula="yoy(sales)", kind="rate")
        post("sales", "2023-07", city=10, old=10)
        post("sales", "2024-07", city=22)
        rows = series(api, "city", "growth", "&include_predecessors=true")
        assert [(row["value"], row["basis"]) for row in rows] == [("10", None), ("10", "before-merge")]

    def test_nothing_is_added_where_figures_are_not_summed(self, api: Api) -> None:
        factories.indicator("rate", kind="rate", accumulation="none")
        post("rate", "2024-06", city=10, old=5)
        rows = series(api, "city", "rate", "&include_predecessors=true")
        assert [(row["area"], row["value"]) for row in rows] == [("city", "10"), ("old", "5")]


class TestTargets:
    def test_a_sum_is_judged_and_explained_by_its_parts(self, api: Api) -> None:
        factories.target(area="country")
        post("sales", "2024", a="400.1", b=300, city=600)
        post("sales", "2023-12", a=1)
        status = api.get(f"targets/{ID}/status/").ok()
        assert (status["actual"], status["status"]) == ("1300.1", "exceeded")
        (figure,) = status["explanation"]["figures"]
        assert [(part["area"], part["value"], part["revision"]) for part in figure["parts"]] == [
            ("a", "400.1", 1), ("b", "300", 1), ("city", "600", 1),
        ]  # fmt: skip
        assert {part["id"] for part in figure["parts"]} <= {row["id"] for row in api.rows("measurements/")}
        paper = text_of(ID)
        assert "sales 2024 = a 400.1 + b 300 + city 600 = 1,300.1" in paper
        (complete,) = status["explanation"]["completeness"]
        assert (complete["period"], complete["reported"], complete["expected"]) == ("2024", 3, 3)

    def test_what_is_incomplete_is_not_judged(self, api: Api) -> None:
        factories.target(area="country")
        post("sales", "2024", a=400)
        status = api.get(f"targets/{ID}/status/").ok()
        assert (status["actual"], status["status"]) == (None, "no_data")
        assert status["explanation"]["completeness"] == [
            {"indicator": "sales", "period": "2024", "reported": 1, "expected": 3, "missing": ["b", "city"]}
        ]
        assert "sales 2024: 1 of 3 areas reported; missing: b, city" in text_of(ID)

    def test_a_figure_of_a_part_reaches_the_targets_above_also_through_formulas(self, api: Api) -> None:
        factories.indicator("growth", formula="yoy(sales)", kind="rate")
        ids = {
            factories.target(area=area, of=of).pk for area in ("country", "region", "a") for of in ("sales", "growth")
        }
        ids -= {factories.target(area="b").pk}
        pair = {(Indicator.objects.get(code="sales").pk, Area.objects.get(code="a").pk)}
        assert assess.targets_affected_by(pair) == ids
        assess.process_series_changes(now=clock.now())
        post("sales", "2024", a=400, b=300, city=600)
        assess.process_series_changes(now=clock.now())
        assert Assessment.objects.get(target__identifier=ID).status == "exceeded"
        assert not StatusChange.objects.get(target__identifier=ID, after="exceeded").quiet

    def test_what_is_not_summed_reaches_its_own_area_only(self, api: Api) -> None:
        change(api, "sales", {"regional": ""}).ok()
        factories.target(area="country")
        pair = {(Indicator.objects.get(code="sales").pk, Area.objects.get(code="a").pk)}
        assert assess.targets_affected_by(pair) == set()

    def test_changing_how_it_is_summed_judges_again(self, api: Api) -> None:
        factories.target(area="region")
        post("sales", "2024", a=400, b=300)
        assess.process_series_changes(now=clock.now())
        change(api, "sales", {"regional": ""}).ok()
        assert Assessment.objects.get().status == "no_data"

    def test_a_closed_plan_closes_the_parts_of_its_sums(self, api: Api) -> None:
        target = factories.target(area="region")
        plans.update_plan(plan=target.plan, by=factories.BY, locked_through=date(2024, 6, 30))
        figure = {"indicator": "sales", "period": "2024-06", "value": "1"}
        api.post("measurements/", {**figure, "area": "a"}).problem(409, "period-locked")
        api.post("measurements/", {**figure, "area": "city"}).ok(201)

    def test_what_if_a_part_reported(self, api: Api) -> None:
        factories.target(area="region")
        post("sales", "2024", a=400)
        figures = [{"indicator": "sales", "area": "b", "period": "2024", "value": "900"}]
        answer = api.post("plans/plan/what-if/", {"figures": figures}).ok()
        assert [row["actual"] for row in answer["targets"]] == ["1300"]

    def test_sums_ask_the_same_number_of_questions_whatever_they_are_made_of(
        self, api: Api, django_assert_max_num_queries: Any
    ) -> None:
        factories.target(area="country")
        grow(Area.objects.get(code="region"), *(f"p{n}" for n in range(20)))
        for n in range(20):
            post("sales", "2024", **{f"p{n}": 1})
        with django_assert_max_num_queries(18):
            api.get(f"targets/{ID}/status/").ok()
