"""Amendments on a page of their own: several targets, one act; the terms in words; what is doubtful is asked about first."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kpitracker.lib import clock
from targets.models import Plan, Target, TargetVersion
from targets.services.planning import targets
from tests import factories
from tests.admin_support import client_of, milestone_boxes, person

pytestmark = pytest.mark.django_db

PATH = "/plans/plan/amend/"
ONE = f"{PATH}?target=plan:sales:city"
BOTH = f"{ONE}&target=plan:growth:city"
ACT = {"decision": "amend", "act": "Resolution 99", "announced": "2024-08-01", "reason": "Flood"}
WORDS = "/plans/plan/amend/words/"


@pytest.fixture
def planner() -> Client:
    """A planner of the department that owns the plan: monthly sales of at least 1200, growth of 7 to 8 %."""
    factories.area()
    factories.department(email="statistics@example.org")
    factories.indicator(department="statistics")
    factories.plan(department="statistics")
    factories.target(section="B")
    factories.indicator("growth", unit="percent", accumulation="none", frequency="year", decimals=2)
    factories.target("growth", lower=7, upper=8, section="A")
    return client_of(person("lan", "planner", "statistics"))


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def fields_of(answer: Any) -> dict[str, str]:
    """What the form on the page would send as it is shown."""
    page = unescape(answer.content.decode())
    fields = dict(re.findall(r'<input type="(?:text|hidden|date)" name="([^"]*)" value="([^"]*)"', page))
    return {name: value for name, value in fields.items() if name not in ("csrfmiddlewaretoken", "next", "language")}


def versions(code: str = "sales") -> list[tuple[str, str, str, str]]:
    rows = TargetVersion.objects.filter(target__indicator__code=code).order_by("number")
    return [(row.state, str(row.lower), str(row.upper), row.act) for row in rows]


class TestChoice:
    def test_the_targets_of_the_plan_are_offered(self, planner: Client) -> None:
        page = planner.get(PATH)
        assert re.findall(r'name="target" value="([^"]*)"', page.content.decode()) == [
            "plan:growth:city",
            "plan:sales:city",
        ]

    def test_more_than_25_are_refused_with_the_choice_kept(self, planner: Client) -> None:
        for number in range(25):
            factories.indicator(f"more{number}")
            factories.target(f"more{number}")
        query = "&".join(f"target={row.identifier}" for row in Target.objects.all())
        page = planner.get(f"{PATH}?{query}")
        assert (page.status_code, page.content.decode().count(" checked")) == (400, 27)
        assert "At most 25 targets at a time." in text_of(page)

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            pytest.param(f"{PATH}?target=plan:other:city", 404, id="an unknown target"),
            pytest.param(f"{ONE}&colour=red", 400, id="an unknown parameter"),
            pytest.param(f"{WORDS}?target=plan:other:city&prefix=row0", 404, id="words of an unknown target"),
            pytest.param(
                f"{WORDS}?target=plan:sales:city&prefix=row0&x=1", 400, id="an unknown parameter of the words"
            ),
        ],
    )
    def test_what_does_not_exist(self, planner: Client, path: str, status: int) -> None:
        assert planner.get(path).status_code == status

    @pytest.mark.parametrize(
        ("role", "department", "status"),
        [
            pytest.param("viewer", "statistics", 403, id="no viewer"),
            pytest.param("officer", "statistics", 403, id="no officer"),
            pytest.param("planner", "other", 403, id="no planner of another department"),
            pytest.param("administrator", "statistics", 200, id="an administrator"),
        ],
    )
    def test_who_amends(self, planner: Client, role: str, department: str, status: int) -> None:
        factories.department("other")
        client = client_of(person(role, role, department))
        assert client.get(ONE).status_code == status
        assert client.get(PATH).status_code == status
        assert client.get(f"{WORDS}?target=plan:sales:city&prefix=row0").status_code == status
        expected = 302 if status == 200 else 403
        assert client.post(ONE, {**ACT, "row0-lower": "1,250", "row0-lower-shown": "1,250"}).status_code == expected
        assert len(versions()) == (2 if expected == 302 else 1)

    def test_restricted_targets_do_not_exist_for_others(self, planner: Client) -> None:
        factories.department("b")
        factories.plan("theirs", department="b")
        factories.indicator("secret", department="statistics", restricted=True)
        factories.target("secret", plan="theirs")
        other = client_of(person("hoa", "planner", "b"))
        assert "ecret" not in text_of(other.get("/plans/theirs/amend/"))
        assert other.get("/plans/theirs/amend/?target=theirs:secret:city").status_code == 404
        words = "/plans/theirs/amend/words/?target=theirs:secret:city&prefix=row0"
        assert other.get(words).status_code == 404


class TestNewTerms:
    def test_two_targets_are_amended_by_one_act(self, planner: Client) -> None:
        page = planner.get(BOTH)
        fields = {**fields_of(page), **ACT, "row0-lower": "6.5", "row0-upper": "7", "row1-lower": "1100"}
        answer = planner.post(BOTH, {**fields, "do": "store"}, follow=True)
        assert "2 targets amended." in text_of(answer)
        assert versions() == [("adopted", "1200", "None", ""), ("amended", "1100", "None", "Resolution 99")]
        assert versions("growth")[1] == ("amended", "6.5", "7", "Resolution 99")
        last = TargetVersion.objects.get(target__indicator__code="sales", number=2)
        assert (last.announced, last.reason, last.author) == (date(2024, 8, 1), "Flood", "admin lan")

    def test_the_page_starts_with_the_terms_of_the_last_version(self, planner: Client) -> None:
        fields = fields_of(planner.get(BOTH))
        assert (fields["row0-lower"], fields["row0-upper"], fields["row1-lower"]) == ("7", "8", "1,200")
        vietnamese = fields_of(planner.get(BOTH, headers={"Accept-Language": "vi"}))
        assert vietnamese["row1-lower"] == "1.200"

    def test_without_a_script_the_preview_says_it_in_words_and_stores_nothing(self, planner: Client) -> None:
        answer = planner.post(ONE, {**ACT, "row0-lower": "1000", "row0-upper": "1100", "do": "preview"})
        page = text_of(answer)
        assert "missed below 1,000, met from 1,000 to 1,100, exceeded above 1,100" in page
        assert "Nothing is stored yet: this is the preview." in page
        assert 'value="Resolution 99"' in answer.content.decode()
        assert len(versions()) == 1

    def test_the_preview_says_what_changes_today(self, planner: Client) -> None:
        factories.figure("sales", "2024", 1150)
        page = text_of(planner.post(ONE, {**ACT, "row0-lower": "1100", "do": "preview"}))
        assert re.search(r"Status today: missed → (met|exceeded)", page), page

    def test_a_target_that_was_saved_as_it_was_offered_is_asked_about_and_then_stored(self, planner: Client) -> None:
        fields = {**fields_of(planner.get(ONE)), **ACT, "do": "store"}
        answer = planner.post(ONE, fields)
        assert "The terms stay as they are" in text_of(answer)
        assert len(versions()) == 1
        assert planner.post(ONE, {**fields, "doubts": fields_of(answer)["doubts"]}).status_code == 302
        assert versions()[1] == ("amended", "1200", "None", "Resolution 99")

    def test_a_warning_is_shown_before_it_is_stored(self, planner: Client) -> None:
        factories.indicator("stock", accumulation="last")
        factories.target("stock", baseline=5, baseline_date=date(2023, 12, 31), profile="path")
        path = f"{PATH}?target=plan:stock:city"
        fields = {**ACT, "row0-lower": "1300", "row0-profile": "", "row0-baseline": "", "do": "store"}
        answer = planner.post(path, fields)
        assert "The full band is expected from the first day on" in text_of(answer)
        assert len(versions("stock")) == 1
        again = {**fields, "doubts": fields_of(answer)["doubts"]}
        changed = planner.post(path, {**again, "row0-lower": "1400"})
        assert (changed.status_code, len(versions("stock"))) == (200, 1)
        assert planner.post(path, again).status_code == 302
        assert len(versions("stock")) == 2

    def test_milestones_are_amended_too(self, planner: Client) -> None:
        fields = {**ACT, "row0-lower": "1300", "row0-profile": "milestones", "do": "store",
                  **milestone_boxes("2024-06-30|500|", prefix="row0-")}  # fmt: skip
        assert planner.post(ONE, fields).status_code == 302
        last = TargetVersion.objects.get(target__indicator__code="sales", number=2)
        assert last.milestones == [{"date": "2024-06-30", "lower": "500", "upper": None}]

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            pytest.param({"act": ""}, "Give the act that decided it.", id="no act"),
            pytest.param({"announced": ""}, "This field is required.", id="no day"),
            pytest.param({"row0-lower": "many"}, "A number such as 979000", id="no number"),
            pytest.param({"row0-lower": "1.500"}, "1.500 = 1.5?", id="a number that may mean two things"),
            pytest.param({"row0-lower": ""}, "This goal needs its lower edge.", id="no lower edge"),
            pytest.param({"row0-upper": "900"}, "Lower is above upper.", id="edges that cross"),
            pytest.param({"decision": "celebrate"}, "Select a valid choice.", id="another decision"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(
        self, planner: Client, fields: dict[str, str], words: str
    ) -> None:
        answer = planner.post(ONE, {**ACT, "row0-lower": "1100", "do": "store", **fields})
        assert (answer.status_code, words in text_of(answer)) == (200, True), text_of(answer)
        assert "Flood" in text_of(answer)
        assert len(versions()) == 1

    def test_of_several_targets_all_are_stored_or_none(self, planner: Client) -> None:
        answer = planner.post(BOTH, {**ACT, "row0-lower": "6", "row0-upper": "7", "row1-lower": "", "do": "store"})
        assert "This goal needs its lower edge." in text_of(answer)
        assert (len(versions()), len(versions("growth"))) == (1, 1)

    def test_a_day_in_locked_periods_is_refused(self, planner: Client) -> None:
        Plan.objects.update(locked_through=date(2024, 12, 31))
        answer = planner.post(BOTH, {**ACT, "row0-lower": "6", "row0-upper": "7", "row1-lower": "1", "do": "store"})
        assert "locked" in text_of(answer)
        assert len(versions()) == 1

    def test_a_draft_that_is_changed_stays_a_draft_and_needs_no_act(self, planner: Client) -> None:
        factories.indicator("jobs")
        factories.target("jobs", state="draft", lower=5)
        fields = {**ACT, "act": "", "reason": "", "row0-lower": "6", "do": "store"}
        assert planner.post(f"{PATH}?target=plan:jobs:city", fields).status_code == 302
        assert versions("jobs") == [("draft", "5", "None", ""), ("draft", "6", "None", "")]

    def test_a_qualitative_target_has_no_terms_and_is_asked_about(self, planner: Client) -> None:
        factories.indicator("order")
        factories.target("order", qualitative=True, goal="", lower=None)
        path = f"{PATH}?target=plan:order:city"
        assert "judged by a person" in text_of(planner.get(path))
        assert "row0-lower" not in planner.get(path).content.decode()
        assert "The terms stay as they are" in text_of(planner.post(path, {**ACT, "do": "store"}))


class TestTwoPlanners:
    def test_the_second_is_told_what_the_first_has_stored_and_may_go_on(self, planner: Client) -> None:
        fields = {**fields_of(planner.get(ONE)), **ACT, "row0-lower": "1100", "do": "store"}
        targets.amend_target(
            target=Target.objects.get(indicator__code="sales"), by=factories.BY, now=clock.now(),
            announced=date(2024, 7, 1), act="Resolution 50", lower=1250,
        )  # fmt: skip
        answer = planner.post(ONE, fields)
        page = text_of(answer)
        assert "has stored version 2 (amended; Resolution 50) meanwhile" in page
        assert "Last version: at least 1,250" in page
        assert fields_of(answer)["row0-lower"] == "1100"
        assert len(versions()) == 2
        assert planner.post(ONE, {**fields, "row0-seen": fields_of(answer)["row0-seen"]}).status_code == 302
        assert versions()[2] == ("amended", "1100", "None", "Resolution 99")


class TestStates:
    @pytest.mark.parametrize(
        ("decision", "state"),
        [
            pytest.param("suspend", "suspended", id="suspended"),
            pytest.param("withdraw", "withdrawn", id="withdrawn, after a question"),
        ],
    )
    def test_targets_are_suspended_and_withdrawn_by_an_act(self, planner: Client, decision: str, state: str) -> None:
        fields = {**fields_of(planner.get(ONE)), **ACT, "decision": decision, "do": "store"}
        answer = planner.post(ONE, fields)
        if decision == "withdraw":
            assert "A withdrawal is final" in text_of(answer)
            answer = planner.post(ONE, {**fields, "doubts": fields_of(answer)["doubts"]})
        assert answer.status_code == 302
        assert versions()[1] == (state, "1200", "None", "Resolution 99")

    def test_a_suspended_target_is_taken_up_again(self, planner: Client) -> None:
        suspension = {**fields_of(planner.get(ONE)), **ACT, "decision": "suspend", "do": "store"}
        planner.post(ONE, suspension)
        fields = {**fields_of(planner.get(ONE)), **ACT, "announced": "2024-09-01", "do": "store"}
        assert "The target is suspended" in text_of(planner.post(ONE, {**fields, "row0-lower": "1100"}))
        assert planner.post(ONE, {**fields, "decision": "resume"}).status_code == 302
        assert [row[0] for row in versions()] == ["adopted", "suspended", "adopted"]

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            pytest.param({"decision": "suspend", "reason": ""}, "Give a reason.", id="a suspension without a reason"),
            pytest.param({"decision": "resume"}, "The target is not suspended.", id="taken up though not suspended"),
            pytest.param(
                {"decision": "suspend", "row0-lower": "1100"},
                "A suspension or withdrawal changes no terms.",
                id="a suspension with new terms",
            ),
        ],
    )
    def test_what_cannot_be_is_said(self, planner: Client, fields: dict[str, str], words: str) -> None:
        answer = planner.post(ONE, {**fields_of(planner.get(ONE)), **ACT, "do": "store", **fields})
        assert (answer.status_code, words in text_of(answer)) == (200, True), text_of(answer)
        assert len(versions()) == 1


class TestWords:
    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            pytest.param({}, "missed below 1,200", id="the last version"),
            pytest.param({"row0-lower": "1000", "row0-upper": "1100"}, "met from 1,000 to 1,100", id="new edges"),
            pytest.param({"row0-lower": "1000", "row0-lower_open": "on"}, "missed up to 1,000", id="an open edge"),
            pytest.param({"row0-lower": "1000", "row0-upper": "900"}, "Lower is above upper.", id="edges that cross"),
            pytest.param({"row0-lower": "1e3"}, "up to 18 digits before", id="no number"),
            pytest.param({"row0-lower": ""}, "This goal needs its lower edge.", id="no lower edge"),
        ],
    )
    def test_the_part_of_the_page_says_what_is_typed(self, planner: Client, typed: dict[str, str], words: str) -> None:
        fields = {"row0-lower": "1,200", "row0-lower-shown": "1,200", **typed}
        answer = planner.get(WORDS, {"target": "plan:sales:city", "prefix": "row0", **fields})
        assert (answer.status_code, words in text_of(answer)) == (200, True), text_of(answer)
        assert "<html" not in answer.content.decode()
        assert len(versions()) == 1

    def test_in_vietnamese(self, planner: Client) -> None:
        query = {"target": "plan:sales:city", "prefix": "row0", "row0-lower": "1000", "row0-upper": "1100"}
        assert "không đạt nếu dưới 1.000, đạt nếu từ 1.000 đến 1.100" in text_of(
            planner.get(WORDS, query, headers={"Accept-Language": "vi"})
        )

    def test_the_page_asks_for_its_part_without_anything_inline(self, planner: Client) -> None:
        answer = planner.get(BOTH)
        page = answer.content.decode()
        assert page.count("hx-get=") == 2
        assert "'unsafe" not in answer["Content-Security-Policy"]
        assert not re.search(r"\sstyle=|<style|\son\w+=|https?://", page)


def test_more_targets_need_no_more_queries(planner: Client) -> None:
    def queries(count: int) -> int:
        chosen = "&".join(f"target={row.identifier}" for row in Target.objects.order_by("pk")[:count])
        with CaptureQueriesContext(connection) as captured:
            assert planner.get(f"{PATH}?{chosen}").status_code == 200
        return len(captured)

    for number in range(8):
        factories.indicator(f"more{number}")
        factories.target(f"more{number}")
    queries(2)
    assert queries(2) == queries(10) <= 15


@pytest.mark.parametrize(
    ("role", "department", "is_offered"),
    [
        pytest.param("viewer", None, False, id="a reader finds no way to it"),
        pytest.param("planner", "statistics", True, id="a planner of the plan does"),
    ],
)
def test_the_page_of_a_target_leads_to_its_plan_and_to_amendments(
    planner: Client, role: str, department: str | None, is_offered: bool
) -> None:
    page = client_of(person(role, role, department)).get("/targets/plan:sales:city/").content.decode()
    assert 'href="/plans/plan/"' in page
    assert (f'href="{PATH}?target=plan%3Asales%3Acity"' in page) is is_offered
