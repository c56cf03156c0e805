"""Read-only admin of imports: the file, its progress, and the result of its rows."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import RangeDateTimeFilter

from indicators.admin import waiting
from indicators.admin.import_pages import ImportViewsMixin
from indicators.importing import import_words as words
from indicators.importing import preview_values
from indicators.models import Import
from kpitracker.lib.admin.base import ReadOnlyAdmin, actor
from kpitracker.lib.admin.permissions import READ_ONLY_SCOPES
from kpitracker.lib.admin.tones import Tone, colour_text, coloured
from kpitracker.lib.admin.types import Context
from kpitracker.lib.i18n.text import text
from kpitracker.lib.numbers import localize_number

_DETAIL_FIELDS = (
    "file_name",
    "format",
    "size",
    "department",
    "shown_posted_by",
    "created_at",
    "finished_at",
    "shown_state",
    "mode",
    "quiet",
    "numbers",
)


_TONES = {"done": Tone.GOOD, "rejected": Tone.BAD, "failed": Tone.BAD, "undone": Tone.WARNING}


def _state_tone(row: Import) -> Tone:
    """A preview that is done has stored nothing yet: it is no success."""
    return Tone.NEUTRAL if row.dry_run and row.state == "done" else _TONES.get(row.state, Tone.NEUTRAL)


@admin.register(Import)
class ImportAdmin(ImportViewsMixin, ReadOnlyAdmin):
    required_scopes = READ_ONLY_SCOPES
    list_display = (
        "name",
        "department",
        "shown_posted_by",
        "created_at",
        "shown_state",
        "progress",
        "created",
        "revised",
        "unchanged",
        "rejected",
        "warnings",
    )
    attention = (waiting.OPEN_IMPORTS, waiting.UNCONFIRMED_IMPORTS)
    list_filter = (
        "state",
        "dry_run",
        ("created_at", RangeDateTimeFilter),
        ("department", admin.RelatedOnlyFieldListFilter),
    )
    list_filter_submit = True
    list_select_related = ("department",)
    search_fields = ("file_name", "department__search_text")
    ordering = ("-created_at",)
    fields = readonly_fields = _DETAIL_FIELDS
    change_form_template = "imports/change.html"
    change_form_outer_before_template = "imports/report.html"

    class Media:
        js = ("indicators/imports.js",)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        batch = self.get_object(request, object_id) if object_id else None
        report_context = self._report_context(request, batch) if batch is not None else {}
        response: HttpResponse = super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **report_context}
        )
        return response

    def _report_context(self, request: HttpRequest, batch: Import) -> dict[str, Any]:
        may_upload = self.has_upload_permission(request)
        summary, values = (
            words.summarize_import(batch, actor(request)),
            preview_values.read_values(batch, actor(request)),
        )
        return {
            "batch": batch,
            "summary": summary,
            "counts": [] if batch.is_open else words.row_counts(batch),
            "faults": words.file_errors(batch),
            "left": words.not_undone(batch),
            "left_heads": words.PROBLEM_COLUMNS[1:3] + words.PROBLEM_COLUMNS[4:],
            "values": values,
            "value_rows": [[*row.cells, _colour_remark(row.remark)] for row in values.rows],
            "value_heads": preview_values.COLUMNS,
            "value_title": preview_values.TITLE,
            "problems": words.problem_page(batch, actor(request), request.GET.get("p", "1")),
            "confirmed": _import_url(getattr(batch, "confirmed_by", None)),
            "may_upload": may_upload,
            "may_confirm": may_upload and summary.is_confirmable,
            "may_undo": may_upload and batch.is_undoable and batch.created + batch.revised > 0,
            "words": _LABELS,
        }

    @admin.display(description=text("file", "tệp"), ordering="file_name")
    def name(self, row: Import) -> str:
        return row.file_name or row.format

    @admin.display(description=text("state", "tình trạng"), ordering="state")
    @coloured(_state_tone)
    def shown_state(self, row: Import) -> str:
        words = _PREVIEW_STATES if row.dry_run else {}
        return str(words.get(row.state, row.get_state_display()))

    @admin.display(description=text("rows done", "dòng đã xong"))
    def progress(self, row: Import) -> str:
        bar = '<progress style="width: 5rem" value="{}" max="{}"></progress> {}/{}'
        done, rows = (None if count is None else localize_number(str(count)) for count in (row.rows_done, row.rows))
        return format_html(bar, row.rows_done, row.rows or 1, done, rows or "…")

    @admin.display(description=text("what is stored", "ghi những gì"))
    def mode(self, row: Import) -> str:
        if row.atomic:
            return text("all rows or none", "tất cả các dòng hoặc không dòng nào")
        return text("the correct rows", "các dòng đúng")

    @admin.display(description=text("numbers and days", "cách ghi số và ngày"))
    def numbers(self, row: Import) -> str:
        return "1.234,5 · 31/12/2024" if row.locale == "vi" else "1234.5 · 2024-12-31"


def _colour_remark(remark: str) -> str:
    return colour_text(remark, Tone.WARNING) if remark else ""


def _import_url(batch: Import | None) -> str:
    return reverse("admin:indicators_import_change", args=[batch.pk]) if batch else ""


# A preview that is done has stored nothing.
_PREVIEW_STATES = {
    "queued": text("preview: waiting", "xem trước: đang chờ"),
    "checking": text("preview: being checked", "xem trước: đang kiểm tra"),
    "done": text("preview, nothing stored", "xem trước, chưa ghi gì"),
    "rejected": text("preview with wrong rows, nothing stored", "xem trước, có dòng sai, chưa ghi gì"),
    "failed": text("preview: cannot be read", "xem trước: không đọc được"),
}
_LABELS = {
    "confirm": text("Confirm: store the figures", "Xác nhận: ghi số liệu"),
    "undo": text("Undo…", "Hoàn tác…"),
    "another": text("Send another file", "Gửi tệp khác"),
    "to_import": text("To the import", "Tới lần nhập"),
    "reload": text("Reload to see how far it is", "Tải lại để xem tiến độ"),
    "rejected": text("Rows that are wrong", "Các dòng sai"),
    "counted": text(
        "Rows are counted from 1, without the header and empty rows.",
        "Dòng được đếm từ 1, không kể dòng tiêu đề và dòng trống.",
    ),
    "csv": text("All of them as a CSV file", "Tải tất cả dạng CSV"),
    "left": text("What could not be withdrawn", "Những số liệu không rút lại được"),
}
