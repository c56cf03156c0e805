"""The list of targets in the back office: where each stands, worst first, with the numbers of the board."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from targets.models import Assessment
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of
from tests.targets.pages.board_world import reader_of_two_targets

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LIST = "/admin/targets/target/"
DAY = datetime(2024, 7, 15, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(shared_rows: Callable[[], AbstractContextManager[None]]) -> Client:
    with time_machine.travel(DAY, tick=False), shared_rows():
        reader = reader_of_two_targets()
        # A plan that is over: its missed target is worse than all of the running plan.
        factories.plan("old", "2023")
        factories.indicator("crime")
        factories.target("crime", plan="old", lower=5000, announced="2023-01-05")
        factories.figure("crime", "2023", 10, published="2024-01-05")
        factories.figure("sales", "2024-01/2024-06", 700)
        while assess.process_series_changes(now=DAY):
            pass
        return reader


@pytest.fixture
def reader(made: Client) -> Iterator[Client]:
    with time_machine.travel(DAY, tick=False):
        yield made


def rows_of(answer: Any) -> list[dict[str, str]]:
    """The cells of each row as text, by the name of the column."""
    assert answer.status_code == 200
    page = answer.content.decode()
    rows = re.findall(r"<tr[^>]*>(?:(?!</tr>).)*field-shown_indicator.*?</tr>", page, re.DOTALL)
    cell = re.compile(r"<t[dh][^>]*field-(\w+)[^>]*>(.*?)</t[dh]>", re.DOTALL)
    return [
        {name: " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split()) for name, text in cell.findall(row)}
        for row in rows
    ]


def names(answer: Any) -> list[str]:
    return [row["shown_indicator"] for row in rows_of(answer)]


@pytest.mark.parametrize("language", ["en", "vi"])
def test_each_row_has_the_numbers_of_the_board_and_of_the_api(reader: Client, language: str) -> None:
    headers = {"Accept-Language": language}
    rows = {row["shown_indicator"]: row for row in rows_of(reader.get(LIST, headers=headers))}
    board = [row for _, group in reader.get("/?plan=plan", headers=headers).context["groups"] for row in group]
    assert [row.name for row in board] == ["Roads", "Sales", "Trees"]
    for row in board:
        shown = rows[row.name]
        outlook = f"{row.outlook} ({row.outlook_range})" if row.outlook_range else row.outlook
        assert (shown["status"], shown["actual"], shown["due"], shown["outlook"]) == (
            row.label, row.actual, row.due, outlook,
        )  # fmt: skip
        assert shown["variance"].removeprefix("+") in row.variance
    [status] = [row for row in api_of().get("statuses/").ok()["results"] if row["target"] == "plan:roads:city"]
    assert (status["actual"], status["expected"]["lower"], status["variance"]) == ("12", "29.836066", "-17.836066")
    comma = "," if language == "vi" else "."
    numbers = (rows["Roads"]["actual"], rows["Roads"]["due"], rows["Roads"]["variance"])
    assert numbers == ("12 km", f"29{comma}84", f"−17{comma}84 km")


def test_the_worst_that_runs_comes_first_and_what_is_over_last(reader: Client) -> None:
    assert names(reader.get(LIST)) == ["Roads", "Sales", "Trees", "Crime"]


def test_what_ended_stands_behind_what_is_judged(reader: Client) -> None:
    Assessment.objects.filter(target__identifier="plan:roads:city").update(state="withdrawn")
    assert names(reader.get(LIST))[:3] == ["Sales", "Trees", "Roads"]


def test_a_target_without_an_assessment_is_in_the_list(reader: Client) -> None:
    Assessment.objects.filter(target__identifier="plan:roads:city").delete()
    row = rows_of(reader.get(LIST))[2]
    cells = [row[name] for name in ("shown_indicator", "status", "actual", "due", "variance", "outlook")]
    assert cells == ["Roads", "–", "–", "–", "–", "–"]


NUMBERS = {
    "actual of targets": (LIST, "actual", lambda row: row.assessment.actual),
    "variance of targets": (LIST, "variance", lambda row: row.assessment.variance),
    "actual of assessments": ("/admin/targets/assessment/", "shown_actual", lambda row: row.actual),
    "variance of assessments": ("/admin/targets/assessment/", "shown_variance", lambda row: row.variance),
}


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(("page", "name", "number"), NUMBERS.values(), ids=NUMBERS)
def test_the_database_sorts_by_numbers_as_numbers(reader: Client, page: str, name: str, number: Any, sign: str) -> None:
    place = reader.get(page).context["cl"].list_display.index(name)
    rows = list(reader.get(f"{page}?o={sign}{place}").context["cl"].result_list)
    numbers = [value for row in rows if (value := number(row)) is not None]
    assert len(numbers) == 4
    assert numbers == sorted(numbers, reverse=bool(sign))


def test_the_status_is_sorted_by_how_bad_it_is(reader: Client) -> None:
    place = reader.get(LIST).context["cl"].list_display.index("status")
    worst_first = names(reader.get(f"{LIST}?o={place}"))
    assert worst_first[0] == "Crime"
    assert names(reader.get(f"{LIST}?o=-{place}"))[-1] == "Crime"


def test_more_targets_need_no_more_queries(reader: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert reader.get(LIST).status_code == 200
        return len(captured)

    queries()
    before = queries()
    for number in range(8):
        factories.indicator(f"more{number}")
        factories.target(f"more{number}")
        factories.figure(f"more{number}", "2024-05", 3)
    while assess.process_series_changes(now=DAY + timedelta(minutes=1)):
        pass
    assert queries() == before
    assert len(rows_of(reader.get(LIST))) == 12


def test_officers_see_the_numbers_of_their_part_only(reader: Client) -> None:
    factories.department("b")
    factories.target("trees", period="2024-Q1", department="b", lower=1)
    assert set(names(client_of(person("hoa", "officer", "b")).get(LIST))) == {"Trees"}
