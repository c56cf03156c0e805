"""The city after the merger of July 2025: eight months of budget revenue against the same months a year before.

The figures are made up: 345,000 of the city, 70,000 and 39,000 of the two provinces in 2024, in all 454,000; 524,370 of the
merged city in 2025, 15.5 percent more. Against the old city alone it would be 52 percent.
"""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from indicators.models import Area, Indicator
from targets.models import Target
from targets.services.assessment import assess
from targets.services.text import explanation_report
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ID = "plan-2025:growth:hcmc"
EIGHT = "2024-01/2024-08"


@pytest.fixture
def api() -> Api:
    """HCMC keeps its code; Binh Duong and Ba Ria - Vung Tau ended on 30 June 2025."""
    city = factories.area("hcmc", name="TP.HCM")
    for code in ("binh-duong", "ba-ria"):
        factories.area(code, valid_to=date(2025, 6, 30), successor=city)
    factories.indicator("revenue", frequency="month", kind="level")
    factories.indicator("growth", formula="yoy(revenue)", kind="rate")
    factories.plan("plan-2025", "2025", area="hcmc")
    factories.target("growth", plan="plan-2025", area="hcmc", lower="8", announced=date(2024, 12, 8))
    return api_of()


def post(api: Api, area: str, period: str, value: str, published: str) -> dict[str, Any]:
    figure = {"indicator": "revenue", "area": area, "period": period, "value": value, "published": published}
    return dict(api.post("measurements/?quiet=true", figure).ok(201))


def status(api: Api) -> dict[str, Any]:
    return dict(api.get(f"targets/{ID}/status/?as_of=2025-09-10").ok())


def test_growth_of_the_city_across_the_merger(api: Api) -> None:
    """Refused without the figures of the other two areas, which are named; like with like once they are there."""
    post(api, "hcmc", EIGHT, "345000", "2024-09-06")
    post(api, "hcmc", "2025-01/2025-08", "524370", "2025-09-06")
    answer = status(api)
    assert (answer["status"], answer["actual"]) == ("no_data", None)
    assert answer["reason"] == {
        "slug": "territory-changed",
        "indicator": "revenue",
        "period": EIGHT,
        "day": "2025-07-01",
        "areas": ["ba-ria", "binh-duong"],
        "missing_reason": None,
    }
    post(api, "binh-duong", EIGHT, "70000", "2024-09-06")
    assert status(api)["reason"]["areas"] == ["ba-ria"]
    post(api, "ba-ria", EIGHT, "39000", "2024-09-06")
    answer = status(api)
    assert (answer["actual"], answer["status"], answer["reason"]) == ("15.5", "on_track", None)
    explained = answer["explanation"]
    assert explained["formula"].startswith("actual = (524370 / 454000 - 1) * 100 = 15.5")
    parts = [(part["area"], part["value"]) for row in explained["figures"] for part in row.get("parts", ())]
    assert parts == [("ba-ria", "39000"), ("binh-duong", "70000"), ("hcmc", "345000")]


def test_a_figure_of_a_predecessor_leads_to_the_targets_of_its_successor(api: Api) -> None:
    target, revenue = Target.objects.get(), Indicator.objects.get(code="revenue")
    for code in ("binh-duong", "ba-ria", "hcmc"):
        area = Area.objects.get(code=code)
        assert assess.targets_affected_by({(revenue.pk, area.pk)}) == {target.pk}
    elsewhere = factories.area("elsewhere")
    assert assess.targets_affected_by({(revenue.pk, elsewhere.pk)}) == set()


def test_the_old_city_is_judged_by_its_own_figures(api: Api) -> None:
    post(api, "hcmc", "2024-05", "100", "2024-06-06")
    post(api, "hcmc", "2025-05", "110", "2025-06-06")
    factories.target("growth", plan="plan-2025", area="hcmc", lower="8", period="2025-05")
    answer = api.get("targets/plan-2025:growth:hcmc:2025-05/status/?as_of=2025-06-10").ok()
    assert (answer["actual"], answer["status"]) == ("10", "exceeded")


@pytest.mark.parametrize(
    ("posted", "period", "areas"),
    [
        pytest.param([], "2025-H1", ["old-east", "old-west"], id="none of them reported the first half"),
        pytest.param([("old-west", "2025-H1")], "2025-H1", ["old-east"], id="one of the two reported it"),
    ],
)  # fmt: skip
def test_the_areas_that_a_new_code_waits_for_are_named(
    api: Api, posted: list[tuple[str, str]], period: str, areas: list[str]
) -> None:
    """A province that began with the merger has no figures of its own for before: those of the old ones are missing."""
    new = factories.area("new-province", valid_from=date(2025, 7, 1))
    for code in ("old-east", "old-west"):
        factories.area(code, valid_to=date(2025, 6, 30), successor=new)
    factories.plan("plan-new", "2025", area="new-province")
    factories.target("revenue", plan="plan-new", area="new-province", lower="8", announced=date(2024, 12, 8))
    post(api, "new-province", "2025-Q3", "5", "2025-10-05")
    for area, code in posted:
        post(api, area, code, "7", "2025-07-05")
    answer = api.get("targets/plan-new:revenue:new-province/status/?as_of=2025-10-10").ok()
    assert (answer["status"], answer["actual"]) == ("no_data", None)
    reason = answer["reason"]
    assert (reason["slug"], reason["period"], reason["areas"]) == ("territory-changed", period, areas)


def test_a_sum_over_merged_areas_has_the_number_of_its_figures_instead_of_a_revision(api: Api) -> None:
    for area, value in (("hcmc", "345000"), ("binh-duong", "70000"), ("ba-ria", "39000")):
        post(api, area, EIGHT, value, "2024-09-06")
    post(api, "hcmc", "2025-01/2025-08", "524370", "2025-09-06")
    explanation = status(api)["explanation"]
    assert sorted(figure["revision"] for figure in explanation["figures"]) == [0, 1]
    for language, words in (("en", "sum of 3 figures"), ("vi", "tổng của 3 số liệu")):
        with translation.override(language):
            rows = explanation_report.figure_rows(explanation)[1:]
            assert sorted(row[5] for row in rows) == ["1", words]
