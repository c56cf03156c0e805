"""The page of one's own work: every figure that is owed has a field; what is doubtful is asked about before it is stored."""

import re
from datetime import date
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from indicators.models import Indicator, Measurement, Revision
from kpitracker.lib import clock
from targets.models import Target
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import PASSWORD, client_of, person
from tests.flows.test_concurrent_requests import at_once

pytestmark = pytest.mark.django_db

YEAR = clock.today().year - 1  # the page lists what is owed since the beginning of last year
FIRST, SECOND = f"sales|city|{YEAR}-01", f"sales|city|{YEAR}-02"


@pytest.fixture
def client() -> Client:
    """An officer of the department that owes the monthly figures of last year."""
    factories.area()
    factories.department(email="statistics@example.org")
    factories.indicator(department="statistics", unit="jobs")
    factories.plan(period=str(YEAR))
    factories.target()
    return client_of(person("lan", "officer", "statistics"))


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def keys(answer: Any) -> list[str]:
    return re.findall(r'name="value\|([^"]*)"', answer.content.decode())


def test_every_owed_figure_has_a_field_with_unit_and_last_value(client: Client) -> None:
    answer = client.get("/my-work/")
    assert {FIRST, SECOND} <= set(keys(answer))
    factories.figure("sales", f"{YEAR}-01", 95)
    text = text_of(client.get("/my-work/"))
    assert f"95 jobs (January {YEAR})" in text
    assert "days late" in text


def test_the_figures_of_a_month_are_stored_with_one_click(client: Client) -> None:
    answer = client.post(
        "/my-work/",
        {f"value|{FIRST}": "95", f"value|{SECOND}": "1,102.5", "stage": "official", "source": "Report 7", f"shown|{SECOND}": "1,102.5"},
        follow=True,
    )  # fmt: skip
    assert f"Recorded: Sales, January {YEAR}: 95 jobs." in text_of(answer)
    rows = Measurement.objects.order_by("period_start").values_list("value", "stage", "source")
    assert [(str(value), stage, source) for value, stage, source in rows] == [
        ("95", "official", "Report 7"), ("1102.5", "official", "Report 7"),
    ]  # fmt: skip
    assert not {FIRST, SECOND} & set(keys(answer))


def test_a_wrong_line_does_not_hold_up_the_others(client: Client) -> None:
    answer = client.post("/my-work/", {f"value|{FIRST}": "95", f"value|{SECOND}": "many"})
    text = text_of(answer)
    assert Measurement.objects.count() == 1
    assert f"Recorded: Sales, January {YEAR}: 95 jobs." in text
    assert "Not stored." in text
    assert f'name="value|{SECOND}" value="many"' in answer.content.decode()
    assert FIRST not in keys(answer)


def test_a_doubtful_figure_is_stored_when_it_is_sent_again(client: Client) -> None:
    for month in range(3, 9):
        factories.figure("sales", f"{YEAR}-{month:02}", 100)
    doubtful = {f"value|{FIRST}": "100000"}
    answer = client.post("/my-work/", doubtful)
    assert "If it is right, send it again." in text_of(answer)
    assert Measurement.objects.count() == 6
    [shown] = re.findall(rf'name="shown\|{re.escape(FIRST)}" value="([^"]*)"', answer.content.decode())
    assert client.post("/my-work/", doubtful | {f"shown|{FIRST}": shown}).status_code == 302
    assert Measurement.objects.count() == 7


def test_a_changed_number_is_doubted_anew(client: Client) -> None:
    for month in range(3, 9):
        factories.figure("sales", f"{YEAR}-{month:02}", 100)
    answer = client.post("/my-work/", {f"value|{FIRST}": "200000", f"shown|{FIRST}": "100000"})
    assert (answer.status_code, Measurement.objects.count()) == (200, 6)


@pytest.mark.parametrize(
    ("language", "typed", "stored"),
    [
        pytest.param("vi", "1.102,5", "1102.5", id="Vietnamese notation"),
        pytest.param("en", "1,102.5", "1102.5", id="English notation"),
    ],
)
def test_numbers_are_read_as_the_language_writes_them(client: Client, language: str, typed: str, stored: str) -> None:
    client.post("/my-work/", {f"value|{FIRST}": typed, f"shown|{FIRST}": typed}, headers={"Accept-Language": language})
    assert str(Measurement.objects.get().value) == stored


def test_138_200_is_asked_about_in_vietnamese(client: Client) -> None:
    answer = client.post("/my-work/", {f"value|{FIRST}": "138.200"}, headers={"Accept-Language": "vi"})
    assert "138.200 = 138200?" in text_of(answer)
    assert not Measurement.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"published": "2999-01-01"}, "Not after", id="published in the future"),
        pytest.param({"published": "soon"}, "Enter a valid date.", id="no day"),
        pytest.param({"stage": "rumour"}, "Select a valid choice.", id="an unknown stage"),
        pytest.param({"source": "a\x00b"}, "", id="a control character"),
    ],
)
def test_wrong_common_fields_store_nothing(client: Client, fields: dict[str, str], words: str) -> None:
    answer = client.post("/my-work/", {f"value|{FIRST}": "95", **fields})
    assert (answer.status_code, Measurement.objects.count()) == (200, 0)
    assert words in text_of(answer) or "Not stored." in text_of(answer)
    assert f'name="value|{FIRST}" value="95"' in answer.content.decode()


def test_lines_of_others_cannot_be_written(client: Client) -> None:
    factories.department("b")
    factories.indicator("other", department="b")
    factories.target("other")
    answer = client.get("/my-work/")
    assert not [key for key in keys(answer) if key.startswith("other")]
    answer = client.post("/my-work/", {f"value|other|city|{YEAR}-01": "5"}, follow=True)
    assert f"Not stored: 5 for Other, City, January {YEAR}." in text_of(answer)
    assert not Measurement.objects.exists()


@pytest.mark.parametrize(
    ("language", "key", "name"),
    [
        ("en", "sales|city|2020-10", "5 for Sales, City, October 2020."),
        ("vi", "sales|city|2020-10", "5 cho Sales, City, tháng 10/2020."),
        ("en", "sales|city|2020-Q1", "5 for Sales, City, the first quarter of 2020."),
        ("en", "sales|city|tomorrow", "5 for Sales, City, tomorrow."),
        ("en", "secret|city|2020", "5 for secret, City, 2020."),
        ("en", "nothing|nowhere|2020", "5 for nothing, nowhere, 2020."),
        ("en", "nothing", "5 for nothing."),
    ],
)
def test_a_line_that_is_not_owed_is_named_in_words(client: Client, language: str, key: str, name: str) -> None:
    factories.department("b")
    factories.indicator("secret", department="b", restricted=True)
    answer = client.post("/my-work/", {f"value|{key}": "5"}, follow=True, headers={"Accept-Language": language})
    assert name in text_of(answer)


def test_a_value_that_another_has_reported_meanwhile_is_not_lost_in_silence(client: Client) -> None:
    factories.figure("sales", f"{YEAR}-01", 95)
    answer = client.post("/my-work/", {f"value|{FIRST}": "96", f"value|{SECOND}": "97"}, follow=True)
    assert f"Not stored: 96 for Sales, City, January {YEAR}." in text_of(answer)
    assert f"Recorded: Sales, February {YEAR}: 97 jobs." in text_of(answer)


def test_what_is_due_longest_comes_first_in_groups_of_months(client: Client) -> None:
    answer = client.get("/my-work/")
    months = [key.rpartition("|")[2] for key in keys(answer)]
    assert months == sorted(months)
    text = text_of(answer)
    assert f"Due in February {YEAR} : 1 (late: 1)" in text or f"Due in February {YEAR}: 1 (late: 1)" in text
    one = client.get(f"/my-work/?due={YEAR}-02")
    assert keys(one) == [FIRST]


@pytest.mark.parametrize(
    "parameters", ["due=2024-13", "due=soon", "colour=red"], ids=["no month", "a word", "an unknown parameter"]
)
def test_parameters_that_cannot_be_are_refused(client: Client, parameters: str) -> None:
    assert client.get(f"/my-work/?{parameters}").status_code == 400


def test_after_the_last_figure_of_a_month_all_are_shown_again(client: Client) -> None:
    answer = client.post(f"/my-work/?due={YEAR}-02", {f"value|{FIRST}": "95"})
    assert (answer.status_code, answer["Location"]) == (302, "/my-work/")
    answer = client.post(f"/my-work/?due={YEAR}-03", {f"value|{SECOND.replace('-02', '-03')}": "95"})
    assert answer["Location"] == f"/my-work/?due={YEAR}-03"


def test_late_figures_say_how_late_in_words(client: Client) -> None:
    due = date(YEAR, 2, 20)
    days = (clock.today() - due).days
    assert f"{days} days late" in text_of(client.get("/my-work/"))
    vietnamese = client.get("/my-work/", headers={"Accept-Language": "vi"})
    assert f"quá hạn {days} ngày" in text_of(vietnamese)


def test_fourteen_owed_figures_are_entered_on_one_page(client: Client) -> None:
    for number in range(13):
        factories.indicator(f"more{number}", department="statistics")
        factories.target(f"more{number}")
    [*names] = [key for key in keys(client.get(f"/my-work/?due={YEAR}-02")) if key.endswith(f"{YEAR}-01")]
    assert len(names) == 14
    answer = client.post(f"/my-work/?due={YEAR}-02", {f"value|{name}": "95" for name in names}, follow=True)
    assert (Measurement.objects.count(), text_of(answer).count("Recorded: ")) == (14, 14)


def test_one_owed_figure_is_one_field_and_one_click_after_the_login(client: Client) -> None:
    browser = Client(headers={"Accept-Language": "en"})
    landed = browser.post("/admin/login/?next=/", {"username": "lan", "password": PASSWORD, "next": "/"}, follow=True)
    assert landed.request["PATH_INFO"] == "/my-work/"
    browser.post("/my-work/", {f"value|{FIRST}": "95"})
    assert Measurement.objects.get().value == 95


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_of_two_who_report_the_same_figure_at_once_one_is_told(client: Client) -> None:
    clients = [client, client_of(person("hoa", "officer", "statistics"))]

    def post(number: int) -> str:
        return text_of(clients[number].post("/my-work/", {f"value|{FIRST}": f"9{number}"}, follow=True))

    answers = at_once(2, post)
    [stored] = Revision.objects.all()
    assert [f"Recorded: Sales, January {YEAR}: {stored.value} jobs." in text for text in answers].count(True) == 1
    assert ["Not stored: 9" in text for text in answers].count(True) == 1


def test_a_figure_that_waits_for_approval_says_so_on_its_line(client: Client) -> None:
    Indicator.objects.update(needs_approval=True)
    answer = client.post("/my-work/", {f"value|{FIRST}": "95"}, follow=True)
    assert "95 jobs waits for approval." in text_of(answer)
    assert FIRST in keys(answer)
    again = client.post("/my-work/", {f"value|{FIRST}": "96"})
    assert "Not stored yet. 95 jobs waits for approval. If it is right, send it again." in text_of(again)
    assert Revision.objects.count() == 1
    client.post("/my-work/", {f"value|{FIRST}": "96", f"shown|{FIRST}": "96"})
    assert Revision.objects.count() == 2


def test_the_workbook_holds_what_the_page_shows(client: Client) -> None:
    answer: Any = client.get("/my-work/workbook/")
    assert "kpitracker-template-statistics-" in answer["Content-Disposition"]
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    head, *rows = book.get_sheet_by_name("figures").to_python()
    columns = [head.index(name) for name in ("indicator", "area", "period")]
    assert ["|".join(str(row[column]) for column in columns) for row in rows] == keys(client.get("/my-work/"))
    assert client.get("/my-work/workbook/?plan=plan").status_code == 400


def test_a_viewer_sees_what_is_owed_and_has_no_field(client: Client) -> None:
    viewer = client_of(person("mai", "viewer", "statistics"))
    answer = viewer.get("/my-work/")
    assert (keys(answer), f"January {YEAR}" in text_of(answer)) == ([], True)
    assert viewer.post("/my-work/", {f"value|{FIRST}": "95"}).status_code == 403
    assert not Measurement.objects.exists()


def test_a_form_without_its_token_stores_nothing(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person("hoa", "officer", "statistics"))
    assert strict.post("/my-work/", {f"value|{FIRST}": "95"}).status_code == 403
    assert not Measurement.objects.exists()


def test_alerts_and_actions_of_the_department_wait_there(client: Client) -> None:
    factories.figure("sales", str(YEAR), 900)
    assess.process_series_changes(now=clock.now())
    factories.action(Target.objects.get(), f"{YEAR + 2}-12-31", text="Open a second shop")
    text = text_of(client.get("/my-work/"))
    assert "Open a second shop" in text
    assert "missed" in text


def test_more_owed_figures_need_no_more_queries(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/my-work/").status_code == 200
        return len(captured)

    queries()
    before = queries()
    for number in range(5):
        factories.indicator(f"more{number}", department="statistics")
        factories.target(f"more{number}")
    assert queries() == before


def test_without_a_login_there_is_the_login_page_that_leads_back() -> None:
    assert Client().get("/my-work/")["Location"] == "/admin/login/?next=/my-work/"
