"""Values of formulas, what they rest on, and how they are spelled."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.periods import Period
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.domain.value_resolver import ValueResolver

from .builders import book, computed, figure, indicator, months

X = [*months(2024, [30, 10]), *months(2023, [20, 10]), figure("2023-12", "5"), figure("2023-11", "3")]
Y = [*months(2024, [4, 6]), *months(2023, [0, 8])]


def value(formula: str, span: str = "2024-01/2024-02") -> str | None:
    result = book(indicator(code="x"), indicator(code="y"), computed("f", formula), x=X, y=Y).value(
        "f", Period.parse(span)
    )
    return None if result is None else to_plain_string(round_half_up(result, 6))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        pytest.param("x + y", "50", id="a sum of values over the span"),
        pytest.param("x / y", "4", id="the ratio of sums, not the mean of ratios"),
        pytest.param("x - y - 1", "29", id="from left to right"),
        pytest.param("x - (y - 1)", "31", id="parentheses first"),
        pytest.param("2 + 3 * y", "32", id="times binds tighter than plus"),
        pytest.param("100 * x / y / 2", "200", id="divisions from left to right"),
        pytest.param("-x + 1", "-39", id="a sign binds tightest"),
        pytest.param("-(x + y) * 2", "-100", id="the sign of a sum"),
        pytest.param("2 * -y", "-20", id="a sign behind a sign"),
        pytest.param("min(x, y, 25)", "10", id="the least"),
        pytest.param("max(x, y, 45.5)", "45.5", id="the greatest"),
        pytest.param("yoy(x)", "33.333333", id="the growth of sums, not the mean of growths"),
        pytest.param("yoy(x + y)", "31.578947", id="the growth of an expression"),
        pytest.param("previous(x)", "8", id="as many months just before"),
        pytest.param("x / (y - 10)", None, id="a division by zero"),
        pytest.param("(y - 10) / (y - 10)", None, id="zero over zero"),
        pytest.param("previous(y)", None, id="an input that is missing before"),
        pytest.param("x + absent", None, id="an input that the book does not know"),
        pytest.param("max(x, absent)", None, id="the greatest of something missing"),
        pytest.param("0.1 + 0.2 + 0 * x", "0.3", id="literals are exact"),
        pytest.param(" * ".join(["x"] * 100), None, id="more digits than can be compared"),
    ],
)
def test_a_formula_over_a_span(formula: str, expected: str | None) -> None:
    assert value(formula) == expected


def test_growth_from_nothing_is_no_value() -> None:
    assert value("yoy(y)", "2024-01") is None
    assert value("yoy(y)", "2024-02") == "-25"


@pytest.mark.parametrize(
    ("base", "now", "expected"),
    [
        pytest.param("-100", "-120", None, id="a loss that grows is no growth"),
        pytest.param("-100", "-50", None, id="a loss that halves is no fall"),
        pytest.param("-100", "50", None, id="a loss that becomes a profit has no growth"),
        pytest.param("0", "50", None, id="from nothing there is no growth"),
        pytest.param("0.000001", "0.000002", "100", id="the least base above zero will do"),
        pytest.param("100", "-20", "-120", id="a profit that becomes a loss fell by more than all"),
        pytest.param("100", "0", "-100", id="all may be lost"),
    ],
)
def test_growth_needs_a_base_above_zero(base: str, now: str, expected: str | None) -> None:
    posted = [figure("2023", base), figure("2024", now)]
    result = book(indicator(), computed("f", "yoy(x)"), x=posted).value("f", Period.parse("2024"))
    assert (None if result is None else to_plain_string(round_half_up(result, 6))) == expected


@pytest.mark.parametrize(
    ("formula", "accumulation", "day", "span", "has_value"),
    [
        pytest.param("yoy(x)", "sum", "2023-01-01", "2024-01", True, id="a break on the first day of the earlier span"),
        pytest.param("yoy(x)", "sum", "2023-01-02", "2024-01", False, id="a break inside the earlier span"),
        pytest.param("yoy(x)", "sum", "2023-06-15", "2024-01", False, id="a break between the spans"),
        pytest.param("yoy(x)", "sum", "2024-01-31", "2024-01", False, id="a break on the last day of the later span"),
        pytest.param("yoy(x)", "sum", "2024-02-01", "2024-01", True, id="a break behind both"),
        pytest.param("yoy(x)", "last", "2023-01-31", "2024-01", True, id="of a stock only the last days count"),
        pytest.param("yoy(x)", "last", "2023-02-01", "2024-01", False, id="a stock with a break between them"),
        pytest.param("previous(x)", "sum", "2024-02-01", "2024-02", False, id="the month before is on the other side"),
        pytest.param("previous(x)", "sum", "2024-03-01", "2024-02", True, id="the month before is on the same side"),
        pytest.param("yoy(2 * g)", "sum", "2023-06-15", "2024-01", False, id="through another formula"),
        pytest.param("x + yoy(y)", "sum", "2023-06-15", "2024-02", True, id="another series has no break"),
        pytest.param("2 * x", "sum", "2023-06-15", "2024-01", True, id="a formula that compares no spans"),
    ],
)
def test_a_growth_across_a_break(formula: str, accumulation: str, day: str, span: str, has_value: bool) -> None:
    x = indicator(accumulation)._replace(breaks=(date.fromisoformat(day),))
    existing = book(x, indicator(code="y"), computed("g", "x + 1"), computed("f", formula), x=X, y=Y)
    assert (existing.value("f", Period.parse(span)) is not None) == has_value


def test_a_break_of_the_formula_itself_means_nothing() -> None:
    growth = computed("f", "yoy(x)")._replace(breaks=(date(2023, 6, 15),))
    assert book(indicator(), growth, x=X).value("f", Period.parse("2024-01")) == 50


def test_a_year_before_the_calendar_is_no_value() -> None:
    deep = "previous(" * 30 + "x" + ")" * 30
    assert value(deep, "1900/2199") is None


def test_formulas_may_need_formulas() -> None:
    terms = [indicator(), computed("growth", "yoy(x)"), computed("double", "2 * growth + x")]
    nested = book(*terms, x=X)
    assert nested.value("double", Period.parse("2024-01")) == 130
    assert nested.stored_inputs("double") == ("x",)
    assert nested.stored_inputs("x") == ("x",)


def test_a_cycle_has_no_value() -> None:
    circular = book(computed("a", "b + 1"), computed("b", "a + x"), indicator(), x=X)
    assert circular.value("a", Period.parse("2024-01")) is None
    assert circular.stored_inputs("a") == ("x",)


@pytest.mark.parametrize(
    "formulas",
    [
        pytest.param({f"c{n}": f"c{n - 1} + c{n - 1}" for n in range(1, 40)}, id="doubled at every level"),
        pytest.param({f"c{n}": f"c{n - 1} * c{n - 1}" for n in range(1, 40)}, id="squared at every level"),
        pytest.param({f"c{n}": f"yoy(c{n - 1})" for n in range(1, 20)}, id="growth of growth of growth"),
        pytest.param({f"c{n}": f"c{n - 1} + 1" for n in range(1, 3000)}, id="three thousand levels"),
        pytest.param({"c1": "yoy(" * 32 + "c0" + ")" * 32}, id="thirty-two growths in one"),
        pytest.param({"c1": "yoy(previous(" * 16 + "c0" + "))" * 16}, id="two kinds of steps"),
    ],
)
def test_hostile_formulas_are_quick_and_safe(formulas: dict[str, str]) -> None:
    terms = [computed(code, text) for code, text in formulas.items()]
    hostile = book(indicator(code="c0"), *terms, c0=[figure(str(year), "2") for year in range(1960, 2025)])
    top = terms[-1].code
    began = time.process_time()
    hostile.value(top, Period.parse("2024"))
    assert len(hostile.explain(top, Period.parse("2024")).formula) < 2000
    assert time.process_time() - began < 2


def spelled(accumulation: str, formula: str = "") -> str:
    existing = book(indicator(accumulation), computed("f", formula or "x"), x=X)
    explained = existing.explain("f" if formula else "x", Period.parse("2024-01/2024-02"))
    return f"{explained.formula} = {'' if explained.value is None else to_plain_string(explained.value)}"


@pytest.mark.parametrize(
    ("accumulation", "formula", "text"),
    [
        pytest.param("sum", "", "30 + 10 = 40", id="a sum"),
        pytest.param("mean", "", "(30 * 1 + 10 * 1) / 2 = 20", id="a mean by reporting periods"),
        pytest.param("last", "", "10 = 10", id="the last"),
        pytest.param("none", "", " = ", id="no value"),
        pytest.param("sum", "yoy(x)", "((30 + 10) / (20 + 10) - 1) * 100 = 33.333333333333", id="growth"),
        pytest.param("last", "100 * x / 3", "100 * 10 / 3 = 333.333333333333", id="a chain"),
        pytest.param("last", "x - 2 * x", "10 - (2 * 10) = -10", id="a part of a chain"),
        pytest.param("last", "-x", "-10 = -10", id="a sign"),
        pytest.param("last", "max(x, -1)", "max(10, (-1)) = 10", id="an extreme"),
        pytest.param("sum", "previous(x)", "3 + 5 = 8", id="the span before"),
    ],
)
def test_the_arithmetic_is_spelled_with_numbers(accumulation: str, formula: str, text: str) -> None:
    assert spelled(accumulation, formula) == text


def test_an_explanation_names_every_figure_once_in_order() -> None:
    existing = book(indicator(), computed("f", "yoy(x) + x"), x=X)
    explained = existing.explain("f", Period.parse("2024-01/2024-02"))
    assert [str(row.figure.period) for row in explained.figures] == ["2023-01", "2023-02", "2024-01", "2024-02"]
    assert {row.indicator for row in explained.figures} == {"x"}


def test_the_series_of_a_formula_has_the_spans_of_its_inputs() -> None:
    existing = book(indicator(), computed("f", "yoy(x)"), x=[*X, figure("2024-01/2024-02", "60")])
    results = {str(span): str(value) for span, value in existing.computed_values("f")}
    assert results == {"2024-01": "50.000000000000", "2024-02": "0E-12", "2024-01/2024-02": "100.000000000000"}


def test_a_book_without_figures_has_no_values() -> None:
    empty = ValueResolver([indicator()], {})
    assert empty.value("x", Period.parse("2024")) is None
    assert empty.explain("x", Period.parse("2024")) == (None, (), "")


def test_an_unknown_indicator_is_an_error() -> None:
    with pytest.raises(KeyError):
        ValueResolver([], {}).value("x", Period.parse("2024"))


operands = st.integers(-99, 99).map(Decimal)


@given(st.lists(st.tuples(st.sampled_from("+-"), operands, operands), min_size=1, max_size=8))
def test_products_come_before_sums(terms: list[tuple[str, Decimal, Decimal]]) -> None:
    text = "0 * x" + "".join(f" {sign} {left} * {right}" for sign, left, right in terms)
    expected = sum((left * right if sign == "+" else -left * right for sign, left, right in terms), Decimal(0))
    existing = book(indicator(), computed("f", text), x=[figure("2024", "1")])
    assert existing.value("f", Period.parse("2024")) == expected
