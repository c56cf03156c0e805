"""Two pages of the admin of plans: copy a plan to the next period, and import the catalogue from a workbook."""

import base64
import binascii
import io
import tempfile
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from rest_framework.request import Request
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from indicators.period_form_field import WrittenPeriodField
from kpitracker.lib import clock, text_validation
from kpitracker.lib.actor import Scope
from kpitracker.lib.admin.base import actor
from kpitracker.lib.admin.types import PageMixin
from kpitracker.lib.admin.widgets import UploadWidget
from kpitracker.lib.errors import DomainError, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.exports import XlsxRenderer, file_name, file_response
from kpitracker.lib.spreadsheets.reading import IN_REQUEST, Workbook
from targets.catalogue import export, import_
from targets.catalogue.import_ import OUTCOMES, CatalogueReport
from targets.models import Target
from targets.pages.term_fields import field_label
from targets.services.planning import plan_copies

# Between preview and confirmation the file is kept in the form. A request body may have at most 1 MB.
MAX_FILE_SIZE = 700 * 1024
_MAX_SHOWN = 200  # lines of the preview
_LABELS: dict[str, Any] = {
    "found": text("What the file would do, by sheet:", "Kết quả nếu ghi, theo từng trang:"),
    "faults": text("Nothing can be written until these errors are corrected:", "Chưa thể ghi; cần sửa các lỗi sau:"),
    "columns": [
        text("Sheet", "Trang"), text("Row", "Dòng"), text("Column", "Cột"), text("Kind", "Loại lỗi"),
        text("What is wrong", "Lỗi"),
    ],
    "changes": text("What would be new or changed:", "Những gì sẽ thêm hoặc thay đổi:"),
    "change_columns": [
        text("Sheet", "Trang"), text("Row", "Dòng"), text("Field", "Trường"), text("Now", "Hiện tại"),
        text("Then", "Sẽ là"),
    ],
    "new": text("new", "thêm mới"),
    "download": text("The catalogue as a workbook", "Tải danh mục về (XLSX)"),
    "confirm": text("Write this", "Ghi vào hệ thống"),
    "look": text("See what would happen", "Xem trước"),
}  # fmt: skip
_BACK_LABEL = text("Back to the plan", "Quay lại kế hoạch")
_OUTCOME_LABELS = dict(
    zip(
        OUTCOMES,
        (
            text("new", "mới"),
            text("changed", "thay đổi"),
            text("unchanged", "không đổi"),
            text("refused", "bị từ chối"),
        ),
        strict=True,
    )
)


class CopyPlanForm(forms.Form):
    code = forms.CharField(
        label=text("Code", "Mã"), required=False, max_length=64, widget=UnfoldAdminTextInputWidget,
        help_text=text("Empty: the plan's code with its years moved on.", "Để trống: mã cũ với năm mới."),
    )  # fmt: skip
    name = forms.CharField(
        label=text("Name", "Tên"), required=False, max_length=300, widget=UnfoldAdminTextInputWidget,
        help_text=text("Empty: the plan's name with its years moved on.", "Để trống: tên cũ với năm mới."),
    )  # fmt: skip
    period = WrittenPeriodField(
        required=False, widget=UnfoldAdminTextInputWidget,
        help_text=text("For example 2025. Empty: the next period.", "Ví dụ 2025. Để trống: kỳ liền sau."),
    )  # fmt: skip

    def clean_name(self) -> str:
        try:
            return text_validation.clean_text(self.cleaned_data["name"], one_line=True)
        except ValidationProblem as error:
            raise forms.ValidationError(str(error.detail)) from error


class CatalogueFileForm(forms.Form):
    file = forms.FileField(label=text("XLSX file", "Tệp XLSX"), widget=UploadWidget(attrs={"accept": ".xlsx"}))

    def clean_file(self) -> Any:
        if self.cleaned_data["file"].size > MAX_FILE_SIZE:
            detail = text(
                "At most 700 KB: use manage.py import_catalogue.", "Tối đa 700 KB: dùng manage.py import_catalogue."
            )
            raise forms.ValidationError(str(detail))
        return self.cleaned_data["file"]


class PlanPagesMixin(PageMixin):
    """Adds these pages to the admin of plans."""

    actions_detail: tuple[str, ...] = ("copy_next", "close_plan")
    actions_list = ("catalogue",)

    @action(
        description=text("Copy to the next period", "Sao chép sang kỳ sau"), url_path="copy", permissions=["copy_next"]
    )
    def copy_next(self, request: HttpRequest, object_id: str) -> HttpResponse:
        plan = self._get_plan(request, object_id)
        form = CopyPlanForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                options = {name: value for name, value in form.cleaned_data.items() if value}
                result = plan_copies.copy_plan(plan=plan, by=actor(request), now=clock.now(), **options)
            except DomainError as error:
                form.add_error(None, str(error.detail))
            else:
                self._show_copy_result(request, result)
                return HttpResponseRedirect(reverse("admin:targets_plan_change", args=[result.plan.pk]))
        introduction = text(
            f"A plan like {plan}, with its targets as drafts. Baselines and the act are not copied.",
            f"Kế hoạch như {plan}, các chỉ tiêu ở dạng dự thảo. Không lấy mức đầu kỳ và văn bản.",
        )
        heading = text(f"Copy to the next period: {plan}", f"Sao chép sang kỳ sau: {plan}")
        context = {"form": form, "heading": heading, "introduction": introduction, "button": text("Copy", "Sao chép")}
        return self._render_form_page(request, plan, context)

    def has_copy_next_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return bool(self.has_change_permission(request, self.get_object(request, object_id or "")))

    def _get_plan(self, request: HttpRequest, object_id: str) -> Any:
        plan = self.get_object(request, object_id)
        if plan is None:
            raise PermissionDenied
        return plan

    @staticmethod
    def _show_copy_result(request: HttpRequest, result: plan_copies.CopyResult) -> None:
        count = len(result.targets)
        messages.success(
            request, str(text(f"{count} targets copied as drafts.", f"Đã sao chép {count} chỉ tiêu dự thảo."))
        )
        identifiers = {skipped.target for skipped in result.skipped}
        names = {
            row.identifier: str(row)
            for row in Target.objects.visible_to(actor(request)).for_list().filter(identifier__in=identifiers)
        }
        for skipped in result.skipped:
            field = f" ({field_label(skipped.field)})" if skipped.field else ""
            messages.warning(request, f"{names.get(skipped.target, skipped.target)}{field}: {skipped.detail}")

    @action(
        description=text("Catalogue from a file", "Nạp danh mục từ tệp"),
        url_path="catalogue",
        permissions=["catalogue"],
    )
    def catalogue(self, request: HttpRequest) -> HttpResponse:
        report, content, form = None, b"", CatalogueFileForm()
        if request.method == "POST":
            confirmed = "confirm" in request.POST
            form = CatalogueFileForm() if confirmed else CatalogueFileForm(request.POST, request.FILES)
            if confirmed or form.is_valid():
                content = (
                    _decode_content(request.POST.get("content", "")) if confirmed else form.cleaned_data["file"].read()
                )
                report = self._run_import(request, form, content, dry_run=not confirmed)
        if report and report.written:
            messages.success(request, str(text("Written.", "Đã ghi.")) + f" {summarize_report(report)}")
            return HttpResponseRedirect(reverse("admin:targets_plan_changelist"))
        context = {
            "form": form,
            "report": report,
            "heading": text("Catalogue from a file", "Nạp danh mục từ tệp"),
            "counts": [[sheet, *counts.values()] for sheet, counts in report.counts.items()] if report else [],
            "faults": [list(fault) for fault in report.faults[:200]] if report else [],
            "changes": _list_changes(report) if report else [],
            "more_changes": _describe_more(report) if report else "",
            "confirm": base64.b64encode(content).decode() if report and not report.faults else "",
            "words": {**_LABELS, "counts": [text("Sheet", "Trang"), *_OUTCOME_LABELS.values()]},
            "introduction": text(
                "The sheets areas, departments, indicators, duties, plans, targets. Download the catalogue, change it, "
                "and upload it: you see what would change before it is written. "
                "Nothing is removed. If there is an error, nothing is written.",
                "Các trang areas, departments, indicators, duties, plans, targets. Tải danh mục về, sửa rồi nạp lại: "
                "những thay đổi được hiển thị trước khi ghi. Không xóa gì; có lỗi thì không ghi gì.",
            ),
        }
        return self._render_page(request, "targets/import_catalogue.html", str(text("Catalogue", "Danh mục")), context)

    def get_urls(self) -> list[URLPattern]:
        file_path = path(
            "catalogue.xlsx", self.admin_site.admin_view(self.catalogue_file), name="targets_plan_catalogue_file"
        )
        return [file_path, *super().get_urls()]

    def catalogue_file(self, request: HttpRequest) -> HttpResponseBase:
        """The catalogue as a workbook that can be uploaded again. Raises `PermissionDenied`."""
        if not self.has_catalogue_permission(request):
            raise PermissionDenied
        page, file = Request(request), tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
        try:
            export.write_catalogue(file, by=actor(request), now=clock.now())
            return file_response(page, file, file_name(page, "catalogue", "xlsx"), XlsxRenderer.media_type)
        except BaseException:
            file.close()
            raise

    def has_catalogue_permission(self, request: HttpRequest) -> bool:
        by = actor(request)
        return by.may(Scope.ADMIN) and by.may(Scope.PLANS_WRITE)

    @staticmethod
    def _run_import(request: HttpRequest, form: forms.Form, content: bytes, *, dry_run: bool) -> CatalogueReport | None:
        try:
            workbook = Workbook(io.BytesIO(content), IN_REQUEST)
            return import_.import_workbook(workbook=workbook, by=actor(request), now=clock.now(), dry_run=dry_run)
        except DomainError as error:
            if form.is_bound:
                form.add_error("file", str(error.detail))
            else:
                messages.error(request, str(error.detail))
            return None

    def _render_form_page(self, request: HttpRequest, plan: Any, context: dict[str, Any]) -> TemplateResponse:
        back_link = {"url": reverse("admin:targets_plan_change", args=[plan.pk]), "label": _BACK_LABEL}
        return self._render_page(request, "targets/form_page.html", str(plan), {**context, "back": back_link})

    def _render_page(
        self, request: HttpRequest, template: str, title: str, extra_context: dict[str, Any]
    ) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **extra_context}
        return TemplateResponse(request, template, context)


def _decode_content(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _list_changes(report: CatalogueReport) -> list[list[str]]:
    new = str(_LABELS["new"])
    return [
        [change.sheet, change.label, change.field or new, change.before, change.after]
        for change in report.changes[:_MAX_SHOWN]
    ]


def _describe_more(report: CatalogueReport) -> str:
    more = max(len(report.changes) - _MAX_SHOWN, 0) + report.unnamed_changes
    return str(text(f"and {more} more", f"và {more} thay đổi khác")) if more else ""


def summarize_report(report: CatalogueReport) -> str:
    """For example `areas: 2 new; plans: 1 changed`."""
    sheets = {
        sheet: [f"{count} {_OUTCOME_LABELS[name]}" for name, count in counts.items() if count]
        for sheet, counts in report.counts.items()
    }
    return "; ".join(f"{sheet}: {', '.join(parts)}" for sheet, parts in sheets.items() if parts)
