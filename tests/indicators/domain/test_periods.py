"""Codes of periods, steps between periods, reporting periods."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.choices import Frequency
from indicators.domain.periods import InvalidPeriod, Period, day_years_before, months_in, reporting_periods

from .builders import day

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
periods = st.tuples(days, days).map(lambda pair: Period(min(pair), max(pair)))
month_ends = days.map(lambda each: (each.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1))
whole_months = st.tuples(month_ends, month_ends).map(lambda pair: Period(min(pair).replace(day=1), max(pair)))


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        pytest.param("2024", "2024-01-01", "2024-12-31", id="a year"),
        pytest.param("2024-H1", "2024-01-01", "2024-06-30", id="a first half"),
        pytest.param("2024-H2", "2024-07-01", "2024-12-31", id="a second half"),
        pytest.param("2024-Q1", "2024-01-01", "2024-03-31", id="a first quarter"),
        pytest.param("2024-Q4", "2024-10-01", "2024-12-31", id="a last quarter"),
        pytest.param("2024-02", "2024-02-01", "2024-02-29", id="a leap February"),
        pytest.param("2100-02", "2100-02-01", "2100-02-28", id="a February of a century"),
        pytest.param("2024-07-15", "2024-07-15", "2024-07-15", id="a day"),
        pytest.param("2024-01/2024-07", "2024-01-01", "2024-07-31", id="seven months"),
        pytest.param("2021/2025", "2021-01-01", "2025-12-31", id="a term of years"),
        pytest.param("2024-04/2025-03", "2024-04-01", "2025-03-31", id="a fiscal year"),
        pytest.param("2024-01-01/2024-07-26", "2024-01-01", "2024-07-26", id="up to a cut-off day"),
        pytest.param("2024/2024-07", "2024-01-01", "2024-07-31", id="parts of different length"),
        pytest.param("1900", "1900-01-01", "1900-12-31", id="the first year"),
        pytest.param("2199-12-31", "2199-12-31", "2199-12-31", id="the last day"),
    ],
)
def test_a_code_means_two_days(code: str, start: str, end: str) -> None:
    assert Period.parse(code) == (day(start), day(end))


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("", id="nothing"),
        pytest.param(" 2024", id="a space before"),
        pytest.param("2024\n", id="a line end behind"),
        pytest.param("2024-Q5", id="a fifth quarter"),
        pytest.param("2024-H3", id="a third half"),
        pytest.param("2024-q1", id="a small q"),
        pytest.param("2024-13", id="a thirteenth month"),
        pytest.param("2024-00", id="month zero"),
        pytest.param("2024-1", id="a month of one digit"),
        pytest.param("2023-02-29", id="29 February of a common year"),
        pytest.param("2024-04-31", id="31 April"),
        pytest.param("1899", id="a year too early"),
        pytest.param("2200", id="a year too late"),
        pytest.param("24", id="a year of two digits"),
        pytest.param("٢٠٢٤", id="digits of another script"),
        pytest.param("2024-02/2024-01", id="an end before the start"),
        pytest.param("2024/", id="nothing after the slash"),
        pytest.param("/2024", id="nothing before the slash"),
        pytest.param("2024/2025/2026", id="two slashes"),
        pytest.param("2024 / 2025", id="spaces at the slash"),
        pytest.param("2024-Q1-01", id="a day of a quarter"),
        pytest.param("20240101", id="a day without hyphens"),
        pytest.param("2" * 100_000, id="a very long text"),
    ],
)
def test_everything_else_is_refused(code: str) -> None:
    with pytest.raises(InvalidPeriod):
        Period.parse(code)


@pytest.mark.parametrize(
    ("code", "shortest"),
    [
        pytest.param("2024-01/2024-12", "2024", id="twelve months are a year"),
        pytest.param("2024-H1/2024-H2", "2024", id="two halves are a year"),
        pytest.param("2024-01-01/2024-06-30", "2024-H1", id="six months are a half"),
        pytest.param("2024-04/2024-06", "2024-Q2", id="three months are a quarter"),
        pytest.param("2024-02/2024-04", "2024-02/2024-04", id="three other months are not"),
        pytest.param("2024-04/2024-09", "2024-04/2024-09", id="six other months are no half"),
        pytest.param("2024-02-01/2024-02-29", "2024-02", id="all days of a month are a month"),
        pytest.param("2024-02-01/2024-02-28", "2024-02-01/2024-02-28", id="one day less is not"),
        pytest.param("2024-07-15/2024-07-15", "2024-07-15", id="a day to itself is a day"),
        pytest.param("2021-01/2025-12", "2021/2025", id="whole years are years"),
        pytest.param("2023-Q3/2024-Q2", "2023-07/2024-06", id="quarters of two years are months"),
        pytest.param("2024-01-02/2024-12-31", "2024-01-02/2024-12-31", id="a cut year is days"),
    ],
)
def test_it_is_written_in_the_shortest_form(code: str, shortest: str) -> None:
    assert str(Period.parse(code)) == shortest


@given(periods | whole_months)
def test_reading_undoes_writing(period: Period) -> None:
    assert Period.parse(str(period)) == period


@given(periods | whole_months)
def test_no_code_of_like_parts_is_shorter(period: Period) -> None:
    start, end = period
    others = [f"{start}/{end}", f"{start:%Y-%m}/{end:%Y-%m}", f"{start:%Y}/{end:%Y}", f"{start:%Y}"]
    for code in others:
        try:
            same = Period.parse(code) == period
        except InvalidPeriod:
            continue
        assert not same or len(str(period)) <= len(code)


@pytest.mark.parametrize(
    ("code", "years", "before"),
    [
        pytest.param("2024", 1, "2023", id="a year"),
        pytest.param("2024-02", 1, "2023-02", id="a leap February loses a day"),
        pytest.param("2023-02", 3, "2020-02", id="a February gains a day"),
        pytest.param("2024-02-29", 1, "2023-02-28", id="29 February"),
        pytest.param("2024-02-29", 4, "2020-02-29", id="29 February in one step of four years"),
        pytest.param("2023-02-28", 3, "2020-02-29", id="a single day moves as an end"),
        pytest.param("2024-02-28", 1, "2023-02-28", id="28 February of a leap year keeps its day"),
        pytest.param("2024-02-29/2024-03-15", 1, "2023-02-28/2023-03-15", id="29 February as a start"),
        pytest.param("2023-02-28/2023-03-15", 3, "2020-02-28/2020-03-15", id="a start keeps its day"),
        pytest.param("2024-01-01/2024-07-26", 2, "2022-01-01/2022-07-26", id="a cut-off day"),
        pytest.param("2024-04/2025-03", 5, "2019-04/2020-03", id="a fiscal year"),
    ],
)
def test_years_before(code: str, years: int, before: str) -> None:
    assert str(Period.parse(code).years_before(years)) == before


@given(days, st.integers(1, 50))
def test_a_month_end_stays_one_some_years_before(each: date, years: int) -> None:
    before = day_years_before(each, years)
    next_day = timedelta(days=1)
    assert ((each + next_day).day == 1) <= ((before + next_day).day == 1)
    assert (before.year, before.month) == (each.year - years, each.month)


@pytest.mark.parametrize(
    ("code", "previous"),
    [
        pytest.param("2024-03", "2024-02", id="a month"),
        pytest.param("2024-Q1", "2023-Q4", id="a quarter"),
        pytest.param("2024", "2023", id="a year"),
        pytest.param("2024-01/2024-07", "2023-06/2023-12", id="seven months"),
        pytest.param("2024-03-01/2024-03-30", "2024-01-31/2024-02-29", id="thirty days"),
        pytest.param("2024-03-01", "2024-02-29", id="a day"),
    ],
)
def test_the_span_just_before(code: str, previous: str) -> None:
    assert str(Period.parse(code).previous()) == previous


@given(periods | whole_months)
def test_the_span_before_is_as_long_and_touches(period: Period) -> None:
    before = period.previous()
    assert before.end + timedelta(days=1) == period.start
    if period.whole_months:
        assert before.whole_months == period.whole_months
    else:
        assert before.days == period.days


def test_no_span_lies_before_the_calendar() -> None:
    early = Period(date(3, 1, 1), date(9, 12, 31))
    with pytest.raises(OverflowError):
        early.years_before(3)
    with pytest.raises(OverflowError):
        early.previous()
    with pytest.raises(OverflowError):
        Period(date(3, 1, 2), date(9, 12, 31)).previous()


@pytest.mark.parametrize(
    ("outer", "inner", "contains"),
    [
        pytest.param("2024", "2024", True, id="itself"),
        pytest.param("2024", "2024-12", True, id="its last month"),
        pytest.param("2024", "2024-12/2025-01", False, id="a span over its end"),
        pytest.param("2024", "2023", False, id="the year before"),
    ],
)
def test_containing(outer: str, inner: str, contains: bool) -> None:
    assert Period.parse(outer).contains(Period.parse(inner)) is contains


@pytest.mark.parametrize(
    ("code", "frequency", "expected"),
    [
        pytest.param("2024-Q1", "month", ["2024-01", "2024-02", "2024-03"], id="months of a quarter"),
        pytest.param("2024", "half", ["2024-H1", "2024-H2"], id="halves of a year"),
        pytest.param("2021/2023", "year", ["2021", "2022", "2023"], id="years of a term"),
        pytest.param("2024-H1", "year", ["2024-H1"], id="a year cut to the half that is asked for"),
        pytest.param("2024-04/2025-03", "half", ["2024-04/2024-09", "2024-10/2025-03"], id="halves of a fiscal year"),
        pytest.param("2024-01/2024-05", "quarter", ["2024-Q1", "2024-04/2024-05"], id="the last is cut"),
        pytest.param("2024-08-13/2024-09-10", "month", ["2024-08", "2024-09-01/2024-09-10"], id="the first is not cut"),
        pytest.param("2025-02-28", "month", ["2025-02"], id="a day asked of months is its month"),
        pytest.param(
            "2024-02-28/2024-03-01", "day", ["2024-02-28", "2024-02-29", "2024-03-01"], id="days begin at once"
        ),
    ],
)
def test_reporting_periods(code: str, frequency: str, expected: list[str]) -> None:
    result = reporting_periods(Period.parse(code), Frequency(frequency))
    assert [str(value) for value in result] == expected


@given(st.tuples(days, st.integers(0, 4000)), st.sampled_from(Frequency))
def test_reporting_periods_follow_each_other_to_the_end(span: tuple[date, int], frequency: Frequency) -> None:
    period = Period(span[0], span[0] + timedelta(days=span[1]))
    result = reporting_periods(period, frequency)
    assert result[-1].end == period.end
    assert result[0].start <= period.start
    for left, right in pairwise(result):
        assert left.end + timedelta(days=1) == right.start
        assert months_in(frequency) in (0, left.whole_months)


LATER = [
    pytest.param("2024-02", 12, "2025-02", id="a month ends with the month"),
    pytest.param("2024-02-29", 12, "2025-02-28", id="a day that there is not"),
    pytest.param("2023-02-28", 12, "2024-02-29", id="a single day moves as an end"),
    pytest.param("2024-01-31/2024-03-15", 1, "2024-02-29/2024-04-15", id="a start keeps its day where it can"),
    pytest.param("2024-Q4", 3, "2025-Q1", id="into the next year"),
    pytest.param("2024-Q1", -3, "2023-Q4", id="and back"),
]


@pytest.mark.parametrize(("period", "months", "later"), LATER)
def test_so_many_months_later(period: str, months: int, later: str) -> None:
    assert str(Period.parse(period).months_later(months)) == later


@pytest.mark.parametrize("period", ["2024", "2024-Q1", "2024-02", "2021/2025", "2024-01/2024-07"])
def test_what_follows_comes_after_what_was_before(period: str) -> None:
    span = Period.parse(period)
    assert span.following().previous() == span
    assert span.previous().following() == span
