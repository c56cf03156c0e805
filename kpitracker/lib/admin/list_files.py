"""Lists as files: what a list shows, with its search, filters and order, as CSV or XLSX, with all its pages."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ALL_VAR, PAGE_VAR
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from rest_framework.request import Request

from kpitracker.lib.admin.types import PageMixin
from kpitracker.lib.db.fields import ExactDecimalField
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.exports import CHUNK_SIZE, RENDERERS, FileRenderer, file_name, file_response
from kpitracker.lib.spreadsheets.flatten import Cell, Column

MAX_FILE_ROWS: Final = 100_000
_NUMBER_FIELDS = (models.IntegerField, ExactDecimalField)
_LINE_END = re.compile(r"<br\b[^>]*>|</(?:p|li|div|tr)>")
_BOX = "action_checkbox"
_SAFE_METHODS = ("GET", "HEAD")


class ListFilesMixin(PageMixin):
    """Adds `file.csv` and `file.xlsx` to the list, and links to them below it. No file without the permission to see the list."""

    list_after_template = "lib/list_files.html"
    file_label = text("This list as a file, with all its pages:", "Tải danh sách này, gồm mọi trang:")

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_file"
        return [
            path("file.<str:extension>", self.admin_site.admin_view(self.file_view), name=name),
            *super().get_urls(),
        ]

    def file_view(self, request: HttpRequest, extension: str) -> HttpResponseBase:
        """Raises `PermissionDenied`; `Http404` for other kinds of files. A list that is too long leads back to its page."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        renderer = next((renderer for renderer in RENDERERS if renderer.format == extension), None)
        if renderer is None or request.method not in _SAFE_METHODS:
            raise Http404
        if refusal := self.refuse_parameters(request):  # type: ignore[attr-defined]
            return refusal  # type: ignore[no-any-return]
        _take_all_pages(request)
        try:
            changes = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return error_pages.unreadable_parameter(request)
        if changes.result_count > MAX_FILE_ROWS:
            return self._refuse_length(request, changes.result_count)
        return self._write_file(request, renderer, changes)

    def _refuse_length(self, request: HttpRequest, row_count: int) -> HttpResponseBase:
        notice = text(
            f"The list has {row_count} rows, a file takes {MAX_FILE_ROWS}. Choose filters first.",
            f"Danh sách có {row_count} dòng, tệp chứa tối đa {MAX_FILE_ROWS}. Hãy dùng bộ lọc trước.",
        )
        self.message_user(request, notice, messages.ERROR)
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(f"{address}?{request.GET.urlencode()}")

    def _write_file(self, request: HttpRequest, renderer: type[FileRenderer], changes: Any) -> HttpResponseBase:
        names = [name for name in changes.list_display if name != _BOX]
        columns = [self._file_column(name) for name in names]
        page, list_name = Request(request), str(self.opts.model_name)
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        try:
            renderer.write(file, columns, self._iter_file_rows(changes.queryset, names), list_name)
            name = file_name(page, list_name, str(renderer.format))
            return file_response(page, file, name, str(renderer.media_type), renderer.charset)
        except BaseException:
            file.close()
            raise

    def _file_column(self, name: Any) -> Column:
        field = self._field_of(name)
        caption = capfirst(str(label_for_field(name, self.model, self)))
        is_day = isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField)
        return Column(caption, (), is_number=_is_number(field), is_day=is_day)

    def _field_of(self, name: Any) -> Any:
        """The field of a column, also of one whose numbers the list groups; None for other columns."""
        if not isinstance(name, str):
            return getattr(name, "number_field", None)
        fields = {field.name: field for field in self.opts.get_fields()}
        return fields.get(name)

    def _iter_file_rows(self, rows: Any, names: Sequence[Any]) -> Iterator[list[Cell]]:
        """One statement reads all rows: what others write meanwhile neither repeats nor removes one."""
        fields = [self._field_of(name) for name in names]
        for row in rows.iterator(chunk_size=CHUNK_SIZE):
            yield [self._file_cell(row, name, field) for name, field in zip(names, fields, strict=True)]

    def _file_cell(self, row: Any, name: Any, field: Any) -> Cell:
        if field is not None:
            return _cell_of_field(row, field)
        try:
            value = lookup_field(name, row, self)[2]
        except ObjectDoesNotExist:
            return ""
        # A column with coloured labels: the value behind the colour, and its text.
        shown = value[-1] if isinstance(value, tuple) else value
        if shown is None or isinstance(shown, bool):
            return "" if shown is None else shown
        return _to_text(shown) if isinstance(shown, SafeString) else str(shown)


def _take_all_pages(request: HttpRequest) -> None:
    parameters = request.GET.copy()
    for name in (PAGE_VAR, ALL_VAR):
        parameters.pop(name, None)
    request.GET = parameters  # type: ignore[assignment]


def _to_text(html: str) -> str:
    lines = unescape(strip_tags(_LINE_END.sub("\n", html))).splitlines()
    return "\n".join(line for text_line in lines if (line := text_line.strip()))


def _is_number(field: Any) -> bool:
    return isinstance(field, _NUMBER_FIELDS) and not field.choices


def _cell_of_field(row: Any, field: Any) -> Cell:
    """Numbers and days as such, choices by their text."""
    value = getattr(row, field.name)
    if value is None or isinstance(value, bool):
        return "" if value is None else value
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(" ", "seconds")[:19]
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
