"""A workbook to fill in: known values are prefilled and locked, input cells are coloured and unlocked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, NamedTuple

import xlsxwriter

from kpitracker.lib.spreadsheets.reading import Workbook
from kpitracker.lib.spreadsheets.writing import FIXED_CREATED_AT, write_cell

# The first cell of the sheet `about`. A file with this mark may contain rows that were not filled in.
TEMPLATE_MARK = "kpitracker-template 1"
ABOUT_SHEET = "about"
INSTRUCTIONS_SHEET = "huong-dan"
# Columns that only help the user; an import ignores them.
READ_ONLY_COLUMNS = ("indicator_name", "unit", "due", "last_period", "last_value")

_WIDTH = 70  # of an explanation, in characters
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_PREFILLED_FORMAT = {
    "bg_color": "#F2F2F2",
    "font_color": "#404040",
    "locked": True,
    "border": 1,
    "border_color": "#D9D9D9",
}
_INPUT_FORMAT = {"bg_color": "#FFF9DB", "locked": False, "border": 1, "border_color": "#D9D9D9"}
_HEADER_FORMAT = {"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "locked": True}


class TemplateField(NamedTuple):
    """One column. `is_input`: users fill it in; `choices` are a drop-down list; `vi` and `en` explain it."""

    name: str
    width: int
    vi: str
    en: str
    is_input: bool = False
    is_number: bool = False
    choices: tuple[str, ...] = ()


def is_template(book: Workbook) -> bool:
    """Whether the workbook is a template, so that rows without value and reason are skipped."""
    return ABOUT_SHEET in book.sheets and next(book.rows(ABOUT_SHEET), [""])[0] == TEMPLATE_MARK


def write_template(
    file: IO[bytes],
    sheet: str,
    fields: Sequence[TemplateField],
    rows: Iterable[Mapping[str, str]],
    introduction: Sequence[str],
) -> None:
    """Write the sheet to fill in, a sheet with `introduction` and explanations, and the mark."""
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties({"created": FIXED_CREATED_AT})
        _fill_sheet(book, book.add_worksheet(sheet), fields, rows)
        _write_instructions(book, book.add_worksheet(INSTRUCTIONS_SHEET), fields, introduction)
        book.add_worksheet(ABOUT_SHEET).write_string(0, 0, TEMPLATE_MARK)


def _fill_sheet(book: Any, sheet: Any, fields: Sequence[TemplateField], rows: Iterable[Mapping[str, str]]) -> None:
    formats = {
        # Text format: Excel would turn the month 2024-07 into a day, and 007 into a number.
        (is_input, is_number): book.add_format(
            (_INPUT_FORMAT if is_input else _PREFILLED_FORMAT) | ({} if is_number else {"num_format": "@"})
        )
        for is_input in (True, False)
        for is_number in (True, False)
    }
    text_format, header_format = book.add_format({"locked": False, "num_format": "@"}), book.add_format(_HEADER_FORMAT)
    number_format = book.add_format({"locked": False})
    for column, field in enumerate(fields):
        sheet.set_column(column, column, field.width, number_format if field.is_number else text_format)
        sheet.write_string(0, column, field.name, header_format)
    last_row = 0
    for last_row, row in enumerate(rows, start=1):
        for column, field in enumerate(fields):
            cell_format, cell = formats[field.is_input, field.is_number], row.get(field.name, "")
            if cell:
                write_cell(sheet, last_row, column, cell, number_column=field.is_number, cell_format=cell_format)
            else:
                sheet.write_blank(last_row, column, None, cell_format)
    _add_validation(sheet, fields, max(last_row, 1))
    sheet.freeze_panes(1, 3)
    # No password: the protection only prevents mistakes. Rows may be added below.
    sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True, "insert_rows": True})
    _set_print_layout(sheet)


def _set_print_layout(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def _add_validation(sheet: Any, fields: Sequence[TemplateField], last_row: int) -> None:
    for column, field in enumerate(fields):
        if field.choices:
            rule: dict[str, Any] = {"validate": "list", "source": list(field.choices)}
        elif field.is_input and field.is_number:
            # Only a warning: a number with more than 15 digits must be entered as text.
            rule = {"validate": "decimal", "criteria": "between", "minimum": -1e18, "maximum": 1e18}
            rule |= {"error_type": "warning"}
        else:
            continue
        sheet.data_validation(1, column, last_row + 500, column, rule)


def _write_instructions(book: Any, sheet: Any, fields: Sequence[TemplateField], introduction: Sequence[str]) -> None:
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    name = book.add_format({"bold": True, "valign": "top"})
    for column, width in enumerate((18, _WIDTH, _WIDTH)):
        sheet.set_column(column, column, width)
    for row, line in enumerate(introduction):
        sheet.write_string(row, 0, line, bold if row == 0 else None)
    _set_print_layout(sheet)
    for row, field in enumerate(fields, start=len(introduction) + 1):
        # Set the height: LibreOffice does not adjust it by itself.
        sheet.set_row(row, 15 * (1 + max(len(field.vi), len(field.en)) // _WIDTH))
        for column, (content, cell_format) in enumerate(
            zip((field.name, field.vi, field.en), (name, wrapped, wrapped), strict=True)
        ):
            sheet.write_string(row, column, content, cell_format)
