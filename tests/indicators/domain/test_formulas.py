"""Reading formulas."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.formulas import MAX_DEPTH, InvalidFormula, computable_codes, parse_formula


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        pytest.param("yoy(retail-sales)", {"retail-sales"}, id="a code with a hyphen"),
        pytest.param("100 * st-certified-firms / st-fund-firms", {"st-certified-firms", "st-fund-firms"}, id="ratio"),
        pytest.param("a-b", {"a-b"}, id="without spaces it is one code"),
        pytest.param("a - b", {"a", "b"}, id="with spaces it is a difference"),
        pytest.param("a\n+\tb", {"a", "b"}, id="other spaces mean nothing"),
        pytest.param("max(a, b, 3.25)", {"a", "b"}, id="many parts"),
        pytest.param("min(a)", {"a"}, id="one part"),
        pytest.param("minimum + max-speed", {"minimum", "max-speed"}, id="codes that begin like functions"),
        pytest.param("-a * -2", {"a"}, id="signs"),
        pytest.param("a2-3b / 2", {"a2-3b"}, id="digits in a code"),
        pytest.param("yoy(previous(x) + yoy(y))", {"x", "y"}, id="functions of functions"),
    ],
)
def test_inputs(text: str, inputs: set[str]) -> None:
    assert parse_formula(text).inputs == inputs
    assert parse_formula(text).text == text


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        pytest.param("", "the formula ends", 0, id="nothing"),
        pytest.param("a +", "the formula ends", 3, id="an operand missing"),
        pytest.param("a b", "expected an operator, found 'b'", 2, id="an operator missing"),
        pytest.param("(a", "expected ')', the formula ends", 2, id="a parenthesis missing"),
        pytest.param("a)", "expected an operator, found ')'", 1, id="a parenthesis too many"),
        pytest.param("A + b", "unexpected 'A'", 0, id="a capital letter"),
        pytest.param("a & b", "unexpected '&'", 2, id="a foreign sign"),
        pytest.param("a ** b", "found '*'", 3, id="a power"),
        pytest.param("yoy", "expected '(', the formula ends", 3, id="a function without its part"),
        pytest.param("yoy()", "found ')'", 4, id="a function of nothing"),
        pytest.param("yoy(a, b)", "yoy() takes one part", 0, id="a function of two"),
        pytest.param("previous(a, b)", "previous() takes one part", 0, id="previous of two"),
        pytest.param("sum(a)", "'sum' is none of max, min, previous, yoy", 0, id="an unknown function"),
        pytest.param("max(a, )", "found ')'", 7, id="a part missing"),
        pytest.param("1 + 2", "names at least one indicator", 0, id="numbers only"),
        pytest.param("a + 1e5", "expected an operator, found 'e5'", 5, id="an exponent"),
        pytest.param("a + .5", "unexpected '.'", 4, id="a point without digits before"),
        pytest.param("a + 5.", "unexpected '.'", 5, id="a point without digits behind"),
        pytest.param("a + ٣", "unexpected", 4, id="digits of another script"),
        pytest.param("a-", "the formula ends", 2, id="a hyphen at the end"),
        pytest.param("+a", "found '+'", 0, id="a plus before"),
        pytest.param("a + " + "1" * 41, "at most 40 characters", 4, id="a very long number"),
        pytest.param("a" * 1001, "at most 1000 characters", 1000, id="a very long text"),
        pytest.param("a\x00", "unexpected", 1, id="a zero byte"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text: str, message: str, position: int) -> None:
    with pytest.raises(InvalidFormula) as refused:
        parse_formula(text)
    assert message in str(refused.value)
    assert refused.value.position == position
    assert f"at character {position + 1}" in str(refused.value)


@pytest.mark.parametrize(
    "nested",
    [
        pytest.param("(" * 400 + "a" + ")" * 400, id="parentheses"),
        pytest.param("-" * 900 + "a", id="signs"),
        pytest.param("yoy(" * 180 + "a" + ")" * 180, id="functions"),
        pytest.param("(" * 999, id="open parentheses"),
    ],
)
def test_deep_nesting_is_refused(nested: str) -> None:
    with pytest.raises(InvalidFormula, match=f"nested more than {MAX_DEPTH} deep"):
        parse_formula(nested)


def test_nesting_up_to_the_limit_is_read() -> None:
    assert parse_formula("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH).inputs == {"a"}


def test_a_long_chain_is_not_deep() -> None:
    assert parse_formula(" + ".join(["a"] * 250)).root.depth == 2


def test_a_formula_is_read_once() -> None:
    assert parse_formula("a + b") is parse_formula("a + b")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("yoy(x)", "x", id="the growth of one code"),
        pytest.param(" ( yoy( x ) ) ", "x", id="in parentheses"),
        pytest.param("yoy(x + y)", None, id="of two codes"),
        pytest.param("yoy(x) * 1", None, id="with something more"),
        pytest.param("previous(x)", None, id="another function"),
    ],
)
def test_growth_of(text: str, code: str | None) -> None:
    assert parse_formula(text).growth_input() == code


@given(st.text(alphabet="ab-+*/(),. 019yo", max_size=60))
def test_every_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidFormula):
        assert parse_formula(text).inputs


def test_formulas_within_depth() -> None:
    chain = {f"c{number}": parse_formula(f"c{number - 1} + 1") for number in range(1, 60)}
    reachable = computable_codes(chain)
    assert "c40" in reachable
    assert "c41" not in reachable


def test_a_cycle_is_not_within_depth() -> None:
    assert computable_codes(
        {"a": parse_formula("b"), "b": parse_formula("a"), "c": parse_formula("a + x"), "d": parse_formula("x")}
    ) == {"d"}
