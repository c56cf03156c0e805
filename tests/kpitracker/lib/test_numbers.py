"""The grammar of numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.numbers import NumberText, canonical_decimal, fits_column, parse_number

REFUSED = [
    pytest.param("NaN", id="not a number"),
    pytest.param("Infinity", id="infinite"),
    pytest.param("1e400", id="an exponent"),
    pytest.param("1e1000000", id="an exponent that would take half a minute"),
    pytest.param("1" * 5000, id="five thousand digits"),
    pytest.param("1" * 19, id="nineteen digits before the point"),
    pytest.param("0.1234567", id="seven digits after the point"),
    pytest.param("1_000", id="an underscore"),
    pytest.param("٢", id="digits of another script"),
    pytest.param(" 12 ", id="spaces around"),
    pytest.param("12\n", id="a line end"),
    pytest.param("+1", id="a plus sign"),
    pytest.param(".5", id="nothing before the point"),
    pytest.param("5.", id="nothing after the point"),
    pytest.param("7,5", id="a decimal comma"),
    pytest.param("", id="nothing"),
    pytest.param("--1", id="two signs"),
    pytest.param(True, id="true"),
    pytest.param(None, id="null"),
    pytest.param(["1"], id="a list"),
    pytest.param(1.5, id="a float of the program, whose digits nobody wrote"),
]


@pytest.mark.parametrize("given_value", REFUSED)
def test_refused(given_value: object) -> None:
    with pytest.raises(ValidationProblem) as error:
        parse_number(given_value)
    assert error.value.slug == "invalid-number"


TAKEN = [
    pytest.param("979000", "979000", id="a whole number"),
    pytest.param(NumberText("7.50"), "7.5", id="a JSON number without its trailing zero"),
    pytest.param("-0.65", "-0.65", id="a negative one"),
    pytest.param("-0", "0", id="minus nothing is nothing"),
    pytest.param("000123", "123", id="leading zeros"),
    pytest.param("999999999999999999.999999", "999999999999999999.999999", id="all the digits there may be"),
]


@pytest.mark.parametrize(("given_value", "shown"), TAKEN)
def test_taken(given_value: object, shown: str) -> None:
    assert format(parse_number(given_value), "f") == shown


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**17), max_value=10**17, places=6))
def test_what_is_shown_reads_back_as_the_same_number(value: Decimal) -> None:
    assert parse_number(format(canonical_decimal(value), "f")) == value


@given(st.decimals(min_value=-(10**17), max_value=10**17, places=12))
def test_twelve_places_are_never_rounded(value: Decimal) -> None:
    assert canonical_decimal(value) == value
    assert fits_column(value, 12)


def test_a_column_takes_only_what_it_can_hold() -> None:
    assert fits_column(Decimal("1.123456"), 6)
    assert not fits_column(Decimal("1.1234567"), 6)
    assert not fits_column(Decimal(10**18), 6)
    assert not fits_column(Decimal("NaN"), 6)
