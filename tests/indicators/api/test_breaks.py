"""Breaks of a series: stored with the indicator, refused when they cannot be meant, and heeded by assessments."""

from typing import Any

import pytest

from indicators.models import Indicator
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BREAK = {"day": "2024-01-01", "note": "Năm gốc mới", "note_en": "New base year"}


@pytest.fixture
def api() -> Api:
    factories.area()
    factories.indicator("prices", accumulation="none", kind="index")
    return api_of()


def test_breaks_are_stored_in_order(api: Api) -> None:
    earlier = {"day": "2019-01-01", "note": ""}
    answer = api.patch("indicators/prices/", {"breaks": [BREAK, earlier]}, If_Match="*").ok()
    assert answer["breaks"] == [{"day": "2019-01-01", "note": "", "note_en": ""}, BREAK]
    assert api.get("indicators/prices/").ok()["breaks"] == answer["breaks"]
    assert api.patch("indicators/prices/", {"name": "Prices"}, If_Match="*").ok()["breaks"] == answer["breaks"]
    assert api.patch("indicators/prices/", {"breaks": []}, If_Match="*").ok()["breaks"] == []


@pytest.mark.parametrize(
    ("breaks", "slug", "pointer"),
    [
        pytest.param([BREAK, BREAK], "invalid-breaks", "/breaks", id="two on one day"),
        pytest.param([{"day": "2024-02-30"}], "invalid-date", "/breaks/0/day", id="no day of the calendar"),
        pytest.param([{"note": "when?"}], "required", "/breaks/0/day", id="no day at all"),
        pytest.param([{"day": "2024-01-01", "why": ""}], "unknown-field", "/breaks/0/why", id="a field it has not"),
    ],
)
def test_breaks_that_are_refused(api: Api, breaks: list[dict[str, Any]], slug: str, pointer: str) -> None:
    answer = api.patch("indicators/prices/", {"breaks": breaks}, If_Match="*")
    assert answer.status in (400, 422)
    assert [(error["slug"], error["pointer"]) for error in answer.json["errors"]] == [(slug, pointer)]
    assert Indicator.objects.get(code="prices").breaks == []


def test_a_growth_across_a_break_says_why_it_has_no_value(api: Api) -> None:
    factories.indicator("sales")
    factories.indicator("growth", formula="yoy(sales)", kind="rate")
    factories.plan()
    factories.target("growth", lower="8")
    for period, value in (("2023", "100"), ("2024", "110")):
        factories.figure("sales", period, value, published=f"{int(period) + 1}-01-10")
    status = "targets/plan:growth:city/status/?as_of=2025-02-01"
    assert api.get(status).ok()["actual"] == "10"
    api.patch("indicators/sales/", {"breaks": [BREAK]}, If_Match="*").ok()
    answer = api.get(status, Accept_Language="en").ok()
    assert (answer["actual"], answer["status"]) == (None, "no_data")
    assert answer["reason"] == {
        "slug": "series-break",
        "indicator": "sales",
        "period": "2024",
        "day": "2024-01-01",
        "areas": [],
        "missing_reason": None,
    }
    assert "“Sales” has been measured in another way since 1 January 2024" in answer["explanation"]["sentence"]
