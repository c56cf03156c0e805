"""The report for a meeting: contents, board, the worst targets, actions, and what changed since the last closing."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from targets.models import Plan, Target
from targets.services.reports import closings
from tests import factories
from tests.admin_support import client_of, person
from tests.targets.pages.board_world import names, reader_of_two_targets, text_of

pytestmark = pytest.mark.django_db

REPORT = "/plans/plan/report/"
DAY = datetime(2024, 7, 15, 5, tzinfo=UTC)


@pytest.fixture
def client() -> Client:
    return reader_of_two_targets()


def test_the_report_has_its_parts_in_the_order_of_its_contents(client: Client) -> None:
    with time_machine.travel(DAY, tick=False):
        factories.action(
            Target.objects.get(identifier="plan:roads:city"), "2024-09-30", text="Open two lanes", person="Lan"
        )
        answer = client.get(REPORT)
    assert answer.status_code == 200
    page, text = answer.content.decode(), text_of(answer)
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page, anchor
    assert names(answer) == ["Roads", "Sales", "Trees"]
    parts = ["1. The board", "2. Targets that need attention", "3. Actions", "Moved since 15 June 2024"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "off track: 12 km in the first 6 months of 2024" in text[places[1] : places[2]]
    assert "30 September 2024 Roads Open two lanes Lan" in text[places[2] : places[3]]
    assert "Roads, June 2024: 2, published 10 July 2024" in text[places[3] :]
    assert "Printed on 15 July 2024, lan" in text


def test_what_changed_is_counted_from_the_last_closing(client: Client) -> None:
    with time_machine.travel(DAY, tick=False):
        closings.close_plan(
            plan=Plan.objects.get(), by=factories.BY, now=DAY, reason="Half-year", as_of=date(2024, 7, 12)
        )
        text = text_of(client.get(REPORT))
    assert "since closing 1 of 12 July 2024" in text
    assert "Nothing moved." in text


def test_a_reader_of_a_part_sees_the_part(client: Client) -> None:
    factories.department("b")
    factories.target("trees", period="2024-Q1", department="b", lower=1)
    own = client_of(person("hoa", "viewer", "b"))
    text = text_of(own.get(REPORT))
    assert "Roads" not in text
    assert client_of(person("mai", "viewer", "statistics")).get("/plans/other/report/").status_code == 404
    assert client.get(f"{REPORT}?colour=red").status_code == 400
    assert Client().get(REPORT).status_code == 302


def test_in_vietnamese_and_on_the_page_of_the_plan(client: Client) -> None:
    answer = client.get(REPORT, headers={"Accept-Language": "vi"})
    assert "Chỉ tiêu cần quan tâm" in text_of(answer)
    assert f'href="{REPORT}"' in client.get("/plans/plan/").content.decode()


def test_more_targets_need_no_more_queries(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(REPORT).status_code == 200
        return len(captured)

    queries()
    before = queries()
    for number in range(6):
        factories.indicator(f"more{number}")
        factories.target(f"more{number}")
    assert queries() == before
