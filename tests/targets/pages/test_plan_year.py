"""What the year said: the status of each target at the end of each month or quarter, as the API gives it for that day."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kpitracker.lib import clock
from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of

pytestmark = pytest.mark.django_db

PATH = "/plans/plan/year/"


@pytest.fixture
def client() -> Client:
    factories.world()
    for month, value in ((1, 100), (2, 100), (3, 40)):
        factories.figure("sales", f"2024-{month:02}", value, published=f"2024-{month + 1:02}-10")
    return client_of(person("lan"))


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def cells(answer: Any) -> list[tuple[str, str]]:
    """The day and the visible word of each cell of the first target."""
    pairs = re.findall(r'href="[^"]*as_of=([0-9-]*)" aria-label="[^"]*">([^<]*)<', unescape(answer.content.decode()))
    return [(day, label) for day, label in pairs]


@pytest.mark.parametrize("by", ["month", "quarter"])
def test_each_cell_says_what_the_api_says_of_its_day(client: Client, by: str) -> None:
    shown = cells(client.get(f"{PATH}?by={by}"))
    assert len(shown) == (13 if by == "month" else 5)
    assert shown[-1][0] == clock.today().isoformat()
    api = api_of()
    for day, label in shown[:: 4 if by == "month" else 1]:
        assert api.get(f"targets/plan:sales:city/status/?as_of={day}").ok()["label"] == label, day
    assert len({label for _, label in shown}) > 2


def test_a_cell_leads_to_the_page_of_the_target_as_of_its_day(client: Client) -> None:
    page = client.get(PATH).content.decode()
    [address] = re.findall(r'href="(/targets/[^"]*as_of=2024-05-31)"', page)
    assert "31 May 2024" in text_of(client.get(unescape(address)))
    assert re.search(r'aria-label="off track[^"]*: Sales, 31 May 2024"', page)


def test_a_month_before_the_announcement_is_empty_and_says_so(client: Client) -> None:
    factories.indicator("late")
    factories.target("late", announced=clock.today().replace(2024, 6, 15))
    page = client.get(PATH).content.decode()
    [row] = re.findall(r'<th scope="row"><a href="/targets/plan:late:city/">Late.*?</tr>', page, re.DOTALL)
    assert row.count("not announced yet") == 5


def test_totals_are_those_of_the_scorecard(client: Client) -> None:
    text = text_of(client.get(f"{PATH}?by=quarter"))
    api = api_of()
    scores = []
    for day in ("2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31", clock.today().isoformat()):
        totals = api.get(f"plans/plan/scorecard/?as_of={day}").ok()["totals"]
        scores.append("–" if totals["score"] is None else totals["score"])
    assert f"score {' '.join(scores)}" in text, (scores, text)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param(f"{PATH}?year=2023", 400, id="a year that is not of the plan"),
        pytest.param(f"{PATH}?by=day", 400, id="another step"),
        pytest.param(f"{PATH}?colour=red", 400, id="an unknown parameter"),
        pytest.param(f"{PATH}?year=2024&by=", 200, id="empty choices"),
        pytest.param("/plans/other/year/", 404, id="an unknown plan"),
    ],
)
def test_choices(client: Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_a_plan_of_several_years_has_a_table_for_each(client: Client) -> None:
    factories.plan("long", "2023/2025")
    factories.target(plan="long", period="2023")
    assert "Sales" in text_of(client.get("/plans/long/year/?year=2023"))
    assert "no targets in this year" in text_of(client.get("/plans/long/year/?year=2025"))


def test_a_plan_that_has_not_begun_says_so(client: Client) -> None:
    factories.plan("next", str(clock.today().year + 1))
    answer = client.get("/plans/next/year/")
    assert (answer.status_code, "has not begun yet" in text_of(answer)) == (200, True)


def test_officers_and_viewers_see_their_part_and_nothing_restricted(client: Client) -> None:
    factories.department("b")
    factories.indicator("secret", department="statistics", restricted=True)
    factories.target("secret")
    factories.indicator("roads", department="b")
    factories.target("roads")
    text = text_of(client_of(person("hoa", "viewer", "b")).get(PATH))
    assert "Roads" in text
    assert "Sales" not in text
    planner = text_of(client_of(person("mai", "planner", "b")).get(PATH))
    assert "Sales" in planner
    assert "ecret" not in planner


def test_both_languages(client: Client) -> None:
    text = text_of(client.get(f"{PATH}?by=quarter", headers={"Accept-Language": "vi"}))
    for words in ("quý 1/2024", "hôm nay", "chậm tiến độ", "điểm"):
        assert words in text, words


def test_nothing_inline(client: Client) -> None:
    answer = client.get(PATH)
    assert "'unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|https?://", answer.content.decode())


def test_more_targets_need_no_more_queries(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PATH).status_code == 200
        return len(captured)

    queries()
    before = queries()
    for number in range(6):
        factories.indicator(f"more{number}")
        factories.target(f"more{number}")
        factories.figure(f"more{number}", "2024-01", number, published="2024-02-10")
    assert queries() == before
