"""Formulas in texts: defused on the way out, restored on the way in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitracker.lib.spreadsheets.formula_injection import escape_formula, unescape_formula

BEGINNINGS = "=+-@\t\r\n＝＋－＠"


@given(st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\n09. a"), st.characters())))
def test_whatever_was_defused_comes_back(written: str) -> None:
    assert unescape_formula(escape_formula(written)) == written


@given(st.text())
def test_nothing_that_goes_out_begins_a_formula(written: str) -> None:
    shown = escape_formula(written)
    assert not shown.startswith(tuple(BEGINNINGS)) or float(shown) <= 0


DEFUSED = [
    pytest.param("=1+1", "'=1+1", id="a formula gets an apostrophe"),
    pytest.param("@SUM(A1)", "'@SUM(A1)", id="so does an old one"),
    pytest.param("-2+3", "'-2+3", id="so does one that begins with minus"),
    pytest.param("\t=1", "'\t=1", id="so does one behind a tab"),
    pytest.param("'=1", "''=1", id="an apostrophe of its own stays its own"),
    pytest.param("-7.5", "-7.5", id="a negative number stays a number"),
    pytest.param("'quoted'", "'quoted'", id="quotation marks stay as they are"),
    pytest.param("", "", id="nothing stays nothing"),
]


@pytest.mark.parametrize(("written", "shown"), DEFUSED)
def test_defused(written: str, shown: str) -> None:
    assert escape_formula(written) == shown
