"""Numbers as people write them, in both languages: what they mean, what has to be asked, how they are shown."""

from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.numbers import localize_number, read_number

READ = [
    pytest.param("140000", "140000", "140000", id="digits alone"),
    pytest.param("140.000", "140000", "140", id="a point and three digits"),
    pytest.param("140,000", "140", "140000", id="a comma and three digits"),
    pytest.param("1.234,5", "1234.5", "1234.5", id="both signs, the comma last"),
    pytest.param("1,234.5", "1234.5", "1234.5", id="both signs, the point last"),
    pytest.param("1.234.567", "1234567", "1234567", id="two points"),
    pytest.param("1,234,567", "1234567", "1234567", id="two commas"),
    pytest.param("7,5", "7.5", "7.5", id="a comma and one digit"),
    pytest.param("7.5", "7.5", "7.5", id="a point and one digit"),
    pytest.param("7.1234", "7.1234", "7.1234", id="a point and four digits"),
    pytest.param("0.125", "0.125", "0.125", id="nothing before the point that could be grouped"),
    pytest.param("0,125", "0.125", "0.125", id="nothing before the comma that could be grouped"),
    pytest.param("1234.567", "1234.567", "1234.567", id="four digits before the point"),
    pytest.param("140 000", "140000", "140000", id="a space between groups"),
    pytest.param("140\u00a0000", "140000", "140000", id="a space that does not break"),
    pytest.param("140\u202f000,5", "140000.5", "140000.5", id="a narrow space that does not break"),
    pytest.param("−3,5", "-3.5", "-3.5", id="the minus sign that pages show"),
    pytest.param(" -2 ", "-2", "-2", id="spaces around"),
]
REFUSED = [
    pytest.param("1.23.456", id="groups of two"),
    pytest.param("1.234.56", id="a last group of two"),
    pytest.param("1.234 567", id="two signs of grouping"),
    pytest.param("1,2,3", id="a list"),
    pytest.param("1,234.5,6", id="three signs"),
    pytest.param("12 34", id="two numbers"),
    pytest.param("12\n34", id="two lines"),
    pytest.param("1e5", id="an exponent"),
    pytest.param("٢", id="a digit of another script"),
    pytest.param("7,5 %", id="a unit"),
    pytest.param("1" * 19, id="nineteen digits"),
    pytest.param("1.000" + ".000" * 6, id="grouped digits that are too many"),
    pytest.param(",5", id="nothing before the comma"),
    pytest.param("5,", id="nothing after the comma"),
    pytest.param("--5", id="two minus signs"),
    pytest.param("nan", id="not a number"),
]


@pytest.mark.parametrize(("written", "vietnamese", "english"), READ)
def test_each_language_reads_its_own_notation_first(written: str, vietnamese: str, english: str) -> None:
    for language, expected in (("vi", vietnamese), ("en", english)):
        with override(language):
            assert format(read_number(written).value, "f") == expected


@pytest.mark.parametrize("written", REFUSED)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_neither_language_writes_is_refused(written: str, language: str) -> None:
    with override(language), pytest.raises(ValidationProblem) as error:
        read_number(written)
    assert error.value.slug == "invalid-number"


@pytest.mark.parametrize(
    ("language", "written", "decimals", "question"),
    [
        pytest.param("vi", "140.000", 0, "140.000 = 140000?", id="vi, thousands or decimals"),
        pytest.param("vi", "140.000", None, "140.000 = 140000?", id="vi, a number without an indicator"),
        pytest.param("vi", "7.125", 3, "7.125 = 7125?", id="vi, also where three decimals would fit"),
        pytest.param("vi", "-7.125", 2, "-7.125 = −7125?", id="vi, below zero"),
        pytest.param("en", "140.000", 0, "140.000 = 140?", id="en, thousands or decimals"),
        pytest.param("vi", "1,500", 2, "1,500 = 1,5?", id="vi, more decimals than the indicator"),
        pytest.param("vi", "33,3333", 2, "33,3333 = 33,3333?", id="vi, more decimals, whatever their number"),
        pytest.param("en", "7.25", 1, "7.25 = 7.25?", id="en, more decimals"),
        pytest.param("en", "7,125", 3, "7,125 = 7125?", id="en, a comma where three decimals would fit"),
        pytest.param("vi", "1,500", 3, "", id="vi, a comma is the decimal sign"),
        pytest.param("vi", "1,500", None, "", id="vi, a comma without an indicator"),
        pytest.param("en", "140,000", 0, "", id="en, a comma groups"),
        pytest.param("vi", "140000", 0, "", id="vi, digits alone"),
        pytest.param("vi", "1.234.567", 0, "", id="vi, two points"),
        pytest.param("vi", "1.234,50", 1, "", id="vi, a zero at the end is no decimal"),
        pytest.param("vi", "0.125", 3, "", id="vi, nothing to group"),
        pytest.param("vi", "7.5", 2, "", id="vi, one digit after the point"),
        pytest.param("vi", "140.0000", 0, "140.0000 = 140?", id="vi, four zeros after a point"),
        pytest.param("vi", "140.00", 0, "140.00 = 140?", id="vi, two zeros after a point"),
        pytest.param("vi", "0140.000", 0, "0140.000 = 140?", id="vi, a zero in front of thousands"),
        pytest.param("vi", "14.00", 2, "", id="vi, a point and as many decimals as the indicator"),
        pytest.param("en", "140,00", 0, "140,00 = 140?", id="en, two zeros after a comma"),
        pytest.param("en", "7.50", 1, "", id="en, a zero at the end is no decimal"),
    ],
)
def test_what_may_mean_something_else_is_asked(language: str, written: str, decimals: int, question: str) -> None:
    with override(language):
        asked = read_number(written).question(decimals)
    assert asked.startswith(question)
    assert bool(asked) == bool(question)


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=6), st.sampled_from(["vi", "en"]), st.booleans())
def test_what_a_page_shows_reads_back_as_the_same_number(value: Decimal, language: str, grouped: bool) -> None:
    with override(language):
        assert read_number(localize_number(value, grouped=grouped)).value == value
