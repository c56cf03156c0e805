"""Read figures of all supported formats as rows of a batch."""

import io
from collections.abc import Iterator
from datetime import date
from typing import IO

from indicators.importing import json_reader, table_reader
from indicators.importing.row_parser import RowParser
from indicators.services.batches.rows import FigureRow, Rejection

FORMATS = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


def read_rows(file_format: str, file: IO[bytes], *, today: date, locale: str = "") -> Iterator[FigureRow | Rejection]:
    """Parse and validate the rows of a file. Rows are numbered from 1, without header and empty lines.

    Raises `ValidationProblem` for a fault of the whole file, at the latest during iteration.
    """
    parser = RowParser(today)
    if file_format == "json":
        return json_reader.read_json_rows(file.read(), parser)
    if file_format == "ndjson":
        return json_reader.read_ndjson_rows(file, parser)
    if file_format == "csv":
        return table_reader.parse_table(table_reader.read_csv_cells(file), parser, locale=locale)
    cells, template = table_reader.read_xlsx_cells(file)
    return table_reader.parse_table(cells, parser, locale=locale, template=template)


def read_bytes(file_format: str, body: bytes, *, today: date, locale: str = "") -> Iterator[FigureRow | Rejection]:
    return read_rows(file_format, io.BytesIO(body), today=today, locale=locale)
