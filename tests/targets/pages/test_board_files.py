"""The board as CSV and XLSX: what is shown, numbers as numbers, nothing that a spreadsheet runs."""

import csv
import io
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of
from tests.targets.pages.board_world import PAST, names, reader_of_two_targets

pytestmark = pytest.mark.django_db

Rows = list[dict[str, Any]]


@pytest.fixture
def client() -> Client:
    return reader_of_two_targets()


def content(answer: Any) -> bytes:
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content)


def csv_rows(client: Client, query: str, **headers: str) -> Rows:
    answer = client.get(f"/board.csv?{query}", headers=headers)
    return list(csv.DictReader(io.StringIO(content(answer).decode("utf-8-sig"))))


def xlsx_rows(client: Client, query: str) -> Rows:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content(client.get(f"/board.xlsx?{query}"))))
    heads, *rows = book.get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, heads), row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    "choices",
    [
        pytest.param("", id="all, worst first"),
        pytest.param("&status=on_track", id="one status"),
        pytest.param("&sort=name", id="by name"),
        pytest.param("&group=section&sort=name", id="in groups"),
        pytest.param("&department=statistics", id="one department"),
        pytest.param("&status=missed", id="no row at all"),
    ],
)
def test_the_file_has_the_rows_of_the_page_in_their_order(client: Client, choices: str) -> None:
    page = client.get(PAST + choices)
    query = f"{PAST[2:]}{choices}"
    shown = names(page)
    assert [row["Target"] for row in csv_rows(client, query)] == shown
    assert [row["Target"] for row in xlsx_rows(client, query)] == shown


def test_the_links_of_the_page_keep_its_choices(client: Client) -> None:
    page = client.get(f"{PAST}&status=on_track").content.decode()
    addresses = [unescape(found) for found in re.findall(r'href="(/board\.[^"]*)"', page)]
    assert [address.partition("?")[0] for address in addresses] == ["/board.xlsx", "/board.csv"]
    for address in addresses:
        answer = client.get(address)
        content(answer)
        assert re.search(r'filename="kpitracker-board-plan-2024-07-15\.(csv|xlsx)"', answer["Content-Disposition"])
        assert "no-store" in answer["Cache-Control"]


def test_numbers_are_those_of_the_scorecard_and_numbers_in_a_workbook(client: Client) -> None:
    [roads] = [
        row
        for row in api_of().get("plans/plan/scorecard/?as_of=2024-07-15").ok()["targets"]
        if "roads" in row["target"]
    ]
    [row] = [row for row in csv_rows(client, PAST[2:]) if row["Target"] == "Roads"]
    numbers = (roads["actual"], roads["variance"], roads["outlook"]["value"], roads["expected"]["lower"])
    assert (row["Actual"], row["Variance"], row["Outlook"], row["Due by now, from"]) == numbers
    assert (row["Unit"], row["Status"], row["Report is late"]) == ("km", "off track", "false")
    assert row["Page"] == "http://testserver/targets/plan:roads:city/"
    [cells] = [row for row in xlsx_rows(client, PAST[2:]) if row["Target"] == "Roads"]
    assert cells["Actual"] == 12
    assert cells["Variance"] == pytest.approx(-17.836066)
    assert cells["As of"].isoformat() == "2024-07-15"


def test_captions_are_in_the_language_of_the_reader(client: Client) -> None:
    [row, *_] = csv_rows(client, PAST[2:], **{"Accept-Language": "vi"})
    assert (row["Trạng thái"], row["Đơn vị tính"], row["Thực hiện"]) == ("chậm tiến độ", "km", "12")


@pytest.mark.parametrize("name", ["=1+2", "+1", "@x", "-x", "\t=1", "＝1"])
def test_no_cell_is_run_as_a_formula(client: Client, name: str) -> None:
    factories.indicator("bad", name=f"{name} bad".strip())
    factories.target("bad", lower=1)
    for rows in (csv_rows(client, PAST[2:]), xlsx_rows(client, PAST[2:])):
        [shown] = [row["Target"] for row in rows if row["Code"] == "plan:bad:city"]
        assert shown.startswith("'"), shown


@pytest.mark.parametrize(
    ("address", "status"),
    [
        pytest.param("/board.pdf", 404, id="another kind of file"),
        pytest.param("/board.csv?plan=other", 404, id="an unknown plan"),
        pytest.param("/board.csv?colour=red", 400, id="an unknown parameter"),
        pytest.param("/board.xlsx?as_of=2999-01-01", 400, id="a day in the future"),
    ],
)
def test_files_that_cannot_be_are_refused_as_the_page_is(client: Client, address: str, status: int) -> None:
    assert client.get(address).status_code == status
    assert client.post(address).status_code == 405


def test_files_are_for_those_who_see_the_rows(client: Client) -> None:
    assert Client().get("/board.csv").status_code == 302
    factories.department("b")
    factories.target("roads", period="2024-Q1", department="b")
    own = csv_rows(client_of(person("hoa", "viewer", "b")), PAST[2:])
    assert [row["Code"] for row in own] == ["plan:roads:city:2024-Q1"]
