"""A section has a name in both languages: it is stored, copied, answered and exported, and people read their own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kpitracker.lib import clock
from targets.models import Plan, Target
from targets.services.planning import plan_copies
from targets.services.reports import closings
from tests import factories
from tests.admin_support import administrator
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db
NAMES = {"section": "Kinh tế", "section_en": "Economy"}
BOTH = ("Kinh tế", "Economy")


@pytest.fixture(autouse=True)
def world() -> None:
    factories.world()
    factories.indicator("jobs")
    factories.indicator("roads")


@pytest.fixture
def api() -> Api:
    return api_of()


def post(api: Api, **values: object) -> Any:
    return api.post("targets/", {"plan": "plan", "indicator": "jobs", "goal": "at_least", "lower": "1", **values})


def names(row: dict[str, Any]) -> tuple[str, str]:
    return row["section"], row["section_en"]


def copied_row(api: Api) -> dict[str, Any]:
    plan_copies.copy_plan(plan=Plan.objects.get(), by=factories.BY, now=clock.now(), code="next")
    row: dict[str, Any] = api.get("targets/next:jobs:city/").ok()
    return row


def jobs(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return next(row for row in rows if row.get("indicator") == "jobs")


def closing_content(api: Api) -> dict[str, Any]:
    closing = closings.close_plan(plan=Plan.objects.get(), by=factories.BY, now=clock.now(), reason="x")
    return dict(closings.visible_closing(closing, factories.BY).scorecard)


PLACES: dict[str, Callable[[Api], dict[str, Any]]] = {
    "the target": lambda api: api.get("targets/plan:jobs:city/").ok(),
    "the list of targets": lambda api: jobs(api.rows("targets/")),
    "the targets of its plan": lambda api: jobs(api.rows("plans/plan/targets/")),
    "the list of statuses": lambda api: jobs(api.rows("statuses/")),
    "a row of the scorecard": lambda api: jobs(api.get("plans/plan/scorecard/").ok()["targets"]),
    "the totals of the scorecard": lambda api: api.get("plans/plan/scorecard/").ok()["by_section"][1],
    "a row of a closing": lambda api: jobs(closing_content(api)["targets"]),
    "the totals of a closing": lambda api: closing_content(api)["by_section"][1],
    "the copy for the next period": copied_row,
}


@pytest.mark.parametrize("place", PLACES)
def test_every_answer_has_both_names(api: Api, place: str) -> None:
    post(api, **NAMES).ok(201)
    assert names(PLACES[place](api)) == BOTH


@pytest.mark.parametrize("path", ["targets/", "statuses/", "plans/plan/scorecard/"])
def test_every_export_has_both_names(api: Api, path: str) -> None:
    post(api, **NAMES).ok(201)
    lines = api.get(f"{path}?format=csv").raw.decode().splitlines()
    assert "section_en" in lines[0].split(",")
    assert any("Kinh tế" in line and "Economy" in line for line in lines)


@pytest.mark.database
def test_the_english_name_is_changed_and_cleared_with_its_section(api: Api) -> None:
    made = post(api, **NAMES).ok(201)
    path = f"targets/{made['id']}/"
    assert api.patch(path, {"section_en": "The economy"}, If_Match="*").ok()["section_en"] == "The economy"
    api.patch(path, {"section": ""}, If_Match="*").problem(400, "invalid")
    assert names(api.patch(path, {"section": "", "section_en": ""}, If_Match="*").ok()) == ("", "")
    post(api, indicator="roads", section_en="Economy").problem(400, "invalid")


@pytest.mark.parametrize(
    ("english_names", "shown"),
    [
        pytest.param(["", ""], "", id="none has one"),
        pytest.param(["Economy", ""], "Economy", id="only the first"),
        pytest.param(["", "Economy"], "Economy", id="only the second"),
        pytest.param(["Economy", "The economy"], "Economy", id="two that differ: the first by id"),
    ],
)
def test_a_group_has_the_first_english_name_that_there_is(api: Api, english_names: list[str], shown: str) -> None:
    for indicator, name in zip(["jobs", "roads"], english_names, strict=True):
        post(api, indicator=indicator, section="Kinh tế", section_en=name).ok(201)
    totals = api.get("plans/plan/scorecard/").ok()["by_section"]
    assert [(row["section"], row["section_en"], row["targets"]) for row in totals] == [
        ("", "", 1),
        ("Kinh tế", shown, 2),
    ]


@pytest.mark.parametrize(
    ("section_en", "language", "shown"),
    [
        pytest.param("Economy", "vi", "Kinh tế", id="both, in Vietnamese"),
        pytest.param("Economy", "en", "Economy", id="both, in English"),
        pytest.param("", "en", "Kinh tế", id="only Vietnamese, in English"),
    ],
)
def test_pages_show_the_section_of_the_reader(section_en: str, language: str, shown: str) -> None:
    factories.target("jobs", section="Kinh tế", section_en=section_en)
    with translation.override(language):
        assert Target.objects.get(indicator__code="jobs").shown_section == shown
    client, path = administrator(), reverse("admin:targets_target_changelist")
    page = client.get(path, headers={"Accept-Language": language})
    choices = next(spec for spec in page.context["cl"].filter_specs if getattr(spec, "field_path", "") == "section")
    displayed = [str(choice["display"]) for choice in choices.choices(page.context["cl"])]
    assert shown in displayed
    assert ({"Kinh tế", "Economy"} - {shown}).isdisjoint(displayed)
    chosen = client.get(path, {"section": "Kinh tế"})
    assert [target.indicator.code for target in chosen.context["cl"].result_list] == ["jobs"]
