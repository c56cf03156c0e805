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
    """By what it stands for: the left and right end of each part on the x axis."""
    band, actual, outlook = [path.get("d", "") for path in ElementTree.fromstring(svg)]
    places: dict[str, list[float]] = {
        "band": bar_ends(band),
        "bar": bar_ends(actual),
        "diamond": [float(x) for x in re.findall(r"M(\d+) 8l", actual)],
        "due": [float(x) for x in re.findall(r"M(\d+) 2v", actual)],
        "range": [float(x) for pair in re.findall(r"M(\d+) 22H(\d+)", outlook) for x in pair],
        "outlook": [float(x) for x in re.findall(r"M(\d+) 17l", outlook)],
    }
    return {name: ends for name, ends in places.items() if ends}


def bar_ends(path: str) -> list[float]:
    bars = re.findall(r"M(\d+) \d+h(\d+)", path)
    return [end for left, width in bars for end in (float(left), float(left) + float(width))]


def test_a_sum_is_a_bar_from_0_in_the_scale_of_its_target() -> None:
    svg = bullet(values(actual="600", lower="1200", due_lower="800", outlook="900"), adds_up=True)
    seen = marks(svg)
    [start, end] = seen["bar"]
    [due] = seen["due"]
    [band_start, band_end] = seen["band"]
    assert start < end < due < seen["outlook"][0] < band_start < band_end
    assert (due - start) / (end - start) == pytest.approx(800 / 600, rel=0.02)
    assert band_end > 210  # open above, to the end of the graph


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
    assert ("bar" in marks(bullet(values(**numbers), adds_up=adds_up))) is is_bar


def test_without_any_number_there_is_no_graph() -> None:
    assert bullet(NOTHING, adds_up=False) == ""


def test_charts_are_not_read_aloud_their_numbers_stand_beside_them() -> None:
    for svg in (bullet(values(actual="1"), adds_up=False), sparkline(points("1", "2"))):
        assert ElementTree.fromstring(svg).get("aria-hidden") == "true"


NUMBERS = st.none() | st.decimals("-1e12", "1e12", places=4)


@given(st.builds(BulletValues, *[NUMBERS] * 8), st.booleans())
def test_every_mark_lies_inside_the_graph(numbers: BulletValues, adds_up: bool) -> None:
    svg = bullet(numbers, adds_up=adds_up)
    if svg:
        assert all(0 <= place <= 220 for places in marks(svg).values() for place in places)


def points(*numbers: str) -> list[tuple[date, Decimal]]:
    return [(date(2024, month, 28), Decimal(number)) for month, number in enumerate(numbers, 1)]


def line_of(svg: str) -> list[list[float]]:
    [path] = ElementTree.fromstring(svg)
    numbers = [float(number) for number in path.get("d", "").lstrip("M").split()]
    return [numbers[place : place + 2] for place in range(0, len(numbers), 2)]


def test_a_line_runs_through_the_days() -> None:
    line = line_of(sparkline(points("10", "30", "20")))
    assert [x for x, _ in line] == sorted(x for x, _ in line)
    assert line[1][1] < line[2][1] < line[0][1]  # the greatest value lies highest


@pytest.mark.parametrize("numbers", [(), ("1",)], ids=["no value", "one value"])
def test_fewer_than_two_points_give_no_line(numbers: tuple[str, ...]) -> None:
    assert sparkline(points(*numbers)) == ""


def test_values_that_never_change_give_a_flat_line() -> None:
    assert len({y for _, y in line_of(sparkline(points("5", "5")))}) == 1
