"""A workbook for a department: what it owes, and nothing that it may not see."""

import io
from datetime import date
from typing import Any

import pytest

from indicators.services.catalogue import reporting_duties
from kpitracker.lib import clock
from kpitracker.lib.spreadsheets.reading import Workbook
from kpitracker.lib.spreadsheets.template import READ_ONLY_COLUMNS, is_template
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

POSTED = ["indicator", "area", "period", "value", "missing_reason", "qualifier", "stage", "published", "source", "note"]


@pytest.fixture(autouse=True)
def organisation() -> None:
    factories.area()
    factories.area("north", parent="city")
    factories.department("office")
    factories.department("statistics", parent="office")
    factories.department("labour")
    factories.indicator(department="statistics", unit="tỷ đồng", name="Bán lẻ", frequency="quarter", due_days=20)
    factories.indicator("jobs", department="labour", accumulation="last", frequency="year", due_days=40)
    factories.plan()
    factories.target()


def book(api: Api, query: str = "plan=plan") -> Workbook:
    answer = api.get(f"measurements/template/?{query}")
    assert answer.status == 200, answer.json
    return Workbook(io.BytesIO(answer.raw))


def owed(api: Api, query: str = "plan=plan") -> list[tuple[str, ...]]:
    _, *rows = book(api, query).rows("figures")
    return [(row[0], row[1], row[2], row[12]) for row in rows]


QUARTERS = [
    ("sales", "city", "2024-Q1", "2024-04-20"), ("sales", "city", "2024-Q2", "2024-07-20"),
    ("sales", "city", "2024-Q3", "2024-10-20"), ("sales", "city", "2024-Q4", "2025-01-20"),
]  # fmt: skip


def test_it_has_the_columns_of_a_figure_and_helps_beside_them() -> None:
    result = book(api_of("statistics"))
    header, first, *_ = result.rows("figures")
    assert result.sheets == ["figures", "huong-dan", "about"]
    assert is_template(result)
    assert (header[:10], tuple(header[10:])) == (POSTED, READ_ONLY_COLUMNS)
    assert first == ["sales", "city", "2024-Q1", *[""] * 7, "Bán lẻ", "tỷ đồng", "2024-04-20", "", ""]
    explained = list(result.rows("huong-dan"))
    assert {row[0] for row in explained} >= {*POSTED, *READ_ONLY_COLUMNS}
    assert all(row[1] and row[2] for row in explained if row[0] in POSTED)


@pytest.mark.database
def test_every_period_that_is_owed_has_a_row_by_due_day() -> None:
    factories.target("jobs", lower=5)
    assert owed(api_of()) == [*QUARTERS[:4], ("jobs", "city", "2024", "2025-02-09")]
    assert owed(api_of("statistics")) == QUARTERS
    assert owed(api_of("labour")) == [("jobs", "city", "2024", "2025-02-09")]


def test_of_periods_to_come_only_the_next_one_is_asked_for() -> None:
    year = str(clock.today().year + 1)
    factories.plan("next", year)
    factories.target(plan="next", announced=date(2023, 1, 1))
    assert [row[2] for row in owed(api_of(), "plan=next")] == [f"{year}-Q1"]


POSTS: list[Any] = [
    pytest.param([("2024-Q1", 5)], ["2024-Q2", "2024-Q3", "2024-Q4"], ("2024-Q1", "5"), id="what was posted"),
    pytest.param(
        [("2024-H1", 5)], ["2024-Q1", "2024-Q3", "2024-Q4"], ("2024-H1", "5"),
        id="the period that a cumulative figure ends with, but no period before it",
    ),
    pytest.param([("2024-Q1", None)], ["2024-Q2", "2024-Q3", "2024-Q4"], ("", ""), id="what was said to be missing"),
    pytest.param(
        [("2023", "7.123456"), ("2024-01", 1)], ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"], ("2024-01", "1"),
        id="nothing less by a figure of a part",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("posts", "periods", "last"), POSTS)
def test_not_asked_for_again_is(posts: list[tuple[str, Any]], periods: list[str], last: tuple[str, str]) -> None:
    for period, value in posts:
        factories.figure("sales", period, value)
    _, *rows = book(api_of()).rows("figures")
    assert [row[2] for row in rows] == periods
    assert {(row[13], row[14]) for row in rows} == {last}


def test_a_duty_replaces_the_default() -> None:
    factories.target(area="north")
    reporting_duties.create_duty(by=factories.BY, indicator="sales", area="north", department="labour")
    assert {row[1] for row in owed(api_of("statistics"))} == {"city"}
    assert {row[1] for row in owed(api_of("labour"))} == {"north"}
    assert {row[1] for row in owed(api_of("office"))} == {"city"}
    assert {row[1] for row in owed(api_of(), "plan=plan&department=labour")} == {"north"}


def test_of_a_formula_its_inputs_are_asked_for() -> None:
    factories.indicator("ratio", formula="100 * jobs / sales", department="office")
    factories.target("ratio", area="north")
    assert owed(api_of("labour")) == [("jobs", "north", "2024", "2025-02-09")]


def test_restricted_indicators_stay_inside() -> None:
    factories.indicator("secret", department="statistics", restricted=True, frequency="year")
    factories.indicator("from-secret", department="labour", formula="2 * secret")
    factories.target("secret")
    factories.target("from-secret")
    reporting_duties.create_duty(by=factories.BY, indicator="jobs", area="city", department="labour")
    assert owed(api_of("labour")) == []
    assert ("secret", "city", "2024", "2025-01-20") in owed(api_of("statistics"))


@pytest.mark.parametrize(
    ("department", "query", "status", "slug"),
    [
        pytest.param(None, "", 400, "invalid-parameter", id="a plan must be named"),
        pytest.param(None, "plan=none", 422, "unknown-plan", id="one that there is"),
        pytest.param(None, "plan=plan&department=none", 422, "unknown-department", id="a department that there is"),
        pytest.param("labour", "plan=plan&department=statistics", 403, "forbidden", id="and that is one's own"),
        pytest.param("statistics", "plan=plan&department=office", 403, "forbidden", id="not one above it"),
        pytest.param(None, "plan=plan&format=xlsx", 400, "unknown-parameter", id="it has one format"),
    ],
)
def test_refused(department: str | None, query: str, status: int, slug: str) -> None:
    api_of(department).get(f"measurements/template/?{query}").problem(status, slug)


def test_it_is_the_same_file_until_something_is_posted() -> None:
    api = api_of()
    answer = api.get("measurements/template/?plan=plan")
    assert (
        answer.headers["Content-Disposition"] == f'attachment; filename="kpitracker-template-plan-{clock.today()}.xlsx"'
    )
    assert api.get("measurements/template/?plan=plan", If_None_Match=answer.headers["ETag"]).status == 304
    factories.figure("sales", "2024-Q1", 5)
    assert api.get("measurements/template/?plan=plan", If_None_Match=answer.headers["ETag"]).status == 200
