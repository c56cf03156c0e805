"""The best pace that was ever seen, from how many periods it is known, and what is out of reach."""

from collections.abc import Sequence
from datetime import date
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.choices import Frequency
from indicators.domain.figures import Figure
from indicators.domain.periods import Period, whole_reporting_periods
from indicators.domain.rounding import exact_arithmetic, round_half_up, to_plain_string
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import AssessmentResult
from targets.domain.best_seen import find_seen_paces
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import computed, figure, indicator, months

from .builders import assessed, target


def cumulative(year: int, values: Sequence[int | str]) -> list[Figure]:
    """Values from January to each month."""
    return [
        figure(f"{year}-01" if month == 1 else f"{year}-01/{year}-{month:02}", str(value))
        for month, value in enumerate(values, 1)
    ]


def best_of(result: AssessmentResult) -> tuple[str | None, str | None, int | None]:
    """The pace, the span in which it was seen, and the number of periods known."""
    best = result.best_seen
    value = to_plain_string(round_half_up(best.value, 6)) if best else None
    return value, str(best.span) if best else None, result.periods_seen


AT_MOST = target(None, "100", goal="at_most")
YEARS_OF_MONTHS = [*months(2022, [4, 9]), *months(2023, [12, 2]), *months(2024, [7])]
CASE_114 = cumulative(2024, [60, 130, 200, 270, 390, 470])
QUARTERS = indicator(frequency="quarter")
BY_PARTS = [figure("2024-01", "5"), figure("2024-02", "6"), figure("2024-Q1", "30")]


@pytest.mark.parametrize(
    ("terms", "of", "posted", "best"),
    [
        pytest.param(target("1000"), QUARTERS, [], (None, None, None), id="nothing is posted: nothing is needed yet"),
        pytest.param(target("100"), "sum", YEARS_OF_MONTHS, ("12", "2023-01", 5), id="single months: the greatest"),
        pytest.param(AT_MOST, "sum", YEARS_OF_MONTHS, ("2", "2023-02", 5), id="at most: the least"),
        pytest.param(target("1000"), "sum", CASE_114, ("120", "2024-05", 6), id="cumulative figures: May alone"),
        pytest.param(
            target("50"),
            "sum",
            [figure("2024-01/2024-02", "21.37"), figure("2024-Q1", "28.7")],
            ("10.685", "2024-01/2024-02", 3),
            id="two months together count by their average",
        ),
        pytest.param(
            target("100"), "sum", [figure("2023", "360"), *months(2024, [7])], ("30", "2023", 13), id="a whole year"
        ),
        pytest.param(target("100"), "sum", BY_PARTS, ("19", "2024-03", 3), id="a quarter less its first two months"),
        pytest.param(
            target("100"),
            "sum",
            [*months(2024, [5, 4]), figure("2024-01/2024-04", "27")],
            ("9", "2024-03/2024-04", 4),
            id="what no figure is of: two months of four",
        ),
        pytest.param(
            target("100"), "sum", [*months(2018, [99]), *months(2024, [7])], ("7", "2024-01", 1), id="six years ago"
        ),
        pytest.param(
            target("100"), "sum", [*months(2019, [99]), *months(2024, [7])], ("99", "2019-01", 2), id="five years ago"
        ),
        pytest.param(
            target("100", period="2024-H1"),
            "sum",
            [*months(2021, [99] * 6), *months(2024, [7])],
            ("7", "2024-01", 1),
            id="of half a year: the five half-years before",
        ),
        pytest.param(
            target("100"),
            "sum",
            [figure("2018/2023", "7200"), figure("2018/2024-01", "7310")],
            ("110", "2024-01", 1),
            id="cumulative since before all that is looked at",
        ),
        pytest.param(
            target("100"), indicator(frequency="year"), [figure("2021", "999"), *months(2024, [7])], ("999", "2021", 1),
            id="a year",
        ),
        pytest.param(target("100"), QUARTERS, months(2024, [3, 4, 6]), ("13", "2024-Q1", 1), id="months that make a quarter"),
        pytest.param(target("100"), QUARTERS, YEARS_OF_MONTHS, (None, None, 0), id="no quarter is known"),
        pytest.param(
            target("1000"),
            indicator(frequency="year"),
            [
                *months(2022, [9] * 12), figure("2022-Q1", "27"), figure("2022-Q2", "27"),
                *months(2023, [5] * 12), figure("2023-Q3", "15"), *months(2024, [7]),
            ],
            ("108", "2022", 2),
            id="months beside quarters that make years",
        ),
        pytest.param(
            target("1000"),
            indicator(frequency="year"),
            [figure("2022-01/2023-02", "30"), figure("2023-03/2023-12", "18"), *months(2024, [7])],
            ("24", "2022/2023", 2),
            id="two figures that make two years, and none of one",
        ),
        pytest.param(
            target("100", period="2024-H2"),
            indicator(frequency="year"),
            [
                *cumulative(2022, range(1, 13)), *cumulative(2023, range(2, 26, 2)), *cumulative(2024, range(3, 30, 3)),
            ],
            ("30", "2023-07/2024-06", 2),
            id="cumulative values of calendar years: years from July",
        ),
        pytest.param(
            target("100"),
            QUARTERS,
            [figure("2023-02/2023-04", "99"), figure("2023-04/2023-06", "5"), figure("2024-Q1", "7")],
            ("7", "2024-Q1", 2),
            id="in step with the reporting periods",
        ),
        pytest.param(
            target("100", period="2024-02/2025-01"),
            QUARTERS,
            [figure("2023-02/2023-04", "99"), figure("2023-04/2023-06", "5"), figure("2024-02/2024-04", "7")],
            ("99", "2023-02/2023-04", 2),
            id="of a fiscal year: in its step",
        ),
        pytest.param(
            target("100"), indicator(frequency="day"), [figure("2024-01-01", "3"), figure("2024-01-02", "8")],
            ("8", "2024-01-02", 2), id="days",
        ),
        pytest.param(target("100"), "mean", YEARS_OF_MONTHS, ("12", "2023-01", 5), id="an average: the greatest month"),
        pytest.param(
            target("100"), "mean", [figure("2023-Q1", "99"), *months(2024, [7])], ("7", "2024-01", 1),
            id="an average: single reporting periods only",
        ),
        pytest.param(target("100"), "none", YEARS_OF_MONTHS, (None, None, None), id="nothing where no pace is needed"),
        pytest.param(
            target("7.5"),
            indicator("none", kind="rate", frequency="quarter"),
            [
                figure("2023-Q4", "9.6"), figure("2023", "11"), figure("2024-Q1", "6.5"), figure("2024-Q2", "6.3"),
                figure("2024-H1", "6.46"),
            ],
            ("9.6", "2023-Q4", 3),
            id="posted growth: single quarters",
        ),
        pytest.param(
            target("20"),
            computed("f", "yoy(x)"),
            [
                figure("2023-01", "10"), figure("2023", "100"), figure("2024-01", "11"), figure("2023-02", "10"),
                figure("2022-02", "4"),
            ],
            ("150", "2023-02", 2),
            id="computed growth: single months",
        ),
        pytest.param(
            target("20"),
            computed("f", "yoy(x)"),
            [*cumulative(2023, [10, 30, 60]), figure("2023", "300"), *cumulative(2024, [11, 41])],
            ("50", "2024-02", 2),
            id="computed growth of months that follow by subtraction",
        ),
        pytest.param(
            target("95", baseline="0"),
            "last",
            [*cumulative(2023, [1, 4, 20]), *cumulative(2024, [2, 9])],
            ("16", "2023-03", 5),
            id="disbursement: the greatest change, each year from 0",
        ),
        pytest.param(
            target("95", baseline="80"),
            "last",
            [figure("2023-03-31", "70"), figure("2023-12-31", "79"), figure("2024-01", "80.5"), figure("2024-03", "81")],
            ("0.5", "2024-01", 3),
            id="a stock: from the baseline, this year only",
        ),
        pytest.param(
            target("95", baseline="80", baseline_date="2023-10-31"),
            "last",
            [figure("2024-01", "83")],
            ("1", "2023-11/2024-01", 3),
            id="a stock: a baseline of some months before",
        ),
        pytest.param(
            target(None, "95", goal="at_most", baseline="99"),
            "last",
            [figure("2024-01", "98"), figure("2024-02", "98.5"), figure("2024-03", "96.5")],
            ("-2", "2024-03", 3),
            id="a stock that must fall: the greatest fall",
        ),
    ],
)  # fmt: skip
def test_the_best_seen(
    terms: TargetTerms, of: IndicatorTerms | str, posted: list[Figure], best: tuple[str | None, str | None, int | None]
) -> None:
    others = [indicator()] if isinstance(of, IndicatorTerms) and of.formula else []
    assert best_of(assessed(terms, posted, of=of, others=others)) == best


@pytest.mark.parametrize("accumulation", ["sum", "mean", "last"])
@pytest.mark.parametrize(
    ("day", "best"),
    [
        pytest.param("2023-01-01", "500", id="a break before all figures parts nothing"),
        pytest.param("2024-01-01", "20", id="nothing from before the break"),
        pytest.param("2024-03-01", "10", id="of a break inside the period: the side of the covered day"),
        pytest.param("2024-04-01", "500", id="a break ahead parts nothing"),
    ],
)
def test_the_best_on_one_side_of_a_break(accumulation: str, day: str, best: str) -> None:
    of = indicator(accumulation)._replace(breaks=(date.fromisoformat(day),))
    one_figure_alone = [figure("2024-01/2024-03", "30")]
    values = [500] * 12, [10, 20, 10]
    posted = {
        "sum": [*months(2023, values[0]), *months(2024, values[1]), *one_figure_alone],
        "mean": [*months(2023, values[0]), *months(2024, values[1]), *one_figure_alone],
        "last": [*cumulative(2023, list(accumulate(values[0]))), *cumulative(2024, list(accumulate(values[1])))],
    }[accumulation]
    result = assessed(
        target("1200", baseline="0" if accumulation == "last" else None), posted, of=of, as_of="2024-04-05"
    )
    # A stock that begins with one figure in the middle of the period has shown no change since.
    expected = None if accumulation == "last" and day == "2024-03-01" else best
    assert best_of(result)[0] == expected


_YEAR = months(2023, [12] * 12)
REACH = {
    "less a month than there was": (target("100"), [*_YEAR, *months(2024, [0])], False),
    "as much as there was": (target("132"), [*_YEAR, *months(2024, [0])], False),
    "more than there ever was": (target("133"), [*_YEAR, *months(2024, [0])], True),
    "a month of this year is the best": (target("140"), [*_YEAR, *months(2024, [13])], False),
    "eleven months are not enough to tell": (target("133"), [*_YEAR[:10], *months(2024, [0])], None),
    "twelve are": (target("133"), [*_YEAR[:11], *months(2024, [0])], True),
    "twelve in one figure are": (target("133"), [figure("2023", "120"), *months(2024, [0])], True),
    "nothing is known but an average of two months": (target("133"), [figure("2024-01/2024-02", "0")], None),
    "case 114: May alone brought more": (target("1000"), [*_YEAR, *CASE_114], False),
    "it is there already": (target("10"), [*_YEAR, *months(2024, [12])], False),
    "at most: more than the least": (target(None, "150", goal="at_most"), [*_YEAR, *months(2024, [2])], False),
    "at most: less than the least": (target(None, "21", goal="at_most"), [*_YEAR, *months(2024, [2])], True),
    "within: by its lower edge": (target("133", "200", goal="within"), [*_YEAR, *months(2024, [0])], True),
    "within: by its upper edge": (target("10", "140", goal="within"), [*_YEAR, *months(2024, [20])], True),
    "within: by neither": (target("120", "160", goal="within"), [*_YEAR, *months(2024, [12])], False),
    "the year is over": (target("133"), months(2024, [1] * 12), None),
}


@pytest.mark.parametrize(("terms", "posted", "reach"), REACH.values(), ids=REACH)
def test_what_is_out_of_reach(terms: TargetTerms, posted: list[Figure], reach: bool | None) -> None:
    assert assessed(terms, posted).out_of_reach is reach


@pytest.mark.parametrize(
    ("terms", "best"),
    [
        pytest.param(target("133", "200", goal="within"), "12", id="the lower edge needs more: the greatest"),
        pytest.param(target("10", "90", goal="within"), "0", id="only the upper edge allows less: the least"),
        pytest.param(target("120", "160", goal="within"), "12", id="neither: of the lower edge"),
    ],
)
def test_the_side_of_a_band(terms: TargetTerms, best: str) -> None:
    posted = [*months(2023, [12] * 12), *months(2024, [0, 95] if terms.upper == 90 else [0])]
    assert best_of(assessed(terms, posted))[0] == best


@st.composite
def _histories(draw: st.DrawFn) -> list[Figure]:
    """Figures of two years over any whole months; they may contradict each other."""
    spans = st.tuples(st.integers(1, 24), st.integers(1, 6)).map(lambda span: (span[0], min(24, span[0] + span[1] - 1)))
    cumulated = st.tuples(st.sampled_from([1, 13]), st.integers(0, 11)).map(lambda span: (span[0], span[0] + span[1]))
    drawn = draw(st.lists(spans | cumulated, min_size=1, max_size=14, unique=True))
    codes = [f"{_month(first)}/{_month(last)}" for first, last in drawn]
    return [figure(code, str(draw(st.integers(-20, 99)))) for code in codes]


def _month(number: int) -> str:
    return f"{2023 + (number - 1) // 12}-{(number - 1) % 12 + 1:02}"


@given(posted=_histories())
def test_no_longer_span_beats_the_best_of_neighbouring_figures(posted: list[Figure]) -> None:
    resolver = ValueResolver([indicator()], {"x": posted})
    starts = [Period.parse(_month(number)).start for number in range(1, 25)]
    ends = [Period.parse(_month(number)).end for number in range(1, 25)]
    with exact_arithmetic():
        seen = find_seen_paces(target("1"), "x", resolver, date(2024, 12, 31), for_lower=True, for_upper=True)
        averages = [
            (value / whole_reporting_periods(span, Frequency.MONTH), span)
            for span in (Period(start, end) for start in starts for end in ends if start < end)
            if (value := resolver.value("x", span)) is not None
        ]
        assert seen.greatest is not None
        assert seen.least is not None
        assert all(seen.least.value <= average <= seen.greatest.value for average, _ in averages)
    months_known = {month for _, span in averages for month in range(24) if span.start <= starts[month] <= span.end}
    assert seen.periods == len(months_known)
