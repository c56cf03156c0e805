"""What was said of past days against what came: errors, plain methods, ranges, and the terms of other years."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.choices import IndicatorKind
from indicators.domain.figures import Figure
from indicators.domain.periods import Period, is_month_end
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.domain.value_resolver import ValueResolver
from targets.domain.backtest import (
    OutlookWithResult,
    comparable_error,
    compare_with_plain,
    count_ranges,
    error_unit,
    expect_plainly,
    move_terms,
    quarter_ends,
    sum_up_errors,
)
from targets.domain.choices import ErrorUnit, OutlookMethod, PlainMethod
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import book, figure, indicator

from .builders import assessed, milestone, number, target

NUMBERS = st.decimals(-1000, 1000, places=2)
HALVES = [figure("2024-H1", "40"), figure("2023-H1", "30"), figure("2023", "90")]


def shown(value: Decimal | None) -> str | None:
    return None if value is None else to_plain_string(round_half_up(value, 2))


@pytest.mark.parametrize(
    ("kind", "predicted", "result", "expected"),
    [
        pytest.param("level", "90", "100", "-10", id="a level: percent of the result"),
        pytest.param("count", "150", "120", "25", id="a count: percent of the result"),
        pytest.param("level", "-50", "-40", "-25", id="a loss that is greater than expected: percent of its size"),
        pytest.param("level", "5", "0", None, id="a level of 0: no percent"),
        pytest.param("rate", "6.54", "7.17", "-0.63", id="a rate: points"),
        pytest.param("rate", "1", "0", "1", id="a rate of 0: points, too"),
        pytest.param("share", "21.2", "73.7", "-52.5", id="a share: points"),
        pytest.param("index", "104.1", "103.6", "0.5", id="an index: points"),
        pytest.param("rank", "7", "5", "2", id="a rank: places"),
        pytest.param("yes_no", "0", "1", None, id="a yes or no: no error"),
    ],
)
def test_errors_that_can_be_compared(kind: str, predicted: str, result: str, expected: str | None) -> None:
    assert shown(comparable_error(IndicatorKind(kind), Decimal(predicted), Decimal(result))) == expected


def test_each_kind_has_a_unit_but_the_yes_or_no() -> None:
    assert [kind for kind in IndicatorKind if error_unit(kind) is None] == [IndicatorKind.YES_NO]


@pytest.mark.parametrize(
    ("period", "ends"),
    [
        pytest.param("2024", "03-31 06-30 09-30 12-31", id="a year"),
        pytest.param("2024-H2", "09-30 12-31", id="a half"),
        pytest.param("2024-Q2", "06-30", id="a quarter"),
        pytest.param("2024-02", "", id="a month inside a quarter has none"),
        pytest.param("2024-03", "03-31", id="the last month of a quarter"),
        pytest.param(
            "2024-04/2025-03", "06-30 09-30 12-31 03-31", id="a fiscal year ends its own way, quarters do not"
        ),
        pytest.param("2024-08-13/2024-12-30", "09-30", id="from day to day"),
        pytest.param("2024-06-30", "06-30", id="a single day"),
        pytest.param("2023-11/2025-01", "12-31 03-31 06-30 09-30 12-31", id="parts of three years"),
    ],
)
def test_the_ends_of_quarters(period: str, ends: str) -> None:
    assert " ".join(f"{day:%m-%d}" for day in quarter_ends(Period.parse(period))) == ends


@given(st.dates(date(1990, 1, 1), date(2050, 1, 1)), st.integers(0, 1500))
def test_all_ends_of_quarters_inside_are_listed(start: date, days: int) -> None:
    period = Period(start, start + timedelta(days=days))
    every_day = (start + timedelta(days=number) for number in range(days + 1))
    expected = [day for day in every_day if day.month % 3 == 0 and is_month_end(day)]
    assert quarter_ends(period) == expected


@pytest.mark.parametrize(
    ("of", "terms", "figures", "expected"),
    [
        pytest.param(
            "sum",
            target("100"),
            HALVES,
            {"stay": "40", "even": "80.44", "last_year": "120"},
            id="a flow of last year's season",
        ),
        pytest.param("sum", target("100"), HALVES[:1], {"stay": "40", "even": "80.44"}, id="a flow without last year"),
        pytest.param(
            "sum",
            target("100"),
            [HALVES[0], figure("2022-H1", "30"), figure("2022", "90")],
            {"stay": "40", "even": "80.44"},
            id="the year before last is not last year",
        ),
        pytest.param(
            "last",
            target("95", baseline="0"),
            HALVES,
            {"stay": "40", "line": "80.44", "last_year": "120"},
            id="a stock",
        ),
        pytest.param("last", target("95"), HALVES[:1], {"stay": "40"}, id="a stock without baseline: no line"),
        pytest.param("none", target("7"), HALVES, {"stay": "40"}, id="a posted rate can only stay"),
        pytest.param("mean", target("7"), HALVES, {"stay": "40"}, id="an average can only stay"),
        pytest.param(
            "sum", target("100"), [figure("2024", "90"), *HALVES], {}, id="what is there already is not expected"
        ),
        pytest.param("sum", target("100"), [], {}, id="nothing known, nothing expected"),
    ],
)
def test_what_plain_methods_expect(
    of: str, terms: TargetTerms, figures: Sequence[Figure], expected: dict[str, str]
) -> None:
    plain = expect_plainly(assessed(terms, figures, of=of))
    assert {name.value: shown(value) for name, value in plain.items()} == expected


STOCK = [figure("2022-12-31", "70"), figure("2023-12-31", "80")]


@pytest.mark.parametrize(
    ("terms", "years", "expected"),
    [
        pytest.param(
            target("95", baseline="0"), 1, ("2023", "0", "2022-12-31"), id="a rate that begins at 0 each year"
        ),
        pytest.param(
            target("95", baseline="80"),
            1,
            ("2023", "70", "2022-12-31"),
            id="a stock: from what there was before that year",
        ),
        pytest.param(
            target("95", baseline="80"), 3, ("2021", None, None), id="a stock: nothing known before that year"
        ),
        pytest.param(target("95"), 1, ("2023", None, None), id="without a baseline"),
        pytest.param(target("95", baseline="0"), -1, ("2025", "0", "2024-12-31"), id="a later year"),
        pytest.param(target("95", period="2024-04/2025-03"), 2, ("2022-04/2023-03", None, None), id="a fiscal year"),
        pytest.param(
            target("95", baseline="0", milestones=[milestone("2024-06-30", "20")], result_due="2025-03-01"),
            1,
            ("2023", "0", "2022-12-31"),
            id="milestones and due days are of this year only",
        ),
    ],
)
def test_the_terms_of_other_years(terms: TargetTerms, years: int, expected: tuple[str | None, ...]) -> None:
    moved = move_terms(terms, "x", book(indicator("last"), x=STOCK), years)
    start = moved.baseline_date.isoformat() if moved.baseline_date else None
    assert (str(moved.period), shown(moved.baseline), start) == expected
    assert (moved.milestones, moved.result_due, moved.profile) == ((), None, None)


def outlook(
    kind: str,
    value: Decimal | int,
    result: Decimal | int,
    *,
    method: OutlookMethod = OutlookMethod.STAY,
    bounds: tuple[str | None, str | None] = (None, None),
    plain: Mapping[PlainMethod, Decimal] | None = None,
) -> OutlookWithResult:
    low, high = map(number, bounds)
    return OutlookWithResult(IndicatorKind(kind), Decimal(result), Decimal(value), method, low, high, plain or {})


def test_errors_by_method_and_in_their_own_unit() -> None:
    outlooks = [
        outlook("level", 90, 100),
        outlook("level", 130, 100, method=OutlookMethod.EVEN),
        outlook("rate", 5, 7),
        outlook("level", 3, 0),
        outlook("yes_no", 0, 1),
    ]
    rows = [
        (row.unit.value, row.method and row.method.value, row.outlooks, shown(row.mean_absolute), shown(row.mean))
        for row in sum_up_errors(outlooks)
    ]
    assert rows == [
        ("percent", None, 2, "20", "10"),
        ("percent", "even", 1, "30", "30"),
        ("percent", "stay", 1, "10", "-10"),
        ("points", None, 1, "2", "-2"),
        ("points", "stay", 1, "2", "-2"),
    ]


def test_a_plain_method_is_compared_where_it_gives_a_value() -> None:
    plain = {PlainMethod.STAY: Decimal(50), PlainMethod.EVEN: Decimal(104)}
    outlooks = [
        outlook("level", 90, 100, plain=plain),
        outlook("level", 70, 100, plain={PlainMethod.STAY: Decimal(60)}),
    ]
    rows = [
        (row.method.value, row.outlooks, shown(row.mean_absolute), shown(row.mean_absolute_of_outlooks))
        for row in compare_with_plain(outlooks)
    ]
    assert rows == [("stay", 2, "45", "20"), ("even", 1, "4", "10")]


@pytest.mark.parametrize(
    ("low", "high", "inside"),
    [
        pytest.param("5", "9", True, id="inside"),
        pytest.param("7", "9", True, id="on the lower edge"),
        pytest.param("5", "7", True, id="on the upper edge"),
        pytest.param("7.01", "9", False, id="below"),
        pytest.param("5", "6.99", False, id="above"),
        pytest.param(None, None, None, id="no range"),
    ],
)
def test_whether_the_result_lies_in_the_range(low: str | None, high: str | None, inside: bool | None) -> None:
    tested = outlook("rate", 6, 7, bounds=(low, high))
    assert tested.is_inside_range is inside
    assert count_ranges([tested, outlook("rate", 6, 7)]) == (inside is not None, inside is True)


KINDS = st.sampled_from([kind.value for kind in IndicatorKind])
OUTLOOKS = st.lists(
    st.builds(
        lambda kind, value, result, method: outlook(
            kind, value, result, method=method, plain={PlainMethod.STAY: value}
        ),
        KINDS,
        NUMBERS,
        NUMBERS,
        st.sampled_from(OutlookMethod),
    ),
    max_size=20,
)


@given(OUTLOOKS, st.randoms())
def test_sums_hold_whatever_is_summed(outlooks: list[OutlookWithResult], random: Random) -> None:
    rows = sum_up_errors(outlooks)
    for unit in ErrorUnit:
        own = [row for row in rows if row.unit == unit]
        total = sum(row.outlooks for row in own if row.method is None)
        assert total == sum(row.outlooks for row in own if row.method is not None)
        assert total == sum(row.unit == unit and row.error is not None for row in outlooks)
    assert all(row.mean_absolute >= row.mean.copy_abs() for row in rows)
    shuffled = outlooks.copy()
    random.shuffle(shuffled)
    assert [row[:3] for row in sum_up_errors(shuffled)] == [row[:3] for row in rows]


@given(OUTLOOKS)
def test_a_method_that_says_the_same_errs_the_same(outlooks: list[OutlookWithResult]) -> None:
    assert all(row.mean_absolute == row.mean_absolute_of_outlooks for row in compare_with_plain(outlooks))


@given(KINDS, NUMBERS, NUMBERS)
def test_an_error_has_the_sign_of_what_was_said_too_much(kind: str, predicted: Decimal, result: Decimal) -> None:
    error = comparable_error(IndicatorKind(kind), predicted, result)
    assert error is None or (error > 0) == (predicted > result)


@given(NUMBERS, NUMBERS, st.decimals(1, 1000, places=1))
def test_percent_does_not_depend_on_the_scale(predicted: Decimal, result: Decimal, scale: Decimal) -> None:
    small = comparable_error(IndicatorKind.LEVEL, predicted, result)
    large = comparable_error(IndicatorKind.LEVEL, predicted * scale, result * scale)
    assert shown(small) == shown(large)


def test_the_outlook_of_another_year_is_that_of_a_target_of_that_year() -> None:
    posted = [figure("2023-H1", "30"), figure("2022-H1", "20"), figure("2022", "60")]
    resolver = ValueResolver([indicator("sum")], {"x": posted})
    moved = move_terms(target("100"), "x", resolver, 1)
    then = assessed(moved, posted, as_of="2023-07-05").outlook
    own = assessed(target("7", period="2023"), posted, as_of="2023-07-05").outlook
    assert (then.value, then.method, then.low, then.high) == (own.value, own.method, own.low, own.high)
