"""The first page: where the current plan stands, for those who are logged in, of what they may see."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.domain.periods import Period
from targets.services.reports.board import a_month_before, choose_current_plan
from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of
from tests.targets.pages.board_world import PAST, names, reader_of_two_targets, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return reader_of_two_targets()


def test_the_worst_targets_come_first_with_the_numbers_of_the_scorecard(client: Client) -> None:
    answer = client.get(PAST)
    assert answer.status_code == 200
    scorecard = api_of().get("plans/plan/scorecard/?as_of=2024-07-15").ok()
    labels = {row["target"].split(":")[1].title(): row["label"] for row in scorecard["targets"]}
    assert names(answer) == list(labels)
    assert names(answer)[0] == "Roads"
    text = text_of(answer)
    assert "1 of 3 targets are met or on track, 1 off track, 1 without data." in text
    assert (
        "Roads: 12 km in the first 6 months of 2024, due by then 29.84 km, 17.84 km short; promised at least 60 km in 2024."
        in text
    )
    rows = {row["target"].split(":")[1]: row for row in scorecard["targets"]}
    assert (rows["roads"]["actual"], rows["roads"]["variance"], rows["roads"]["outlook"]["value"]) == (
        "12",
        "-17.836066",
        "24.131868",
    )
    assert "12 km / 29.84 −17.84 km bad 24.13 km" in text
    assert all(label in text for label in labels.values())
    assert f"{scorecard['totals']['score']} (up to {scorecard['totals']['score_best']}) points of 100" in text


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        pytest.param("status=on_track", ["Trees"], id="a status"),
        pytest.param("status=missed", [], id="a status that no target has"),
        pytest.param("section=H%E1%BA%A1+t%E1%BA%A7ng", ["Roads"], id="a section"),
        pytest.param("area=city", ["Roads", "Sales", "Trees"], id="an area"),
        pytest.param("department=statistics", ["Sales"], id="a department"),
        pytest.param("sort=name", ["Roads", "Sales", "Trees"], id="order by name"),
        pytest.param("group=section", ["Roads", "Sales", "Trees"], id="groups, that of the worst target first"),
        pytest.param(
            "status=&department=&section=&area=&group=&sort=", ["Roads", "Sales", "Trees"], id="empty choices"
        ),
    ],
)
def test_choices_are_in_the_address(client: Client, choice: str, expected: list[str]) -> None:
    answer = client.get(f"{PAST}&{choice}")
    assert (answer.status_code, names(answer)) == (200, expected)


def test_tiles_keep_the_other_choices(client: Client) -> None:
    page = client.get(f"{PAST}&group=section").content.decode()
    [address] = re.findall(r'class="bad" href="([^"]*)"', page)
    answer = client.get("/" + unescape(address))
    assert names(answer) == ["Roads"]
    assert "Infrastructure" in text_of(answer)


@pytest.mark.parametrize(
    ("parameters", "status", "words"),
    [
        pytest.param("as_of=2999-01-01", 400, "Not after today.", id="a day in the future"),
        pytest.param("as_of=15/07/2024", 400, "Enter a valid date.", id="another notation of a day"),
        pytest.param("compare=2024-07-16&as_of=2024-07-15", 400, "Not after the other day.", id="compared with later"),
        pytest.param("status=green", 400, "Select a valid choice.", id="an unknown status"),
        pytest.param("department=no-such", 400, "Select a valid choice.", id="an unknown department"),
        pytest.param("colour=red", 400, "colour", id="an unknown parameter"),
        pytest.param("plan=other", 404, "The page was not found", id="an unknown plan"),
    ],
)
def test_choices_that_cannot_be_are_refused_in_words(client: Client, parameters: str, status: int, words: str) -> None:
    answer = client.get(f"/?{parameters}", headers={"Accept": "text/html"})
    assert (answer.status_code, words in text_of(answer)) == (status, True), text_of(answer)


def test_without_a_login_there_is_the_login_page_that_leads_back() -> None:
    answer = Client().get("/?group=section")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/?next=/%3Fgroup%3Dsection")


def test_restricted_targets_are_absent_from_rows_and_totals() -> None:
    factories.area()
    for code in ("a", "b"):
        factories.department(code)
    factories.indicator("secret", department="a", restricted=True)
    factories.indicator("open", department="b")
    factories.plan()
    for code in ("secret", "open"):
        factories.target(code)
    seen = client_of(person("hoa", department="b")).get("/?plan=plan")
    assert names(seen) == ["Open"]
    assert "ecret" not in seen.content.decode()
    assert ">A<" not in seen.content.decode()
    assert names(client_of(person("lan", department="a")).get("/?plan=plan")) == ["Secret"]
    assert names(client_of(person("mai")).get("/?plan=plan")) == ["Open", "Secret"]


def test_officers_and_viewers_of_a_department_see_their_part(client: Client) -> None:
    factories.department("b")
    factories.target("roads", period="2024-Q1", department="b")
    seen = {role: names(client_of(person(role, role, "b")).get(PAST)) for role in ("viewer", "officer", "planner")}
    assert seen["viewer"] == seen["officer"] == ["Roads"]
    assert len(seen["planner"]) == 4
    assert client_of(person("hoa", "viewer", "b")).get("/targets/plan:roads:city/").status_code == 404


def test_names_are_escaped(client: Client) -> None:
    factories.indicator("bad", name="<script>alert(1)</script>")
    factories.target("bad", section='"><img src=x>')
    page = client.get(f"{PAST}&group=section").content.decode()
    assert "<script>" not in page
    assert "<img" not in page


def test_nothing_inline_and_nothing_from_elsewhere(client: Client) -> None:
    answer = client.get(PAST)
    assert "'unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(
        r"\sstyle=|<style|<script(?! src=./static/[^ ]* defer>)|\son\w+=|https?://", answer.content.decode()
    )
    assert "no-store" in answer["Cache-Control"]


def test_more_targets_need_no_more_queries(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PAST).status_code == 200
        return len(captured)

    queries()
    before = queries()
    for number in range(12):
        factories.indicator(f"more{number}")
        factories.target(f"more{number}")
        factories.figure(f"more{number}", "2024-01", number, published="2024-02-10")
    assert queries() == before
    assert before <= 25, before


def test_both_languages_have_their_words_and_notation(client: Client) -> None:
    answer = client.get(PAST, headers={"Accept-Language": "vi"})
    text = text_of(answer)
    assert "1/3 chỉ tiêu đạt hoặc đúng tiến độ" in text
    assert "Tính đến ngày 15/07/2024 , so với ngày 15/06/2024" in text
    assert '<html lang="vi">' in answer.content.decode()
    assert "Board" not in text.replace("English", "")


def test_a_service_without_plans_says_so() -> None:
    answer = client_of(person("lan")).get("/")
    assert (answer.status_code, "There is no plan yet." in text_of(answer)) == (200, True)


def plans_of(*periods: str) -> Iterator[Any]:
    for period in periods:
        span = Period.parse(period)
        yield SimpleNamespace(code=period, period=span, period_start=span.start, period_end=span.end)


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        pytest.param(["2024", "2025", "2026"], "2025", id="the one that holds the day"),
        pytest.param(["2021/2025", "2025"], "2025", id="of several the shortest"),
        pytest.param(["2022", "2024", "2023"], "2024", id="else the one that ended last"),
        pytest.param(["2024", "2026"], "2024", id="never one that has not begun"),
        pytest.param(["2026"], None, id="none has begun"),
        pytest.param([], None, id="there is none"),
    ],
)
def test_the_current_plan_is(periods: Sequence[str], expected: str | None) -> None:
    plan = choose_current_plan(plans_of(*periods), date(2025, 6, 1))
    assert (plan and plan.code) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2026, 11, 30), date(2026, 10, 30), id="the same day of the month before"),
        pytest.param(date(2026, 3, 31), date(2026, 2, 28), id="the last day of a shorter month"),
        pytest.param(date(2026, 1, 1), date(2025, 12, 1), id="of the year before"),
    ],
)
def test_a_month_before(day: date, expected: date) -> None:
    assert a_month_before(day) == expected
