"""The small charts as text: where marks lie, and what is drawn when numbers are missing."""

import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.pages.charts import BulletValues, bullet, sparkline

NOTHING = BulletValues(*[None] * 8)


def values(**numbers: str) -> BulletValues:
    return NOTHING._replace(**{name: Decimal(number) for name, number in numbers.items()})


def marks(svg: str) -> dict[str, list[float]]:
    """By class: the left and right end of each part on the x axis."""
    places: dict[str, list[float]] = {}
    for element in ElementTree.fromstring(svg):
        name = element.get("class", "")
        if element.tag == "rect":
            left = float(element.get("x", ""))
            ends = [left, left + float(element.get("width", ""))]
        elif element.tag == "circle":
            ends = [float(element.get("cx", ""))]
        else:
            ends = [float(number) for number in re.findall(r"[MH]([0-9.]+)", element.get("d", ""))]
        places.setdefault(name, []).extend(ends)
    return places


def test_a_sum_is_a_bar_from_0_in_the_scale_of_its_target() -> None:
    svg = bullet(values(actual="600", lower="1200", due_lower="800", outlook="900"), "600 of 1200", adds_up=True)
    seen = marks(svg)
    [start, end] = seen["bullet-actual"]
    [due] = seen["bullet-due"]
    [band_start, band_end] = seen["bullet-band"]
    assert start < end < due < seen["bullet-outlook"][0] < band_start < band_end
    assert round((due - start) / (end - start), 2) == round(800 / 600, 2)
    assert band_end == seen["bullet-ground"][1]  # open above


@pytest.mark.parametrize(
    ("numbers", "adds_up", "is_bar"),
    [
        pytest.param({"actual": "7.17", "lower": "7.5", "upper": "8"}, False, False, id="a rate beside its band is a dot"),
        pytest.param({"actual": "105.3", "upper": "104"}, False, False, id="an index far from 0 is a dot"),
        pytest.param({"actual": "-7", "lower": "-8"}, False, False, id="so is a rate far below 0"),
        pytest.param({"actual": "21", "lower": "95"}, False, True, id="a rate that runs up from 0 is a bar"),
        pytest.param({"actual": "0", "upper": "4"}, False, True, id="a value of 0 is a bar without length"),
        pytest.param({"actual": "-2", "lower": "3"}, False, True, id="a value below 0 is a bar to the left"),
        pytest.param({"actual": "1100", "lower": "1200"}, True, True, id="a sum is a bar however far it has come"),
        pytest.param({"actual": "5", "lower": "5", "upper": "5"}, False, False, id="equal numbers have places, too"),
    ],
)  # fmt: skip
def test_a_value_is_a_bar_where_its_length_from_0_can_be_seen(
    numbers: dict[str, str], adds_up: bool, is_bar: bool
) -> None:
    assert (len(marks(bullet(values(**numbers), "", adds_up=adds_up))["bullet-actual"]) == 2) is is_bar


def test_without_any_number_there_is_no_graph() -> None:
    assert bullet(NOTHING, "", adds_up=False) == ""


def test_what_is_read_aloud_is_escaped() -> None:
    svg = bullet(values(actual="1"), '<script>"', adds_up=False)
    assert ElementTree.fromstring(svg).get("aria-label") == '<script>"'
    assert "<script" not in svg


NUMBERS = st.none() | st.decimals("-1e12", "1e12", places=4)


@given(st.builds(BulletValues, *[NUMBERS] * 8), st.booleans())
def test_every_mark_lies_inside_the_graph(numbers: BulletValues, adds_up: bool) -> None:
    svg = bullet(numbers, "", adds_up=adds_up)
    if svg:
        assert all(0 <= place <= 220 for places in marks(svg).values() for place in places)


def points(*numbers: str) -> list[tuple[date, Decimal]]:
    return [(date(2024, month, 28), Decimal(number)) for month, number in enumerate(numbers, 1)]


def test_a_line_runs_through_the_days_and_ends_in_a_dot() -> None:
    root = ElementTree.fromstring(sparkline(points("10", "30", "20"), "so far"))
    line = [tuple(map(float, pair.split(","))) for pair in root[0].get("points", "").split()]
    assert [x for x, _ in line] == sorted(x for x, _ in line)
    assert line[1][1] < line[2][1] < line[0][1]  # the greatest value lies highest
    assert (float(root[1].get("cx", "")), float(root[1].get("cy", ""))) == line[-1]


@pytest.mark.parametrize("numbers", [(), ("1",)], ids=["no value", "one value"])
def test_fewer_than_two_points_give_no_line(numbers: tuple[str, ...]) -> None:
    assert sparkline(points(*numbers), "") == ""


def test_values_that_never_change_give_a_flat_line() -> None:
    root = ElementTree.fromstring(sparkline(points("5", "5"), ""))
    assert len({pair.split(",")[1] for pair in root[0].get("points", "").split()}) == 1
