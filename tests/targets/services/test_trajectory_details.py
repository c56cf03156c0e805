"""What is drawn beside a trajectory: earlier values, the year before, forecasts, and the way to what is needed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpitracker.lib.numbers import canonical_decimal
from targets.models import Target
from targets.services.evaluation.evaluate import evaluate_target
from targets.services.reports import trajectory_details
from targets.services.reports.trajectory_details import TrajectoryDetails, build_trajectory_details
from tests import factories

pytestmark = pytest.mark.django_db

AS_OF = date(2024, 6, 30)
Posted = list[tuple[str, object, str, dict[str, Any]]]


def details_of(code: str = "x", as_of: date = AS_OF) -> TrajectoryDetails:
    target = Target.objects.for_list().get(identifier=f"plan:{code}:city")
    return build_trajectory_details(evaluate_target(target=target, as_of=as_of, today=as_of + timedelta(days=1)))


def post(posted: Posted, code: str = "x") -> None:
    for period, value, published, values in posted:
        factories.figure(code, period, value, published=published, **values)


def world(**values: Any) -> None:
    factories.area()
    factories.plan()
    factories.indicator("x", **values)
    factories.target("x")


JANUARY: Posted = [("2024-01", 60, "2024-02-10", {})]
REVISED: Posted = [*JANUARY, ("2024-02", 70, "2024-03-10", {}), ("2024-01", 65, "2024-03-20", {})]
SUM, STOCK = {"accumulation": "sum"}, {"accumulation": "last"}
GROWTH = {"accumulation": "none", "kind": "rate", "unit": "%"}
EARLIER = [
    pytest.param(SUM, JANUARY, [], id="nothing was revised"),
    pytest.param(SUM, REVISED, [("01-31", 60, "03-19"), ("02-29", 130, "03-19")], id="a month of a sum: all later sums too"),
    pytest.param(STOCK, REVISED, [("01-31", 60, "03-19")], id="a stock: that day alone"),
    pytest.param(
        GROWTH, [("2024-01/2024-03", 5, "2024-04-05", {}), ("2024-01/2024-03", 6, "2024-05-05", {})], [("03-31", 5, "05-04")],
        id="a growth rate",
    ),
    pytest.param(
        SUM, [*JANUARY, ("2024-01", 62, "2024-03-01", {}), ("2024-01", 65, "2024-04-01", {})],
        [("01-31", 62, "03-31"), ("01-31", 60, "02-29")], id="twice, the newest first",
    ),
    pytest.param(SUM, [*JANUARY, ("2024-01", 60, "2024-03-01", {"stage": "official"})], [], id="only the stage"),
    pytest.param(
        SUM, [("2024-01", 50, "2024-01-05", {"stage": "forecast"}), ("2024-01", 60, "2024-02-10", {})], [], id="a forecast came true"
    ),
    pytest.param(SUM, [*JANUARY, ("2024-01", 65, "2024-07-20", {})], [], id="revised after the day that is asked for"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "posted", "expected"), EARLIER)
def test_earlier_actuals_are_those_before_a_revision(
    values: dict[str, Any], posted: Posted, expected: list[tuple[str, int, str]]
) -> None:
    world(**values)
    post(posted)
    earlier = [(f"{row.day:%m-%d}", int(row.value), f"{row.known_until:%m-%d}") for row in details_of().earlier]
    assert earlier == expected


def test_a_formula_shows_what_its_inputs_gave_before() -> None:
    world(accumulation="sum")
    factories.indicator("double", formula="x * 2")
    factories.target("double")
    post(REVISED)
    assert [(row.day.month, int(row.value)) for row in details_of("double").earlier] == [(1, 120), (2, 260)]


def test_only_the_last_days_of_revisions_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    world(accumulation="sum")
    post([*JANUARY, *(("2024-01", 60 + day, f"2024-03-{day:02}", {}) for day in range(1, 6))])
    assert len(details_of().earlier) == 5

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            details_of()
        return len(queries)

    monkeypatch.setattr(trajectory_details, "MAX_REVISION_DAYS", 2)
    few = count()
    post([("2024-01", 80 + day, f"2024-04-{day:02}", {}) for day in range(1, 6)])
    assert count() == few
    assert [int(row.value) for row in details_of().earlier] == [84, 83]


FORECASTS = [
    pytest.param(SUM, [("2024", 900, "2024-03-01", {"stage": "forecast"})], [("12-31", 900)], id="of the whole year"),
    pytest.param(
        SUM, [("2024-01/2024-06", 500, "2024-03-01", {"stage": "forecast"}), ("2024", 900, "2024-03-01", {"stage": "forecast"})],
        [("06-30", 500), ("12-31", 900)], id="of the half year and the year",
    ),
    pytest.param(SUM, [("2024-05", 80, "2024-03-01", {"stage": "forecast"})], [], id="a month of a sum is no point of it"),
    pytest.param(STOCK, [("2024-05", 80, "2024-03-01", {"stage": "forecast"})], [("05-31", 80)], id="a day of a stock"),
    pytest.param(STOCK, [("2025-01", 80, "2024-03-01", {"stage": "forecast"})], [], id="after the period"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "posted", "expected"), FORECASTS)
def test_forecasts_inside_the_period_are_shown(
    values: dict[str, Any], posted: Posted, expected: list[tuple[str, int]]
) -> None:
    world(**values)
    post([*JANUARY, *posted])
    assert [(f"{row.day:%m-%d}", int(row.value)) for row in details_of().forecasts] == expected


def test_the_year_before_and_what_is_needed() -> None:
    world(accumulation="sum")
    post([(f"2023-{month:02}", 90, "2024-01-15", {}) for month in range(1, 13)])
    post(JANUARY)
    details = details_of()
    assert [int(value) for _, value in details.year_before] == [90 * month for month in range(1, 13)]
    assert [canonical_decimal(edge) for edge in details.needed] == [Decimal(1200)]


def test_a_final_result_needs_nothing_more_and_a_target_without_a_number_has_no_trajectory() -> None:
    world(accumulation="sum")
    post([("2024", 1300, "2025-01-15", {})])
    assert details_of(as_of=date(2025, 2, 1)).needed == []
    factories.indicator("words")
    factories.target("words", qualitative=True, goal="", lower=None)
    assert details_of("words") == TrajectoryDetails([], [], [], [], [])
