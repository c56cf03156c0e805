"""Writing CSV and XLSX files row by row, with constant memory."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Any

import xlsxwriter

from kpitracker.lib.errors import Unfit
from kpitracker.lib.spreadsheets.defusing import defuse
from kpitracker.lib.spreadsheets.tables import Cell, Column
from kpitracker.lib.texts import text

MAX_ROWS = 1_048_575  # below the header
MAX_LENGTH = 32_767  # of a text, in UTF-16 units
# Spreadsheet programs keep 15 digits of a number; longer numbers are written as texts.
MAX_DIGITS = 15
_UNWRITABLE = re.compile("[\ufffe\uffff]")
# A fixed creation time: the same rows must give the same bytes, and so the same ETag.
MADE = datetime(2000, 1, 1)  # noqa: DTZ001
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]], sheet: str = "") -> None:
    """Write comma-separated UTF-8 with CR LF, and a byte order mark, which Excel needs for Vietnamese."""
    written = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(written)
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([_plain(cell, column) for cell, column in zip(row, columns, strict=True)])
    written.detach()


def _plain(cell: Cell, column: Column) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell if column.number else defuse(cell)


def write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]], sheet: str) -> None:
    """Write one sheet. Raises `Unprocessable` (beyond-xlsx) for rows that an XLSX file cannot hold."""
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        add_sheet(book, sheet, columns, rows)


def add_sheet(book: Any, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    book.set_properties({"created": MADE})
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True})
    # Text format: editing a cell with the month 2024-07 would turn it into a day.
    texts = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, min(max(len(column.name) + 2, 12), 40), None if column.number else texts)
        sheet.write_string(0, place, column.name, bold)
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise _unfit(f"more than {MAX_ROWS} rows", f"quá {MAX_ROWS} dòng")
        for place, (cell, column) in enumerate(zip(row, columns, strict=True)):
            put(sheet, number, place, cell, number_column=column.number)


def put(sheet: Any, row: int, place: int, cell: Cell, *, number_column: bool = False, form: Any = None) -> None:
    """Write a cell that is read back as the same text; never a formula or a link."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell, form)
    elif number_column and cell and _digits(cell) <= MAX_DIGITS:
        sheet.write_number(row, place, float(cell), form)
    elif cell:
        shown = cell if number_column else defuse(cell)
        if not _fits(shown):
            raise _unfit(
                f"a text in row {row + 1} that no cell can hold", f"văn bản ở dòng {row + 1} quá dài cho một ô"
            )
        sheet.write_string(row, place, shown, form)


def _fits(shown: str) -> bool:
    if len(shown) * 2 > MAX_LENGTH and len(shown.encode("utf-16-le")) > 2 * MAX_LENGTH:
        return False
    return shown.isascii() or not _UNWRITABLE.search(shown)


def _digits(number: str) -> int:
    """Count significant digits. Trailing zeros of whole numbers count too, so that the result is never too low."""
    return len(number.lstrip("-").replace(".", "").lstrip("0"))


def _unfit(why: str, why_vi: str) -> Unfit:
    return Unfit(
        "beyond-xlsx",
        text(
            f"An XLSX file cannot hold {why}: use format=csv.", f"Tệp XLSX không chứa được {why_vi}: dùng format=csv."
        ),
        pointer="?format",
    )
