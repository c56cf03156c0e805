"""What the values of an indicator mean stays once it has figures or targets."""

from typing import Any

import pytest
from django.urls import reverse

from indicators.models import Indicator
from kpitracker.lib import clock
from kpitracker.lib.spreadsheets.reading import Workbook
from targets.catalogue import import_
from tests import factories
from tests.admin_support import administrator, errors, submit
from tests.support import api_of
from tests.targets.api.test_catalogue_files import workbook

pytestmark = pytest.mark.django_db

CHANGES = [
    pytest.param("unit", "million", id="its unit: 300 billion would be 300 million, in the past too"),
    pytest.param("kind", "index", id="its kind"),
    pytest.param("accumulation", "mean", id="how parts make a whole"),
    pytest.param("formula", "2 * other", id="a formula instead of figures"),
]


@pytest.fixture(autouse=True)
def catalogue() -> None:
    factories.area()
    factories.plan()
    factories.indicator("other")
    factories.indicator("sales", unit="billion")


def patch(field: str, value: str, language: str = "en") -> Any:
    return api_of().patch("indicators/sales/", {field: value}, If_Match="*", Accept_Language=language)


@pytest.mark.database
@pytest.mark.parametrize(("field", "value"), CHANGES)
class TestFields:
    def test_changes_while_nothing_uses_it(self, field: str, value: str) -> None:
        assert patch(field, value).ok()[field] == value

    @pytest.mark.parametrize("language", ["en", "vi"])
    def test_is_fixed_by_figures(self, field: str, value: str, language: str) -> None:
        factories.figure("sales", "2024-01", 300)
        problem = patch(field, value, language).problem(409, "in-use")
        assert problem["errors"][0]["pointer"] == f"/{field}"
        if field != "formula":
            assert {"en": "a new indicator", "vi": "chỉ số mới"}[language] in problem["detail"]
        assert Indicator.objects.get(code="sales").unit == "billion"

    def test_is_fixed_by_targets(self, field: str, value: str) -> None:
        factories.target("sales")
        problem = patch(field, value).problem(409, "in-use")
        assert "It has targets" in problem["detail"]
        assert patch("name", "Sales of goods").ok()["name"] == "Sales of goods"


def test_what_says_nothing_else_of_the_past_may_change() -> None:
    factories.target("sales")
    factories.figure("sales", "2024-01", 300)
    body = {"unit": "billion", "unit_en": "billion dong", "note": "n", "due_days": 12, "decimals": 1}
    assert api_of().patch("indicators/sales/", body, If_Match="*").ok()["due_days"] == 12


def test_the_form_of_the_admin_says_it_at_the_field() -> None:
    factories.target("sales")
    row = Indicator.objects.get(code="sales")
    fields = {"name": row.name, "unit": "million", "kind": row.kind, "frequency": row.frequency, "decimals": 0,
              "accumulation": row.accumulation, "due_days": 20, "due_unit": row.due_unit}  # fmt: skip
    answer = submit(administrator(), reverse("admin:indicators_indicator_change", args=[row.pk]), fields)
    assert set(errors(answer)) <= {"unit", "__all__"}
    assert "new indicator" in answer.content.decode()
    row.refresh_from_db()
    assert row.unit == "billion"


def test_a_catalogue_file_is_refused_with_its_row() -> None:
    factories.figure("sales", "2024-01", 300)
    header, row = (
        ["code", "name", "unit", "kind", "frequency", "accumulation"],
        ["sales", "Sales", "million", "level", "month", "sum"],
    )
    book = workbook({"indicators": [header, row]})
    report = import_.import_workbook(workbook=Workbook(book), by=factories.BY, now=clock.now(), dry_run=False)
    assert not report.written
    assert "in-use" in str(report.faults)
