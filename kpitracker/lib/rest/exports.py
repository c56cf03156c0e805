"""Lists as files: `?format=csv` and `?format=xlsx`."""

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, Any, NamedTuple

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from kpitracker.lib import clock
from kpitracker.lib.spreadsheets import writing
from kpitracker.lib.spreadsheets.flatten import Cell, Column, columns_of, row_cells

CHUNK_SIZE = 1000  # rows


# Parameters that say what a list is about: their values belong into the name of the file.
_SUBJECT_PARAMETERS = ("plan", "indicator", "department", "department_tree", "area")
_MAX_NAME = 150
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._]+")

FileRow = Mapping[str, Any]


class FileContext(NamedTuple):
    """Columns that only files have: a TypedDict, and the function that adds their values to the rows of a list."""

    row_type: type
    add_values: Callable[[Iterable[Any]], Iterable[FileRow]]


_VALUE, _UNITS = "value", ("unit", "unit_en")


class Export(NamedTuple):
    """The file export of a list: the TypedDict or serializer of its rows, the file name, and the leading columns.

    The columns of `context` that the list has not itself follow the leading ones, but for the unit: it follows a value
    that is not among them.
    """

    row_type: type
    name: str
    leading_columns: tuple[str, ...] = ()
    context: FileContext | None = None

    def columns(self) -> list[Column]:
        columns = columns_of(self.row_type, self.leading_columns)
        if self.context is None:
            return columns
        names, position = {column.name for column in columns}, 0
        while position < len(columns) and columns[position].path[0] in self.leading_columns:
            position += 1
        added = [column for column in columns_of(self.context.row_type) if column.name not in names]
        leading, others = columns[:position], columns[position:]
        value = next((index for index, column in enumerate(others, 1) if column.name == _VALUE), 0)
        units = [column for column in added if column.name in _UNITS] if value else []
        added = [column for column in added if column not in units]
        return [*leading, *added, *others[:value], *units, *others[value:]]


class FileRenderer(BaseRenderer):
    """Marks that a file was requested. `export_response` writes it; `render` is never called."""

    write: Callable[[IO[bytes], list[Column], Iterable[list[Cell]], str], None]


class CsvRenderer(FileRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"
    write = staticmethod(writing.write_csv)


class XlsxRenderer(FileRenderer):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"
    charset = None
    write = staticmethod(writing.write_xlsx)


RENDERERS: tuple[type[FileRenderer], ...] = (CsvRenderer, XlsxRenderer)


def iter_chunks(queryset: Any) -> Iterator[list[Any]]:
    """Yield all rows in chunks from one statement: concurrent writes neither repeat nor remove a row."""
    rows = queryset.iterator(chunk_size=CHUNK_SIZE)
    while chunk := list(islice(rows, CHUNK_SIZE)):
        yield chunk


def export_response(
    request: Request, renderer: FileRenderer, export: Export, rows: Iterable[object]
) -> HttpResponseBase:
    """The rows as a file. The whole file is written before the first byte is sent: an error becomes a problem response,
    and no client takes half a file for the whole.
    """
    columns = export.columns()
    if export.context is not None:
        rows = export.context.add_values(rows)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        renderer.write(file, columns, (row_cells(row, columns) for row in rows), export.name)
        name = file_name(request, export.name, str(renderer.format))
        return file_response(request, file, name, str(renderer.media_type), renderer.charset)
    except BaseException:
        file.close()
        raise


def file_name(request: Request, name: str, extension: str, *subjects: str) -> str:
    """Such as `kpitracker-statuses-hcmc-2024-2024-10-09.csv`: what it is, of what, as of which day.

    `subjects`: of what, where neither the path nor a parameter says it.
    """
    query, in_path = request.query_params, (request.parser_context or {}).get("kwargs", {})
    parts = ["kpitracker", name, *in_path.values(), *(query.get(key, "") for key in _SUBJECT_PARAMETERS), *subjects]
    stem = "-".join(filter(None, (_NOT_IN_NAMES.sub("-", str(part)).strip("-.") for part in parts)))
    day = query.get("as_of") or clock.today().isoformat()
    return f"{stem[:_MAX_NAME]}-{day}.{extension}"


def file_response(
    request: Request, file: IO[bytes], name: str, media_type: str, charset: str | None = None
) -> HttpResponseBase:
    """The file with its length and an ETag of its content; 304 when the client has it already. Closes the file."""
    file.seek(0)
    tag = hashlib.file_digest(file, "sha256").hexdigest()[:32]  # type: ignore[arg-type]
    file.seek(0)
    if not_modified := get_conditional_response(request._request, etag=f'"{tag}"'):
        file.close()
        return not_modified
    content_type = f"{media_type}; charset={charset}" if charset else media_type
    return FileResponse(
        file, as_attachment=True, filename=name, content_type=content_type, headers={"ETag": f'"{tag}"'}
    )
