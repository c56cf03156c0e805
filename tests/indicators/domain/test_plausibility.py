"""Figures that contradict others, or that nobody expects."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.plausibility import (
    Contradiction,
    CumulativeValues,
    differs_from_computed,
    effective_tolerance,
    is_unusual,
)

from .builders import day

JAN, FEB, MAR, APR = (day(f"2024-{month}") for month in ("01-31", "02-29", "03-31", "04-30"))


@pytest.mark.parametrize(
    ("stored", "posted", "named"),
    [
        pytest.param({}, (FEB, "5"), [], id="nothing to compare with"),
        pytest.param({JAN: "5"}, (FEB, "5"), [], id="what stands still does not fall"),
        pytest.param({JAN: "5"}, (FEB, "4.9"), [(JAN, "5", True)], id="it falls"),
        pytest.param({FEB: "5"}, (FEB, "4"), [], id="its own figure is what it replaces"),
        pytest.param({MAR: "5"}, (FEB, "6"), [(MAR, "5", False)], id="above what comes later"),
        pytest.param(
            {JAN: "9", FEB: "7", APR: "1"}, (MAR, "6"), [(FEB, "7", True), (APR, "1", False)], id="the nearest"
        ),
        pytest.param({JAN: "9", FEB: "5"}, (MAR, "6"), [(JAN, "9", True)], id="one further away"),
        pytest.param({JAN: "-5"}, (FEB, "-6"), [], id="a sum below 0 may fall"),
        pytest.param({JAN: "0"}, (FEB, "-6"), [(JAN, "0", True)], id="from 0 it may not"),
        pytest.param({MAR: "-6"}, (FEB, "-5"), [], id="nor is what comes later compared with what is below 0"),
        pytest.param({JAN: "5", FEB: "-1"}, (MAR, "-2"), [(JAN, "5", True)], id="below 0 in between"),
    ],
)
def test_a_cumulative_figure_falls(
    stored: dict[date, str], posted: tuple[date, str], named: list[tuple[date, str, bool]]
) -> None:
    others = CumulativeValues({end: Decimal(value) for end, value in stored.items()})
    assert others.contradictions(posted[0], Decimal(posted[1])) == [
        Contradiction(end, Decimal(value), earlier) for end, value, earlier in named
    ]


DAYS = st.integers(0, 40).map(lambda number: JAN + timedelta(days=number))
VALUES = st.integers(-3, 6).map(Decimal)


@given(st.dictionaries(DAYS, VALUES, max_size=12), DAYS, VALUES)
def test_the_short_way_finds_what_looking_at_every_figure_finds(
    stored: dict[date, Decimal], end: date, value: Decimal
) -> None:
    greater = [item for item in stored if item < end and stored[item] >= 0 and stored[item] > value]
    less = [item for item in stored if item > end and value >= 0 and stored[item] < value]
    named = [*(max(greater) for _ in greater[:1]), *(min(less) for _ in less[:1])]
    assert [contradiction.end for contradiction in CumulativeValues(stored).contradictions(end, value)] == named


@given(st.dictionaries(DAYS, VALUES, min_size=2, max_size=12))
def test_two_figures_that_contradict_each_other_both_say_so(stored: dict[date, Decimal]) -> None:
    one, other = sorted(stored)[:2]
    pair = [(one, other), (other, one)]
    results = [CumulativeValues({b: stored[b]}).contradictions(a, stored[a]) for a, b in pair]
    assert bool(results[0]) == bool(results[1])


@pytest.mark.parametrize(
    ("value", "low", "high", "unusual"),
    [
        pytest.param("5", None, None, False, id="nothing is usual"),
        pytest.param("5", "5", "5", False, id="both ends are usual"),
        pytest.param("4.999999", "5", None, True, id="too low"),
        pytest.param("5.000001", None, "5", True, id="too high"),
        pytest.param("-1", None, "5", False, id="low is not asked for"),
    ],
)
def test_unusual(value: str, low: str | None, high: str | None, unusual: bool) -> None:
    ends = [None if item is None else Decimal(item) for item in (low, high)]
    assert is_unusual(Decimal(value), *ends) is unusual


@pytest.mark.parametrize(
    ("given_one", "decimals", "expected"),
    [
        pytest.param("0", 2, "0", id="none is a tolerance too"),
        pytest.param(None, 0, "1", id="whole numbers"),
        pytest.param(None, 1, "0.1", id="one decimal"),
        pytest.param(None, 6, "0.1", id="never finer than rates are published"),
    ],
)
def test_tolerance(given_one: str | None, decimals: int, expected: str) -> None:
    assert effective_tolerance(None if given_one is None else Decimal(given_one), decimals) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "computed", "apart"),
    [
        pytest.param("7.5", "7.6", False, id="by the tolerance exactly"),
        pytest.param("7.5", "7.600001", True, id="by more"),
        pytest.param("7.5", "7.6000000000001", False, id="by more only behind 12 places"),
        pytest.param("7.5", "7.3", True, id="on the other side"),
    ],
)
def test_differs(value: str, computed: str, apart: bool) -> None:
    assert differs_from_computed(Decimal(value), Decimal(computed), Decimal("0.1")) is apart
