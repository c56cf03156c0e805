"""Read figures of all supported formats as rows of a batch."""

import io
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import IO

from indicators.importing import json_reader, table_reader
from indicators.importing.cell_values import IndicatorNotations
from indicators.importing.row_parser import RowParser
from indicators.services.batches import imports
from indicators.services.batches.rows import FigureRow, Rejection
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.spreadsheets.reading import IN_JOB, IN_REQUEST, Limits

FORMATS = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}

_UNREADABLE_SLUGS = {"json": "malformed-json", "ndjson": "malformed-json", "csv": "invalid-csv", "xlsx": "invalid-xlsx"}


def read_rows(
    file_format: str,
    file: IO[bytes],
    *,
    by: Actor,
    today: date,
    locale: str = "",
    sheet: str = "",
    limits: Limits = IN_JOB,
    check_count: Callable[[int], None] | None = None,
    explained_errors: int = imports.MAX_STORED_ERRORS,
) -> Iterator[FigureRow | Rejection]:
    """Parse and validate the rows of a file. Rows are numbered from 1, without header and empty lines. `limits`: of XLSX.

    `check_count`: takes the number of rows, before the first one is parsed. `explained_errors`: the number of rejected rows whose
    error has its sentence. Raises `ValidationProblem` for a fault of the whole file, at the latest during iteration.
    """
    if not file.read(1):
        raise empty_file_error(file_format)
    file.seek(0)
    parser = RowParser(today, explained_errors)
    if file_format == "json":
        return json_reader.read_json_rows(file.read(), parser, check_count)
    if file_format == "ndjson":
        if check_count:
            check_count(json_reader.count_ndjson_rows(file))
            file.seek(0)
        return json_reader.read_ndjson_rows(file, parser)
    open_table: Callable[[], table_reader.Table] = (
        partial(table_reader.read_csv_table, file)
        if file_format == "csv"
        else partial(table_reader.read_xlsx_table, file, limits, sheet)
    )
    if check_count:
        check_count(table_reader.count_rows(open_table()))
        file.seek(0)
    return table_reader.parse_table(open_table(), parser, IndicatorNotations(by), locale=locale)


def empty_file_error(file_format: str) -> ValidationProblem:
    return ValidationProblem(_UNREADABLE_SLUGS[file_format], text("It is empty.", "Tệp rỗng."), pointer="")


def read_bytes(
    file_format: str, body: bytes, *, by: Actor, today: date, locale: str = "", sheet: str = ""
) -> Iterator[FigureRow | Rejection]:
    """Read a body in the request that brought it."""
    file = io.BytesIO(body)
    return read_rows(
        file_format,
        file,
        by=by,
        today=today,
        locale=locale,
        sheet=sheet,
        limits=IN_REQUEST,
        check_count=imports.check_row_count,
        explained_errors=imports.MAX_NAMED_ERRORS,
    )
