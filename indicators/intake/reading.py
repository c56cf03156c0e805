"""Every format that figures come in, as rows of a batch."""

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
    """The rows of a file, checked one by one; numbers count rows from 1, without header and empty lines.

    Raises `Invalid` for what is wrong with the file as a whole, at the latest when the iteration gets there.
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
