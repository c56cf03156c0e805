"""The value to expect at the end of the period."""

from collections.abc import Sequence

import pytest

from indicators.domain.figures import Figure
from indicators.domain.rounding import round_half_up, to_plain_string
from targets.domain.assessment import AssessmentResult
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import computed, figure, indicator, months

from .builders import assessed, milestone, target


def projection(found: AssessmentResult) -> list[str | None]:
    numbers = (found.projection, found.projection_low, found.projection_high)
    return [None if number is None else to_plain_string(round_half_up(number, 6)) for number in numbers]


NINE = [*months(2023, [10]), figure("2023", "90")]
FIVE = [*months(2022, [10]), figure("2022", "50")]
HALFWAY = [milestone("2024-01-31", "20")]


@pytest.mark.parametrize(
    ("terms", "earlier", "expected"),
    [
        pytest.param(target("100"), [], ["118.064516", None, None], id="as it went on the days so far"),
        pytest.param(target("100", profile="flat"), [], ["118.064516", None, None], id="whatever the profile"),
        pytest.param(target("100", profile="seasonal"), NINE, ["90", None, None], id="as last year went on"),
        pytest.param(target("100", profile="seasonal"), NINE + FIVE, ["90", "50", "90"], id="as the years before"),
        pytest.param(target("100", profile="seasonal"), FIVE, ["118.064516", None, None], id="not without last year"),
        pytest.param(target("100", milestones=HALFWAY), [], ["50", None, None], id="as the milestones have it"),
        pytest.param(
            target("100", "200", goal="within", milestones=[milestone("2024-01-31", "20", "30")]),
            [],
            ["50", None, None],
            id="within: by the lower edge",
        ),
        pytest.param(
            target(None, "100", goal="at_most", milestones=[milestone("2024-01-31", None, "25")]),
            [],
            ["40", None, None],
            id="at most: by the upper edge",
        ),
        pytest.param(target("0", milestones=HALFWAY), [], [None, None, None], id="not towards an edge of zero"),
        pytest.param(
            target("100", milestones=[milestone("2024-01-31", "0")]),
            [],
            [None, None, None],
            id="not from a share of zero",
        ),
        pytest.param(target("-100", milestones=HALFWAY), [], [None, None, None], id="nor from one below zero"),
    ],
)
def test_a_flow(terms: TargetTerms, earlier: Sequence[Figure], expected: list[str | None]) -> None:
    assert projection(assessed(terms, [*months(2024, [10]), *earlier])) == expected


@pytest.mark.parametrize(
    ("terms", "posted", "expected"),
    [
        pytest.param(
            target("9", baseline="4", period="2024-01-01/2024-04-09"), ["2024-01-01/2024-01-20"], "34", id="on"
        ),
        pytest.param(
            target("9", baseline="4", baseline_date="2023-12-11", period="2024-01-01/2024-04-09"),
            ["2024-01-01/2024-01-20"],
            "22",
            id="from the day of the baseline",
        ),
        pytest.param(
            target("9", baseline="4", baseline_date="2024-01-20"), ["2024-01-20"], "10", id="no line from its own day"
        ),
        pytest.param(target("9"), ["2024-01", "2024-02"], "10", id="not from figures near each other"),
        pytest.param(target("9"), ["2024-01"], "10", id="not from one figure"),
    ],
)
def test_a_stock(terms: TargetTerms, posted: list[str], expected: str) -> None:
    result = assessed(terms, [figure(span, "10") for span in posted], of="last")
    assert projection(result) == [expected, None, None]


@pytest.mark.parametrize(
    ("last_day", "expected", "used"),
    [
        pytest.param("2024-02-04", "35.2", ["2024-01-10", "2024-02-04"], id="a quarter of the days behind the first"),
        pytest.param("2024-02-03", "17", ["2024-02-03"], id="a day less"),
    ],
)
def test_a_stock_without_baseline(last_day: str, expected: str, used: list[str]) -> None:
    terms = target("9", period="2024-01-01/2024-04-09")
    result = assessed(terms, [figure("2024-01-10", "10"), figure(last_day, "17")], of="last")
    assert projection(result)[0] == expected
    assert [str(row.figure.period) for row in result.figures] == used


def test_of_two_first_figures_the_later_published_is_the_origin() -> None:
    early = figure("2024-01-10", "0", published="2024-01-11")
    late = figure("2024-01-01/2024-01-10", "5", published="2024-01-12")
    result = assessed(target("9", period="2024-01-01/2024-04-09"), [late, early, figure("2024-02-09", "8")], of="last")
    assert projection(result)[0] == "14"


@pytest.mark.parametrize("accumulation", ["mean", "none"])
def test_everything_else_stays_as_it_is(accumulation: str) -> None:
    result = assessed(target("9"), [figure("2024-01/2024-02", "10")], of=accumulation)
    assert projection(result) == ["10", None, None]


def test_so_does_a_formula() -> None:
    result = assessed(target("9"), months(2024, [10]), of=computed("f", "2 * x"), others=[indicator()])
    assert projection(result) == ["20", None, None]


@pytest.mark.parametrize("accumulation", ["sum", "mean", "last", "none"])
def test_what_is_final_needs_no_projection(accumulation: str) -> None:
    result = assessed(target("9"), [figure("2024", "10")], of=accumulation)
    assert projection(result) == ["10", "10", "10"]
