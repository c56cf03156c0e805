"""A merged area that kept its code: its figures for periods before the merger speak of the old territory, and say so."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from indicators.importing import jobs
from indicators.models import Area, Indicator, Measurement, Revision
from kpitracker.lib import clock
from tests import factories
from tests.admin_support import administrator
from tests.support import api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BOTH = (
    "The period ends before 1 July 2025, when Ba Ria, Binh Duong merged into Saigon: the figure counts for the former "
    "Saigon alone. Post those of Ba Ria, Binh Duong under their own codes."
)
BOTH_VI = (
    "Kỳ này kết thúc trước khi Bà Rịa, Bình Dương sáp nhập vào Sài Gòn (ngày 01/07/2025): số liệu được hiểu là của riêng "
    "Sài Gòn theo địa giới cũ. Số liệu của Bà Rịa, Bình Dương gửi theo mã riêng."
)
ALL = BOTH.replace("Ba Ria, Binh Duong", "Ba Ria, Binh Duong, Con Dao")
# Area, period, value, and the warning.
CASES: dict[str, tuple[str, str, str | None, str | None]] = {
    "a month before": ("saigon", "2025-05", "100", BOTH),
    "the last day before": ("saigon", "2025-01/2025-06", "600", BOTH),
    "a year long ago, when another area had not joined yet": ("saigon", "2019", "100", ALL),
    "across the merger": ("saigon", "2025", "100", None),
    "the first month after": ("saigon", "2025-07", "100", None),
    "without a value": ("saigon", "2025-05", None, None),
    "an area that ended": ("binh-duong", "2025-05", "100", None),
    "an area that no other joined": ("hanoi", "2025-05", "100", None),
    "a new code": ("lam-dong-new", "2025-05", "100", None),
    "a merger that is still to come": ("hue", "2025-05", "100", None),
}
IDS = list(CASES)


@pytest.fixture(autouse=True)
def areas() -> None:
    saigon = factories.area("saigon", name="Sài Gòn", name_en="Saigon", valid_from=date(1976, 7, 2))
    last, merger = date(2025, 6, 30), date(2025, 7, 1)
    factories.area("binh-duong", name="Bình Dương", name_en="Binh Duong", valid_to=last, successor=saigon)
    ba_ria = factories.area("ba-ria", name="Bà Rịa", name_en="Ba Ria", valid_to=last, successor=saigon)
    factories.area("con-dao", name="Côn Đảo", name_en="Con Dao", valid_to=date(2019, 12, 31), successor=ba_ria)
    factories.area("hanoi")
    new = factories.area("lam-dong-new", valid_from=merger)
    factories.area("dak-nong", valid_to=last, successor=new)
    hue = factories.area("hue")
    factories.area("phong-dien", valid_to=date(2099, 12, 31), successor=hue)
    factories.indicator("sales")


def figure(area: str, period: str, value: str | None) -> dict[str, Any]:
    missing = {} if value else {"missing_reason": "not_available"}
    return {"indicator": "sales", "area": area, "period": period, "value": value, **missing}


def of_territory(rows: list[dict[str, Any]]) -> list[str]:
    return [row["detail"] for row in rows if row["slug"] == "territory-before-merger"]


@pytest.mark.parametrize(("area", "period", "value", "warning"), CASES.values(), ids=IDS)
def test_one_figure_and_a_batch_warn_alike(area: str, period: str, value: str | None, warning: str | None) -> None:
    api, row = api_of(), figure(area, period, value)
    expected = [warning] if warning else []
    batch = api.post("measurements/batch/?dry_run=true&verbose=true", [row]).ok()
    assert of_territory(batch["results"][0]["warnings"]) == expected
    assert of_territory(batch["row_warnings"]) == expected
    assert of_territory(api.post("measurements/", row).ok(201)["warnings"]) == expected
    stored = Revision.objects.get().warnings
    assert [kept["en"] for kept in stored if kept["slug"] == "territory-before-merger"] == expected


def test_the_revision_keeps_it_in_both_languages() -> None:
    api = api_of()
    identifier = api.post("measurements/", figure("saigon", "2025-05", "100")).ok(201)["id"]
    for language, detail in (("en", BOTH), ("vi", BOTH_VI)):
        (row,) = api.get(f"measurements/{identifier}/history/", **{"Accept-Language": language}).ok()["results"]
        assert of_territory(row["warnings"]) == [detail]


def test_a_rate_is_of_its_territory_too() -> None:
    factories.indicator("growth", kind="rate", accumulation="none")
    row = {**figure("saigon", "2025-Q1", "7.5"), "indicator": "growth"}
    assert of_territory(api_of().post("measurements/", row).ok(201)["warnings"]) == [BOTH]


def test_a_long_import_warns(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_DIR = str(tmp_path)
    raw = b"indicator,area,period,value,published\nsales,saigon,2025-05,100,2025-06-05\nsales,saigon,2025-07,100,2025-08-05\n"
    api = api_of()
    headers = {"Content-Type": "text/csv", "Prefer": "respond-async"}
    identifier = api.call("POST", "measurements/batch/", raw=raw, **headers).ok(202)["id"]
    assert jobs.run_due_imports(now=clock.now, seconds=60) == 0
    report = api.get(f"imports/{identifier}/").ok()["report"]
    assert (report["created"], report["warnings"]) == (2, 1)
    stored = Revision.objects.exclude(warnings=[]).get()
    assert (stored.measurement.period_end, stored.warnings[0]["en"]) == (date(2025, 5, 31), BOTH)


def test_the_form_of_the_admin_warns() -> None:
    fields = {"indicator": Indicator.objects.get().pk, "area": Area.objects.get(code="saigon").pk}
    answer = administrator().post(
        "/admin/indicators/measurement/add/",
        {"_save": "Save", **fields, "period": "2025-05", "value": "7"},
        follow=True,
    )
    assert Measurement.objects.count() == 1
    assert BOTH in [str(message) for message in answer.context["messages"]]


def slugs_of(api: Any, indicator: str, period: str, value: str, area: str = "saigon") -> set[str]:
    row = {**figure(area, period, value), "indicator": indicator}
    warnings = api.post("measurements/", row).ok(201)["warnings"]
    return {warning["slug"] for warning in warnings} - {"territory-before-merger"}


@pytest.mark.parametrize(
    ("before", "growth", "expected"),
    [
        pytest.param({"saigon": "100", "binh-duong": "30", "ba-ria": "20"}, "10", set(), id="like with like"),
        pytest.param(
            {"saigon": "100", "binh-duong": "30", "ba-ria": "20"}, "65", {"growth-differs"}, id="over the old territory"
        ),
        pytest.param(
            {"saigon": "100", "binh-duong": "30"}, "65", set(), id="a predecessor is missing: nothing to compare"
        ),
    ],
)
def test_a_posted_growth_is_checked_by_the_same_territory(
    before: dict[str, str], growth: str, expected: set[str]
) -> None:
    factories.indicator("growth", kind="rate", accumulation="none", check_formula="yoy(sales)", decimals=1)
    api = api_of()
    for area, value in before.items():
        api.post("measurements/", figure(area, "2024-08", value)).ok(201)
    api.post("measurements/", figure("saigon", "2025-08", "165")).ok(201)
    assert slugs_of(api, "growth", "2025-08", growth) == expected


@pytest.mark.parametrize(
    ("area", "whole", "expected"),
    [
        pytest.param("saigon", "2025-05/2025-08", set(), id="a whole across the merger"),
        pytest.param("saigon", "2025-07/2025-08", {"parts-differ"}, id="a whole after the merger"),
        pytest.param("saigon", "2025-05/2025-06", {"parts-differ"}, id="a whole before the merger"),
        pytest.param("hanoi", "2025-05/2025-08", {"parts-differ"}, id="an area that no other joined"),
        pytest.param("lam-dong-new", "2025-05/2025-08", {"parts-differ"}, id="a new code, restated"),
    ],
)
def test_parts_of_another_territory_need_not_add_up(area: str, whole: str, expected: set[str]) -> None:
    api = api_of()
    for month in (5, 6, 7, 8):
        api.post("measurements/", figure(area, f"2025-{month:02}", "100")).ok(201)
    assert slugs_of(api, "sales", whole, "720", area) == expected
