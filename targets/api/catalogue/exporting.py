"""Exports the catalogue as a workbook that can be imported again."""

from datetime import datetime
from typing import IO

import xlsxwriter

from kpitracker.lib.actor import Actor
from kpitracker.lib.spreadsheets.tables import cells
from kpitracker.lib.spreadsheets.writing import OPTIONS, add_sheet
from targets.api.catalogue.kinds import KINDS


def write(file: IO[bytes], *, by: Actor, now: datetime) -> dict[str, int]:
    """Write every sheet. Returns the number of rows by sheet."""
    counts = {}
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        for make in KINDS:
            kind = make(by, now)
            rows, columns = kind.rows(), kind.columns()
            add_sheet(book, kind.name, columns, (cells(row, columns) for row in rows))
            counts[kind.name] = len(rows)
    return counts
