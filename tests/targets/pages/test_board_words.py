"""Counts of the board call targets what their rows call them: a ceiling that is broken is beyond the limit, not off track."""

from typing import Any

import pytest

from tests import factories
from tests.admin_support import client_of, person
from tests.targets.pages.board_world import PAST, text_of

pytestmark = pytest.mark.django_db

BEHIND: dict[str, Any] = {"lower": 60}
CEILING: dict[str, Any] = {"goal": "at_most", "lower": None, "upper": 4, "upper_open": True, "profile": "flat"}
RANGE: dict[str, Any] = {"goal": "within", "lower": 90, "upper": 95, "profile": "flat"}
# The targets, and how the headline and the tile call those that are bad, in English and Vietnamese.
WORLDS = {
    "a pace too slow": ([BEHIND], "off track", "chậm tiến độ"),
    "an open ceiling broken": ([CEILING], "beyond the limit", "vượt ngưỡng"),
    "a range left below": ([RANGE], "beyond the limit", "ngoài ngưỡng"),
    "both": ([BEHIND, CEILING], "off track or beyond the limit", "chậm tiến độ hoặc vượt ngưỡng"),
}


@pytest.mark.parametrize(("terms", "english", "vietnamese"), WORLDS.values(), ids=WORLDS)
def test_the_headline_and_the_tiles_take_the_words_of_the_rows(
    terms: list[dict[str, Any]], english: str, vietnamese: str
) -> None:
    factories.area()
    factories.department()
    factories.plan()
    for number, values in enumerate(terms):
        accumulation = "sum" if values is BEHIND else "none"
        factories.indicator(f"i{number}", name=f"I {number}", accumulation=accumulation, department="statistics")
        factories.target(f"i{number}", **values)
        factories.figure(f"i{number}", "2024-01/2024-06", 10, published="2024-07-10")
    reader = client_of(person("lan"))
    for language, words in (("en", english), ("vi", vietnamese)):
        page = text_of(reader.get(PAST, headers={"Accept-Language": language}))
        assert f", {len(terms)} {words}." in page
        assert page.count(f"{len(terms)} {words}") == 2
