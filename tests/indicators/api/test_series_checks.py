"""Figures beside the others of their series and of their areas: the same warnings for one figure and for a batch."""

from typing import Any

import pytest
from django.utils.translation import override

from indicators.models import Indicator, Revision
from indicators.services.catalogue import indicators
from kpitracker.lib import clock
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

POSTED = "2025-02-01"


@pytest.fixture
def api() -> Api:
    factories.area()
    factories.area("north", parent="city")
    factories.area("south", parent="city")
    factories.indicator(regional="sum", decimals=0)
    factories.indicator("orders", usual_low=50, usual_high=150)
    factories.indicator("covered", kind="share", accumulation="last")
    factories.indicator("place", kind="rank", accumulation="last")
    for code in ("farms", "trade"):
        factories.indicator(code, decimals=0)
    factories.indicator("total", decimals=0, parts=["farms", "trade"])
    return api_of()


def figure(of: str, period: str, value: str, area: str = "city", **values: Any) -> dict[str, Any]:
    return {"indicator": of, "period": period, "value": value, "area": area, "published": POSTED, **values}


MONTHS = [figure("orders", f"2024-0{month}", "100") for month in (1, 2, 3)]
PARTS = [figure("farms", "2024", "100"), figure("trade", "2024", "140")]
AREAS = [figure("sales", "2024", "100", "north"), figure("sales", "2024", "140", "south")]
SCALE = "98,000,000 is about 1,000,000 times February 2024 (100): is the unit right?"
CASES = {
    "a wrong unit": (MONTHS, figure("orders", "2024-04", "98000000"), [SCALE, "98,000,000 is outside what is usual (50 … 150)."]),
    "a hundredth": (
        MONTHS, figure("orders", "2024-04", "1"),
        ["1 is about 1/100 of February 2024 (100): is the unit right?", "1 is outside what is usual (50 … 150)."],
    ),
    "what is usual in six months": (MONTHS, figure("orders", "2024-01/2024-06", "600"), []),
    "what is unusual in six months": (
        MONTHS, figure("orders", "2024-01/2024-06", "1200"),
        ["200, the average of 6 periods, is outside what is usual (50 … 150)."],
    ),
    "a share above all": ([], figure("covered", "2024", "250"), ["250: a share lies between 0 and 100."]),
    "a place before the first": ([], figure("place", "2024", "-3"), ["−3: the best rank is 1."]),
    "months that do not add up": (
        MONTHS, figure("orders", "2024-Q1", "330"), ["330 is posted for the first quarter of 2024, its 3 parts add up to 300."],
    ),
    "a whole against a forecast of its part": (
        [*MONTHS[:2], figure("orders", "2024-03", "120", published="2024-01-05")], figure("orders", "2024-Q1", "390"), [],
    ),
    "a region against its areas": (AREAS, figure("sales", "2024", "300"), ["city is 300, its 2 areas add up to 240."]),
    "an area against its region": (
        [AREAS[0], figure("sales", "2024", "300")], AREAS[1], ["city is 300, its 2 areas add up to 240."],
    ),
    "a region that is right but for rounding": (AREAS, figure("sales", "2024", "241"), []),
    "a region of which an area is missing": (AREAS[:1], figure("sales", "2024", "300"), []),
    "a whole against its parts": (PARTS, figure("total", "2024", "300"), ["total is 300, its 2 parts add up to 240."]),
    "a part against its whole": (
        [PARTS[0], figure("total", "2024", "300")], PARTS[1], ["total is 300, its 2 parts add up to 240."],
    ),
    "a whole that is right but for rounding": (PARTS, figure("total", "2024", "241"), []),
    "a whole of which a part is missing": (PARTS[:1], figure("total", "2024", "300"), []),
    "parts over another span": (PARTS, figure("total", "2023", "300"), []),
    "parts in another area": (PARTS, figure("total", "2024", "300", "north"), []),
    "a whole against a forecast of a part": (
        [PARTS[0], figure("trade", "2024", "140", published="2024-01-05")], figure("total", "2024", "300"), [],
    ),
    "areas over another span": (AREAS, figure("sales", "2023", "300"), []),
}  # fmt: skip


@pytest.mark.parametrize(("stored", "posted", "expected"), CASES.values(), ids=CASES)
def test_the_same_of_one_and_of_many(
    api: Api, stored: list[dict[str, Any]], posted: dict[str, Any], expected: list[str]
) -> None:
    together = api.post("measurements/batch/?dry_run=true&verbose=true", [*stored, posted]).ok()["results"][-1]
    if stored:
        api.post("measurements/batch/", stored).ok()
    batch = api.post("measurements/batch/?dry_run=true&verbose=true", [posted]).ok()["results"][0]
    single = api.post("measurements/", posted).ok(201)
    for answer in (together, batch, single):
        assert sorted(warning["detail"] for warning in answer["warnings"]) == sorted(expected)
    kept = Revision.objects.order_by("pk").last()
    assert kept is not None
    assert sorted(warning["en"] for warning in kept.warnings) == sorted(expected)


def test_no_warning_tells_the_value_of_a_restricted_indicator(api: Api) -> None:
    by, now = factories.BY, clock.now()
    secret = Indicator.objects.get(code="trade")
    api.post("measurements/batch/", PARTS).ok()
    indicators.update_indicator(indicator=secret, by=by, now=now, restricted=True)
    assert api.post("measurements/", figure("total", "2024", "300")).ok(201)["warnings"] == []
    # With a second restricted part, hidden from who sees the first, a warning about the first would be wrong, and its
    # absence would tell of the second: there is none in either case.
    assert api.post("measurements/", figure("trade", "2024", "150")).ok(201)["warnings"] == []


def test_they_are_kept_in_both_languages(api: Api) -> None:
    api.post("measurements/batch/", [*MONTHS, *AREAS, *PARTS]).ok()
    with override("vi"):
        answers = [
            Api(api.headers["Authorization"].removeprefix("Bearer "), "vi").post("measurements/", posted).ok(201)
            for posted in (
                figure("orders", "2024-04", "98000000"),
                figure("orders", "2024-Q1", "330"),
                figure("sales", "2024", "300"),
                figure("total", "2024", "300"),
            )
        ]
    assert [answer["warnings"][-1]["detail"] for answer in answers] == [
        "98.000.000 gấp khoảng 1.000.000 lần tháng 2/2024 (100): đơn vị tính có đúng không?",
        "Số của quý I/2024 là 330, 3 kỳ thành phần cộng lại là 300.",
        "Số của city là 300, 2 địa bàn trực thuộc cộng lại là 240.",
        "Số của total là 300, 2 chỉ số thành phần cộng lại là 240.",
    ]
