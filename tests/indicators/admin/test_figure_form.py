"""People post figures by a form; everything else about figures stays as it was posted."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from indicators.models import Area, Indicator, Measurement, Revision
from indicators.services.catalogue import reporting_duties
from kpitracker.lib import clock
from tests import factories
from tests.admin_support import administrator, client_of, errors, person

pytestmark = pytest.mark.django_db

ADD = reverse("admin:indicators_measurement_add")


@pytest.fixture(autouse=True)
def houses() -> None:
    factories.area()
    factories.area("harbour", parent="city")
    factories.department("trade")
    factories.department("port")
    factories.indicator("sales", department="trade")
    factories.indicator("growth", formula="yoy(sales)", department="trade")
    factories.indicator("ships", department=None)
    reporting_duties.create_duty(by=factories.BY, indicator="ships", area="harbour", department="port")


@pytest.fixture
def officer() -> Client:
    return client_of(person("lan", "officer", "trade"))


def post(client: Client, **values: Any) -> Any:
    fields = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "7.5", **values}
    fields["indicator"] = Indicator.objects.get(code=fields["indicator"]).pk
    fields["area"] = Area.objects.get(code=fields["area"]).pk
    return client.post(ADD, {"_save": "Save", **fields}, follow=True)


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_a_figure_is_created_revised_and_unchanged(officer: Client) -> None:
    name = "Sales, City, January 2024"
    assert told(post(officer)) == [f"Created: {name}: 7.5"]
    assert told(post(officer, value="8")) == [f"Revised: {name}: 8"]
    assert told(post(officer, value="8.0")) == [f"Unchanged, it was known already: {name}: 8"]
    row = Measurement.objects.get()
    assert (str(row.value), row.revisions, row.posted_by) == ("8", 2, "admin lan")
    assert row.published == clock.today()


def test_what_the_service_warns_of_is_told(officer: Client) -> None:
    _, not_begun, forecast = told(post(officer, period="2099"))
    assert not_begun == "The period has not begun."
    assert forecast.startswith("Published more than 31 days before its period ends: it counts as a forecast")


@pytest.mark.parametrize(
    ("stage", "shown"),
    [
        ("", "counts as a forecast"),
        ("estimate", "estimate (counts as a forecast)"),
        ("official", "official"),
        ("forecast", "forecast"),
    ],
)
def test_a_forecast_by_its_day_is_marked_in_the_list_and_on_its_page(officer: Client, stage: str, shown: str) -> None:
    post(officer, period="2099", stage=stage)
    row = Measurement.objects.get()
    pages = [
        reverse("admin:indicators_measurement_changelist"),
        reverse("admin:indicators_measurement_change", args=[row.pk]),
    ]
    for page in pages:
        text = officer.get(page).content.decode()
        assert shown in text
        assert ("counts as a forecast" in text) == ("counts" in shown)


def test_a_reason_stands_for_a_value(officer: Client) -> None:
    post(officer, value="", missing_reason="suppressed")
    assert Revision.objects.get().missing_reason == "suppressed"


@pytest.mark.parametrize(
    "values, field",
    [
        pytest.param({"value": ""}, "missing_reason", id="neither a value nor a reason"),
        pytest.param({"missing_reason": "suppressed"}, "missing_reason", id="a value and a reason"),
        pytest.param({"value": "1,5,0"}, "value", id="a number with two decimal signs"),
        pytest.param({"value": "1e5"}, "value", id="a number with an exponent"),
        pytest.param({"period": "2024-13"}, "period", id="a period that does not exist"),
        pytest.param({"published": "2099-01-01"}, "published", id="a day to come"),
        pytest.param({"stage": "final"}, "stage", id="an unknown stage"),
        pytest.param({"indicator": "growth"}, "indicator", id="a computed indicator"),
        pytest.param({"indicator": "ships"}, "indicator", id="the indicator of another department"),
        pytest.param({"note": "a\x00b"}, "note", id="a character that is none"),
    ],
)
def test_what_is_wrong_stands_at_its_field(officer: Client, values: dict[str, str], field: str) -> None:
    assert set(errors(post(officer, **values))) == {field}
    assert not Revision.objects.exists()


def test_a_stage_that_steps_back_is_refused_at_its_field(officer: Client) -> None:
    post(officer, stage="official")
    assert set(errors(post(officer, value="9", stage="estimate"))) == {"stage"}


def test_only_areas_of_ones_duty_are_offered() -> None:
    client = client_of(person("hoa", "officer", "port"))
    query = {"app_label": "indicators", "model_name": "measurement", "field_name": "area"}
    offered = client.get("/admin/autocomplete/", query).json()["results"]
    assert [row["text"] for row in offered] == ["Harbour"]
    assert told(post(client, indicator="ships", area="harbour"))[0].startswith("Created")
    assert set(errors(post(client, indicator="ships", area="city"))) == {"area"}


def test_a_duty_that_ended_is_told() -> None:
    client = client_of(person("hoa", "officer", "port"))
    reporting_duties.create_duty(
        by=factories.BY, indicator="sales", area="city", department="port", valid_to=date(2020, 1, 1)
    )
    answer = post(client)
    assert set(errors(answer)) == {"__all__"}
    assert "another department" in answer.content.decode()


def test_one_more_can_be_posted_right_away(officer: Client) -> None:
    answer = post(officer, _addanother="1")
    assert answer.request["PATH_INFO"] == ADD


def test_the_form_speaks_vietnamese(officer: Client) -> None:
    page = officer.get(ADD, headers={"Accept-Language": "vi"}).content.decode()
    assert "Để trống: hôm nay" in page


def test_what_speaks_against_a_revision_stands_on_its_page() -> None:
    client = administrator()
    factories.area("doubtful")
    factories.indicator("rate", accumulation="last", usual_high=Decimal(100))
    recorded = factories.figure("rate", "2024", 101, area="doubtful")
    page = client.get(reverse("admin:indicators_measurement_change", args=[recorded.measurement.pk]))
    assert "101 is outside what is usual (… 100)." in page.content.decode()
