"""XLSX files as a hostile or careless hand makes them."""

import io
import zipfile
from typing import Any

import xlsxwriter

SHEET = "xl/worksheets/sheet1.xml"
_BEFORE = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)


def workbook(rows: list[list[Any]], name: str = "figures", *, texts_only: bool = False, **formats: str) -> io.BytesIO:
    """A sheet with these cells, typed as they are; `formats`: column letter → number format."""
    made = io.BytesIO()
    as_texts = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, as_texts if texts_only else {}) as book:
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                form = formats.get(chr(65 + column))
                sheet.write(row, column, cell, book.add_format({"num_format": form}) if form else None)
    made.seek(0)
    return made


def entries(book: io.BytesIO) -> dict[str, bytes]:
    with zipfile.ZipFile(book) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    made.seek(0)
    return made


def with_sheet(rows: str) -> io.BytesIO:
    """A workbook whose sheet has these rows of XML."""
    return packed(entries(workbook([["x"]])) | {SHEET: f"{_BEFORE}{rows}</sheetData></worksheet>".encode()})
