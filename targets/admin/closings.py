"""Frozen scorecards (read-only), and the page that closes a plan."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextareaWidget

from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.base import ReadOnlyAdmin, actor
from kpitracker.lib.admin.permissions import READ_ONLY_SCOPES
from kpitracker.lib.admin.text_fields import CleanTextField
from kpitracker.lib.admin.tones import Tone, colour_text
from kpitracker.lib.admin.types import Context, ModelForm
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from targets.admin import scopes
from targets.admin.plan_views import PlanPagesMixin
from targets.admin.tones import STATUS_TONES
from targets.models import Closing
from targets.payloads.scorecards import FrozenScorecard
from targets.services.reports import closings
from targets.services.text import closing_tables
from targets.services.text.closing_tables import ResultLine

_RESULT_COLUMNS = [
    text("Target", "Chỉ tiêu"), text("Result", "Kết quả"), text("Actual", "Thực hiện"),
    text("Variance", "Chênh lệch"), text("Why", "Căn cứ"),
]  # fmt: skip
_DIFFERENCE_COLUMNS = [text("Target", "Chỉ tiêu"), text("Then", "Khi chốt"), text("Now", "Hiện nay")]


class ClosePlanForm(forms.Form):
    as_of = forms.DateField(
        label=text("As of", "Tính đến ngày"), required=False, widget=UnfoldAdminDateWidget,
        help_text=text("Empty: today.", "Để trống: hôm nay."),
    )  # fmt: skip
    reason = CleanTextField(
        label=text("Reason", "Lý do"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=text(
            "Stored with the scorecard. Every reader of the scorecard sees it.",
            "Lưu cùng bảng kết quả, người xem đều đọc được.",
        ),
    )  # fmt: skip


class ClosePlanMixin(PlanPagesMixin):
    """Adds the page that closes a plan to the admin of plans."""

    @action(
        description=text("Close: freeze the scorecard", "Chốt bảng kết quả"),
        url_path="close",
        permissions=["close_plan"],
    )
    def close_plan(self, request: HttpRequest, object_id: str) -> HttpResponse:
        plan = self._get_plan(request, object_id)
        form = ClosePlanForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                closing = closings.close_plan(plan=plan, by=actor(request), now=clock.now(), **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, str(error.detail))
            else:
                messages.success(request, str(text(f"Closed: {closing}.", f"Đã chốt: {closing}.")))
                return HttpResponseRedirect(reverse("admin:targets_closing_change", args=[closing.pk]))
        introduction = text(
            "The scorecard is stored permanently, as it is now. From the plan's last day on, its periods are closed.",
            "Bảng kết quả được lưu vĩnh viễn như hiện biết. Từ ngày cuối của kế hoạch, các kỳ cũng bị khóa.",
        )
        heading = text(f"Close and freeze the scorecard: {plan}", f"Chốt bảng kết quả: {plan}")
        context = {"form": form, "heading": heading, "introduction": introduction, "button": text("Close", "Chốt")}
        return self._render_form_page(request, plan, context)

    def has_close_plan_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return bool(self.has_change_permission(request, self.get_object(request, object_id or "")))


@admin.register(Closing)
class ClosingAdmin(ReadOnlyAdmin):
    required_scopes = READ_ONLY_SCOPES
    department_scope = staticmethod(scopes.scope_by_plan)
    list_display = ("plan", "number", "as_of", "reason", "shown_closed_by", "recorded_by")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("plan__search_text", "reason")
    ordering = ("-recorded_by",)
    # Not the stored content and digest: they include targets that the user may not see.
    fields = ("plan", "number", "as_of", "reason", "shown_closed_by", "recorded_by", "sha256")
    readonly_fields = ("shown_closed_by", "sha256")
    change_form_after_template = "targets/closing.html"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[ModelForm]:
        # Computed fields receive the row only, so the row carries the user.
        if obj is not None:
            obj.reader = actor(request)
        return super().get_form(request, obj, change, **kwargs)

    @admin.display(description="SHA-256")
    def sha256(self, row: Any) -> SafeString:
        return format_html('<span class="digest">{}</span>', closings.visible_closing(row, row.reader).digest)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row, by = context["original"], actor(request)
        scorecard = closings.visible_closing(row, by).scorecard
        tables = [_results_table(scorecard), _changes_table(row, scorecard, by)]
        return super().render_change_form(request, {**context, "tables": tables}, *args, **kwargs)


def _results_table(scorecard: FrozenScorecard) -> Context:
    return {
        "title": text("Results", "Kết quả"),
        "introduction": closing_tables.count_statuses(scorecard["totals"]),
        "columns": _RESULT_COLUMNS,
        "lines": [_result_cells(line) for line in closing_tables.list_results(scorecard)],
    }


def _result_cells(line: ResultLine) -> list[str]:
    tone = {None: None, True: Tone.BAD, False: Tone.GOOD}[line.is_short]
    label = colour_text(line.label, STATUS_TONES[line.status])
    return [line.name, label, line.actual, colour_text(line.variance, tone), line.reason]


def _changes_table(closing: Closing, scorecard: FrozenScorecard, by: Actor) -> Context:
    today = clock.today()
    comparison = closings.compare_closing(closing, by=by, as_of=today, today=today)
    count, amended = len(comparison["figures"]), len(comparison["amendments"])
    return {
        "title": text("Since then", "Từ đó đến nay"),
        "introduction": text(
            f"{count} revisions and {amended} amendments were recorded since.",
            f"Từ đó đã ghi nhận {count} lần sửa số liệu và {amended} điều chỉnh.",
        ),
        "columns": _DIFFERENCE_COLUMNS,
        "lines": [
            [line.name, line.before, line.after]
            for line in closing_tables.list_differences(comparison["targets"], scorecard)
        ],
    }
