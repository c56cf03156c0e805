"""Rounding half up, the context of 50 digits, plain notation."""

from decimal import Decimal, DivisionByZero, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.rounding import exact_arithmetic, round_for_comparison, round_half_up, to_plain_string

numbers = st.decimals(min_value=-(10**24), max_value=10**24, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [
        pytest.param("0.5", 0, "1", id="a half goes up"),
        pytest.param("-0.5", 0, "-1", id="a half below zero goes away from zero"),
        pytest.param("2.445", 2, "2.45", id="an even digit before the half makes no difference"),
        pytest.param("2.4449", 2, "2.44", id="less than a half goes down"),
        pytest.param("7", 6, "7", id="a whole number stays"),
        pytest.param("0.9999999999999", 12, "1", id="the twelfth place carries"),
        pytest.param("9" * 50, 12, "9" * 50, id="fifty digits before the point stay"),
        pytest.param("1e300", 6, "1" + "0" * 300, id="a huge number stays"),
    ],
)
def test_half_up(value: str, places: int, rounded: str) -> None:
    assert to_plain_string(round_half_up(Decimal(value), places)) == rounded


def test_a_third_of_three_is_one() -> None:
    with exact_arithmetic():
        third = Decimal(1) / 3
        assert third * 3 != 1
        assert round_for_comparison(third * 3) == 1


def test_fifty_digits_are_kept() -> None:
    with exact_arithmetic():
        assert len((Decimal(1) / 7).as_tuple().digits) == 50


def test_there_is_never_a_nan() -> None:
    with exact_arithmetic(), pytest.raises(DivisionByZero):
        Decimal(1) / 0
    with exact_arithmetic(), pytest.raises(InvalidOperation):
        Decimal(0) / 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("7.50", "7.5", id="no trailing zeros"),
        pytest.param("-0.65", "-0.65", id="a leading zero"),
        pytest.param("1.9E+5", "190000", id="no exponent"),
        pytest.param("190000", "190000", id="zeros before the point stay"),
        pytest.param("1E-12", "0.000000000001", id="no exponent of small ones"),
        pytest.param("-0.000", "0", id="zero has no sign"),
        pytest.param("0E+3", "0", id="zero has no exponent"),
    ],
)
def test_plain(value: str, text: str) -> None:
    assert to_plain_string(Decimal(value)) == text


@given(numbers)
def test_plain_says_the_same_number(value: Decimal) -> None:
    assert Decimal(to_plain_string(value)) == value


@given(numbers, st.integers(0, 12))
def test_rounding_moves_by_half_a_unit_at_most(value: Decimal, places: int) -> None:
    with exact_arithmetic():
        assert abs(round_half_up(value, places) - value) <= Decimal(5).scaleb(-places - 1)
