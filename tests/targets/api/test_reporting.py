"""What departments still owe, and how complete and timely they report."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.models import Indicator
from indicators.services.catalogue import areas, departments, indicators, reporting_duties
from kpitracker.lib import clock
from tests import factories
from tests.admin_support import client_of, person
from tests.factories import BY
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def api() -> Api:
    """Sales are asked for by the plan of 2024, jobs by nobody; both by statistics, below the leaders."""
    factories.area()
    factories.area("north", parent="city")
    factories.department("leaders")
    factories.department(parent="leaders")
    factories.department("other", parent="leaders")
    factories.indicator(department="statistics", due_days=10)
    factories.indicator("jobs", department="statistics", frequency="quarter", accumulation="last")
    factories.plan()
    factories.target()
    return api_of()


def due(api: Api, query: str = "", as_of: str = "2024-04-05") -> list[str]:
    return [f"{row['indicator']} {row['period']}" for row in api.rows(f"reporting/due/?as_of={as_of}{query}")]


SALES = ["sales 2024-01", "sales 2024-02", "sales 2024-03"]


def test_what_is_owed_by_due_day(api: Api) -> None:
    rows = api.rows("reporting/due/?as_of=2024-03-12")
    assert rows == [
        {
            "department": "statistics", "indicator": "sales", "indicator_name": "Sales", "indicator_name_en": "", "area": "city",
            "period": "2024-01", "due": "2024-02-10", "overdue": True, "days_late": 31,
        },
        {
            "department": "statistics", "indicator": "sales", "indicator_name": "Sales", "indicator_name_en": "", "area": "city",
            "period": "2024-02", "due": "2024-03-10", "overdue": True, "days_late": 2,
        },
    ]  # fmt: skip
    assert [row["overdue"] for row in api.rows("reporting/due/?as_of=2024-02-10")] == [False]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", SALES, id="of all"),
        pytest.param("&page_size=1", SALES, id="page by page"),
        pytest.param("&department=statistics", SALES, id="of the department"),
        pytest.param("&department=leaders", [], id="of exactly the one above it"),
        pytest.param("&department_tree=leaders", SALES, id="of that one with all below it"),
        pytest.param("&department=other", [], id="of another"),
        pytest.param("&indicator=jobs", [], id="of another indicator"),
        pytest.param("&area=north", [], id="of another area"),
        pytest.param("&due_before=2024-04-10", SALES[:2], id="due before a day"),
        pytest.param("&since=2024-02-29", SALES[1:], id="of periods that ended since"),
    ],
)
def test_what_is_asked(api: Api, query: str, expected: list[str]) -> None:
    assert due(api, query) == expected


@pytest.mark.parametrize(
    ("query", "status", "slug"),
    [
        pytest.param("department=nobody", 422, "unknown-department", id="no such department"),
        pytest.param("indicator=nothing", 422, "unknown-indicator", id="no such indicator"),
        pytest.param("area=nowhere", 422, "unknown-area", id="no such area"),
        pytest.param("since=2024-13-01", 400, "invalid-parameter", id="no day"),
        pytest.param("as_of=2199-01-01", 400, "invalid-parameter", id="a day to come"),
        pytest.param("ordering=due", 400, "unknown-parameter", id="another order"),
        pytest.param("cursor=x", 400, "invalid-parameter", id="no cursor"),
        pytest.param("page_size=0", 400, "invalid-parameter", id="no rows"),
    ],
)
def test_what_is_refused(api: Api, query: str, status: int, slug: str) -> None:
    api.get(f"reporting/due/?{query}").problem(status, slug)


def test_a_cursor_belongs_to_its_list(api: Api) -> None:
    following = api.get("reporting/due/?as_of=2024-04-05&page_size=1").ok()["next"]
    cursor = following.partition("cursor=")[2].partition("&")[0]
    api.get(f"measurements/?cursor={cursor}").problem(400, "invalid-parameter")
    there = api.get("areas/?page_size=1").ok()["next"].partition("cursor=")[2].partition("&")[0]
    api.get(f"reporting/due/?cursor={there}").problem(400, "invalid-parameter")


@pytest.mark.parametrize(
    ("period", "value", "published", "left"),
    [
        pytest.param("2024-02", 5, "2024-03-01", ["sales 2024-01", "sales 2024-03"], id="a value"),
        pytest.param(
            "2024-02", None, "2024-03-01", ["sales 2024-01", "sales 2024-03"], id="a reason why there is none"
        ),
        pytest.param("2024-01/2024-02", 5, "2024-03-01", ["sales 2024-01", "sales 2024-03"], id="a cumulative figure"),
        pytest.param("2024-02", 5, "2024-04-06", SALES, id="not what became known later"),
    ],
)
def test_what_counts_as_reported(api: Api, period: str, value: object, published: str, left: list[str]) -> None:
    factories.figure("sales", period, value, published=published)
    assert due(api) == left


def test_what_nobody_recorded_by_then_is_owed(api: Api) -> None:
    before = clock.now().isoformat().replace("+", "%2B")
    factories.figure("sales", "2024-02", 5, published="2024-03-01")
    assert len(due(api)) == 2
    assert due(api, f"&recorded_by={before}") == SALES


def test_what_waits_for_approval_is_owed(api: Api) -> None:
    indicators.update_indicator(
        indicator=Indicator.objects.get(code="sales"), by=BY, now=clock.now(), needs_approval=True
    )
    factories.figure("sales", "2024-02", 5, published="2024-03-01")
    assert due(api) == SALES


def test_what_no_plan_asks_for_is_owed_from_its_first_figure_on(api: Api) -> None:
    factories.figure("jobs", "2023-Q3", 5, published="2023-10-05", area="north")
    assert due(api, "&indicator=jobs") == ["jobs 2023-Q4", "jobs 2024-Q1"]
    assert due(api, "&indicator=jobs&since=2024-01-01") == ["jobs 2024-Q1"]
    assert due(api, "&indicator=jobs", as_of="2023-10-01") == []


def test_the_inputs_of_a_formula_are_asked_for_with_it(api: Api) -> None:
    factories.indicator("ratio", formula="100 * sales / jobs")
    factories.target("ratio")
    assert due(api) == ["jobs 2024-Q1" if value == "jobs" else value for value in [*SALES, "jobs"]]


def test_of_a_sum_its_parts_are_asked_for_once_one_of_them_reports(api: Api) -> None:
    factories.area("south", parent="city", valid_to=date(2024, 1, 31))
    sales = Indicator.objects.get(code="sales")
    indicators.update_indicator(indicator=sales, by=BY, now=clock.now(), regional="sum")
    assert {row["area"] for row in api.rows("reporting/due/?as_of=2024-03-12")} == {"city"}
    factories.figure("sales", "2024-01", 5, published="2024-02-01", area="north")
    rows = api.rows("reporting/due/?as_of=2024-03-12")
    assert [(row["area"], row["period"]) for row in rows] == [("south", "2024-01"), ("north", "2024-02")]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({}, [("other", 3)], id="another department has the duty"),
        pytest.param({"valid_from": date(2024, 3, 1)}, [("other", 3)], id="who has it today corrects the past"),
        pytest.param({"valid_to": date(2024, 3, 1)}, [("statistics", 3)], id="no longer"),
    ],
)
def test_duties_replace_the_department(api: Api, values: dict[str, Any], expected: list[tuple[str, int]]) -> None:
    reporting_duties.create_duty(by=BY, indicator="sales", area="city", department="other", **values)
    rows = api.rows("reporting/due/?as_of=2024-04-05")
    assert [(code, len(rows)) for code in {row["department"] for row in rows}] == expected


def test_what_ended_owes_nothing_of_later_periods(api: Api) -> None:
    statistics = Indicator.objects.get(code="sales").department
    assert statistics is not None
    departments.update_department(department=statistics, by=BY, valid_to=date(2024, 2, 29))
    assert due(api) == SALES[:2]
    departments.update_department(department=statistics, by=BY, valid_to=None)
    city = Indicator.objects.get(code="sales").targets.get().area
    areas.update_area(area=city, by=BY, now=clock.now(), valid_from=date(2024, 2, 1))
    assert due(api) == SALES[1:]


def test_who_succeeds_an_ended_department_owes_from_the_day_after(api: Api) -> None:
    statistics = Indicator.objects.get(code="sales").department
    assert statistics is not None
    departments.update_department(department=statistics, by=BY, valid_to=date(2024, 2, 29), successor="other")
    assert due(api, "&department=other") == SALES
    assert due(api, "&department=statistics") == []
    assert due(api, "&department=other", as_of="2024-02-29") == []
    figure = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5"}
    api_of("other").post("measurements/", figure).ok(201)
    rows = [{**figure, "period": "2024-02"}]
    assert api_of("other").post("measurements/batch/", rows).ok()["created"] == 1


def test_completeness_by_department_and_month(api: Api) -> None:
    factories.figure("sales", "2024-01", 5, published="2024-02-10")
    factories.figure("sales", "2024-02", 5, published="2024-03-11")
    factories.figure("sales", "2024-01/2024-02", 10, published="2024-04-01")
    factories.figure("jobs", "2023-Q4", 5, published="2024-01-20")
    rows = api.rows("reporting/completeness/?as_of=2024-05-05&from=2024")
    assert [(row["month"], row["due"], row["on_time"], row["late"], row["missing"]) for row in rows] == [
        ("2024-01", 1, 1, 0, 0), ("2024-02", 1, 1, 0, 0), ("2024-03", 1, 0, 1, 0), ("2024-04", 2, 0, 0, 2),
    ]  # fmt: skip
    assert [(row["completeness"], row["timeliness"]) for row in rows][2:] == [("100", "0"), ("0", "0")]
    assert rows[0]["department"] == "statistics"
    assert api.rows("reporting/completeness/?as_of=2024-05-05&from=2024-02&to=2024-02") == rows[1:2]
    assert api.rows("reporting/completeness/?as_of=2024-05-05&department=other") == []


def counted(api: Api, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        api.get(path).ok()
    return len(queries)


@pytest.mark.parametrize("path", ["reporting/due/", "reporting/completeness/"])
def test_many_indicators_cost_as_many_queries_as_one(api: Api, path: str) -> None:
    counted(api, path)  # the first use of the key is noted
    factories.indicator("unused")  # nothing new would be answered by the tag
    few = counted(api, path)
    for number in range(5):
        factories.indicator(f"more-{number}", department="statistics")
        factories.figure(f"more-{number}", "2025-01", 5, area="north")
        reporting_duties.create_duty(by=BY, indicator=f"more-{number}", area="north", department="other")
    assert counted(api, path) == few <= 25


def test_a_restricted_indicator_is_owed_only_where_it_is_seen(api: Api) -> None:
    factories.indicator("secret", department="other", restricted=True)
    factories.target("secret")
    assert len(due(api_of("other", ["read"]))) == 6
    assert due(api_of("statistics", ["read"])) == SALES
    api_of("statistics", ["read"]).get("reporting/due/?indicator=secret").problem(422, "unknown-indicator")


def test_the_page_shows_people_what_their_department_owes(api: Api) -> None:
    factories.plan("now", str(clock.today().year - 1))
    factories.target(plan="now")
    path = reverse("admin:targets_assessment_owed")
    shown = [client_of(person(f"{code}-one", "officer", code)).get(path) for code in ("statistics", "other")]
    assert [">sales<" in page.content.decode() for page in shown] == [True, False]
    listed = client_of(person("lan", "officer", "statistics")).get(reverse("admin:targets_assessment_changelist"))
    assert path in listed.content.decode()
