"""The actual of a target: what is known, how far it reaches, on which side of its number it lies."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from indicators.domain.periods import Period
from targets.domain.actual import compute_actual
from tests.indicators.domain.builders import book, computed, figure, indicator, months


@pytest.mark.parametrize(
    ("accumulation", "spans", "actual"),
    [
        pytest.param("sum", ["2024-01", "2024-02"], "2024-01/2024-02", id="sum: the tiling that reaches furthest"),
        pytest.param("sum", ["2024-01", "2024-03"], "2024-01", id="sum: not beyond a gap"),
        pytest.param("sum", ["2024-02"], None, id="sum: nothing without its beginning"),
        pytest.param("sum", ["2024-01", "2023-12/2025-01"], "2024-01", id="sum: nothing that lies over the ends"),
        pytest.param("mean", ["2024-01/2024-05"], "2024-01/2024-05", id="mean: like sum"),
        pytest.param("last", ["2024-01", "2024-03"], "2024-Q1", id="last: the one that ends latest"),
        pytest.param("last", ["2023-07/2024-02"], "2024-01/2024-02", id="last: whatever its start"),
        pytest.param("last", ["2025-01"], None, id="last: nothing that ends behind the period"),
        pytest.param("none", ["2024-H1", "2024-07"], "2024-H1", id="none: six months are not replaced by July's"),
        pytest.param("none", ["2024-Q1", "2024-H1", "2024-Q3"], "2024-H1", id="none: nor by the third quarter's"),
        pytest.param("none", ["2024-01"], "2024-01", id="none: the first month is of the beginning"),
        pytest.param("none", ["2024-01", "2024-02"], "2024-02 partial", id="none: single months, the latest"),
        pytest.param("none", ["2024-03", "2024-Q1"], "2024-Q1", id="none: of one end the cumulative"),
        pytest.param("none", ["2024-06", "2024-Q2"], "2024-Q2 partial", id="none: of one end the longest"),
        pytest.param("none", ["2024-Q4"], "2024-Q4 partial", id="none: the fourth quarter is not the year"),
        pytest.param("none", ["2024-H1", "2024"], "2024", id="none: the year itself"),
        pytest.param("none", ["2023"], None, id="none: nothing inside"),
    ],
)
def test_the_actual(accumulation: str, spans: Sequence[str], actual: str | None) -> None:
    existing = book(indicator(accumulation), x=[figure(span, "1") for span in spans])
    result = compute_actual(existing, "x", Period.parse("2024"))
    shown = None if result is None else str(result.span) + " partial" * result.partial
    assert shown == actual


def test_a_first_half_covers_one_reporting_period_of_a_half_yearly_indicator() -> None:
    half_yearly = indicator("none", frequency="half")
    existing = book(half_yearly, x=[figure("2024-H1", "6"), figure("2024-H2", "7")])
    result = compute_actual(existing, "x", Period.parse("2024"))
    assert result is not None
    assert result.value == 7
    assert result.partial


def test_all_of_a_period_is_cumulative_though_it_is_one_reporting_period() -> None:
    existing = book(indicator("none", frequency="year"), x=[figure("2024", "6"), figure("2024-12", "7")])
    result = compute_actual(existing, "x", Period.parse("2024"))
    assert result is not None
    assert result.value == 6
    assert not result.partial


@pytest.mark.parametrize(
    ("formula", "value", "through"),
    [
        pytest.param("yoy(x)", "100", "2024-02-29", id="as far as a year before is known"),
        pytest.param("x + 1", "61", "2024-03-31", id="as far as the input is known"),
        pytest.param("x / 7", "8.571428571429", "2024-03-31", id="rounded to twelve places"),
        pytest.param("x / (x - 60)", "-2", "2024-02-29", id="not where it divides by zero"),
        pytest.param("previous(x)", None, None, id="nothing without an input"),
    ],
)
def test_the_actual_of_a_formula(formula: str, value: str | None, through: str | None) -> None:
    existing = book(indicator(), computed("f", formula), x=[*months(2024, [20, 20, 20]), *months(2023, [10, 10])])
    result = compute_actual(existing, "f", Period.parse("2024"))
    if result is None:
        assert value is None
    else:
        assert (result.value, str(result.through)) == (Decimal(value or 0), through)


@pytest.mark.parametrize(
    ("qualifier", "edge", "side"),
    [
        pytest.param("", "10", 0, id="on its edge"),
        pytest.param("about", "10", 0, id="about is on its edge"),
        pytest.param("more_than", "10", 1, id="more than is above"),
        pytest.param("less_than", "10", -1, id="less than is below"),
        pytest.param("nearly", "10", -1, id="nearly is below"),
        pytest.param("more_than", "10.5", -1, id="more than ten is not above ten and a half"),
        pytest.param("nearly", "9.5", 1, id="nearly ten is above nine and a half"),
    ],
)
@pytest.mark.parametrize("accumulation", ["sum", "mean", "last", "none"])
def test_on_which_side_of_an_edge_a_qualified_figure_lies(
    accumulation: str, qualifier: str, edge: str, side: int
) -> None:
    existing = book(indicator(accumulation), x=[figure("2024-01/2024-02", "10", qualifier=qualifier)])
    result = compute_actual(existing, "x", Period.parse("2024"))
    assert result is not None
    assert result.compare_to(Decimal(edge)) == side


def test_a_sum_of_several_is_its_number_whatever_its_parts_are_called() -> None:
    posted = [figure("2024-01", "4", qualifier="more_than"), figure("2024-02", "6")]
    result = compute_actual(book(indicator(), x=posted), "x", Period.parse("2024"))
    assert result is not None
    assert result.compare_to(Decimal(10)) == 0
