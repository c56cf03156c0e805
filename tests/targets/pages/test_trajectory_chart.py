"""The trajectory as text: where its lines and marks lie."""

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.pages.charts import BulletValues
from targets.pages.trajectory_chart import round_values, trajectory_chart
from targets.services.reports.trajectories import TrajectoryPoint
from targets.services.reports.trajectory_details import EarlierActual, PointForecast, TrajectoryDetails

NO_VALUES = BulletValues(*[None] * 8)
START = date(2023, 12, 31)


def chart(points: list[TrajectoryPoint], values: BulletValues = NO_VALUES) -> str:
    return picture_of(TrajectoryDetails(points, [], [], [], []), values)


def picture_of(details: TrajectoryDetails, values: BulletValues = NO_VALUES) -> str:
    return trajectory_chart(details, values, START, "chart", str, date.isoformat)


def point(month: int, actual: int | None, lower: int | None = None, upper: int | None = None) -> TrajectoryPoint:
    return TrajectoryPoint(
        date(2024, month, 28), *(None if value is None else Decimal(value) for value in (actual, lower, upper))
    )


def corners(element: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in element.get("points", "").split())]


def test_actuals_that_lag_run_below_what_is_due() -> None:
    root = ElementTree.fromstring(chart([point(1, 5, 10), point(2, 12, 20), point(3, None, 30)]))
    due, actual = (corners(line) for line in root.iter("polyline"))
    assert len(due) == 3
    assert len(actual) == 2
    assert all(ours[0] == theirs[0] and ours[1] > theirs[1] for ours, theirs in zip(actual, due, strict=False))


def test_the_outlook_leads_from_the_last_actual_to_the_end_of_the_period() -> None:
    values = NO_VALUES._replace(outlook=Decimal(28), outlook_low=Decimal(25), outlook_high=Decimal(31))
    root = ElementTree.fromstring(chart([point(1, 5), point(2, 12), point(3, None, 30)], values))
    by_class = {element.get("class"): element for element in root.iter("path")}
    last_actual = corners(next(root.iter("polyline")))[-1]
    assert by_class["outlook"].get("d", "").startswith(f"M{last_actual[0]} {last_actual[1]}L740.0 ")
    assert by_class["bullet-range"].get("d", "").startswith("M740.0 ")


def test_a_final_actual_has_no_way_to_the_outlook() -> None:
    values = NO_VALUES._replace(outlook=Decimal(12))
    root = ElementTree.fromstring(chart([point(1, 5), point(2, 12)], values))
    assert "outlook" not in {element.get("class") for element in root.iter("path")}


def test_what_is_known_beside_the_actuals_is_drawn_too() -> None:
    day = date(2024, 2, 28)
    details = TrajectoryDetails(
        [point(1, 5), point(2, 12), point(3, None, 30)],
        year_before=[(date(2024, 1, 28), Decimal(4)), (day, Decimal(8))],
        earlier=[EarlierActual(day, Decimal(11), date(2024, 3, 9))],
        forecasts=[PointForecast(date(2024, 3, 28), Decimal(45), None)],
        needed=[Decimal(30)],
    )
    root = ElementTree.fromstring(picture_of(details))
    marks = [element.get("class") for element in root.iter()]
    assert [marks.count(name) for name in ("before", "earlier", "forecast", "needed")] == [1, 1, 1, 1]
    greatest = [float(element.get("y", "0")) for element in root.iter("text")]
    assert min(greatest) > 0, "the forecast of 45 lies inside the chart"


@pytest.mark.parametrize("points", [[], [point(1, None)]], ids=["no point", "no number"])
def test_without_numbers_there_is_no_chart(points: list[TrajectoryPoint]) -> None:
    assert chart(points) == ""


@pytest.mark.parametrize(
    ("least", "greatest", "expected"),
    [
        pytest.param("0", "100", ["0", "50", "100"], id="a hundred"),
        pytest.param("-6.3", "102.8", ["0", "50", "100"], id="across 0"),
        pytest.param("6.26", "8.23", ["6.5", "7.0", "7.5", "8.0"], id="points of a rate"),
        pytest.param("0", "152000", ["0", "50000", "100000", "150000"], id="large numbers"),
    ],
)
def test_lines_of_the_grid_have_round_values(least: str, greatest: str, expected: list[str]) -> None:
    assert list(map(Decimal, expected)) == list(round_values(Decimal(least), Decimal(greatest)))


NUMBERS = st.none() | st.decimals("-1e12", "1e12", places=4)
POINTS = st.builds(TrajectoryPoint, st.dates(START, date(2024, 12, 31)), NUMBERS, NUMBERS, NUMBERS)


@given(st.lists(POINTS, max_size=6, unique_by=lambda drawn: drawn.day), st.builds(BulletValues, *[NUMBERS] * 8))
def test_everything_lies_inside_the_chart(points: list[TrajectoryPoint], values: BulletValues) -> None:
    svg = chart(sorted(points), values)
    if svg:
        root = ElementTree.fromstring(svg)
        assert all(0 <= x <= 760 and 0 <= y <= 280 for line in root.iter("polyline") for x, y in corners(line))
        assert 1 <= len([text for text in root.iter("path") if text.get("class") == "grid"]) <= 6
