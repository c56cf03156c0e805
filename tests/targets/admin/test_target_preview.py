"""While a target is written, the editor says it in words."""

import re

import pytest
from django.urls import reverse

from indicators.models import Indicator
from tests import factories
from tests.admin_support import administrator, client_of, person

pytestmark = pytest.mark.django_db

WORDS = "/admin/targets/target/words/"


@pytest.mark.parametrize(
    "asked, lines",
    [
        ({"goal": "at_least", "lower": "7.5", "upper": "8"}, ["missed below 7.5 %, met from 7.5 to 8 %, exceeded above 8 %"]),
        ({"goal": "at_least", "lower": "7", "lower_open": "on", "upper": "8", "about": "on"},
         ["about 7 %: missed up to 7 %, met above 7 and up to 8 %, exceeded above 8 %"]),
        ({"qualitative": "on"}, ["judged by a person, with a reason"]),
        ({"goal": "at_least"}, []),
        ({"goal": "within", "lower": "8", "upper": "7"}, []),
        ({"goal": "best", "lower": "1"}, []),
    ],
)  # fmt: skip
def test_a_new_target(asked: dict[str, str], lines: list[str]) -> None:
    factories.area()
    indicator = factories.indicator("growth", unit="percent", accumulation="none")
    assert administrator().get(WORDS, {"indicator": str(indicator.pk), **asked}).json() == {"lines": lines}


def test_an_amendment_of_a_target_and_what_is_no_number() -> None:
    target = factories.world()
    client = administrator()
    requested = {"target": str(target.pk), "lower": "1000", "upper": "1100"}
    assert client.get(WORDS, requested, headers={"Accept-Language": "vi"}).json() == {
        "lines": ["không đạt nếu dưới 1.000, đạt nếu từ 1.000 đến 1.100, vượt nếu trên 1.100"]
    }
    [complaint] = client.get(WORDS, {**requested, "lower": "1e3"}).json()["lines"]
    assert "up to 18 digits before" in complaint


def test_the_page_begins_with_what_is_in_force() -> None:
    target = factories.world()
    page = administrator().get(reverse("admin:targets_target_change", args=[target.pk])).content.decode()
    assert "missed below 1,200, met from 1,200 to 1,260, exceeded above 1,260" in page
    assert re.search(r'targets/words[^"]*\.js" defer>', page)


def test_of_what_somebody_may_not_see_nothing_is_said() -> None:
    target = factories.world()
    factories.department("tax")
    Indicator.objects.update(restricted=True)
    planner = client_of(person("lan", "planner", "tax"))
    for requested in ({"target": str(target.pk)}, {"indicator": str(target.indicator_id)}):
        assert planner.get(WORDS, {**requested, "goal": "at_least", "lower": "1"}).json() == {"lines": []}
