"""The value to expect at the end of the period: by which method, how well it did, and within which range."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.figures import Figure
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver
from targets.domain.actual import compute_actual
from targets.domain.assessment import AssessmentResult
from targets.domain.earlier_years import earlier_years
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import computed, figure, indicator

from .builders import assessed, milestone, target

MIDSUMMER = "2024-07-05"


def shown(number: Decimal | None) -> str | None:
    return None if number is None else to_plain_string(round_half_up(number, 2))


def outlook(result: AssessmentResult) -> list[str | None]:
    """Value, low, high, method, mean absolute error, and where the range is from."""
    prospect = result.outlook
    error = None if prospect.past is None else shown(prospect.past.mean_absolute)
    return [
        shown(prospect.value),
        shown(prospect.low),
        shown(prospect.high),
        prospect.method,
        error,
        prospect.range_from,
    ]


def year(number: int, half: str, whole: str) -> list[Figure]:
    """A year of cumulative figures: half a year, the whole."""
    return [figure(f"{number}-H1", half), figure(f"{number}", whole)]


THIS_YEAR = [figure("2024-H1", "40")]
# A third in the first half, always.
SEASONAL_YEARS = [*year(2023, "30", "90"), *year(2022, "20", "60")]
# Sixty in the second half, always.
STEADY_YEARS = [*year(2023, "35", "95"), *year(2022, "20", "80")]
EVEN_YEARS = [figure("2023-H1", "181"), figure("2023", "365"), figure("2022-H1", "362"), figure("2022", "730")]
HALFWAY = [milestone("2024-06-30", "20")]


@pytest.mark.parametrize(
    ("terms", "earlier", "expected"),
    [
        pytest.param(target("100"), [], ["80.44", None, None, "even", None, None], id="no year: even, no range"),
        pytest.param(
            target("100"),
            year(2023, "45", "100"),
            ["88.89", "80.44", "95", "seasonal", None, "methods"],
            id="one usual year: its season, the range of the methods",
        ),
        pytest.param(
            target("100"),
            year(2023, "30", "90"),
            ["80.44", "80.44", "120", "even", None, "methods"],
            id="one unusual year: even",
        ),
        pytest.param(
            target("100"),
            SEASONAL_YEARS,
            ["120", "80.44", "120", "seasonal", "0", "methods"],
            id="two years: what would have been right",
        ),
        pytest.param(
            target("100"), STEADY_YEARS, ["100", "80.44", "129.36", "rest", "0", "methods"], id="what always came after"
        ),
        pytest.param(
            target("100"), EVEN_YEARS, ["80.44", "80.44", "316", "even", "0", "methods"], id="as the days went"
        ),
        pytest.param(
            target("100", milestones=HALFWAY),
            [*year(2023, "20", "100.5"), *year(2022, "10", "49.8")],
            ["200", "80.44", "200.1", "milestones", "0.35", "methods"],
            id="as the milestones have it",
        ),
        pytest.param(
            target("100", period="2024-01-01/2025-01-05"),
            SEASONAL_YEARS,
            ["81.54", None, None, "even", None, None],
            id="more than 366 days have no earlier years",
        ),
    ],
)
def test_a_flow(terms: TargetTerms, earlier: Sequence[Figure], expected: list[str | None]) -> None:
    assert outlook(assessed(terms, [*THIS_YEAR, *earlier], as_of=MIDSUMMER)) == expected


@pytest.mark.parametrize(
    ("terms", "earlier", "expected"),
    [
        pytest.param(target("100"), [], ["40", None, None, "stay", None, None], id="no baseline, no year: it stays"),
        pytest.param(
            target("100", baseline="0"),
            [],
            ["80.44", "40", "80.44", "line", None, "methods"],
            id="a line from a baseline",
        ),
        pytest.param(
            target("100", baseline="0", baseline_date="2024-06-30"),
            [],
            ["40", None, None, "stay", None, None],
            id="no line from the day itself",
        ),
        pytest.param(
            target("95", baseline="0"),
            year(2023, "30", "70"),
            ["80", "40", "80.44", "rest", None, "methods"],
            id="disbursement: what last year brought after that day",
        ),
        pytest.param(
            target("95"), STEADY_YEARS, ["100", "40", "100", "rest", "0", "methods"], id="two years: what came after"
        ),
        pytest.param(
            target("95"),
            [*year(2023, "50", "50"), *year(2022, "30", "30")],
            ["40", "40", "40", "rest", "0", "methods"],
            id="nothing came after: equal errors, the first of the table",
        ),
        pytest.param(
            target("95", baseline="10"),
            SEASONAL_YEARS,
            ["90", "40", "90", "rest", "20", "methods"],
            id="a line that has no start in some year is not compared",
        ),
    ],
)
def test_a_stock(terms: TargetTerms, earlier: Sequence[Figure], expected: list[str | None]) -> None:
    assert outlook(assessed(terms, [*THIS_YEAR, *earlier], of="last", as_of=MIDSUMMER)) == expected


@pytest.mark.parametrize("accumulation", ["mean", "none"])
@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        pytest.param([], ["40", None, None, "stay", None, None], id="no year: it stays"),
        pytest.param(
            year(2023, "30", "35"), ["40", "40", "45", "stay", None, "methods"], id="one year: it stays, or drifts"
        ),
        pytest.param(
            [*year(2023, "30", "35"), *year(2022, "20", "25")],
            ["45", "40", "45", "drift", "0", "methods"],
            id="two years: it always rose by five",
        ),
        pytest.param(
            [*year(2023, "30", "35"), *year(2022, "20", "15")],
            ["40", "40", "40", "stay", "5", "methods"],
            id="two years: it rose once and fell once",
        ),
    ],
)
def test_averages_and_posted_rates(accumulation: str, earlier: list[Figure], expected: list[str | None]) -> None:
    result = assessed(target("9"), [*THIS_YEAR, *earlier], of=accumulation, as_of=MIDSUMMER)
    assert outlook(result) == expected


@pytest.mark.parametrize("accumulation", ["sum", "last", "mean", "none"])
@pytest.mark.parametrize(
    ("day", "number"),
    [
        pytest.param("2021-01-01", 2, id="a break before all years parts nothing"),
        pytest.param("2023-01-01", 1, id="years before a break are no earlier years"),
        pytest.param("2024-01-01", 0, id="nothing is known but this year since the break"),
        pytest.param("2024-06-30", 0, id="a break on the last day that is covered"),
        pytest.param("2024-07-01", 2, id="a break ahead parts nothing that is compared"),
    ],
)
def test_no_year_before_a_break_is_compared(accumulation: str, day: str, number: int) -> None:
    of = indicator(accumulation)._replace(breaks=(date.fromisoformat(day),))
    posted = [*THIS_YEAR, *year(2023, "30", "90"), *year(2022, "20", "60")]
    resolver = ValueResolver([of], {"x": posted})
    actual = compute_actual(resolver, "x", target("95").period)
    assert actual is not None
    assert len(earlier_years(target("95"), "x", resolver, actual)) == number


def test_a_formula_drifts_too() -> None:
    posted = [*THIS_YEAR, *year(2023, "30", "35"), *year(2022, "20", "25")]
    result = assessed(target("9"), posted, of=computed("f", "2 * x"), others=[indicator("none")], as_of=MIDSUMMER)
    assert outlook(result)[:4] == ["90", "80", "90", "drift"]


def test_a_month_that_is_not_cumulative_is_compared_with_that_month() -> None:
    posted = [
        figure("2024-05", "6"),
        figure("2023-05", "4"),
        figure("2023", "5"),
        figure("2022-05", "3"),
        figure("2022", "4"),
    ]
    result = assessed(target("9"), posted, of=indicator("none", kind="rate"), as_of=MIDSUMMER)
    assert outlook(result)[:4] == ["7", "6", "7", "drift"]


def test_the_range_of_three_years_is_that_of_the_errors() -> None:
    earlier = [
        row
        for number, rise in zip((2021, 2022, 2023), (4, 5, 6), strict=True)
        for row in year(number, "10", str(10 + rise))
    ]
    result = assessed(target("9"), [*THIS_YEAR, *earlier], of="none", as_of=MIDSUMMER)
    # Errors -1.5, 0 and 1.5: 1.28 times their standard deviation of 1.5.
    assert outlook(result) == ["45", "43.08", "46.92", "drift", "1", "errors"]


FALLING = [*year(2023, "50", "10"), *year(2022, "60", "20")]


@pytest.mark.parametrize(
    ("of", "now", "earlier", "value"),
    [
        pytest.param(indicator("last", kind="share"), "90", year(2023, "50", "70"), "100", id="a share: at most 100"),
        pytest.param(indicator("last", kind="share"), "10", FALLING, "0", id="a share: at least 0"),
        pytest.param(indicator("last", kind="rank"), "3", FALLING, "1", id="a rank: at least 1"),
        pytest.param(indicator("last", kind="count"), "3", FALLING, "0", id="a count: at least 0"),
        pytest.param(indicator("last", kind="level"), "3", FALLING, "0", id="a level: at least 0"),
        pytest.param(
            indicator("last"), "3", [*FALLING, *year(2021, "30", "-10")], "-37", id="a level that was below 0: no bound"
        ),
        pytest.param(indicator("last", kind="rate"), "3", FALLING, "-37", id="a rate: no bound"),
        pytest.param(indicator("last", kind="index"), "3", FALLING, "-37", id="an index: no bound"),
    ],
)
def test_bounds_by_kind(of: IndicatorTerms, now: str, earlier: list[Figure], value: str) -> None:
    result = assessed(target("9"), [figure("2024-H1", now), *earlier], of=of, as_of=MIDSUMMER)
    assert shown(result.outlook.value) == value


@pytest.mark.parametrize("accumulation", ["sum", "mean", "last", "none"])
def test_what_is_final_is_its_own_outlook(accumulation: str) -> None:
    result = assessed(target("9"), [figure("2024", "10"), *SEASONAL_YEARS], of=accumulation)
    assert outlook(result) == ["10", "10", "10", None, None, None]


def test_an_outlook_decides_no_status() -> None:
    alone = assessed(target("100"), THIS_YEAR, of="last", as_of=MIDSUMMER)
    with_years = assessed(target("100"), [*THIS_YEAR, *STEADY_YEARS], of="last", as_of=MIDSUMMER)
    assert (alone.status, alone.provisional) == (with_years.status, with_years.provisional)
    assert alone.outlook.value != with_years.outlook.value


@given(
    halves=st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=0, max_size=5),
    accumulation=st.sampled_from(["sum", "last", "mean", "none"]),
)
def test_the_range_holds_the_value_and_the_method_has_the_least_error(
    halves: list[tuple[int, int]], accumulation: str
) -> None:
    years = [row for n, (at, rest) in enumerate(halves) for row in year(2023 - n, str(at), str(at + rest))]
    prospect = assessed(target("9"), [*THIS_YEAR, *years], of=accumulation, as_of=MIDSUMMER).outlook
    assert prospect.value is not None
    assert prospect.method in prospect.by_method
    if prospect.low is not None and prospect.high is not None:
        assert prospect.low <= prospect.value <= prospect.high
    if prospect.past is not None:
        assert prospect.past.mean_absolute == min(past.mean_absolute for past in prospect.errors_by_method.values())
        assert len(prospect.past.errors) == len(halves)
    assert all(later.period.start < sooner.period.start for sooner, later in pairwise(prospect.years))
