"""XLSX files in: exact texts, and nothing that a hostile file could make of the service."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitracker.lib.errors import TooLarge, ValidationProblem
from kpitracker.lib.spreadsheets import reading, zip_guard
from tests.kpitracker.lib.spreadsheets.files import SHEET, entries, packed, with_sheet, workbook

CELLS = [
    pytest.param(979000, "", "979000", id="a whole number has no point"),
    pytest.param(0.1, "", "0.1", id="a tenth is a tenth"),
    pytest.param(1.1 * 7, "", "7.7", id="the noise of a computed cell is not read"),
    pytest.param(1 / 3, "", "0.333333333333333", id="what is no short number shows its digits"),
    pytest.param(123456789012345.7, "", "123456789012345.7", id="sixteen digits are all read"),
    pytest.param(5e17, "", "500000000000000000", id="large numbers have no exponent"),
    pytest.param(1e-7, "", "0.0000001", id="small numbers have no exponent"),
    pytest.param(-0.0, "", "0", id="minus nothing is nothing"),
    pytest.param(True, "", "true", id="true is a word"),
    pytest.param(date(2024, 11, 5), "dd/mm/yyyy", "2024-11-05", id="a day is a day however it is shown"),
    pytest.param(datetime(2024, 11, 5, 8, 30), "dd/mm/yyyy hh:mm", "2024-11-05T08:30:00", id="a time stays a time"),  # noqa: DTZ001
    pytest.param("007", "", "007", id="a text of digits stays a text"),
    pytest.param("  Đắk Lắk ", "", "  Đắk Lắk ", id="a text stays as it is, with its spaces"),
    pytest.param("=1+2", "", "0", id="a formula gives the value that was kept with it"),
]


@pytest.mark.parametrize(("cell", "form", "shown"), CELLS)
def test_a_cell_is_read_as_it_would_be_written(cell: Any, form: str, shown: str) -> None:
    formats: dict[str, Any] = {"A": form} if form else {}
    assert list(reading.rows(workbook([[cell]], **formats))) == [[shown]]


def test_rows_are_numbered_as_on_the_screen_also_behind_empty_ones() -> None:
    file = workbook([[], [], ["", "a"], [], ["b"]])
    assert list(reading.rows(file)) == [["", ""], ["", ""], ["", "a"], ["", ""], ["b", ""]]


def test_a_sheet_is_read_by_its_name() -> None:
    book = reading.Workbook(workbook([["x"]], "kế hoạch"))
    assert book.sheets == ["kế hoạch"]
    assert list(book.rows("kế hoạch")) == [["x"]]
    with pytest.raises(ValidationProblem, match="figures") as error:
        next(book.rows("figures"))
    assert error.value.slug == "invalid-xlsx"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_what_was_typed_with_six_decimals_is_read_back(value: float) -> None:
    typed = Decimal(f"{value:.3f}")
    assert Decimal(reading.cell_text(float(typed))) == typed


def far(cell: str) -> io.BytesIO:
    return with_sheet(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="9">{cell}</row>')


def lying(size: int) -> io.BytesIO:
    """An entry that says it is smaller than what comes out of it."""
    raw = bytearray(packed(entries(workbook([["x"]])) | {"xl/media/a.bin": bytes(size)}).getvalue())
    last = raw.rfind(b"PK\x01\x02")
    raw[last + 24 : last + 28] = (10).to_bytes(4, "little")
    return io.BytesIO(bytes(raw))


def disguised() -> io.BytesIO:
    """The sheet with two cells at its ends, under a name that no sheet has."""
    content = entries(far('<c r="XFD1048576"><v>1</v></c>'))
    content["xl/worksheets/sheet1.dat"] = content.pop(SHEET)
    relations = "xl/_rels/workbook.xml.rels"
    content[relations] = content[relations].replace(b"sheet1.xml", b"sheet1.dat")
    return packed(content)


XLSX = entries(workbook([["x"]]))
REFUSED = [
    pytest.param(lambda: io.BytesIO(b"a,b\n1,2\n"), ValidationProblem, id="a CSV file is no XLSX file"),
    pytest.param(lambda: io.BytesIO(b""), ValidationProblem, id="nothing is no XLSX file"),
    pytest.param(lambda: packed({"a.txt": b"x"}), ValidationProblem, id="another archive is no XLSX file"),
    pytest.param(lambda: packed(XLSX, zipfile.ZIP_BZIP2), ValidationProblem, id="another compression is not taken"),
    pytest.param(
        lambda: io.BytesIO(workbook([["x"]]).getvalue()[:-100]), ValidationProblem, id="half a file is refused"
    ),
    pytest.param(
        lambda: packed(XLSX | {"xl/workbook.xml": b"<not closed"}), ValidationProblem, id="broken XML is refused"
    ),
    pytest.param(lambda: packed(XLSX | {SHEET: "<row/>".encode("utf-16")}), ValidationProblem, id="UTF-16 is refused"),
    pytest.param(lambda: packed(XLSX | {f"a{n}": b"" for n in range(200)}), TooLarge, id="201 entries are too many"),
    pytest.param(lambda: packed(XLSX | {"a": bytes(2**26)}), TooLarge, id="more than 64 MB unpacked is too large"),
    pytest.param(lambda: packed(XLSX | {"a": bytes(6_000_000)}), TooLarge, id="a ratio over 200 is too large"),
    pytest.param(disguised, ValidationProblem, id="a sheet under the name of something else"),
    pytest.param(lambda: packed(XLSX | {SHEET.upper(): b""}), ValidationProblem, id="a part twice, in other letters"),
    pytest.param(lambda: lying(5_000), TooLarge, id="an entry that says it is small is found out"),
    pytest.param(lambda: far('<c r="XFD1048576"><v>1</v></c>'), TooLarge, id="two cells at the ends of the sheet"),
    pytest.param(lambda: far('<c a=">" r="XFD1048576"><v>1</v></c>'), TooLarge, id="the same behind a sign in quotes"),
    pytest.param(lambda: far("<c r='XFD1048576'><v>1</v></c>"), TooLarge, id="the same in other quotes"),
    pytest.param(lambda: far('<x:c r="XFD1048576"><v>1</v></x:c>'), TooLarge, id="the same under a prefix"),
    pytest.param(
        lambda: far('<c r="&#88;FD1"><v>1</v></c>'), ValidationProblem, id="a place that is not written plainly"
    ),
    pytest.param(lambda: far('<c r="B9" t="e"><v>#DIV/0!</v></c>'), ValidationProblem, id="a cell that holds an error"),
]


@pytest.mark.parametrize(("make", "kind"), REFUSED)
def test_refused(make: Any, kind: type[ValidationProblem]) -> None:
    with pytest.raises(ValidationProblem) as error:
        list(reading.rows(make()))
    assert (type(error.value), error.value.slug) == (kind, "too-large" if kind is TooLarge else "invalid-xlsx")


def test_coloured_cells_without_content_are_no_matter() -> None:
    assert list(reading.rows(far('<c r="XFD1048576" s="1"/>'))) == [["1"]]


@given(st.integers(1, 500), st.binary(max_size=300))
def test_tags_are_found_wherever_the_pieces_are_cut(size: int, noise: bytes) -> None:
    sheet = b'<row r="3"><c r="B3" s="4"><v>1</v></c><prefix:c><v>2</v></prefix:c></row>' * 5
    result = zip_guard.SheetExtent("sheet")
    result.check_parts(iter([sheet[at : at + size] for at in range(0, len(sheet), size)]))
    assert (result.last_row, result.last_column) == (3, 3)
    assert zip_guard.column_name(703) == "AAA"


def test_an_error_in_a_cell_is_told_with_its_place() -> None:
    with pytest.raises(ValidationProblem, match="B9"):
        list(reading.rows(far('<c r="B9" t="e"><v>#DIV/0!</v></c>')))
