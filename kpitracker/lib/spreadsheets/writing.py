"""Writing CSV and XLSX files row by row, with constant memory."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter

from kpitracker.lib.errors import Unprocessable
from kpitracker.lib.i18n.text import text
from kpitracker.lib.spreadsheets.flatten import Cell, Column
from kpitracker.lib.spreadsheets.formula_injection import escape_formula

MAX_ROWS = 1_048_575  # below the header
MAX_LENGTH = 32_767  # of a text, in UTF-16 units
# Spreadsheet programs keep 15 digits of a number; longer numbers are written as texts.
MAX_DIGITS = 15
_UNWRITABLE = re.compile("[\ufffe\uffff]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# The same in every language of the spreadsheet program. Before that day spreadsheets have a day that never was.
_DAY_FORMAT, _FIRST_DAY = "yyyy-mm-dd", "1900-03-01"
# A fixed creation time: the same rows must give the same bytes, and so the same ETag.
FIXED_CREATED_AT = datetime(2000, 1, 1)  # noqa: DTZ001
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]], sheet: str = "") -> None:
    """Write comma-separated UTF-8 with CR LF, and a byte order mark, which Excel needs for Vietnamese."""
    text_file = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text_file)
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([_csv_text(cell, column) for cell, column in zip(row, columns, strict=True)])
    text_file.detach()


def _csv_text(cell: Cell, column: Column) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell if column.is_number else escape_formula(cell)


def write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]], sheet: str) -> None:
    """Write one sheet. Raises `Unprocessable` (beyond-xlsx) for rows that an XLSX file cannot hold."""
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        add_sheet(book, sheet, columns, rows)


def add_sheet(book: Any, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    book.set_properties({"created": FIXED_CREATED_AT})
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True})
    # Text format: editing a cell with the month 2024-07 would turn it into a day.
    text_format, day_format = book.add_format({"num_format": "@"}), book.add_format({"num_format": _DAY_FORMAT})
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        sheet.set_column(
            index, index, min(max(len(column.name) + 2, 12), 40), None if column.is_number else text_format
        )
        sheet.write_string(0, index, column.name, bold)
    for row_number, row in enumerate(rows, start=1):
        if row_number > MAX_ROWS:
            raise _beyond_xlsx(f"more than {MAX_ROWS} rows", f"quá {MAX_ROWS} dòng")
        for index, (cell, column) in enumerate(zip(row, columns, strict=True)):
            if column.is_day and (day := _day_of(cell)):
                sheet.write_datetime(row_number, index, day, day_format)
            else:
                write_cell(sheet, row_number, index, cell, number_column=column.is_number)


def _day_of(cell: Cell) -> date | None:
    """The day to write as a date; None for other texts and for days that a spreadsheet cannot hold."""
    if isinstance(cell, bool) or cell < _FIRST_DAY or not _DAY.fullmatch(cell):
        return None
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None


def write_cell(
    sheet: Any, row: int, column: int, cell: Cell, *, number_column: bool = False, cell_format: Any = None
) -> None:
    """Write a cell that is read back as the same text; never a formula or a link."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, cell_format)
    elif number_column and cell and _count_digits(cell) <= MAX_DIGITS:
        sheet.write_number(row, column, float(cell), cell_format)
    elif cell:
        cell_text = cell if number_column else escape_formula(cell)
        if not _fits_cell(cell_text):
            raise _beyond_xlsx(
                f"a text in row {row + 1} that no cell can hold", f"văn bản ở dòng {row + 1} quá dài cho một ô"
            )
        sheet.write_string(row, column, cell_text, cell_format)


def _fits_cell(cell_text: str) -> bool:
    if len(cell_text) * 2 > MAX_LENGTH and len(cell_text.encode("utf-16-le")) > 2 * MAX_LENGTH:
        return False
    return cell_text.isascii() or not _UNWRITABLE.search(cell_text)


def _count_digits(number: str) -> int:
    """Count significant digits. Trailing zeros of whole numbers count too, so that the result is never too low."""
    return len(number.lstrip("-").replace(".", "").lstrip("0"))


def _beyond_xlsx(reason: str, reason_vi: str) -> Unprocessable:
    return Unprocessable(
        "beyond-xlsx",
        text(
            f"An XLSX file cannot hold {reason}: use format=csv.",
            f"Tệp XLSX không chứa được {reason_vi}: dùng format=csv.",
        ),
        pointer="?format",
    )
