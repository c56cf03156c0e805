"""Admin views of imports: upload a file, confirm it, show its progress, undo it."""

import tempfile
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST
from unfold.decorators import action

from indicators.admin import import_words as words
from indicators.admin.base import actor
from indicators.admin.import_form import LAST, FileForm, max_file
from indicators.intake import looking
from indicators.models import Import, ImportProblem
from indicators.services import undoing
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.errors import DomainError
from kpitracker.lib.spreadsheets.tables import Column
from kpitracker.lib.spreadsheets.writing import write_csv
from kpitracker.lib.texts import text


class ImportPages:
    """Adds the upload, confirm, undo, state and rejected-rows views to the admin of imports."""

    admin_site: Any
    opts: Any
    actions_list = ("upload",)

    def get_urls(self) -> Any:
        pages = {
            "confirm": self.confirm_view,
            "undo": self.undo_view,
            "state": self.state_view,
            "rejected": self.rejected_view,
        }
        found = [
            path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"indicators_import_{name}")
            for name, view in pages.items()
        ]
        return [*found, *super().get_urls()]  # type: ignore[misc]

    def has_upload_permission(self, request: HttpRequest) -> bool:
        return actor(request).may(Scope.FIGURES_WRITE)

    @action(description=text("Import a file", "Nhập từ tệp"), url_path="upload", permissions=["upload"])
    def upload(self, request: HttpRequest) -> HttpResponse:
        form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
        if form.is_bound and form.is_valid() and (batch := self._look(request, form)):
            return self._to(batch)
        more = {
            "form": form,
            "last": LAST,
            "most": max_file(),
            "too_large": text("At most 100 MB: split the file.", "Tối đa 100 MB: hãy chia nhỏ tệp."),
            "lead": text(
                "The file is checked first: you see what would happen, and nothing is stored before you confirm it.",
                "Tệp được kiểm tra trước: bạn thấy những gì sẽ xảy ra, và không ghi gì trước khi bạn xác nhận.",
            ),
            "button": text("See what would happen", "Xem trước"),
        }
        return self._page(request, "imports/upload.html", text("Import a file", "Nhập từ tệp"), more)

    @staticmethod
    def _look(request: HttpRequest, form: FileForm) -> Import | None:
        try:
            file = form.cleaned_data["file"]
            batch = looking.look(pieces=file.read, by=actor(request), now=clock.now(), **form.values())
        except DomainError as error:
            form.add_error(None, str(error.detail))
            return None
        looking.work_if_small(batch)
        return batch

    def confirm_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        seen = self._found(request, pk)
        return require_POST(self._confirm)(request, seen)

    def _confirm(self, request: HttpRequest, seen: Import) -> HttpResponse:
        try:
            made = looking.confirm(look=seen, by=actor(request), now=clock.now())
        except DomainError as error:
            messages.error(request, str(error.detail or text("You may not do this.", "Bạn không có quyền.")))
            return self._to(seen)
        looking.work_if_small(made)
        return self._to(made)

    def undo_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        batch = self._found(request, pk)
        if not self.has_upload_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            try:
                undoing.undo(batch=batch, by=actor(request), now=clock.now())
            except DomainError as error:
                messages.error(request, str(error.detail))
            return self._to(batch)
        return self._page(request, "imports/undo.html", str(batch), {"batch": batch, **_UNDO, "lead": _lead(batch)})

    def state_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """JSON that the page of a running import polls."""
        batch = self._found(request, pk)
        said = str(words.progress(batch))
        return JsonResponse({"open": batch.is_open, "done": batch.rows_done, "rows": batch.rows, "said": said})

    def rejected_view(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """All rejected rows as CSV. The file is complete before the response begins, so no error can cut it off."""
        batch = self._found(request, pk)
        rows = ImportProblem.objects.visible_to(actor(request)).filter(batch=batch).order_by("row")
        columns = [Column(str(head), (), number=place == 0) for place, head in enumerate(words.PROBLEM_HEADS)]
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        try:
            write_csv(file, columns, (words.problem_cells(row) for row in rows.iterator(chunk_size=1000)))
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=f"rejected-{batch.pk}.csv", content_type="text/csv")

    def _found(self, request: HttpRequest, pk: Any) -> Import:
        found: Import | None = self.get_queryset(request).filter(pk=pk).first()  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        return found

    @staticmethod
    def _to(batch: Import) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:indicators_import_change", args=[batch.pk]))

    def _page(self, request: HttpRequest, template: str, title: str, more: dict[str, Any]) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **more}
        return TemplateResponse(request, template, context)


def _lead(batch: Import) -> str:
    count = batch.created + batch.revised
    return text(
        f"This import wrote {batch.created} new figures and revised {batch.revised}. ",
        f"Lần nhập này đã ghi mới {batch.created} số liệu và sửa {batch.revised} số liệu. ",
    ) + text(f"All {count} will be taken back.", f"Tất cả {count} số liệu sẽ được rút lại.")


_UNDO = {
    "points": [
        text(
            "New figures are withdrawn and show “not available”. Revised figures get their previous value back.",
            "Số liệu ghi mới được rút lại, thành “không có số liệu”. Số liệu đã sửa trở về giá trị trước đó.",
        ),
        text(
            "A figure that was revised or approved since, or whose period is closed, stays as it is and is listed.",
            "Số liệu đã có lần sửa mới hơn, đã được duyệt hoặc thuộc kỳ đã khóa thì giữ nguyên và được nêu rõ.",
        ),
        text(
            "Nothing is deleted: the history keeps the imported values. An undo cannot be undone; send the file again.",
            "Không xóa gì: lịch sử vẫn cho thấy số liệu trong thời gian đó. "
            "Không thể hủy việc hoàn tác; hãy gửi lại tệp.",
        ),
    ],
    "button": text("Undo the import", "Hoàn tác lần nhập"),
    "back": text("Leave it", "Không, quay lại"),
}
