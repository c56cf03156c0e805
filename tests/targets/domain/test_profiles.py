"""What is due by a day."""

from collections.abc import Sequence

import pytest

from indicators.domain.figures import Figure
from indicators.domain.rounding import round_half_up, to_plain_string
from targets.domain.assessment import AssessmentResult
from targets.domain.choices import Profile
from targets.domain.terms import Milestone, TargetTerms
from tests.indicators.domain.builders import computed, figure, indicator, months

from .builders import assessed, milestone, target

LAST_YEAR = [*months(2023, [10, 10, 20]), figure("2023-04/2023-06", "60"), figure("2023", "200")]


def edges(found: AssessmentResult) -> list[str | None]:
    return [
        None if edge is None else to_plain_string(round_half_up(edge, 6))
        for edge in (found.expected_lower, found.expected_upper)
    ]


@pytest.mark.parametrize(
    ("terms", "accumulation", "profile"),
    [
        pytest.param(target("1", profile="even"), "sum", "even", id="a sum by the days, when declared"),
        pytest.param(target("1"), "mean", "flat", id="a mean is flat"),
        pytest.param(target("1"), "none", "flat", id="what does not add up is flat"),
        pytest.param(target("1"), "last", "flat", id="a stock is flat"),
        pytest.param(target("1", baseline="0"), "last", "path", id="a stock with a baseline is on a path"),
        pytest.param(target("1", baseline="0"), "mean", "flat", id="a mean with a baseline stays flat"),
        pytest.param(target("1", profile="even"), "mean", "even", id="what was declared counts"),
        pytest.param(target("1", milestones=[milestone("2024-06-30", "1")]), "sum", "milestones", id="milestones"),
        pytest.param(
            target("1", milestones=[milestone("2024-06-30", "1")], profile="flat"), "sum", "flat", id="declared first"
        ),
    ],
)
def test_the_profile(terms: TargetTerms, accumulation: str, profile: str) -> None:
    assert assessed(terms, [], of=accumulation).profile == profile
    assert assessed(terms, months(2024, [1]), of=accumulation).profile == profile


@pytest.mark.parametrize(
    ("last_year", "profile", "used", "fallback"),
    [
        pytest.param([], None, "even", True, id="by default a sum without a season is even, and says so"),
        pytest.param([20, 80], None, "seasonal", False, id="last year's share within 0.15"),
        pytest.param(
            [11, 89], None, "seasonal", False, id="a share of 11 percent when 25 percent of the days are over"
        ),
        pytest.param([9, 91], None, "even", True, id="a share of 9 percent is more than 0.15 away"),
        pytest.param([39, 61], None, "seasonal", False, id="a share above the days within 0.15"),
        pytest.param([41, 59], None, "even", True, id="a share above the days beyond 0.15"),
        pytest.param([9, 91], "seasonal", "seasonal", False, id="a declared season has no guard"),
    ],
)
def test_the_season_by_default(last_year: list[int], profile: str | None, used: str, fallback: bool) -> None:
    spans = ["2023-Q1", "2023-04/2023-12"]
    posted = [figure(span, str(value)) for span, value in zip(spans, last_year, strict=False)]
    result = assessed(target("100", profile=profile), [figure("2024-Q1", "30"), *posted])
    assert (result.profile, result.fallback) == (used, fallback)


def test_without_a_value_a_sum_is_seasonal_by_default() -> None:
    assert assessed(target("1"), []).profile == Profile.SEASONAL


def test_a_curve_goes_through_differences() -> None:
    """Of last year's second half only cumulative figures are there: July is seven months less six."""
    last_year = [figure("2023-H1", "40"), figure("2023-01/2023-07", "50"), figure("2023", "90")]
    result = assessed(target("100", period="2024-H2", profile="seasonal"), [figure("2024-07", "25"), *last_year])
    assert edges(result) == ["20", None]
    assert result.interpolated is False


def test_a_formula_is_flat_even_with_a_baseline() -> None:
    terms = target("1", baseline="0")
    result = assessed(terms, months(2024, [1]), of=computed("f", "x"), others=[indicator()])
    assert result.profile == Profile.FLAT
    assert result.expected_lower == 1


@pytest.mark.parametrize(
    ("terms", "accumulation", "expected"),
    [
        pytest.param(target("366", "732", profile="even"), "sum", ["60", "120"], id="even: the days that are over"),
        pytest.param(target("3", profile="flat"), "sum", ["3", None], id="flat: all of it at once"),
        pytest.param(
            target("100", "466", baseline="100", profile="path"), "last", ["100", "160"], id="path: on the way there"
        ),
        pytest.param(
            target(None, "34", goal="at_most", baseline="400", profile="path"), "last", [None, "340"], id="path: down"
        ),
        pytest.param(
            target("-366", "-183", goal="within", profile="even"), "sum", ["-60", "-30"], id="even: below zero"
        ),
        pytest.param(target("366", profile="seasonal"), "last", ["60", None], id="no season but of a sum: even"),
    ],
)
def test_two_months_of_a_leap_year(terms: TargetTerms, accumulation: str, expected: list[str | None]) -> None:
    assert edges(assessed(terms, months(2024, [1, 1]), of=accumulation)) == expected


LINE = (milestone("2024-03-31", "91", "182"), milestone("2024-01-31", "31"))


@pytest.mark.parametrize(
    ("milestones", "through", "accumulation", "baseline", "expected"),
    [
        pytest.param(LINE, "2024-01", "sum", None, ["31", "62"], id="on a milestone, and on the way to one"),
        pytest.param(LINE, "2024-01/2024-02", "sum", None, ["60", "120"], id="between two"),
        pytest.param(LINE, "2024-01/2024-04", "sum", None, ["190.163636", "271.236364"], id="behind the last"),
        pytest.param(LINE, "2024", "sum", None, ["1000", "1000"], id="at the end the edges"),
        pytest.param(LINE, "2024-01", "last", "91", ["31", "122"], id="from the baseline"),
        pytest.param(LINE, "2024-01", "mean", None, ["31", "182"], id="of an average the first holds until its day"),
        pytest.param(LINE[1:], "2024-01", "sum", None, ["31", None], id="an edge without milestones is not known"),
        pytest.param(LINE[1:], "2024", "sum", None, ["1000", "1000"], id="but at the end it is"),
    ],
)
def test_milestones(
    milestones: Sequence[Milestone], through: str, accumulation: str, baseline: str | None, expected: list[str | None]
) -> None:
    terms = target("1000", "1000", milestones=milestones, baseline=baseline)
    assert edges(assessed(terms, [figure(through, "1")], of=accumulation)) == expected


@pytest.mark.parametrize(
    ("spans", "last_year", "expected", "interpolated"),
    [
        pytest.param("2024-01/2024-03", LAST_YEAR, "20", False, id="what had come by the same day"),
        pytest.param("2024-01/2024-04", LAST_YEAR, "29.89011", True, id="a straight line between known days"),
        pytest.param("2024-01/2024-09", LAST_YEAR, "75", True, id="on the line from the last known day to the whole"),
        pytest.param("2024-01-01/2024-01-15", LAST_YEAR, "2.419355", True, id="from zero to the first known day"),
        pytest.param("2024", LAST_YEAR, "100", False, id="the whole"),
        pytest.param("2024-01/2024-03", [figure("2023", "365")], "24.657534", True, id="only the whole is known"),
    ],
)
def test_a_season(spans: str, last_year: list[Figure], expected: str, interpolated: bool) -> None:
    result = assessed(target("100", profile="seasonal"), [figure(spans, "1"), *last_year])
    assert (edges(result)[0], result.interpolated, result.fallback) == (expected, interpolated, False)
    assert result.profile == Profile.SEASONAL


@pytest.mark.parametrize(
    ("period", "last_year"),
    [
        pytest.param("2024", [], id="nothing is known of last year"),
        pytest.param("2024", months(2023, [5, 5]), id="the whole of last year is not known"),
        pytest.param("2024", [*months(2023, [0, 0]), figure("2023", "9")], id="nothing had come by then"),
        pytest.param("2024", [*months(2023, [-1]), figure("2023", "9")], id="less than nothing had come"),
        pytest.param("2024", [figure("2023", "0")], id="last year came to nothing"),
        pytest.param("2024", [*months(2023, [-5, -5]), figure("2023", "-9")], id="last year came to less"),
        pytest.param("2024/2025", [figure("2023/2024", "9"), figure("2022/2023", "9")], id="a term has no season"),
    ],
)
def test_without_a_season_it_is_even_and_says_so(period: str, last_year: list[Figure]) -> None:
    posted = [figure("2024-01", "1"), *last_year]
    seasonal = assessed(target("100", profile="seasonal", period=period), posted)
    even = assessed(target("100", profile="even", period=period), posted)
    assert (seasonal.profile, seasonal.fallback, even.fallback) == (Profile.EVEN, True, False)
    assert seasonal.expected_lower == even.expected_lower


def test_a_third_of_three_is_one() -> None:
    result = assessed(target("3"), [figure("2024-01/2024-05-01", "1")], as_of="2024-05-05")
    assert result.expected_lower == 1
    assert result.status == "on_track"
