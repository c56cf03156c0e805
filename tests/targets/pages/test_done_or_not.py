"""What is done or not done is shown in words on every page, never as 0, 1 or a distance."""

import re

import pytest
from django.test import Client

from tests import factories
from tests.admin_support import client_of, person
from tests.targets.pages.board_world import row_of, text_of

pytestmark = pytest.mark.django_db
DAY = "2024-08-01"


@pytest.fixture
def client() -> Client:
    factories.area()
    factories.plan()
    for code, value in (("law", 0), ("bridge", 1)):
        factories.indicator(code, kind="yes_no", accumulation="last", frequency="month", unit="yes/no")
        factories.target(code, lower=1)
        factories.figure(code, "2024-05", 0, published="2024-06-05")
        factories.figure(code, "2024-06", value, published="2024-07-05")
    return client_of(person("lan"))


@pytest.mark.parametrize(
    ("language", "name", "actual", "due"),
    [
        ("en", "Law", "not done", "done"),
        ("en", "Bridge", "done", "done"),
        ("vi", "Law", "chưa hoàn thành", "đã hoàn thành"),
        ("vi", "Bridge", "đã hoàn thành", "đã hoàn thành"),
    ],
)
def test_a_row_of_the_board_has_words_and_no_distance(
    client: Client, language: str, name: str, actual: str, due: str
) -> None:
    answer = client.get(f"/?plan=plan&as_of={DAY}&compare=2024-06-15", headers={"Accept-Language": language})
    row = row_of(answer, name)
    assert actual in row
    assert due in row
    assert not re.search(r"[−+-]1\b|\b[01] (good|bad|tốt|kém)|(?<![\d/])\b[01]\b(?![\d/ ]*(July|tháng))", row), row


def test_what_moved_says_it_in_words(client: Client) -> None:
    address = f"/?plan=plan&as_of={DAY}&compare=2024-06-15"
    answer = text_of(client.get(address, headers={"Accept-Language": "en"}))
    assert "(not done)" in answer
    assert "−1" not in answer


@pytest.mark.parametrize(
    ("language", "done", "undone"), [("en", "done", "not done"), ("vi", "đã hoàn thành", "chưa hoàn thành")]
)
@pytest.mark.parametrize("code", ["law", "bridge"])
def test_the_page_of_a_target_has_words_in_all_its_tables(
    client: Client, language: str, done: str, undone: str, code: str
) -> None:
    answer = client.get(f"/targets/plan:{code}:city/?as_of={DAY}", headers={"Accept-Language": language})
    page = answer.content.decode()
    cells = [
        re.sub(r"<[^>]*>", "", cell).strip()
        for cell in re.findall(r"<td[^>]*>(.*?)</td>|<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
        for cell in cell
    ]
    assert undone in cells
    assert done in cells
    axis = re.findall(r'text-anchor="end" dy="4">([^<]*)<', page)
    assert set(axis) <= {done, undone, ""}
    assert not re.search("tolerance|sai lệch|−1", text_of(answer), re.IGNORECASE), text_of(answer)
    words = answer.context["plot"].data["words"]
    assert words == [undone, done]
    shown = {cell for row in answer.context["plot"].rows for cell in row[1:]}
    assert shown <= {done, undone, "–"}, shown
