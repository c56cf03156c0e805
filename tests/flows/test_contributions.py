"""What the parts of a whole contributed to a growth target: from the catalogue and the posting to the answer."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.models import Indicator
from indicators.services.catalogue import indicators
from kpitracker.lib import clock
from targets.models import Target
from tests import factories
from tests.admin_support import administrator
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TARGET = "plan:growth:city"
PATH = f"targets/{TARGET}/contributions/"
AS_OF = "as_of=2024-08-01"
# By indicator, the first half of 2023 and that of 2024.
FIGURES = {"total": ("200", "212"), "farms": ("40", "42"), "industry": ("100", "110"), "trade": ("50", "52")}


def post(api: Api, indicator: str, period: str, value: str, *, published: str, **more: str) -> None:
    body = {"indicator": indicator, "area": "city", "period": period, "value": value, "published": published}
    api.post("measurements/?quiet=true", body | more).ok(201)


def post_halves(api: Api, indicator: str, before: str, now: str, **more: str) -> None:
    post(api, indicator, "2023-H1", before, published="2023-07-10", **more)
    post(api, indicator, "2024-H1", now, published="2024-07-10", **more)


def post_missing(api: Api) -> None:
    """The first half of 2023 of a part is no longer known."""
    missing = {"indicator": "trade", "area": "city", "period": "2023-H1", "published": "2024-07-20"}
    api.post("measurements/?quiet=true", missing | {"value": None, "missing_reason": "not_available"}).ok(201)


@pytest.fixture
def api() -> Api:
    """A growth of at least 8 % and the first halves of two years: the whole grew by 6 %."""
    api = api_of()
    api.post("areas/", {"code": "city", "name": "City"}).ok(201)
    for code in FIGURES:
        api.post("indicators/", {"code": code, "name": code.title(), "unit": "VND", "accumulation": "sum"}).ok(201)
    api.patch("indicators/total/", {"parts": ["farms", "industry", "trade"]}, If_Match="*").ok()
    growth = {"code": "growth", "name": "Growth", "unit": "percent", "kind": "rate", "formula": "yoy(total)"}
    api.post("indicators/", growth).ok(201)
    api.post("plans/", {"code": "plan", "name": "Plan", "area": "city", "period": "2024"}).ok(201)
    target = {"plan": "plan", "indicator": "growth", "goal": "at_least", "lower": "8", "announced": "2023-12-08"}
    api.post("targets/", target).ok(201)
    for code, (before, now) in FIGURES.items():
        post_halves(api, code, before, now)
    return api


def rows_of(answer: Any, *names: str) -> list[list[Any]]:
    return [[row[name] for name in names] for row in answer["parts"]]


def test_from_posting_to_the_answer(api: Api) -> None:
    answer = api.get(f"{PATH}?{AS_OF}").ok()
    parts = answer.pop("parts")
    assert answer == {
        "target": "plan:growth:city",
        "as_of": "2024-08-01",
        "version": 1,
        "indicator": "total",
        "parts_by": "indicators",
        "period": "2024-H1",
        "base_period": "2023-H1",
        "value": "212",
        "base": "200",
        "growth": "6",
        "required": "8",
        "more": "2",
        "not_explained": {"contribution": "-1", "share": "0.05", "more": "0.1"},
        "reason": None,
    }
    assert parts[0] == {
        "indicator": "industry",
        "area": "city",
        "name": "Industry",
        "name_en": "",
        "value": "110",
        "base": "100",
        "contribution": "5",
        "growth": "10",
        "share": "0.5",
        "more": "1",
        "reason": None,
    }
    names = ("indicator", "contribution", "growth", "share", "more")
    assert rows_of({"parts": parts}, *names) == [
        ["industry", "5", "10", "0.5", "1"],
        ["farms", "1", "5", "0.2", "0.4"],
        ["trade", "1", "4", "0.25", "0.5"],
    ]


def test_a_later_figure_changes_the_answer_and_its_tag_and_not_the_past(api: Api) -> None:
    before, past = api.get(PATH), api.get(f"{PATH}?{AS_OF}").ok()
    assert api.get(PATH, If_None_Match=before.headers["ETag"]).status == 304
    post(api, "farms", "2024-H1", "44", published="2024-09-01")
    after = api.get(PATH)
    assert after.headers["ETag"] != before.headers["ETag"]
    assert rows_of(after.ok(), "indicator", "contribution")[1] == ["farms", "2"]
    assert after.json["not_explained"]["contribution"] == "-2"
    assert api.get(f"{PATH}?{AS_OF}").ok() == past


def test_a_part_without_a_value_says_why_and_stands_in_the_rest(api: Api) -> None:
    post_missing(api)
    answer = api.get(f"{PATH}?{AS_OF}").ok()
    trade = answer["parts"][-1]
    assert (trade["indicator"], trade["value"], trade["base"], trade["contribution"]) == ("trade", "52", None, None)
    assert trade["reason"]["slug"] in ("base-missing", "without-value")
    assert trade["reason"]["period"] == "2023-H1"
    assert answer["not_explained"] == {"contribution": "0", "share": "0.3", "more": "0.6"}


@pytest.mark.parametrize(
    ("parts", "formula", "slug"),
    [
        pytest.param([], "yoy(total)", "no-parts", id="an indicator that names no parts"),
        pytest.param(["farms"], "100 * farms / total", "no-growth", id="no growth"),
        pytest.param(["farms"], "yoy(farms + trade)", "no-growth", id="the growth of no single indicator"),
    ],
)
def test_targets_without_contributions_say_why(api: Api, parts: list[str], formula: str, slug: str) -> None:
    api.patch("indicators/total/", {"parts": parts}, If_Match="*").ok()
    api.post("indicators/", {"code": "other", "name": "Other", "kind": "rate", "formula": formula}).ok(201)
    target = {"plan": "plan", "indicator": "other", "goal": "at_least", "lower": "8", "announced": "2023-12-08"}
    api.post("targets/", target).ok(201)
    answer = api.get(f"targets/plan:other:city/contributions/?{AS_OF}").ok()
    assert (answer["parts"], answer["not_explained"], answer["growth"]) == ([], None, None)
    assert answer["reason"]["slug"] == slug


def test_a_growth_without_a_value_says_what_is_missing(api: Api) -> None:
    answer = api.get(f"{PATH}?as_of=2024-02-01").ok()
    assert (answer["parts"], answer["reason"]["slug"]) == ([], "nothing-reported")
    assert api.get(f"{PATH}?as_of=2023-01-01").status == 404


def test_areas_are_the_parts_of_a_sum_over_areas(api: Api) -> None:
    api.patch("indicators/total/", {"parts": [], "regional": "sum"}, If_Match="*").ok()
    for area, (before, now) in {"north": ("120", "126"), "south": ("80", "88")}.items():
        api.post("areas/", {"code": area, "name": area.title(), "parent": "city"}).ok(201)
        post_halves(api, "total", before, now, area=area)
    answer = api.get(f"{PATH}?{AS_OF}").ok()
    assert answer["parts_by"] == "areas"
    assert rows_of(answer, "indicator", "area", "contribution") == [["total", "south", "4"], ["total", "north", "3"]]
    # The city's own figures say less than its areas do.
    assert answer["not_explained"] == {"contribution": "-1", "share": "0", "more": "0"}
    assert api.get(f"{PATH}?{AS_OF}&parts_by=indicators").ok()["reason"]["slug"] == "no-parts"
    assert api.get(f"{PATH}?parts_by=colours").slug == "invalid-parameter"


def test_a_merged_area_is_compared_with_all_that_merged_into_it(api: Api) -> None:
    api.patch("indicators/total/", {"parts": [], "regional": "sum"}, If_Match="*").ok()
    for area, until in {"north": None, "old": "2023-12-31"}.items():
        body = {"code": area, "name": area.title(), "parent": "city", "valid_to": until}
        api.post("areas/", body | {"successor": "north" if until else None}).ok(201)
    post_halves(api, "total", "100", "212", area="north")
    before = api.get(f"{PATH}?{AS_OF}").ok()["parts"]
    assert [(row["area"], row["reason"]["slug"], row["reason"]["areas"]) for row in before] == [
        ("north", "territory-changed", ["old"])
    ]
    post(api, "total", "2023-H1", "100", published="2023-07-10", area="old")
    assert rows_of(api.get(f"{PATH}?{AS_OF}").ok(), "area", "base", "contribution") == [["north", "200", "6"]]


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "CONTRIBUTIONS TO THE GROWTH",
                "the first 6 months of 2024 against the first 6 months of 2023",
                "part           percentage points  growth, %  share  needed more, percentage points",
                "Industry                       5         10    0.5                               1",
                "Farms                          1          5    0.2                             0.4",
                "Trade                          –          –      –                               –",
                "not explained                  0               0.3                             0.6",
                "total                          6                 1                               2",
                "Trade: no figure a year before",
            ],
        ),
        ("vi", ["ĐÓNG GÓP VÀO TỐC ĐỘ TĂNG", "Trade: thiếu số liệu năm trước"]),
    ],
)
def test_the_explanation_of_a_target_shows_them(api: Api, language: str, lines: list[str]) -> None:
    post_missing(api)
    output = StringIO()
    call_command("explain", "plan:growth:city", "--as-of", "2024-08-01", "--language", language, stdout=output)
    printed = [line.strip() for line in output.getvalue().splitlines()]
    assert [line for line in printed if line in lines] == lines


def test_files_hold_the_parts_and_the_rest(api: Api) -> None:
    lines = api.get(f"{PATH}?{AS_OF}&format=csv").raw.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["indicator", "industry", "farms", "trade", ""]
    assert "not explained" in lines[-1]


def test_hidden_parts_stand_in_the_rest(api: Api) -> None:
    factories.department("a")
    factories.department("b")
    secret = Indicator.objects.get(code="industry")
    indicators.update_indicator(indicator=secret, by=factories.BY, now=clock.now(), restricted=True, department="a")
    hidden = api_of("b").get(f"{PATH}?{AS_OF}")
    assert "industry" not in hidden.raw.decode().lower()
    assert rows_of(hidden.ok(), "indicator") == [["farms"], ["trade"]]
    assert hidden.json["not_explained"] == {"contribution": "4", "share": "0.55", "more": "1.1"}
    assert "industry" not in api_of("b").get(f"{PATH}?{AS_OF}&format=csv").raw.decode().lower()
    assert len(api_of("a").get(f"{PATH}?{AS_OF}").ok()["parts"]) == 3


def test_the_number_of_queries_does_not_grow_with_the_parts(api: Api) -> None:
    api.get(f"{PATH}?{AS_OF}").ok()
    factories.indicator("unused")  # nothing new would be answered by the tag
    with CaptureQueriesContext(connection) as few:
        api.get(f"{PATH}?{AS_OF}").ok()
    codes = [f"more-{number}" for number in range(8)]
    for code in codes:
        factories.indicator(code, unit="VND")
        post_halves(api, code, "1", "2")
    api.patch("indicators/total/", {"parts": ["farms", *codes]}, If_Match="*").ok()
    with CaptureQueriesContext(connection) as many:
        assert len(api.get(f"{PATH}?{AS_OF}").ok()["parts"]) == 9
    assert len(many) == len(few) <= 24


@pytest.mark.parametrize("part_of_reader", ["a page", "the back office"])
def test_pages_show_what_the_explanation_shows(api: Api, part_of_reader: str) -> None:
    post_missing(api)
    made = Target.objects.get(identifier=TARGET)
    reader = administrator()
    path = reverse("target", args=[TARGET])
    if part_of_reader == "the back office":
        path = reverse("admin:targets_target_change", args=[made.pk])
    page = reader.get(path, headers={"Accept-Language": "en"}).content.decode()
    assert "contributions to the growth" in page.lower()
    for words in (
        "Industry",
        "Farms",
        "not explained",
        "needed more, percentage points",
        "Trade: no figure a year before",
    ):
        assert words in page
