"""Read figures of all supported formats as rows of a batch."""

import io
from collections.abc import Iterator
from datetime import date
from typing import IO

from indicators.intake import json_rows, tables
from indicators.intake.checking import Checker
from indicators.services.batches.rows import Rejection, Row

FORMATS = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


def read(kind: str, file: IO[bytes], *, today: date, locale: str = "") -> Iterator[Row | Rejection]:
    """Parse and validate the rows of a file. Rows are numbered from 1, without header and empty lines.

    Raises `Invalid` for a fault of the whole file, at the latest during iteration.
    """
    checker = Checker(today)
    if kind == "json":
        return json_rows.json_rows(file.read(), checker)
    if kind == "ndjson":
        return json_rows.ndjson_rows(file, checker)
    if kind == "csv":
        return tables.table_rows(tables.csv_cells(file), checker, locale=locale)
    cells, template = tables.xlsx_cells(file)
    return tables.table_rows(cells, checker, locale=locale, template=template)


def read_bytes(kind: str, body: bytes, *, today: date, locale: str = "") -> Iterator[Row | Rejection]:
    return read(kind, io.BytesIO(body), today=today, locale=locale)
