"""A template that somebody filled in and saved with LibreOffice Calc."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpitracker.lib.spreadsheets.reading import Workbook
from kpitracker.lib.spreadsheets.template import is_template
from tests.kpitracker.lib.spreadsheets.files import workbook

SAVED = Path(__file__).with_name("filled_in_libreoffice.xlsx")


@pytest.fixture
def book() -> Iterator[Workbook]:
    with SAVED.open("rb") as file:
        yield Workbook(file)


TYPED = [
    pytest.param(1, {3: "2.5", 6: "preliminary", 7: "2024-02-05", 8: "Báo cáo số 12"}, id="numbers, days and words"),
    pytest.param(2, {3: "4.1", 7: "2024-03"}, id="a month stays a month"),
    pytest.param(4, {3: "7.7"}, id="a cell that computes 1.1 * 7"),
    pytest.param(6, {3: "12345678901234567.123456"}, id="a long number, typed as a text"),
    pytest.param(
        7, {3: "", 4: "not_available", 9: "=chưa tổng hợp"}, id="a reason, and a note that looks like a formula"
    ),
    pytest.param(8, {0: "public-investment-disbursement-rate", 2: "2024-08", 3: "", 4: ""}, id="a row left alone"),
    pytest.param(12, {1: "hcmc", 2: "2024-Q1", 3: "5"}, id="a row added below"),
]


@pytest.mark.parametrize(("row", "cells"), TYPED)
def test_what_was_typed_is_read(book: Workbook, row: int, cells: dict[int, str]) -> None:
    rows = list(book.rows("figures"))
    assert {place: rows[row][place] for place in cells} == cells


def test_it_is_still_known_as_a_template(book: Workbook) -> None:
    assert is_template(book)
    assert not is_template(Workbook(workbook([["kpitracker-template 1"]])))
    assert not is_template(Workbook(workbook([["other"]], "about")))
