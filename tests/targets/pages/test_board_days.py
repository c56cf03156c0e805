"""The board on other days: the plan's publications, and what moved between two days by which figure."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.targets.pages.board_world import PAST, reader_of_two_targets, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return reader_of_two_targets()


def slider_of(answer: Any) -> str:
    [form] = re.findall(r'<form class="days".*?</form>', answer.content.decode(), re.DOTALL)
    return str(form)


def moved(answer: Any) -> dict[str, str]:
    """By the name of a target: its row of what moved, as text."""
    page = answer.content.decode()
    rows = re.findall(r'<tr><th scope="row"><a[^>]*>([^<]*)</a></th>(.*?)</tr>', page[page.index('id="moved"') :])
    return {name: " ".join(unescape(re.sub(r"<[^>]*>", " ", cells)).split()) for name, cells in rows}


def test_links_lead_to_the_publication_before_and_after(client: Client) -> None:
    form = slider_of(client.get(f"{PAST}&group=section"))
    addresses = [unescape(address) for address in re.findall(r'<a href="([^"]*)"', form)]
    assert addresses == ["?plan=plan&as_of=2024-07-10&group=section"]
    form = slider_of(client.get(PAST.replace("07-15", "04-10")))
    addresses = [unescape(address) for address in re.findall(r'<a href="([^"]*)"', form)]
    assert addresses == ["?plan=plan&as_of=2024-03-10", "?plan=plan&as_of=2024-05-10"]


@pytest.mark.parametrize(
    ("place", "day"),
    [
        pytest.param("1", "2023-12-08", id="the announcement of the plan"),
        pytest.param("2", "2024-02-10", id="the first figure"),
        pytest.param("7", "2024-07-10", id="the last one"),
        pytest.param("99", "2024-07-10", id="beyond the last"),
    ],
)
def test_the_slider_leads_to_the_address_of_its_day(client: Client, place: str, day: str) -> None:
    form = slider_of(client.get(f"{PAST}&status=on_track"))
    assert ('max="7"' in form, 'value="7"' in form) == (True, True)
    answer = client.get(f"{PAST}&status=on_track&publication={place}")
    assert (answer.status_code, answer["Location"]) == (302, f"/?plan=plan&as_of={day}&status=on_track")


def test_an_earlier_day_that_is_not_earlier_any_more_is_left_out(client: Client) -> None:
    answer = client.get(f"{PAST}&compare=2024-07-01&publication=2")
    assert answer["Location"] == "/?plan=plan&as_of=2024-02-10"
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("place", ["0", "-1", "x"])
def test_a_place_that_cannot_be_is_refused(client: Client, place: str) -> None:
    assert client.get(f"{PAST}&publication={place}").status_code == 400


def test_the_slider_has_a_label_and_a_button_and_exchanges_the_board(client: Client) -> None:
    answer = client.get(PAST)
    form = slider_of(answer)
    assert '<label for="publication">' in form
    assert "<button>" in form
    assert 'hx-target="#board" hx-select="#board"' in form
    assert '<div id="board">' in answer.content.decode()


def test_what_moved_is_named_with_its_figures(client: Client) -> None:
    factories.figure("trees", "2024-06", 9, published="2024-07-12", source="Bureau of parks", stage="official")
    answer = client.get(f"{PAST}&compare=2024-07-11")
    rows = moved(answer)
    assert list(rows) == ["Trees"]
    assert 'scope="row"><a href="/targets/plan:trees:city/?as_of=2024-07-15">' in answer.content.decode()
    assert "on track (48; 3.25)" in rows["Trees"]
    assert "on track (49; 4.25)" in rows["Trees"]
    cause = "Trees, June 2024: 9 (was 8), official, published 12 July 2024, Bureau of parks"
    assert rows["Trees"].endswith(cause)


def test_a_first_figure_moves_each_target_that_reads_it(client: Client) -> None:
    rows = moved(client.get(f"{PAST}&compare=2024-07-09"))
    assert list(rows) == ["Roads", "Trees"]
    assert rows["Roads"].endswith("Roads, June 2024: 2, published 10 July 2024")


@pytest.mark.parametrize(
    ("compare", "as_of", "name", "expected"),
    [
        pytest.param("2024-02-19", "2024-02-21", "Sales", "no other figure: time has passed", id="a due day passed"),
        pytest.param("2023-12-07", "2024-02-11", "Sales", "the target was announced", id="announced in between"),
    ],
)
def test_what_moved_without_a_figure_says_why(
    client: Client, compare: str, as_of: str, name: str, expected: str
) -> None:
    assert expected in moved(client.get(f"/?plan=plan&as_of={as_of}&compare={compare}"))[name]


def test_a_figure_that_is_not_used_any_more_is_named(client: Client) -> None:
    factories.figure("trees", "2024-05", None, published="2024-07-12")
    rows = moved(client.get(f"{PAST}&compare=2024-07-11"))
    assert "Trees, May 2024: 8 is not used any more" in rows["Trees"]


def test_nothing_moved_is_said_and_without_a_chosen_day_a_link_offers_it(client: Client) -> None:
    assert "Nothing moved." in text_of(client.get(f"{PAST}&compare=2024-07-14"))
    page = client.get(PAST).content.decode()
    assert 'id="moved"' not in page
    [address] = re.findall(r'href="([^"]*)#moved"', page)
    assert unescape(address) == "?plan=plan&as_of=2024-07-15&compare=2024-06-15"


def test_what_moved_in_vietnamese(client: Client) -> None:
    answer = client.get(f"{PAST}&compare=2024-07-09", headers={"Accept-Language": "vi"})
    assert moved(answer)["Roads"].endswith("Roads, tháng 6/2024: 2, công bố 10/07/2024")


def test_more_movements_need_no_more_queries(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{PAST}&compare=2024-06-15").status_code == 200
        return len(captured)

    queries()
    before = queries()
    for number in range(6):
        factories.indicator(f"more{number}")
        factories.target(f"more{number}")
        factories.figure(f"more{number}", "2024-06", number, published="2024-07-10")
    assert queries() == before
