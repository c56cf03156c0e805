"""Values over spans by accumulation, and what a series can be asked."""

import pytest

from indicators.domain.choices import Accumulation
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.rounding import exact_arithmetic, round_half_up, to_plain_string
from indicators.domain.series import FigureSeries

from .builders import day, figure, months


def value(accumulation: str, posted: list[Figure], span: str) -> str | None:
    with exact_arithmetic():
        result = FigureSeries(Accumulation(accumulation), posted).value(Period.parse(span))
        return None if result is None else to_plain_string(round_half_up(result, 6))


YEAR = [*months(2024, [10, 20, 30]), figure("2024-H1", "99"), figure("2023-05/2024-03", "7")]


@pytest.mark.parametrize(
    ("accumulation", "span", "expected"),
    [
        pytest.param("sum", "2024-01", "10", id="a sum over one figure"),
        pytest.param("sum", "2024-01/2024-02", "30", id="a sum over two"),
        pytest.param("sum", "2024-H1", "99", id="a sum over the half as posted"),
        pytest.param("sum", "2024-01/2024-05", None, id="a sum with figures missing"),
        pytest.param("mean", "2024-02", "20", id="a mean over one figure"),
        pytest.param("mean", "2024-01/2024-02", "14.833333", id="a mean weighs by days"),
        pytest.param("mean", "2024-01/2024-05", None, id="a mean with figures missing"),
        pytest.param("last", "2024-02", "20", id="the last that ends on that day"),
        pytest.param("last", "2020/2024", None, id="no figure ends on that day"),
        pytest.param("last", "2024-01-31", "10", id="the last, whatever its start"),
        pytest.param("none", "2024-02", "20", id="none: the very span"),
        pytest.param("none", "2024-01/2024-02", None, id="none: nothing adds up"),
        pytest.param("none", "2023-05/2024-03", "7", id="none: a span of its own"),
    ],
)
def test_a_value_over_a_span(accumulation: str, span: str, expected: str | None) -> None:
    assert value(accumulation, YEAR, span) == expected


def test_of_two_that_end_on_a_day_the_later_published_is_last() -> None:
    early, late = figure("2024-Q1", "1", published="2024-04-20"), figure("2024-03", "2", published="2024-04-05")
    assert value("last", [early, late], "2024-Q1") == "1"
    assert value("last", [late, early], "2024-Q1") == "1"


def test_of_two_published_on_a_day_the_later_recorded_is_last() -> None:
    first, second = figure("2024-Q1", "1", order=1), figure("2024-03", "2", order=2)
    assert value("last", [second, first], "2024-03") == "2"


def test_an_undated_figure_is_never_last_beside_a_dated_one() -> None:
    undated, dated = figure("2024-Q1", "1", published=None, order=9), figure("2024-03", "2", order=1)
    assert value("last", [dated, undated], "2024-03") == "2"


@pytest.mark.parametrize("accumulation", Accumulation)
def test_a_figure_without_value_counts_nowhere(accumulation: str) -> None:
    posted = [figure("2024-01", None)]
    series = FigureSeries(Accumulation(accumulation), posted)
    assert series.value(Period.parse("2024-01")) is None
    assert series.figures(Period.parse("2024-01")) == []
    assert (list(series.ends), list(series.starts), series.spans) == ([], [], [])


def test_a_sum_keeps_all_its_digits() -> None:
    posted = [figure("2024-01", "999999999999999999.999999"), figure("2024-02", "0.000001")]
    assert value("sum", posted, "2024-01/2024-02") == "1" + "0" * 18


@pytest.mark.parametrize(
    ("posted", "after", "gaps"),
    [
        pytest.param(["2024-01", "2024-03"], "2024-01-31", ["2024-02"], id="a month between"),
        pytest.param(["2024-01", "2024-04", "2024-06"], "2024-01-31", ["2024-02/2024-03", "2024-05"], id="two"),
        pytest.param(["2024-01"], "2024-01-31", [], id="nothing is missing behind the last"),
        pytest.param(["2024-03"], None, ["2024-01/2024-02"], id="the beginning"),
        pytest.param(["2024-01", "2024-04/2024-09", "2024-05"], "2024-01-31", ["2024-02/2024-03"], id="overlaps"),
        pytest.param(["2024-01", "2024-12/2025-01"], "2024-01-31", [], id="figures over the end do not count"),
        pytest.param(["2024-01", "2024-01/2024-02", "2024-04"], "2024-02-29", ["2024-03"], id="behind the covered"),
    ],
)
def test_gaps(posted: list[str], after: str | None, gaps: list[str]) -> None:
    series = FigureSeries(Accumulation.SUM, [figure(span, "1") for span in posted])
    result = series.gaps(Period.parse("2024"), None if after is None else day(after))
    assert [str(gap) for gap in result] == gaps


def test_figures_inside_come_by_first_day_the_longest_first() -> None:
    series = FigureSeries(
        Accumulation.NONE, [figure(span, "1") for span in ["2024-02", "2024-01", "2024-H1", "2023", "2025"]]
    )
    inside = series.inside(Period.parse("2024"))
    assert [str(row.period) for row in inside] == ["2024-H1", "2024-01", "2024-02"]


def test_ends_inside_a_span_whatever_the_starts() -> None:
    series = FigureSeries(
        Accumulation.LAST, [figure(span, "1") for span in ["2023", "2020/2024", "2024-03", "2024-Q1"]]
    )
    assert series.ends_inside(Period.parse("2024")) == [day("2024-03-31"), day("2024-12-31")]
