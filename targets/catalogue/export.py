"""Exports the catalogue as a workbook that can be imported again."""

from datetime import datetime
from typing import IO

import xlsxwriter

from kpitracker.lib.actor import Actor
from kpitracker.lib.spreadsheets.flatten import row_cells
from kpitracker.lib.spreadsheets.writing import OPTIONS, add_sheet
from targets.catalogue.resources import SHEET_CLASSES


def write_catalogue(file: IO[bytes], *, by: Actor, now: datetime) -> dict[str, int]:
    """Write every sheet. Returns the number of rows by sheet."""
    counts = {}
    with xlsxwriter.Workbook(file, OPTIONS) as workbook:
        for sheet_class in SHEET_CLASSES:
            sheet = sheet_class(by, now)
            rows, columns = sheet.rows(), sheet.columns()
            add_sheet(workbook, sheet.name, columns, (row_cells(row, columns) for row in rows))
            counts[sheet.name] = len(rows)
    return counts
