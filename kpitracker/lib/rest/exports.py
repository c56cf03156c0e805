"""Lists as files: `?format=csv` and `?format=xlsx`."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import IO, Any, NamedTuple

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from kpitracker.lib.spreadsheets import writing
from kpitracker.lib.spreadsheets.flatten import Cell, Column, columns_of, row_cells

CHUNK_SIZE = 1000  # rows


class Export(NamedTuple):
    """The file export of a list: the TypedDict or serializer of its rows, the file name, and the leading columns."""

    row_type: type
    name: str
    leading_columns: tuple[str, ...] = ()


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
    columns = columns_of(export.row_type, export.leading_columns)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        renderer.write(file, columns, (row_cells(row, columns) for row in rows), export.name)
        return file_response(
            request, file, f"{export.name}.{renderer.format}", str(renderer.media_type), renderer.charset
        )
    except BaseException:
        file.close()
        raise


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
