"""The parts of an indicator: stored with it, refused when they cannot add up to it, hidden where they are restricted."""

from typing import Any

import pytest

from indicators.models import Indicator, IndicatorPart
from indicators.services.catalogue import indicators
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def api() -> Api:
    """A total with three sectors, and indicators that can be no part of it."""
    for code in ("total", "farms", "industry", "services", "crops", "tax"):
        factories.indicator(code, unit="tỷ đồng")
    factories.indicator("jobs", unit="người")
    factories.indicator("prices", unit="tỷ đồng", accumulation="mean")
    factories.indicator("ratio", unit="tỷ đồng", formula="farms / total")
    return api_of()


def change(api: Api, code: str, **values: Any) -> Any:
    return api.patch(f"indicators/{code}/", values, If_Match="*")


def name_parts(api: Api, whole: str, *parts: str) -> Any:
    return change(api, whole, parts=list(parts))


def test_parts_are_stored_once_each_in_order(api: Api) -> None:
    assert name_parts(api, "total", "services", "farms", "services").ok()["parts"] == ["farms", "services"]
    assert api.get("indicators/total/").ok()["parts"] == ["farms", "services"]
    rows = {row["code"]: row["parts"] for row in api.rows("indicators/")}
    assert (rows["total"], rows["farms"]) == (["farms", "services"], [])
    assert change(api, "total", name="Total").ok()["parts"] == ["farms", "services"]
    assert name_parts(api, "total").ok()["parts"] == []


def test_an_indicator_is_created_with_its_parts(api: Api) -> None:
    body = {"code": "new", "name": "New", "unit": "tỷ đồng", "accumulation": "sum", "parts": ["tax", "farms"]}
    assert api.post("indicators/", body).ok(201)["parts"] == ["farms", "tax"]


def test_a_change_of_parts_is_audited_and_has_a_new_tag(api: Api) -> None:
    before = api.get("indicators/total/").headers["ETag"]
    answer = name_parts(api, "total", "farms")
    assert answer.headers["ETag"] not in ("", before)
    entry = AuditEntry.objects.filter(label="total", after__has_key="parts").get()
    assert (entry.before, entry.after) == ({"parts": []}, {"parts": ["farms"]})
    name_parts(api, "total", "farms").ok()
    assert AuditEntry.objects.filter(label="total", after__has_key="parts").count() == 1


def test_parts_may_have_parts(api: Api) -> None:
    name_parts(api, "total", "farms", "industry").ok()
    assert name_parts(api, "farms", "crops").ok()["parts"] == ["crops"]


@pytest.mark.parametrize(
    ("parts", "slug", "pointer"),
    [
        pytest.param(["jobs"], "invalid-parts", "/parts", id="of another unit"),
        pytest.param(["prices"], "invalid-parts", "/parts", id="an average"),
        pytest.param(["ratio"], "invalid-parts", "/parts", id="a formula"),
        pytest.param(["total"], "part-cycle", "/parts", id="itself"),
        pytest.param(["farms", "nowhere"], "unknown-indicator", "/parts/1", id="one that does not exist"),
        pytest.param(["Farms!"], "invalid-code", "/parts/0", id="no code"),
        pytest.param("farms", "invalid-type", "/parts", id="no list"),
    ],
)
def test_parts_that_are_refused(api: Api, parts: Any, slug: str, pointer: str) -> None:
    answer = change(api, "total", parts=parts)
    assert (answer.status in (400, 422), answer.pointers) == (True, [(pointer, slug)])
    assert not IndicatorPart.objects.exists()


@pytest.mark.parametrize(
    ("links", "refused", "slug"),
    [
        pytest.param([("total", "farms")], ("farms", "total"), "part-cycle", id="a circle of two"),
        pytest.param(
            [("total", "farms"), ("farms", "crops")], ("crops", "total"), "part-cycle", id="a circle of three"
        ),
        pytest.param(
            [("farms", "crops")], ("total", "farms", "crops"), "invalid-parts", id="a part and a part of that part"
        ),
        pytest.param(
            [("total", "farms", "industry"), ("farms", "crops")],
            ("industry", "crops"),
            "invalid-parts",
            id="a part of two of the parts",
        ),
    ],
)
def test_no_value_is_counted_twice(api: Api, links: list[tuple[str, ...]], refused: tuple[str, ...], slug: str) -> None:
    for whole, *parts in links:
        name_parts(api, whole, *parts).ok()
    answer = name_parts(api, *refused)
    assert (answer.status, answer.slug) == (422, slug)
    assert refused[0] in answer.json["detail"] or refused[1] in answer.json["detail"]


@pytest.mark.parametrize(
    ("code", "values", "pointer"),
    [
        pytest.param("farms", {"unit": "triệu đồng"}, "/unit", id="the unit of a part"),
        pytest.param("total", {"unit": "triệu đồng"}, "/parts", id="the unit of the whole"),
        pytest.param("farms", {"accumulation": "last"}, "/accumulation", id="the accumulation of a part"),
        pytest.param("total", {"formula": "farms + tax"}, "/parts", id="a formula for the whole"),
    ],
)
def test_a_later_change_that_parts_forbid(api: Api, code: str, values: dict[str, str], pointer: str) -> None:
    name_parts(api, "total", "farms").ok()
    assert change(api, code, **values).pointers == [(pointer, "invalid-parts")]


def test_a_part_is_in_use_and_a_whole_is_not(api: Api) -> None:
    name_parts(api, "tax", "crops").ok()
    api.delete("indicators/crops/", If_Match="*").problem(409, "in-use")
    assert api.delete("indicators/tax/", If_Match="*").status == 204
    assert api.delete("indicators/crops/", If_Match="*").status == 204


def test_used_indicators_may_name_other_parts(api: Api) -> None:
    factories.area()
    factories.figure("total", "2024-01", 10)
    factories.figure("farms", "2024-01", 4)
    name_parts(api, "total", "farms").ok()
    name_parts(api, "total", "industry").ok()


def test_restricted_parts_do_not_exist_for_others(api: Api) -> None:
    factories.department("a")
    factories.department("b")
    name_parts(api, "total", "farms", "industry").ok()
    secret = Indicator.objects.get(code="industry")
    indicators.update_indicator(indicator=secret, by=factories.BY, now=clock.now(), restricted=True, department="a")
    assert api_of("a").get("indicators/total/").ok()["parts"] == ["farms", "industry"]
    for path in ("indicators/total/", "indicators/?code=total", "indicators/?format=csv"):
        assert "industry" not in api_of("b").get(path).raw.decode()
    assert api_of("b").get("indicators/total/").ok()["parts"] == ["farms"]
