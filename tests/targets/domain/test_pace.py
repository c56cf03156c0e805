"""What the rest of the period must bring."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.figures import Figure
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.domain.terms import IndicatorTerms
from targets.domain.assessment import AssessmentResult
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import computed, figure, indicator

from .builders import assessed, target


def shown(*numbers: Decimal | None) -> list[str | None]:
    return [None if number is None else to_plain_string(round_half_up(number, 6)) for number in numbers]


def pace(found: AssessmentResult) -> list[str | None]:
    return shown(found.required_lower, found.required_upper)


TWO_MONTHS = [figure("2024-01", "30"), figure("2024-02", "10")]


@pytest.mark.parametrize(
    ("terms", "of", "required"),
    [
        pytest.param(target("140", "240"), indicator(), ["10", "20"], id="a flow: what is left by the months left"),
        pytest.param(target("140"), indicator(), ["10", None], id="no pace for an edge that is not there"),
        pytest.param(target("140"), indicator(frequency="quarter"), ["25", None], id="an unfinished quarter is left"),
        pytest.param(target("140"), indicator(frequency="year"), ["100", None], id="so is an unfinished year"),
        pytest.param(target("30", "35"), indicator(), ["0", "0"], id="at least: nobody must undo anything"),
        pytest.param(target(None, "20", goal="at_most"), indicator(), [None, "-2"], id="at most: somebody must"),
        pytest.param(target("20", "30", goal="within"), indicator(), ["0", "-1"], id="within: only for the upper edge"),
        pytest.param(target("110", baseline="0"), indicator("last"), ["10", None], id="a stock with a baseline"),
        pytest.param(target("110"), indicator("last"), [None, None], id="a stock without"),
        pytest.param(target("110"), indicator("none"), [None, None], id="what does not add up and has no average"),
        pytest.param(target("110"), computed("f", "2 * x"), [None, None], id="any formula"),
    ],
)
def test_the_pace(terms: TargetTerms, of: IndicatorTerms, required: list[str | None]) -> None:
    posted = TWO_MONTHS
    result = assessed(terms, posted, of=of, others=[indicator()] if of.formula else [])
    assert pace(result) == required
    assert result.required_per == (of.frequency.value if any(required) else None)


def test_what_is_final_needs_no_pace() -> None:
    result = assessed(target("50"), [figure("2024", "10")])
    assert (pace(result), result.required_per, result.best_seen) == ([None, None], None, None)


RATE, QUARTERLY = "rate", "quarter"


def posted_rate(kind: str = RATE, frequency: str = QUARTERLY) -> IndicatorTerms:
    return indicator("none", kind=kind, frequency=frequency)


@pytest.mark.parametrize(
    ("terms", "span", "of", "required"),
    [
        pytest.param(target("7.5", "8"), "2024-H1", posted_rate(), ["8.54", "9.54"], id="growth: two quarters of four"),
        pytest.param(target("7.5"), "2024-Q1", posted_rate(), ["7.846667", None], id="growth: one quarter"),
        pytest.param(target("7.5"), "2024-01/2024-09", posted_rate(), ["10.62", None], id="growth: nine months"),
        pytest.param(target("7.5"), "2024-H1", posted_rate("index"), ["8.54", None], id="an index of change"),
        pytest.param(target(None, "4", goal="at_most"), "2024-H1", posted_rate(), [None, "1.54"], id="at most"),
        pytest.param(target("7.5"), "2024-05", posted_rate(frequency="month"), [None, None], id="one month: partial"),
        pytest.param(target("7.5"), "2024-01/2024-05", posted_rate(), [None, None], id="not the end of a quarter"),
        pytest.param(target("7.5"), "2024-H1", posted_rate("level"), [None, None], id="a level has no average"),
        pytest.param(target("7.5"), "2024-H1", posted_rate("share"), [None, None], id="nor has a share"),
        pytest.param(target("7.5"), "2024-H1", posted_rate("rank"), [None, None], id="nor a rank"),
        pytest.param(
            target("7.5", period="2024-01-15/2024-12-31"),
            "2024-01-15/2024-06-30",
            posted_rate(),
            [None, None],
            id="a first quarter that is cut short",
        ),
        pytest.param(
            target("7.5", period="2024-01/2024-11"), "2024-H1", posted_rate(), [None, None], id="a last one cut short"
        ),
        pytest.param(
            target("7.5", period="2024-04/2025-03"),
            "2024-04/2024-09",
            posted_rate(),
            ["8.54", None],
            id="a fiscal year from April",
        ),
        pytest.param(
            target("7.5", period="2024-02/2025-01"),
            "2024-02/2024-04",
            posted_rate(),
            ["7.846667", None],
            id="quarters of the target, not of the calendar",
        ),
        pytest.param(
            target("4", period="2024-01-01/2024-01-10"),
            "2024-01-01/2024-01-05",
            posted_rate(frequency="day"),
            ["1.54", None],
            id="days",
        ),
    ],
)
def test_what_the_rest_of_a_posted_rate_must_show(
    terms: TargetTerms, span: str, of: IndicatorTerms, required: list[str | None]
) -> None:
    result = assessed(terms, [figure(span, "6.46")], of=of, as_of="2024-12-05")
    assert result.actual is not None
    assert pace(result) == required
    is_given = any(required)
    assert (result.required_per, result.required_assumes) == (("rest", "equal-weights") if is_given else (None, None))


@pytest.mark.parametrize(
    ("period", "spans", "of", "required"),
    [
        pytest.param("2024", ["2024-01", "2024-02"], indicator("mean"), "12", id="months weigh the same"),
        pytest.param("2024", ["2024-Q1"], indicator("mean"), "13.333333", id="a quarter weighs three months"),
        pytest.param(
            "2024", ["2024-01-01/2024-02-29"], indicator("mean"), "12", id="two whole months, written in days"
        ),
        pytest.param("2024", ["2024-01-01/2024-02-10"], indicator("mean"), "11.261538", id="by days: a month is cut"),
        pytest.param(
            "2024",
            ["2024-01", "2024-02"],
            indicator("mean", frequency="quarter"),
            "11.960784",
            id="by days: no quarter",
        ),
        pytest.param(
            "2024-02/2025-01",
            ["2024-02/2024-04"],
            indicator("mean", frequency="quarter"),
            "13.26087",
            id="by days: not quarters of the calendar",
        ),
        pytest.param(
            "2024-01/2024-11", ["2024-Q1"], indicator("mean", frequency="quarter"), "13.729508", id="by days: P is cut"
        ),
    ],
)
def test_what_the_rest_of_an_average_must_show(
    period: str, spans: list[str], of: IndicatorTerms, required: str
) -> None:
    result = assessed(target("10", period=period), [figure(span, "0") for span in spans], of=of, as_of="2024-06-30")
    assert (pace(result), result.required_per, result.required_assumes) == ([required, None], "rest", None)


@given(
    edge=st.decimals("-50", "50", places=2),
    value=st.decimals("-50", "50", places=2),
    quarters=st.integers(1, 3),
)
def test_the_required_rest_and_what_is_there_average_to_the_edge(edge: Decimal, value: Decimal, quarters: int) -> None:
    so_far = figure(f"2024-01/2024-{3 * quarters:02}", str(value))
    needed = assessed(target(str(edge)), [so_far], of=posted_rate(), as_of="2024-12-05").required_lower
    assert needed is not None
    assert round_half_up((value * quarters + needed * (4 - quarters)) / 4, 9) == edge


LAST_YEAR = [figure("2023-01", "10"), figure("2023-02", "10"), figure("2023", "100")]


@pytest.mark.parametrize(
    ("posted", "formula", "required"),
    [
        pytest.param([*LAST_YEAR, figure("2024-01", "11")], "yoy(x)", "21.111111", id="behind"),
        pytest.param([*LAST_YEAR, figure("2024-01", "30")], "yoy(x)", "0", id="ahead"),
        pytest.param([*LAST_YEAR, figure("2024-01", "75")], "yoy(x)", "-50", id="ahead by far"),
        pytest.param([LAST_YEAR[0], figure("2024-01", "11")], "yoy(x)", None, id="last year is not known"),
        pytest.param(
            [LAST_YEAR[0], figure("2023", "10"), figure("2024-01", "11")], "yoy(x)", None, id="nothing came after"
        ),
        pytest.param(
            [LAST_YEAR[0], figure("2023", "9"), figure("2024-01", "11")], "yoy(x)", None, id="less than nothing came"
        ),
        pytest.param([*LAST_YEAR, figure("2024-01", "11")], "yoy(x) + 0", None, id="of something more than growth"),
        pytest.param([*LAST_YEAR, figure("2024-01", "11")], "yoy(x + x)", None, id="of more than one indicator"),
    ],
)
def test_the_growth_the_rest_must_show(posted: Sequence[Figure], formula: str, required: str | None) -> None:
    result = assessed(target("20"), posted, of=computed("f", formula), others=[indicator()])
    assert pace(result) == [required, None]


def test_growth_of_a_stock_needs_no_pace() -> None:
    posted = [*LAST_YEAR, figure("2024-01", "11")]
    result = assessed(target("20"), posted, of=computed("f", "yoy(x)"), others=[indicator("last")])
    assert result.actual is not None
    assert pace(result) == [None, None]


def test_last_year_is_among_the_figures_of_the_pace() -> None:
    posted = [*LAST_YEAR, figure("2024-01", "11")]
    result = assessed(target("20"), posted, of=computed("f", "yoy(x)"), others=[indicator()])
    assert [str(used.figure.period) for used in result.figures] == ["2023-01", "2023", "2024-01"]
