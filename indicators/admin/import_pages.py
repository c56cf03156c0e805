"""Admin views of imports: upload a file, confirm it, show its progress, undo it."""

import tempfile
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from unfold.decorators import action

from indicators.admin.import_form import FigureFileForm
from indicators.importing import dry_runs, import_words
from indicators.importing.file_form import END_MARKER, max_file_size
from indicators.models import Import, ImportProblem
from indicators.services.batches import import_undo
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.admin.base import actor
from kpitracker.lib.admin.types import PageMixin
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from kpitracker.lib.spreadsheets.flatten import Column
from kpitracker.lib.spreadsheets.writing import write_csv


class ImportViewsMixin(PageMixin):
    """Adds the upload, confirm, undo, state and rejected-rows views to the admin of imports."""

    actions_list = ("upload",)

    def get_urls(self) -> list[URLPattern]:
        views = {
            "confirm": self.confirm_view,
            "undo": self.undo_view,
            "state": self.state_view,
            "rejected": self.rejected_view,
        }
        urls = [
            path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"indicators_import_{name}")
            for name, view in views.items()
        ]
        return [*urls, *super().get_urls()]

    def has_upload_permission(self, request: HttpRequest) -> bool:
        return actor(request).may(Scope.FIGURES_WRITE)

    @action(description=text("Import a file", "Nhập từ tệp"), url_path="upload", permissions=["upload"])
    def upload(self, request: HttpRequest) -> HttpResponse:
        form = FigureFileForm(request.POST, request.FILES) if request.method == "POST" else FigureFileForm()
        if form.is_bound and form.is_valid() and (figure_import := self._start_dry_run(request, form)):
            return self._redirect_to(figure_import)
        extra_context = {
            "form": form,
            "end_marker": END_MARKER,
            "max_size": max_file_size(),
            "too_large": text(
                f"At most {max_file_size() // 1024**2} MB: split the file.",
                f"Tối đa {max_file_size() // 1024**2} MB: hãy chia nhỏ tệp.",
            ),
            "introduction": text(
                "The file is checked first: you see what would happen, and nothing is stored before you confirm it.",
                "Tệp được kiểm tra trước: bạn thấy những gì sẽ xảy ra, và không ghi gì trước khi bạn xác nhận.",
            ),
            "button": text("See what would happen", "Xem trước"),
        }
        return self._render_page(request, "imports/upload.html", text("Import a file", "Nhập từ tệp"), extra_context)

    @staticmethod
    def _start_dry_run(request: HttpRequest, form: FigureFileForm) -> Import | None:
        try:
            file = form.cleaned_data["file"]
            figure_import = dry_runs.start_dry_run(
                read_chunk=file.read, by=actor(request), now=clock.now(), **form.values()
            )
        except DomainError as error:
            form.add_error(None, str(error.detail))
            return None
        dry_runs.run_if_small(figure_import)
        return figure_import

    @method_decorator(require_POST)
    def confirm_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        dry_run = self._get_import(request, pk)
        try:
            figure_import = dry_runs.confirm(dry_run=dry_run, by=actor(request), now=clock.now())
        except DomainError as error:
            messages.error(request, str(error.detail or text("You may not do this.", "Bạn không có quyền.")))
            return self._redirect_to(dry_run)
        dry_runs.run_if_small(figure_import)
        return self._redirect_to(figure_import)

    def undo_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        figure_import = self._get_import(request, pk)
        if not self.has_upload_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            quiet = request.POST.get("quiet") == "on"
            try:
                import_undo.undo_batch(batch=figure_import, by=actor(request), now=clock.now(), quiet=quiet)
            except DomainError as error:
                messages.error(request, str(error.detail))
            return self._redirect_to(figure_import)
        return self._render_page(
            request,
            "imports/undo.html",
            str(figure_import),
            {"batch": figure_import, **_UNDO_TEXTS, "introduction": _undo_introduction(figure_import)},
        )

    def state_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """JSON that the page of a running import polls."""
        figure_import = self._get_import(request, pk)
        progress = str(import_words.progress_text(figure_import))
        return JsonResponse(
            {
                "open": figure_import.is_open,
                "done": figure_import.rows_done,
                "rows": figure_import.rows,
                "message": progress,
            }
        )

    def rejected_view(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """All rejected rows as CSV. The file is complete before the response begins, so no error can cut it off."""
        figure_import = self._get_import(request, pk)
        rows = ImportProblem.objects.visible_to(actor(request)).filter(batch=figure_import).order_by("row")
        columns = [
            Column(str(title), path=(), is_number=position == 0)
            for position, title in enumerate(import_words.PROBLEM_COLUMNS)
        ]
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        try:
            write_csv(file, columns, (import_words.problem_cells(row) for row in rows.iterator(chunk_size=1000)))
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return FileResponse(
            file, as_attachment=True, filename=f"rejected-{figure_import.pk}.csv", content_type="text/csv"
        )

    def _get_import(self, request: HttpRequest, pk: Any) -> Import:
        figure_import: Import | None = self.get_queryset(request).filter(pk=pk).first()
        if figure_import is None:
            raise Http404
        return figure_import

    @staticmethod
    def _redirect_to(figure_import: Import) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:indicators_import_change", args=[figure_import.pk]))

    def _render_page(
        self, request: HttpRequest, template: str, title: str, extra_context: dict[str, Any]
    ) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **extra_context}
        return TemplateResponse(request, template, context)


def _undo_introduction(figure_import: Import) -> str:
    count = figure_import.created + figure_import.revised
    return text(
        f"This import wrote {figure_import.created} new figures and revised {figure_import.revised}. ",
        f"Lần nhập này đã ghi mới {figure_import.created} số liệu và sửa {figure_import.revised} số liệu. ",
    ) + text(f"All {count} will be undone.", f"Tất cả {count} số liệu sẽ được hoàn tác.")


_UNDO_TEXTS = {
    "points": [
        text(
            "New figures are withdrawn and must be reported again. Revised figures get their previous value again.",
            "Số liệu ghi mới được rút lại: kỳ đó lại phải báo cáo. Số liệu đã sửa trở về giá trị trước đó.",
        ),
        text(
            "A figure that was revised or approved since, or whose period is locked, stays as it is and is listed.",
            "Số liệu đã có lần sửa mới hơn, đã được duyệt hoặc thuộc kỳ đã khóa thì giữ nguyên và được nêu rõ.",
        ),
        text(
            "Nothing is deleted: the history keeps the imported values. An undo cannot be reverted; to restore the figures, "
            "import the file again.",
            "Không xóa gì: lịch sử vẫn cho thấy số liệu trong thời gian đó. Không thể hủy việc hoàn tác; muốn có lại số "
            "liệu, hãy nhập lại tệp.",
        ),
    ],
    "button": text("Undo the import", "Hoàn tác lần nhập"),
    "quiet": text(
        "Notify no one of the undo (for loads of history)", "Không thông báo về việc hoàn tác (khi nạp số liệu cũ)"
    ),
    "back": text("Cancel", "Không, quay lại"),
}
