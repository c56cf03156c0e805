"""The page of a plan: its facts and targets, drafts that are adopted together, and closings."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kpitracker.lib import clock
from targets.models import Closing, Plan, Target, TargetVersion
from targets.services.planning import targets
from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of

pytestmark = pytest.mark.django_db

PATH = "/plans/plan/"
ADOPT = {"do": "adopt", "adopt-act": "Resolution 12", "adopt-announced": "2024-01-05"}
CLOSE = {"do": "close", "close-as_of": "2024-07-15", "close-reason": "Half of the year"}


@pytest.fixture
def planner() -> Client:
    """A planner of the department that owns the plan, which has an adopted target and two drafts."""
    factories.area()
    factories.department(email="statistics@example.org")
    factories.indicator(department="statistics", name="Doanh số", name_en="Sales")
    factories.plan(department="statistics", issuer="The council", act="Resolution 7")
    factories.target(section="Kinh tế", section_en="Economy")
    factories.figure("sales", "2024-01", 60, published="2024-02-10")
    for code in ("growth", "jobs"):
        factories.indicator(code, unit="jobs" if code == "jobs" else "percent", accumulation="none")
        factories.target(code, state="draft", lower=7, upper=8)
    return client_of(person("lan", "planner", "statistics"))


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def seen(answer: Any, do: str) -> str:
    """What the form on the page sends back of what its reader has seen."""
    form = answer.content.decode().split(f'value="{do}"')[0]
    return str(re.findall(r'name="seen" value="([^"]*)"', form)[-1])


def states() -> dict[str, list[str]]:
    rows = TargetVersion.objects.order_by("target", "number").values_list("target__indicator__code", "state")
    result: dict[str, list[str]] = {}
    for code, state in rows:
        result.setdefault(code, []).append(state)
    return result


class TestFacts:
    def test_the_page_says_what_the_plan_is_and_where_its_targets_stand(self, planner: Client) -> None:
        page = text_of(planner.get(PATH))
        for words in ("Period 2024 ended", "Act Resolution 7", "Owner Statistics", "Issued by The council"):
            assert words in page, (words, page)
        assert "Economy Economy" in page
        status = api_of().get("targets/plan:sales:city/status/").ok()
        assert f"Sales at least 1,200 (ambition 1,260) Statistics {status['label']}" in page or (
            f"Sales at least 1,200 Statistics {status['label']}" in page
        )

    def test_drafts_stand_apart_with_what_they_would_promise(self, planner: Client) -> None:
        page = text_of(planner.get(PATH))
        assert "Draft targets: 2" in page
        assert "Growth at least 7 % (ambition 8 %)" in page

    def test_the_list_of_plans_counts_targets_and_drafts(self, planner: Client) -> None:
        page = planner.get("/plans/")
        assert 'href="/plans/plan/"' in page.content.decode()
        assert "Plan 2024 City Statistics 3 2" in text_of(page)

    def test_vietnamese_pages_have_vietnamese_words(self, planner: Client) -> None:
        page = text_of(planner.get(PATH, headers={"Accept-Language": "vi"}))
        for words in ("Thời kỳ năm 2024", "Chỉ tiêu dự thảo: 2", "Kinh tế", "Doanh số ít nhất 1.200"):
            assert words in page, (words, page)

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            pytest.param("/plans/other/", 404, id="an unknown plan"),
            pytest.param(f"{PATH}?colour=red", 400, id="an unknown parameter of the plan"),
            pytest.param("/plans/?colour=red", 400, id="an unknown parameter of the list"),
            pytest.param(f"{PATH}closings/7/", 404, id="a closing that does not exist"),
            pytest.param(f"{PATH}closings/99999999999/", 404, id="a number of a closing that cannot be"),
        ],
    )
    def test_what_does_not_exist(self, planner: Client, path: str, status: int) -> None:
        assert planner.get(path).status_code == status

    def test_without_a_login_there_is_the_login_page(self) -> None:
        for path in ("/plans/", PATH, f"{PATH}closings/1/"):
            assert Client().get(path)["Location"] == f"/admin/login/?next={path}"

    def test_nothing_inline_and_nothing_from_elsewhere(self, planner: Client) -> None:
        for path in ("/plans/", PATH):
            answer = planner.get(path)
            assert "'unsafe" not in answer["Content-Security-Policy"]
            assert not re.search(r"\sstyle=|<style|\son\w+=|https?://", answer.content.decode())

    def test_more_targets_need_no_more_queries(self, planner: Client) -> None:
        def queries() -> dict[str, int]:
            counts = {}
            for path in ("/plans/", PATH):
                with CaptureQueriesContext(connection) as captured:
                    assert planner.get(path).status_code == 200
                counts[path] = len(captured)
            return counts

        queries()
        before = queries()
        for number in range(8):
            factories.indicator(f"more{number}")
            factories.target(f"more{number}", state="draft" if number % 2 else "adopted", section=f"S{number}")
            factories.plan(f"plan{number}", department="statistics")
        assert queries() == before
        assert max(before.values()) <= 25, before


class TestReaders:
    @pytest.mark.parametrize(
        ("role", "department", "forms"),
        [
            pytest.param("viewer", "statistics", False, id="a viewer reads"),
            pytest.param("officer", "statistics", False, id="so does an officer"),
            pytest.param("planner", "statistics", True, id="a planner of the owner writes"),
            pytest.param("planner", "other", False, id="a planner of another department reads"),
            pytest.param("administrator", "statistics", True, id="an administrator writes"),
            pytest.param("administrator", None, True, id="so does one of the whole organisation"),
        ],
    )
    def test_who_sees_forms_and_may_send_them(
        self, planner: Client, role: str, department: str | None, forms: bool
    ) -> None:
        factories.department("other")
        client = client_of(person(role, role, department))
        page = client.get(PATH)
        assert (page.status_code, 'name="do"' in page.content.decode()) == (200, forms)
        for fields in (ADOPT, CLOSE):
            assert client.post(PATH, fields).status_code == (302 if forms else 403)
        assert (states()["growth"], Closing.objects.count()) == ((["draft", "adopted"], 1) if forms else (["draft"], 0))

    def test_officers_and_viewers_see_their_part(self, planner: Client) -> None:
        factories.department("b")
        factories.target("jobs", period="2024-Q1", department="b")
        factories.plan("foreign", department="statistics")
        viewer = client_of(person("hoa", "viewer", "b"))
        page = text_of(viewer.get(PATH))
        assert "Jobs, the first quarter of 2024" in page
        assert "Sales" not in page
        assert "Draft targets" not in page
        assert viewer.get("/plans/foreign/").status_code == 404
        assert "Foreign" not in text_of(viewer.get("/plans/"))
        assert "Plan 2024 City Statistics 1 0" in text_of(viewer.get("/plans/"))

    def test_drafts_are_shown_to_those_to_whom_the_api_shows_them(self, planner: Client) -> None:
        codes = {row["id"] for row in api_of(None, ["read"]).get("targets/?plan=plan").ok()["results"]}
        assert {"plan:growth:city", "plan:jobs:city"} <= codes
        assert "Draft targets: 2" in text_of(client_of(person("mai")).get(PATH))

    def test_restricted_targets_do_not_exist_for_others(self, planner: Client) -> None:
        factories.department("b")
        factories.indicator("secret", department="statistics", restricted=True)
        factories.target("secret", state="draft")
        factories.figure("secret", "2024", 4)
        planner.post(PATH, CLOSE)
        for path, own_words in ((PATH, "Draft targets: 3"), (f"{PATH}closings/1/", "Secret")):
            page = text_of(client_of(person(f"b{len(own_words)}", "planner", "b")).get(path))
            assert "ecret" not in page
            assert "Draft targets: 3" not in page
            assert own_words in text_of(planner.get(path))


class TestAdoption:
    def test_all_drafts_are_adopted_with_one_act_and_one_day(self, planner: Client) -> None:
        page = planner.get(PATH)
        answer = planner.post(PATH, {**ADOPT, "seen": seen(page, "adopt")}, follow=True)
        assert "2 targets adopted." in text_of(answer)
        assert "Draft targets" not in text_of(answer)
        assert states() == {"sales": ["adopted"], "growth": ["draft", "adopted"], "jobs": ["draft", "adopted"]}
        last = TargetVersion.objects.get(target__indicator__code="jobs", number=2)
        assert (last.act, last.announced, last.author) == ("Resolution 12", date(2024, 1, 5), "admin lan")

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            pytest.param({"adopt-act": ""}, "This field is required.", id="no act"),
            pytest.param({"adopt-announced": ""}, "This field is required.", id="no day"),
            pytest.param({"adopt-announced": "soon"}, "Enter a valid date.", id="no day at all"),
            pytest.param({"adopt-act": "a\x00b"}, "", id="a control character"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(
        self, planner: Client, fields: dict[str, str], words: str
    ) -> None:
        page = planner.post(PATH, {**ADOPT, **fields})
        assert (page.status_code, words in text_of(page)) == (200, True)
        assert 'class="errorlist"' in page.content.decode()
        kept = {"adopt-act": "Resolution 12", "adopt-announced": "2024-01-05"}.items() - fields.items()
        assert any(f'value="{value}"' in page.content.decode() for name, value in kept if name not in fields)
        assert states()["growth"] == ["draft"]

    def test_where_one_cannot_be_adopted_none_is_and_it_is_named(self, planner: Client) -> None:
        Plan.objects.update(locked_through=date(2024, 12, 31))
        page = planner.post(PATH, ADOPT)
        assert states()["growth"] == states()["jobs"] == ["draft"]
        assert "Growth, City, 2024: " in text_of(page)

    def test_of_two_planners_the_second_is_told_that_there_are_no_drafts_any_more(self, planner: Client) -> None:
        page = planner.get(PATH)
        other = client_of(person("mai", "planner", "statistics"))
        assert other.post(PATH, {**ADOPT, "seen": seen(page, "adopt")}).status_code == 302
        answer = planner.post(PATH, {**ADOPT, "seen": seen(page, "adopt")})
        assert "The plan has no drafts." in text_of(answer)
        assert states()["growth"] == ["draft", "adopted"]

    def test_a_draft_that_came_meanwhile_is_looked_at_first(self, planner: Client) -> None:
        page = planner.get(PATH)
        factories.indicator("late")
        factories.target("late", state="draft")
        answer = planner.post(PATH, {**ADOPT, "seen": seen(page, "adopt")})
        assert "The drafts have changed since you opened the page." in text_of(answer)
        assert states()["growth"] == ["draft"]
        assert planner.post(PATH, {**ADOPT, "seen": seen(answer, "adopt")}).status_code == 302
        assert states()["late"] == ["draft", "adopted"]


class TestClosings:
    def test_a_plan_is_closed_and_what_was_frozen_is_read_on_its_page(self, planner: Client) -> None:
        answer = planner.post(PATH, {**CLOSE, "seen": "0"}, follow=True)
        assert answer.redirect_chain == [(f"{PATH}closings/1/", 302)]
        page = text_of(answer)
        frozen = api_of().get("plans/plan/closings/1/").ok()
        assert frozen["sha256"] in page
        assert "Sales off track" in page
        assert 'href="/targets/plan:sales:city/?as_of=2024-07-15"' in answer.content.decode()
        assert "Half of the year" in text_of(planner.get(PATH))

    def test_the_page_says_what_differs_now(self, planner: Client) -> None:
        planner.post(PATH, CLOSE)
        factories.figure("sales", "2024", 1300)
        targets.amend_target(
            target=Target.objects.get(indicator__code="sales"), by=factories.BY, now=clock.now(),
            announced=date(2024, 8, 1), act="Resolution 99", reason="Flood", lower=1250,
        )  # fmt: skip
        page = text_of(planner.get(f"{PATH}closings/1/"))
        assert re.search(r"Sales off track: 60 (exceeded|met)[^:]*: 1,300", page), page
        assert "Sales 2024 1,300" in page
        assert "Sales 1 August 2024 Resolution 99 Flood" in page

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            pytest.param({"close-reason": " "}, "This field is required.", id="no reason"),
            pytest.param({"close-as_of": "2199-01-01"}, "may not be after today", id="a day in the future"),
        ],
    )
    def test_what_is_wrong_is_said(self, planner: Client, fields: dict[str, str], words: str) -> None:
        page = planner.post(PATH, {**CLOSE, **fields})
        assert (page.status_code, words in text_of(page)) == (200, True)
        assert not Closing.objects.exists()

    def test_of_two_planners_the_second_is_asked_before_it_is_closed_again(self, planner: Client) -> None:
        other = client_of(person("mai", "planner", "statistics"))
        page = planner.get(PATH)
        assert other.post(PATH, {**CLOSE, "seen": "0"}).status_code == 302
        answer = planner.post(PATH, {**CLOSE, "seen": seen(page, "close")})
        assert "It was closed meanwhile" in text_of(answer)
        assert Closing.objects.count() == 1
        assert planner.post(PATH, {**CLOSE, "seen": seen(answer, "close")}).status_code == 302
        assert Closing.objects.count() == 2

    def test_officers_and_viewers_read_the_closing_of_their_part(self, planner: Client) -> None:
        factories.department("b")
        factories.target("jobs", period="2024-Q1", department="b")
        planner.post(PATH, CLOSE)
        page = text_of(client_of(person("hoa", "viewer", "b")).get(f"{PATH}closings/1/"))
        assert "Jobs" in page
        assert "Sales" not in page
        assert Closing.objects.get().digest not in page
