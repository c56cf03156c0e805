"""What goes out as a file comes back as the same texts."""

import csv
import io
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpRequest
from hypothesis import example, given
from hypothesis import strategies as st
from rest_framework.request import Request

from kpitracker.lib.errors import DomainError, Unprocessable
from kpitracker.lib.numbers import parse_number
from kpitracker.lib.rest.exports import CsvRenderer, Export, export_response
from kpitracker.lib.spreadsheets import reading, writing
from kpitracker.lib.spreadsheets.flatten import Cell, Column, columns_of, row_cells
from kpitracker.lib.spreadsheets.formula_injection import unescape_formula
from kpitracker.lib.text_validation import find_fault
from targets.payloads.assessments import TargetStatusPayload

COLUMNS = [Column("value", ("value",), is_number=True), Column("note", ("note",))]
NUMBERS = st.decimals(min_value=-(10**18) + 1, max_value=10**18 - 1, places=6).map(lambda value: format(value, "f"))
# What the service stores; two characters that XML cannot hold are refused, as another test says.
TEXTS = st.text(max_size=200).filter(lambda value: not find_fault(value) and not set(value) & {"\ufffe", "\uffff"})


def as_csv(rows: list[list[Cell]]) -> list[list[str]]:
    file = io.BytesIO()
    writing.write_csv(file, COLUMNS, rows)
    assert file.getvalue().startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))


def as_xlsx(rows: list[list[Cell]]) -> list[list[str]]:
    file = io.BytesIO()
    writing.write_xlsx(file, COLUMNS, rows, "figures")
    file.seek(0)
    return list(reading.rows(file, "figures"))


BOTH = pytest.mark.parametrize("there_and_back", [as_csv, as_xlsx])


@BOTH
@given(st.lists(NUMBERS, min_size=1, max_size=30))
@example(["-0", "0.1", "999999999999999", "12345678901234567.123456", "0.000001", "-8.7", "999999999999999999.999999"])
@example(["0.3", "9.1", "1234567890.12345", "100000000000000000"])
def test_numbers_come_back_to_the_last_digit(there_and_back: Callable[..., Any], values: list[str]) -> None:
    header, *rows = there_and_back([[value, ""] for value in values])
    assert header == ["value", "note"]
    assert [parse_number(row[0]) for row in rows] == [Decimal(value) for value in values]


@BOTH
@given(st.lists(TEXTS, min_size=1, max_size=10))
@example(
    ["=1+1", "'=1", "-7.5", "2024", "007", "_x0041_", "a\rb\r\nc\n", " \t", "https://example.org", "{=1}", "Đắk Lắk"]
)
def test_texts_come_back_as_they_were(there_and_back: Callable[..., Any], values: list[str]) -> None:
    _, *rows = there_and_back([["1", value] for value in values])
    assert [unescape_formula(row[1]) for row in rows] == values


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@given(st.lists(st.dates().map(str) | st.sampled_from(["unknown", "2024-07", "", "=1+1", "2024-02-30"]), max_size=20))
@example(["1900-01-01", "1900-02-28", "1900-03-01", "1899-12-31", "0001-01-01", "9999-12-31", "2024-02-29"])
def test_days_come_back_as_they_were(form: str, values: list[str]) -> None:
    file, columns = io.BytesIO(), [Column("n", ("n",)), Column("day", ("day",), is_day=True)]
    rows: list[list[Cell]] = [["1", value] for value in values]
    if form == "csv":
        writing.write_csv(file, columns, rows)
        _, *read_rows = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    else:
        writing.write_xlsx(file, columns, rows, "figures")
        _, *read_rows = reading.rows(file)
    assert [unescape_formula(row[1]) for row in read_rows] == values


@pytest.mark.parametrize("there_and_back, shown", [(as_csv, ["'=1+1", "'@a", "-3"]), (as_xlsx, ["'=1+1", "'@a", "-3"])])
def test_formulas_arrive_as_texts(there_and_back: Callable[..., Any], shown: list[str]) -> None:
    _, *rows = there_and_back([["1", "=1+1"], ["1", "@a"], ["-3", "-3"]])
    assert [row[1] for row in rows] == shown
    assert rows[2] == ["-3", "-3"]


BEYOND = [
    pytest.param("x" * 32_768, id="a text that is longer than a cell"),
    pytest.param("😀" * 16_384, id="a text that is longer than a cell in UTF-16"),
    pytest.param("\uffff", id="a character that XML does not have"),
]


@pytest.mark.parametrize("written", BEYOND)
def test_what_no_cell_can_hold_is_refused_and_not_cut(written: str) -> None:
    with pytest.raises(Unprocessable) as error:
        as_xlsx([["1", written]])
    assert error.value.slug == "beyond-xlsx"


def test_a_file_of_more_rows_than_a_sheet_is_refused() -> None:
    with pytest.raises(Unprocessable) as error:
        writing.write_xlsx(io.BytesIO(), [], ([] for _ in range(writing.MAX_ROWS + 1)), "figures")
    assert error.value.slug == "beyond-xlsx"


def peak(write: Callable[..., None], count: int) -> int:
    """The most memory that a file of so many rows took, in bytes, without the file."""
    rows = ([str(number), "Tỉnh " * 20 + str(number)] for number in range(count))
    with tempfile.TemporaryFile() as file:
        tracemalloc.start()
        write(file, COLUMNS, rows, "figures")
        result = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return result


@pytest.mark.parametrize("write", [writing.write_csv, writing.write_xlsx])
def test_four_times_the_rows_take_the_same_memory(write: Callable[..., None]) -> None:
    peak(write, 100)  # what is made once
    assert peak(write, 8_000) < peak(write, 2_000) + 200_000


def test_the_same_rows_are_the_same_bytes() -> None:
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        writing.write_xlsx(file, COLUMNS, [["1", "a"]], "figures")
    assert files[0].getvalue() == files[1].getvalue()


def test_objects_are_columns_and_lists_are_json() -> None:
    columns = columns_of(TargetStatusPayload, ("target", "status"))
    names = [column.name for column in columns]
    assert names[:2] == ["target", "status"]
    assert {"expected.lower", "outlook.value", "freshness.next_due", "gaps"} <= set(names)
    row = {"target": "a:b:c", "expected": {"lower": "7.5"}, "gaps": ["2024-01"], "partial": False, "required": None}
    shown = dict(zip(names, row_cells(row, columns), strict=True))
    assert {name: value for name, value in shown.items() if value != ""} == {
        "target": "a:b:c", "expected.lower": "7.5", "gaps": '["2024-01"]', "partial": False,
    }  # fmt: skip


def test_trouble_in_the_middle_is_an_error_and_no_half_file() -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield from ({"target": str(number)} for number in range(5000))
        raise DomainError("storage-unavailable", "gone")

    with pytest.raises(DomainError):
        export_response(Request(HttpRequest()), CsvRenderer(), Export(TargetStatusPayload, "statuses"), rows())
