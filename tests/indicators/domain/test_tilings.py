"""Tilings: a table of the rule, and a slow enumeration of all tilings as a second opinion."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.domain.choices import Accumulation
from indicators.domain.figures import Figure
from indicators.domain.periods import ONE_DAY, Period
from indicators.domain.series import FigureSeries
from tests.example_counts import amount

from .builders import figure

FIRST = date(2024, 1, 1)


def tiling(posted: Sequence[Figure], span: str) -> list[str]:
    series = FigureSeries(Accumulation.SUM, posted)
    return [str(each.period) for each in series.figures(Period.parse(span))]


@pytest.mark.parametrize(
    ("spans", "over", "chosen"),
    [
        pytest.param(["2024-01", "2024-02"], "2024-01/2024-02", ["2024-01", "2024-02"], id="one after the other"),
        pytest.param(["2024-H1", "2024-07"], "2024-01/2024-07", ["2024-H1", "2024-07"], id="a half and a month"),
        pytest.param(["2024-01", "2024-03"], "2024-Q1", [], id="a gap has no tiling"),
        pytest.param(["2024-01/2024-02", "2024-02/2024-03"], "2024-Q1", [], id="an overlap has no tiling"),
        pytest.param(["2024-01", "2024-02", "2024-01/2024-02"], "2024-01/2024-02", ["2024-01/2024-02"], id="fewest"),
        pytest.param(
            ["2024-01", "2024-02/2024-03", "2024-01/2024-02", "2024-03"],
            "2024-Q1",
            ["2024-01/2024-02", "2024-03"],
            id="of as many the one with the longest first",
        ),
        pytest.param(
            ["2024-01", "2024-02", "2024-03/2024-04", "2024-02/2024-03", "2024-04"],
            "2024-01/2024-04",
            ["2024-01", "2024-02/2024-03", "2024-04"],
            id="then the one with the longest second",
        ),
        pytest.param(["2023-12/2024-01", "2024-02"], "2024-01/2024-02", [], id="none reaches in from before"),
        pytest.param(
            ["2024-01/2024-09", "2024-H1"], "2024-Q3", ["2024-01/2024-09", "2024-H1"], id="nine months less six"
        ),
        pytest.param(["2024", "2024-H1"], "2024-H2", ["2024", "2024-H1"], id="the year less its first half"),
        pytest.param(
            ["2024-H1", "2024-07/2024-08", "2024-H2", "2024-09"],
            "2024-09",
            ["2024-09"],
            id="what was posted needs no difference",
        ),
        pytest.param(
            ["2024-H1", "2024-07", "2024-01", "2024-02", "2024-03/2024-07", "2024-03/2024-06"],
            "2024-07",
            ["2024-07"],
            id="nor does one of several figures",
        ),
        pytest.param(
            ["2024-01", "2024-02/2024-04", "2024-05", "2024-02/2024-06"],
            "2024-05/2024-06",
            ["2024-02/2024-06", "2024-02/2024-04"],
            id="of as many figures the one that begins latest",
        ),
        pytest.param(
            ["2024-H1", "2024-01/2024-04", "2024-02/2024-03", "2024-04", "2024-02/2024-06"],
            "2024-05/2024-06",
            ["2024-H1", "2024-01/2024-04"],
            id="fewest figures first, though it begins earlier",
        ),
        pytest.param(["2024-H1", "2024-02/2024-03"], "2024-04/2024-06", [], id="both must begin on one day"),
        pytest.param(["2024-01", "2024-02/2024-04"], "2024-Q1", [], id="none reaches out behind"),
        pytest.param([], "2024", [], id="nothing posted"),
    ],
)
def test_the_tiling_chosen(spans: list[str], over: str, chosen: list[str]) -> None:
    assert tiling([figure(span, "1") for span in spans], over) == chosen


def test_a_figure_without_value_is_no_tile() -> None:
    posted = [figure("2024-01", "1"), figure("2024-02", None), figure("2024-03", "1")]
    assert tiling(posted, "2024-Q1") == []


def all_tilings(posted: Sequence[Figure], start: date, end: date) -> Iterator[list[Figure]]:
    """Every way to lay figures from a day to a day, the slow and obvious way."""
    if start > end:
        yield []
    for each in posted:
        if each.start == start and each.end <= end:
            for rest in all_tilings(posted, each.end + ONE_DAY, end):
                yield [each, *rest]


JULY = date(2024, 7, 1)


@pytest.mark.parametrize(
    ("accumulation", "spans", "over", "chosen"),
    [
        pytest.param("sum", ["2024-Q1", "2024-Q2"], "2024-H1", ["2024-Q1", "2024-Q2"], id="before the break"),
        pytest.param(
            "sum", ["2024-Q3", "2024-Q4"], "2024-H2", ["2024-Q3", "2024-Q4"], id="from the day of the break on"
        ),
        pytest.param("sum", ["2024-H1", "2024-H2"], "2024", [], id="nothing is added up across it"),
        pytest.param("mean", ["2024-H1", "2024-H2"], "2024", [], id="nothing is averaged across it"),
        pytest.param("sum", ["2024"], "2024", ["2024"], id="one figure across it stands as it was published"),
        pytest.param(
            "sum", ["2024-01/2024-10", "2024-11"], "2024-01/2024-11", [], id="nothing is added to such a figure"
        ),
        pytest.param("sum", ["2024", "2024-H1"], "2024-H2", [], id="no difference reaches across it"),
        pytest.param("sum", ["2024-H2", "2024-Q3"], "2024-Q4", ["2024-H2", "2024-Q3"], id="a difference behind it"),
        pytest.param("sum", ["2024-H1", "2024-Q1"], "2024-Q2", ["2024-H1", "2024-Q1"], id="a difference before it"),
        pytest.param("last", ["2024-H1", "2024-12"], "2024", ["2024-12"], id="a stock is not asked"),
    ],
)
def test_a_break_parts_a_series(accumulation: str, spans: list[str], over: str, chosen: list[str]) -> None:
    series = FigureSeries(Accumulation(accumulation), [figure(span, "1") for span in spans], breaks=[JULY])
    assert [str(each.period) for each in series.figures(Period.parse(over))] == chosen
    assert series.has_value(Period.parse(over)) == bool(chosen)


@settings(max_examples=amount(200, 100, full=1000, quick=30))
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(-50, 50)), max_size=12), st.integers(1, 12))
def test_values_on_one_side_of_a_break_are_those_without_it(rows: list[tuple[int, int, int]], offset: int) -> None:
    posted, day = posted_on(rows), FIRST + timedelta(days=offset)
    sides = [each for each in posted if each.end < day], [each for each in posted if each.start >= day]
    broken = FigureSeries(Accumulation.SUM, posted, breaks=[day])
    for start in range(14):
        for end in range(start, 14):
            span = Period(FIRST + timedelta(days=start), FIRST + timedelta(days=end))
            if span.start < day <= span.end:
                assert len(broken.figures(span)) <= 1
            else:
                # Figures across the break can be no part of such a span, nor of a difference.
                assert broken.value(span) == FigureSeries(Accumulation.SUM, sides[span.start >= day]).value(span)


def best(tilings: Iterator[list[Figure]]) -> list[Figure]:
    return min(tilings, key=lambda tiles: (len(tiles), [-each.days for each in tiles]), default=[])


def posted_on(rows: list[tuple[int, int, int]]) -> list[Figure]:
    """Figures by first day, length and value, one of each span."""
    made = {}
    for offset, length, value in rows:
        start = FIRST + timedelta(days=offset)
        span = Period(start, start + timedelta(days=length))
        made[span] = figure(str(span), str(value))
    return list(made.values())


rows = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(-50, 50)), max_size=16)
offsets = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted)


def best_difference(posted: Sequence[Figure], span: Period) -> list[list[Figure]]:
    """Of all differences of two tilings that begin on one day the one of the fewest figures, then the latest."""
    pairs = []
    for start in sorted({each.start for each in posted if each.start < span.start}, reverse=True):
        pair = [best(all_tilings(posted, start, day)) for day in (span.end, span.start - ONE_DAY)]
        pairs += [pair] if all(pair) else []
    return min(pairs, key=lambda pair: len(pair[0]) + len(pair[1]), default=[])


@settings(max_examples=amount(300, 100, full=1000, quick=30))
@given(rows.map(posted_on), offsets)
def test_it_is_the_best_of_all_tilings_else_of_all_differences(posted: list[Figure], ends: list[int]) -> None:
    span = Period(FIRST + timedelta(days=ends[0]), FIRST + timedelta(days=ends[1]))
    chosen = best(all_tilings(posted, span.start, span.end))
    whole, less = (chosen, []) if chosen else best_difference(posted, span) or ([], [])
    series = FigureSeries(Accumulation.SUM, posted)
    assert series.figures(span) == [*whole, *less]
    expected = sum(each.numeric_value for each in whole) - sum(each.numeric_value for each in less) if whole else None
    assert series.value(span) == expected
    assert series.has_value(span) == bool(whole)


@settings(max_examples=amount(100, 50, full=500, quick=20))
@given(rows.map(posted_on), offsets)
def test_an_average_and_a_stock_know_no_differences(posted: list[Figure], ends: list[int]) -> None:
    span = Period(FIRST + timedelta(days=ends[0]), FIRST + timedelta(days=ends[1]))
    series = FigureSeries(Accumulation.MEAN, posted)
    assert series.figures(span) == best(all_tilings(posted, span.start, span.end))


@given(rows.map(posted_on))
def test_asking_for_more_first_changes_no_shorter_answer(posted: list[Figure]) -> None:
    asked_before, fresh = FigureSeries(Accumulation.SUM, posted), FigureSeries(Accumulation.SUM, posted)
    asked_before.tilings(Period(FIRST, FIRST + timedelta(days=30)))
    for days in range(12):
        span = Period(FIRST, FIRST + timedelta(days=days))
        assert asked_before.figures(span) == fresh.figures(span)


@given(rows.map(posted_on))
def test_the_furthest_day_is_the_last_on_which_a_figure_ends_with_a_value(posted: list[Figure]) -> None:
    span = Period(FIRST + timedelta(days=2), FIRST + timedelta(days=9))
    ends = {each.end for each in posted if span.start <= each.end <= span.end}
    reached = [
        end
        for end in sorted(ends)
        if any(all_tilings(posted, span.start, end)) or best_difference(posted, span.until(end))
    ]
    found = FigureSeries(Accumulation.SUM, posted).longest_covered(span)
    assert found == (span.until(reached[-1]) if reached else None)


@given(st.integers(2000, 2030), st.integers(1, 12), st.data())
def test_splitting_a_figure_into_its_months_never_changes_a_sum(year: int, length: int, data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.decimals(-1000, 1000, places=6), min_size=length, max_size=length))
    split = [figure(f"{year}-{month:02d}", str(part)) for month, part in enumerate(parts, start=1)]
    whole = figure(f"{year}-01/{year}-{length:02d}", str(sum(parts, Decimal(0))))
    value = [FigureSeries(Accumulation.SUM, each).value(whole.period) for each in (split, [whole], [*split, whole])]
    assert value[0] == value[1] == value[2] == sum(parts)
