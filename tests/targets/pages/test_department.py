"""A department's page: its targets as the board shows them, what it owes, how it reports, and what is open."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.models import Department
from kpitracker.lib import clock
from targets.models import Target
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import client_of, person
from tests.targets.pages.test_work import text_of

pytestmark = pytest.mark.django_db

YEAR = clock.today().year - 1


@pytest.fixture
def client() -> Client:
    """A viewer of the whole organisation; Statistics with Surveys below it, and Trade beside it."""
    factories.area()
    factories.department(email="statistics@example.org")
    factories.department("surveys", parent="statistics")
    factories.department("trade")
    factories.plan(period=str(YEAR))
    for code, department in (("sales", "statistics"), ("polls", "surveys"), ("exports", "trade")):
        factories.indicator(code, department=department, unit="jobs")
        factories.target(code)
        factories.figure(code, f"{YEAR}-01", 50)
    factories.action(Target.objects.get(indicator__code="polls"), f"{YEAR}-12-31", text="Ask more people")
    factories.figure("polls", str(YEAR), 900)
    assess.process_series_changes(now=clock.now())
    return client_of(person("lan"))


def names(answer: Any) -> list[str]:
    return re.findall(r'class="name"><a href="[^"]*">([^<]*)<', answer.content.decode())


def rows_of(answer: Any) -> list[str]:
    """The rows of the table of targets, as bytes on the page."""
    rows = re.findall(r'<tr[^>]*><th scope="row" class="name">.*?(?=<tr|</?tbody)', answer.content.decode(), re.DOTALL)
    return [row.strip() for row in rows]


def test_its_targets_are_the_rows_of_the_board_with_all_below_it(client: Client) -> None:
    answer = client.get("/departments/statistics/")
    assert sorted(names(answer)) == ["Polls", "Sales"]
    assert sorted(names(client.get("/departments/surveys/"))) == ["Polls"]
    assert rows_of(answer)
    assert rows_of(answer) == rows_of(client.get("/?plan=plan&department=statistics"))


def test_it_says_what_is_owed_how_it_reports_and_what_is_open(client: Client) -> None:
    page = client.get("/departments/statistics/")
    text = text_of(page)
    assert f"Sales, February {YEAR}, City" in text
    assert '<a href="/indicators/sales/">Sales, ' in page.content.decode()
    assert "days late" in text
    assert "Exports" not in text
    # Of the month after the first: two figures were due and came late.
    assert "Reports by month of the due day" in text
    assert f"Polls, City, {YEAR}: missed (provisional)." in text
    assert "Not answered" in text
    assert "Ask more people" in text
    assert re.search(r"\(\d+ days late\)", text)
    assert "Below it: Surveys" in text
    assert "Departments › Statistics" in text_of(client.get("/departments/surveys/"))


def test_a_plan_is_chosen_in_the_address(client: Client) -> None:
    factories.plan("other", period=str(YEAR - 1))
    factories.target("sales", plan="other", lower=7)
    assert "at least 7 jobs" in text_of(client.get("/departments/statistics/?plan=other"))
    assert client.get("/departments/trade/?plan=other").status_code == 404


def test_the_list_counts_what_each_owes_and_what_is_open(client: Client) -> None:
    text = text_of(client.get("/departments/"))
    assert text.index("Statistics") < text.index("Surveys") < text.index("Trade")
    assert re.search(r"Surveys \d+ \(late: \d+\) 1 1 \(late: 1\)", text), text


def test_contacts_are_named_without_addresses_to_those_who_may_see_them(client: Client) -> None:
    factories.contact("secret@example.org", department="surveys", name="Nguyễn Mai")
    page = client.get("/departments/statistics/").content.decode()
    assert "Nguyễn Mai" in page
    assert "secret@example.org" not in page
    outside = client_of(person("hoa", "planner", "trade"))
    assert "Nguyễn Mai" not in outside.get("/departments/statistics/").content.decode()


@pytest.mark.parametrize(
    ("role", "code", "status"),
    [
        pytest.param("officer", "statistics", 200, id="officers see their own"),
        pytest.param("viewer", "surveys", 200, id="viewers see those below"),
        pytest.param("officer", "trade", 404, id="officers see no other"),
        pytest.param("viewer", "trade", 404, id="viewers see no other"),
        pytest.param("planner", "trade", 200, id="plan owners see any"),
        pytest.param("administrator", "trade", 200, id="administrators see any"),
        pytest.param("officer", "nowhere", 404, id="there is no such department"),
    ],
)
def test_readers_of_a_department_see_their_part(client: Client, role: str, code: str, status: int) -> None:
    reader = client_of(person("hoa", role, "statistics"))
    assert reader.get(f"/departments/{code}/").status_code == status
    assert ("Trade" in text_of(reader.get("/departments/"))) == (role in ("planner", "administrator"))


def test_restricted_indicators_are_absent_from_rows_and_counts(client: Client) -> None:
    hidden = client_of(person("hoa", "planner", "trade"))
    factories.indicator("zirkon", department="statistics", restricted=True)
    before = [hidden.get(path).content for path in ("/departments/", "/departments/statistics/")]
    target = factories.target("zirkon")
    factories.action(target, f"{YEAR}-12-31", text="Zirkon")
    factories.figure("zirkon", str(YEAR), 900)
    assess.process_series_changes(now=clock.now())
    after = [hidden.get(path).content for path in ("/departments/", "/departments/statistics/")]
    assert [without_token(page) for page in after] == [without_token(page) for page in before]
    assert "Zirkon" in text_of(client.get("/departments/statistics/"))


def without_token(page: bytes) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.decode())


def test_both_languages(client: Client) -> None:
    text = text_of(client.get("/departments/statistics/", headers={"Accept-Language": "vi"}))
    assert "Chỉ tiêu chịu trách nhiệm" in text
    assert "Tình hình báo cáo theo tháng đến hạn" in text
    assert "Open" not in text


def test_the_board_leads_to_departments_that_the_reader_may_open(client: Client) -> None:
    Target.objects.get(indicator__code="exports").cooperating.add(Department.objects.get(code="statistics"))
    link = '<a href="/departments/{}/">'
    page = client.get("/?plan=plan").content.decode()
    assert all(link.format(code) in page for code in ("statistics", "surveys", "trade"))
    own = client_of(person("hoa", "officer", "statistics")).get("/?plan=plan").content.decode()
    assert "Exports" in own
    assert [link.format(code) in own for code in ("statistics", "surveys", "trade")] == [True, True, False]


def test_links_keep_the_plan_that_is_not_the_current_one(client: Client) -> None:
    """From the board and from a target of an older plan the department's page shows that plan, and so do its own links."""
    factories.plan("older", period=str(YEAR - 1))
    for code in ("sales", "polls"):
        factories.target(code, plan="older")
    address = "/departments/statistics/?plan=older"
    for path in ("/?plan=older", "/targets/older:sales:city/", address):
        assert f'<a href="{address}">' in client.get(path).content.decode(), path
    opened = client.get(address)
    assert rows_of(opened) == rows_of(client.get("/?plan=older&department=statistics"))
    assert "?plan=" not in "".join(rows_of(client.get("/departments/statistics/")))
    assert '<a href="/departments/statistics/">' in client.get("/?plan=plan").content.decode()


def test_refused_parameters_and_readers_without_a_login(client: Client) -> None:
    assert client.get("/departments/statistics/?colour=red").status_code == 400
    assert client.get("/departments/?colour=red").status_code == 400
    assert client.post("/departments/").status_code == 405
    assert Client().get("/departments/statistics/")["Location"] == "/admin/login/?next=/departments/statistics/"


def test_more_rows_need_no_more_queries(client: Client) -> None:
    def queries() -> list[int]:
        counts = []
        for path in ("/departments/", "/departments/statistics/"):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            counts.append(len(captured))
        return counts

    queries()
    before = queries()
    parent = Department.objects.get(code="statistics").code
    for number in range(4):
        factories.department(f"more{number}", parent=parent)
        factories.indicator(f"more{number}", department=f"more{number}")
        target = factories.target(f"more{number}")
        factories.action(target, f"{YEAR}-12-31")
        factories.figure(f"more{number}", str(YEAR), 900)
        assess.process_series_changes(now=clock.now())
    assert queries() == before
    assert max(before) <= 70, before
