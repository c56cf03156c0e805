"""The page of one's own work: every figure that is owed has a field; what is doubtful is asked about before it is stored."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.models import Measurement
from kpitracker.lib import clock
from targets.models import Target
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import client_of, person

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
    assert f"Not stored: 5 for other, city, {YEAR}-01." in text_of(answer)
    assert not Measurement.objects.exists()


def test_a_value_that_another_has_reported_meanwhile_is_not_lost_in_silence(client: Client) -> None:
    factories.figure("sales", f"{YEAR}-01", 95)
    answer = client.post("/my-work/", {f"value|{FIRST}": "96", f"value|{SECOND}": "97"}, follow=True)
    assert f"Not stored: 96 for sales, city, {YEAR}-01." in text_of(answer)
    assert f"Recorded: Sales, February {YEAR}: 97 jobs." in text_of(answer)


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
