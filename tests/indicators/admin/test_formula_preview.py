"""What a formula gives, shown before it is saved."""

import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.models import FormulaInput, Indicator
from tests import factories
from tests.admin_support import administrator, client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    factories.area()
    factories.area("north", parent="city")
    factories.department()
    factories.indicator("sales")
    factories.indicator("jobs")
    factories.indicator("growth", formula="yoy(sales)")
    for period, value in {"2023": 100, "2024": 120, "2023-01/2023-06": 40, "2024-H1": 50}.items():
        factories.figure("sales", period, value)
    factories.figure("sales", "2024", 7, area="north")
    return administrator()


def lines(client: Client, **asked: str) -> list[str]:
    answer = client.get(reverse("admin:indicators_indicator_preview"), asked)
    assert answer.status_code == 200
    result: list[str] = answer.json()["lines"]
    return result


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        pytest.param({"formula": "yoy(sales)"}, ["City", "2024: 20", "the first 6 months of 2024: 25"], id="the latest spans, the last first"),
        pytest.param({"formula": "sales / 3", "area": "north"}, ["North", "2024: 2.3333"], id="of an area that was chosen"),
        pytest.param({"formula": "jobs"}, ["No value in City yet."], id="nothing to compute from"),
        pytest.param({"formula": "growth * 2"}, ["City", "2024: 40", "the first 6 months of 2024: 50"], id="a formula over a formula"),
        pytest.param({"formula": "growth + 1", "code": "growth"}, ["The formula runs in a circle: growth → growth."], id="by itself"),
        pytest.param({"formula": "growth + 1", "code": "sales"}, ["The formula runs in a circle: growth → sales → growth."], id="by what is computed from it"),
        pytest.param({"formula": "yoy(x) + y"}, ["There is no indicator 'x'.", "There is no indicator 'y'."], id="by what there is not"),
        pytest.param({"formula": "yoy("}, ["expected a number, a code or a function, the formula ends (at character 5)"], id="half a formula"),
        pytest.param({"formula": ""}, ["expected a number, a code or a function, the formula ends (at character 1)"], id="none"),
        pytest.param({"formula": "sales", "area": "x"}, ["There is no area 'x'."], id="an area that there is not"),
        pytest.param({"formula": "sales\x00"}, None, id="what no text may hold"),
    ],
)  # fmt: skip
def test_a_formula_is_tried(client: Client, asked: dict[str, str], shown: list[str] | None) -> None:
    result = lines(client, **asked)
    assert result == shown or (shown is None and len(result) == 1)


def test_a_formula_by_what_it_is_to_check_is_tried_in_vain(client: Client) -> None:
    factories.indicator("published", accumulation="none", check_formula="growth")
    result = lines(client, formula="published * 2", code="growth")
    assert result == ["The formula runs in a circle: published → … → published."]


def test_trying_stores_nothing(client: Client) -> None:
    before = FormulaInput.objects.count()
    with CaptureQueriesContext(connection) as queries:
        lines(client, formula="2 * sales", code="growth")
    assert FormulaInput.objects.count() == before
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def change_page(client: Client, code: str) -> Any:
    return client.get(reverse("admin:indicators_indicator_change", args=[Indicator.objects.get(code=code).pk]))


def test_the_form_asks_and_the_page_shows_what_is_computed(client: Client) -> None:
    page = change_page(client, "growth").content.decode()
    assert 'data-url="/admin/indicators/indicator/preview/"' in page
    assert 'data-code="growth"' in page
    assert re.search(r"/static/indicators/preview[^\"]*\.js\" defer>", page)
    assert "the first 6 months of 2024: 25" in page
    assert finders.find("indicators/preview.js")
    assert "2024-H1" not in change_page(client, "sales").content.decode()


def test_who_may_not_edit_sees_the_values_only(client: Client) -> None:
    Indicator.objects.update(department=person("lan", "officer", "statistics").department)
    page = change_page(client_of(person("minh", "officer", "statistics")), "growth").content.decode()
    assert "formula-preview" not in page
    assert "the first 6 months of 2024: 25" in page


def test_without_a_home_area_the_page_goes_without_values(client: Client) -> None:
    factories.area("second")
    assert "2024-H1" not in change_page(client, "growth").content.decode()
    assert lines(client, formula="sales") == ["Give the code of an area."]
