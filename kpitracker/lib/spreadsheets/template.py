"""A workbook to fill in: known values are prefilled and locked, input cells are coloured and unlocked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, NamedTuple

import xlsxwriter

from kpitracker.lib.spreadsheets.reading import Workbook
from kpitracker.lib.spreadsheets.writing import MADE, put

# The first cell of the sheet `about`. A file with this mark may contain rows that were not filled in.
MARK = "kpitracker-template 1"
ABOUT = "about"
INSTRUCTIONS = "huong-dan"
# Columns that only help the user; an import ignores them.
READ_ONLY = ("indicator_name", "unit", "due", "last_period", "last_value")

_WIDTH = 70  # of an explanation, in characters
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_GIVEN = {"bg_color": "#F2F2F2", "font_color": "#404040", "locked": True, "border": 1, "border_color": "#D9D9D9"}
_ASKED = {"bg_color": "#FFF9DB", "locked": False, "border": 1, "border_color": "#D9D9D9"}
_HEADER = {"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "locked": True}


class Field(NamedTuple):
    """One column. `is_input`: users fill it in; `choices` are a drop-down list; `vi` and `en` explain it."""

    name: str
    width: int
    vi: str
    en: str
    asked: bool = False
    number: bool = False
    choices: tuple[str, ...] = ()


def is_template(book: Workbook) -> bool:
    """Whether the workbook is a template, so that rows without value and reason are skipped."""
    return ABOUT in book.sheets and next(book.rows(ABOUT), [""])[0] == MARK


def write_template(
    file: IO[bytes], sheet: str, fields: Sequence[Field], rows: Iterable[Mapping[str, str]], lead: Sequence[str]
) -> None:
    """Write the sheet to fill in, a sheet with `introduction` and explanations, and the mark."""
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        book.set_properties({"created": MADE})
        _fill(book, book.add_worksheet(sheet), fields, rows)
        _explain(book, book.add_worksheet(INSTRUCTIONS), fields, lead)
        book.add_worksheet(ABOUT).write_string(0, 0, MARK)


def _fill(book: Any, sheet: Any, fields: Sequence[Field], rows: Iterable[Mapping[str, str]]) -> None:
    formats = {
        # Text format: Excel would turn the month 2024-07 into a day, and 007 into a number.
        (asked, number): book.add_format((_ASKED if asked else _GIVEN) | ({} if number else {"num_format": "@"}))
        for asked in (True, False)
        for number in (True, False)
    }
    below, header = book.add_format({"locked": False, "num_format": "@"}), book.add_format(_HEADER)
    numbers = book.add_format({"locked": False})
    for place, field in enumerate(fields):
        sheet.set_column(place, place, field.width, numbers if field.number else below)
        sheet.write_string(0, place, field.name, header)
    last = 0
    for last, row in enumerate(rows, start=1):
        for place, field in enumerate(fields):
            form, cell = formats[field.asked, field.number], row.get(field.name, "")
            if cell:
                put(sheet, last, place, cell, number_column=field.number, form=form)
            else:
                sheet.write_blank(last, place, None, form)
    _rules(sheet, fields, max(last, 1))
    sheet.freeze_panes(1, 3)
    # No password: the protection only prevents mistakes. Rows may be added below.
    sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True, "insert_rows": True})
    _for_printing(sheet)


def _for_printing(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def _rules(sheet: Any, fields: Sequence[Field], last: int) -> None:
    for place, field in enumerate(fields):
        if field.choices:
            rule: dict[str, Any] = {"validate": "list", "source": list(field.choices)}
        elif field.asked and field.number:
            # Only a warning: a number with more than 15 digits must be entered as text.
            rule = {"validate": "decimal", "criteria": "between", "minimum": -1e18, "maximum": 1e18}
            rule |= {"error_type": "warning"}
        else:
            continue
        sheet.data_validation(1, place, last + 500, place, rule)


def _explain(book: Any, sheet: Any, fields: Sequence[Field], lead: Sequence[str]) -> None:
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    name = book.add_format({"bold": True, "valign": "top"})
    for place, width in enumerate((18, _WIDTH, _WIDTH)):
        sheet.set_column(place, place, width)
    for row, line in enumerate(lead):
        sheet.write_string(row, 0, line, bold if row == 0 else None)
    _for_printing(sheet)
    for row, field in enumerate(fields, start=len(lead) + 1):
        # Set the height: LibreOffice does not adjust it by itself.
        sheet.set_row(row, 15 * (1 + max(len(field.vi), len(field.en)) // _WIDTH))
        for place, (words, form) in enumerate(
            zip((field.name, field.vi, field.en), (name, wrapped, wrapped), strict=True)
        ):
            sheet.write_string(row, place, words, form)
