"""A plan for the next period, and the catalogue from a file, by people."""

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from indicators.models import Area
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from kpitracker.lib.spreadsheets.reading import Workbook
from targets.catalogue import export
from targets.models import Plan, Target, TargetVersion
from targets.services.reports import closings
from tests import factories
from tests.admin_support import administrator, client_of, person
from tests.targets.api.test_catalogue_files import CITY, workbook

pytestmark = pytest.mark.django_db

CATALOGUE = "/admin/targets/plan/catalogue/"


def copy_page() -> str:
    return reverse("admin:targets_plan_copy_next", args=[Plan.objects.get(code="city-2024").pk])


@pytest.fixture
def plan() -> Plan:
    factories.area()
    factories.department()
    factories.department("other")
    factories.indicator(department="statistics")
    made = factories.plan("city-2024", department="statistics")
    factories.target(plan="city-2024", baseline=5)
    return made


@pytest.mark.usefixtures("plan")
def test_a_plan_is_copied_by_a_small_form() -> None:
    client = client_of(person("planner", "planner", "statistics"))
    assert (
        copy_page() in client.get(reverse("admin:targets_plan_change", args=[Plan.objects.get().pk])).content.decode()
    )
    assert "Copy to the next period: City-2024" in client.get(copy_page()).content.decode()
    response = client.post(copy_page(), {"code": "", "name": "Mới", "period": ""}, follow=True)
    assert response.status_code == 200
    assert (Plan.objects.get(code="city-2025").name, Target.objects.filter(plan__code="city-2025").count()) == (
        "Mới",
        1,
    )
    assert "baseline" in " ".join(str(message) for message in response.context["messages"])
    assert AuditEntry.objects.filter(kind="targets.plan", verb="created").latest("pk").actor == "admin planner"


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("given", [{"code": "no code"}, {"period": "soon"}, {"name": "a\x00"}, {"code": "city-2024"}])
def test_what_is_wrong_is_told_on_the_form(given: dict[str, str]) -> None:
    response = administrator().post(copy_page(), given)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert Plan.objects.count() == 1


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(
    ("role", "department", "copy", "catalogue"),
    [
        pytest.param("viewer", "statistics", 403, 403, id="a viewer does neither"),
        pytest.param("officer", "statistics", 403, 403, id="an officer does neither"),
        pytest.param("planner", "statistics", 200, 403, id="a planner copies his own"),
        pytest.param("planner", "other", 403, 403, id="and no other"),
        pytest.param("administrator", "statistics", 200, 200, id="an administrator does both"),
    ],
)
def test_who_may(role: str, department: str, copy: int, catalogue: int) -> None:
    client = client_of(person("lan", role, department))
    assert client.get(copy_page()).status_code == copy
    assert client.get(CATALOGUE).status_code == catalogue
    assert client.get(f"{CATALOGUE.removesuffix('/')}.xlsx").status_code == catalogue
    assert client.post(CATALOGUE, {"confirm": "yes", "content": ""}).status_code == catalogue


def upload(client: Client, content: bytes) -> Any:
    return client.post(CATALOGUE, {"file": SimpleUploadedFile("city.xlsx", content)})


def test_a_file_is_looked_at_first_and_written_when_confirmed() -> None:
    client = administrator()
    page = upload(client, workbook(CITY).getvalue())
    assert page.status_code == 200
    assert page.context["report"].counts["areas"]["created"] == 2
    assert page.context["changes"][0][::2] == ["areas", "new", ""]
    assert Area.objects.count() == 0
    # A form without a field for a file, which a browser would want filled.
    result = re.search(
        r'<form method="post">(?:(?!type="file"|</form>).)*name="content" value="([^"]+)"', page.content.decode(), re.S
    )
    assert result
    done = client.post(CATALOGUE, {"confirm": "yes", "content": result[1]}, follow=True)
    assert "areas: 2 new" in " ".join(str(message) for message in done.context["messages"])
    assert (Area.objects.count(), Target.objects.count()) == (2, 1)
    assert {entry.actor for entry in AuditEntry.objects.filter(kind="indicators.area")} == {"admin admin"}


def test_what_comes_down_goes_up_unchanged_and_a_change_is_shown_from_what_to_what() -> None:
    target = factories.world()
    client = administrator()
    answer = client.get(f"{CATALOGUE.removesuffix('/')}.xlsx")
    assert re.search(r'filename="kpitracker-catalogue-\d{4}-\d\d-\d\d.xlsx"', answer["Content-Disposition"])
    assert f'href="{CATALOGUE.removesuffix("/")}.xlsx"' in client.get(CATALOGUE).content.decode()
    content = answer.getvalue()
    page = upload(client, content)
    assert (page.context["changes"], page.context["faults"]) == ([], [])
    book = Workbook(io.BytesIO(content))
    sheets = {name: [list(row) for row in book.rows(name)] for name in ("areas", "indicators", "targets")}
    for name, column, value in (
        ("areas", "name", "Thành phố <b>"),
        ("indicators", "due_days", "25"),
        ("indicators", "restricted", "true"),
        ("targets", "lower", "1300.5"),
        ("targets", "result_due", "2025-01-31"),
    ):
        sheets[name][1][sheets[name][0].index(column)] = value
    sheets["areas"].append(["town", "Town"])
    page = upload(client, workbook(sheets).getvalue())
    assert page.context["faults"] == []
    assert sorted(page.context["changes"]) == [
        ["areas", "city", "name", "City", "Thành phố <b>"],
        ["areas", "town", "new", "", ""],
        ["indicators", "sales", "due_days", "20", "25"],
        ["indicators", "sales", "restricted", "no", "yes"],
        ["targets", "plan:sales:city:2024", "lower", "1,200", "1,300.5"],
        ["targets", "plan:sales:city:2024", "result_due", "–", "31 January 2025"],
    ]
    assert "Thành phố &lt;b&gt;" in page.content.decode()
    target.refresh_from_db()
    assert (target.result_due, Area.objects.count()) == (None, 1)


def test_a_long_preview_says_how_much_it_leaves_out() -> None:
    rows = [["code", "name"], *([f"a{number}", "A"] for number in range(201))]
    page = upload(administrator(), workbook({"areas": rows}).getvalue())
    assert len(page.context["changes"]) == 200
    assert "and 1 more" in page.content.decode()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(
            workbook({"areas": [["code"], ["A B"]]}).getvalue(), "invalid-code", id="faults, with their places"
        ),
        pytest.param(b"x", "Not an XLSX file", id="what is no workbook"),
        pytest.param(bytes(800_000), "At most 700 KB", id="what is too large for a form"),
    ],
)
def test_a_file_with_faults_cannot_be_confirmed(content: bytes, told: str) -> None:
    page = upload(administrator(), content)
    assert told in page.content.decode()
    assert 'name="confirm"' not in page.content.decode()


def test_what_was_confirmed_is_looked_at_again() -> None:
    factories.world()
    file = io.BytesIO()
    export.write_catalogue(file, by=factories.BY, now=clock.now())
    client = administrator()
    assert upload(client, file.getvalue()).context["report"].counts["plans"]["unchanged"] == 1
    assert client.post(CATALOGUE, {"confirm": "yes", "content": "no base64"}).status_code == 200
    assert client.post(CATALOGUE, {"confirm": "yes", "content": "eA=="}).status_code == 200


@pytest.mark.usefixtures("plan")
def test_the_drafts_of_a_plan_are_adopted_with_one_act_and_one_day() -> None:
    factories.indicator("growth", department="statistics", name_en="Growth")
    factories.indicator("jobs", department="statistics")
    for code in ("growth", "jobs"):
        factories.target(code, plan="city-2024", state="draft", lower=5)
    path = reverse("admin:targets_plan_adopt_drafts", args=[Plan.objects.get().pk])
    client = client_of(person("planner", "planner", "statistics"))
    assert path in client.get(reverse("admin:targets_plan_change", args=[Plan.objects.get().pk])).content.decode()
    assert "Growth, Jobs" in client.get(path).content.decode()
    assert set(client.post(path, {"act": " "}).context["form"].errors) == {"act", "announced"}
    answer = client.post(path, {"act": "Resolution 12", "announced": "5 January 2024"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == ["2 targets adopted."]
    latest = TargetVersion.objects.order_by("target", "-number").distinct()
    adopted = {row.target.indicator.code: row for row in latest if row.number == 2}
    assert {(row.act, str(row.announced), row.state, str(row.lower)) for row in adopted.values()} == {
        ("Resolution 12", "2024-01-05", "adopted", "5")
    }
    assert set(adopted) == {"growth", "jobs"}
    assert path not in client.get(reverse("admin:targets_plan_change", args=[Plan.objects.get().pk])).content.decode()
    assert client.post(path, {"act": "x", "announced": "5 January 2024"}).status_code == 403


@pytest.mark.usefixtures("plan")
def test_where_one_draft_cannot_be_adopted_none_is_and_the_target_is_named() -> None:
    factories.target("sales", plan="city-2024", state="draft", lower=5, period="2024-Q1")
    plan = Plan.objects.get()
    closings.close_plan(plan=plan, by=factories.BY, now=clock.now(), reason="books")
    answer = administrator().post(
        reverse("admin:targets_plan_adopt_drafts", args=[plan.pk]), {"act": "x", "announced": "2024-01-05"}
    )
    assert "Sales, City, the first quarter of 2024: " in str(answer.context["form"].non_field_errors())
    assert not TargetVersion.objects.filter(number=2).exists()


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(("role", "department"), [("viewer", "statistics"), ("planner", "other")])
def test_only_the_owner_adopts(role: str, department: str) -> None:
    factories.target("sales", plan="city-2024", state="draft", lower=5, period="2024-Q1")
    path = reverse("admin:targets_plan_adopt_drafts", args=[Plan.objects.get().pk])
    assert client_of(person("lan", role, department)).get(path).status_code == 403
