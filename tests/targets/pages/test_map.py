"""Maps of areas: patterns and numbers in the picture, names and values in words beside it, nothing where no geometry is known."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.models import Area
from indicators.services.catalogue import area_shapes
from indicators.services.catalogue.geojson import Geometry
from targets.models import Target
from tests import factories
from tests.admin_support import client_of, person
from tests.targets.pages.board_world import text_of

pytestmark = pytest.mark.django_db

BOARD = "/?plan=plan&as_of=2024-07-15&group=area"


def district(number: int, *, value: int, **values: Any) -> Area:
    """A district with a target of 60 in the year and six months of figures."""
    area = factories.area(f"d{number}", **{"name": f"District {number}", "parent": "city", **values})
    factories.target("roads", area=area.code, lower=60)
    for month in range(1, 7):
        factories.figure("roads", f"2024-{month:02}", value, area=area.code, published=f"2024-{month + 1:02}-10")
    return area


@pytest.fixture
def client() -> Client:
    """District 1 is behind, district 2 on track; the city has a target of its own."""
    factories.area()
    factories.indicator("roads", unit="km")
    factories.plan(area="city")
    factories.target("roads", area="city", lower=60)
    district(1, value=2)
    district(2, value=6)
    return client_of(person("lan"))


def map_of(answer: Any) -> str:
    match = re.search(r'<svg class="map[^k]*?".*?</svg>', answer.content.decode(), re.DOTALL)
    return match[0] if match else ""


def list_of(answer: Any) -> list[str]:
    part = re.search(r'<ul class="map-list">.*?</ul>', answer.content.decode(), re.DOTALL)
    rows = re.findall(r"<li.*?</li>", part[0] if part else "", re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows]


@pytest.mark.parametrize("path", [BOARD, "/indicators/roads/?as_of=2024-07-15"])
def test_where_no_geometry_is_known_there_is_no_map_and_at_most_one_query_more(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, map_of(answer), list_of(answer)) == (200, "", [])
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    assert sum("areashape" in query["sql"] for query in queries.captured_queries) == 1


def test_a_board_that_is_not_grouped_by_area_asks_for_no_geometry(client: Client) -> None:
    factories.shape("d1")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/?plan=plan&as_of=2024-07-15")
    assert map_of(answer) == ""
    assert not any("areashape" in query["sql"] for query in queries.captured_queries)


def test_each_area_has_number_pattern_words_and_link(client: Client) -> None:
    factories.shape("d1", west=106)
    factories.shape("d2", west=107)
    answer = client.get(BOARD)
    picture = map_of(answer)
    assert re.findall(r'<path class="(\w+)" fill="url\(#map-(\w+)\)"', picture) == [("bad", "bad"), ("good", "good")]
    assert re.findall(r"<text[^>]*>(\d+)</text>", picture) == ["1", "2"]
    assert list_of(answer) == ["1 District 1 : off track: 1", "2 District 2 : on track: 1"]
    page = answer.content.decode()
    assert 'href="?plan=plan&amp;as_of=2024-07-15&amp;group=area&amp;area=d1">District 1</a>' in page
    assert "Without a geometry: City" in text_of(answer)
    one = client.get("/?plan=plan&as_of=2024-07-15&group=area&area=d1")
    assert list_of(one) == ["1 District 1 : off track: 1"]


def test_the_numbers_of_the_list_are_the_targets_of_the_board(client: Client) -> None:
    factories.shape("d1")
    factories.indicator("trees")
    factories.target("trees", area="d1", lower=10)
    assert list_of(client.get(BOARD)) == ["1 District 1 : off track: 1, no data: 1"]
    assert list_of(client.get(f"{BOARD}&status=off_track")) == ["1 District 1 : off track: 1"]


def test_an_area_around_others_is_a_frame(client: Client) -> None:
    factories.shape("city", size=3)
    factories.shape("d1")
    picture = map_of(client.get(BOARD))
    assert re.findall(r'<path class="(\w+)" fill="([^"]+)"', picture) == [("frame", "none"), ("bad", "url(#map-bad)")]
    assert list_of(client.get(BOARD))[0].endswith("(around the others)")


def test_only_numbers_and_names_of_classes_reach_the_picture(client: Client) -> None:
    Area.objects.filter(code="d1").update(name='"><script>alert(1)</script>', name_en="<b>&quot;")
    factories.shape("d1")
    for path in (BOARD, "/indicators/roads/?as_of=2024-07-15"):
        picture = map_of(client.get(path))
        words = set(re.findall(r"[A-Za-z]{2,}", re.sub(r'\bd="[^"]*"', "", picture)))
        assert words <= {
            "svg", "class", "map", "viewBox", "aria", "hidden", "true", "defs", "pattern", "id", "width", "height",
            "patternUnits", "userSpaceOnUse", "rect", "path", "href", "area", "tabindex", "fill", "url", "text",
            "bad", "good", "step",
        }  # fmt: skip
        assert set(re.sub(r"[-0-9 .]", "", "".join(re.findall(r'\bd="([^"]*)"', picture)))) <= set("MLhvz")


def test_the_picture_has_at_most_64_kb_and_no_more_queries_for_more_areas(client: Client) -> None:
    ring = [[n / 3000, (n * n) % 97 / 100] for n in range(3_000)]

    def shape(number: int) -> None:
        around = [[106 + number + x, 10 + y] for x, y in [*ring, [1.0, -1.0], ring[0]]]
        geometry = Geometry("Polygon", [[around]])
        area_shapes.set_shape(area=Area.objects.get(code=f"d{number}"), geometry=geometry, by=factories.BY)

    shape(1)
    shape(2)
    with CaptureQueriesContext(connection) as few:
        client.get(BOARD)
    for number in range(3, 43):
        factories.area(f"d{number}", parent="city")
        factories.target("roads", area=f"d{number}", lower=60)
        shape(number)
    with CaptureQueriesContext(connection) as many:
        answer = client.get(BOARD)
    assert len(many) == len(few)
    assert 'class="map many"' in map_of(answer)
    assert len(map_of(answer)) <= 64_000
    assert len(list_of(answer)) == Target.objects.count() - 1


def test_the_page_of_an_indicator_shows_values_in_four_steps(client: Client) -> None:
    for number, value in ((3, 4), (4, 12)):
        district(number, value=value)
    for number in range(1, 5):
        factories.shape(f"d{number}", west=105 + number)
    answer = client.get("/indicators/roads/?area=d1&as_of=2024-07-15")
    assert re.findall(r'class="(step-\d|neutral)" fill', map_of(answer)) == ["step-4", "step-2", "step-1", "step-1"]
    assert list_of(answer)[:2] == ["1 District 4 : 12 (30 June 2024)", "2 District 2 : 6 (30 June 2024)"]
    assert '<a href="?area=d4&amp;as_of=2024-07-15">District 4</a>' in answer.content.decode()
    assert "2 – 4.5" in text_of(answer).replace("2.00", "2").replace("4.50", "4.5")


def test_a_value_of_another_day_is_not_compared(client: Client) -> None:
    for number in (3, 4):
        district(number, value=4)
    factories.figure("roads", "2024-07", 100, area="d3", published="2024-07-12")
    for number in range(1, 5):
        factories.shape(f"d{number}", west=105 + number)
    answer = client.get("/indicators/roads/?area=d1&as_of=2024-07-15")
    assert re.findall(r'class="(step-\d|neutral)" fill', map_of(answer)) == ["neutral", "step-4", "step-3", "step-1"]
    assert "a value of another day" in text_of(answer)


def test_in_vietnamese_too(client: Client) -> None:
    factories.shape("d1")
    page = text_of(client.get(BOARD, headers={"Accept-Language": "vi"}))
    assert "Bản đồ Mỗi địa bàn mang nét vẽ của chỉ tiêu kém nhất tại đó." in page
    assert "Chưa có ranh giới: City" in page
