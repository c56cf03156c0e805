"""Values over spans by accumulation, and what a series can be asked."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.choices import Accumulation, Frequency
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
        pytest.param("mean", "2024-01/2024-02", "15", id="months of a mean weigh the same"),
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


@pytest.mark.parametrize(
    ("frequency", "spans", "over", "expected"),
    [
        pytest.param("month", ["2024-Q1", "2024-04"], "2024-01/2024-04", "1.25", id="a quarter weighs three months"),
        pytest.param("quarter", ["2024-Q1", "2024-H2"], None, None, id="a gap has no mean"),
        pytest.param("quarter", ["2024-Q1", "2024-Q2", "2024-H2"], "2024", "2.25", id="a half weighs two quarters"),
        pytest.param(
            "quarter", ["2024-Q1", "2024-04"], "2024-01/2024-04", "1.247934", id="a month is no quarter: days"
        ),
        pytest.param("month", ["2024-01-01/2024-01-10", "2024-01-11/2024-01-31"], "2024-01", "1.677419", id="days"),
        pytest.param(
            "quarter",
            ["2024-02/2024-04", "2024-05/2024-07"],
            "2024-02/2024-07",
            "1.505495",
            id="quarters begin in January",
        ),
        pytest.param("half", ["2024-Q2", "2024-Q3"], "2024-04/2024-09", "1.502732", id="nor do halves begin in April"),
        pytest.param("year", ["2023", "2024"], "2023/2024", "1.5", id="a leap year weighs one year"),
        pytest.param(
            "day", ["2024-01", "2024-02"], "2024-01/2024-02", "1.483333", id="by days where days are reported"
        ),
    ],
)
def test_a_mean_weighs_reporting_periods(
    frequency: str, spans: list[str], over: str | None, expected: str | None
) -> None:
    posted = [figure(span, str(value)) for value, span in enumerate(spans, start=1)]
    series = FigureSeries(Accumulation.MEAN, posted, Frequency(frequency))
    with exact_arithmetic():
        result = series.value(Period.parse(over or "2024"))
    assert (None if result is None else to_plain_string(round_half_up(result, 6))) == expected


@given(
    st.integers(1, 9), st.decimals("-99", "99", places=4), st.sampled_from(["month", "quarter", "half", "year", "day"])
)
def test_a_mean_of_equal_values_is_that_value(count: int, level: Decimal, frequency: str) -> None:
    posted = [figure(f"2024-{month:02d}", str(level)) for month in range(1, count + 1)]
    span = Period.parse(f"2024-01/2024-{count:02d}")
    with exact_arithmetic():
        assert FigureSeries(Accumulation.MEAN, posted, Frequency(frequency)).value(span) == level


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
