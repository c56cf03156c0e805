"""Frozen scorecards, to read; and the page that closes a plan."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextareaWidget

from indicators.admin.base import ReadOnlyAdmin, actor
from kpitracker.lib import clock
from kpitracker.lib.errors import DomainError
from kpitracker.lib.texts import text
from targets.admin import part
from targets.domain.vocabulary import Status
from targets.models import Closing
from targets.models.assessment import STATUSES
from targets.services import closings
from targets.services import messages as wording

_COLUMNS = [
    text("target", "chỉ tiêu"), text("result", "kết quả"), text("actual", "thực hiện"),
    text("variance", "chênh lệch"), text("why", "căn cứ"),
]  # fmt: skip
_DIFFERENCES = [text("target", "chỉ tiêu"), text("then", "khi chốt"), text("now", "hiện nay")]


class CloseForm(forms.Form):
    as_of = forms.DateField(
        label=text("As of", "Tính đến ngày"), required=False, widget=UnfoldAdminDateWidget,
        help_text=text("Empty: today.", "Để trống: hôm nay."),
    )  # fmt: skip
    reason = forms.CharField(
        label=text("Reason", "Lý do"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=text("Kept with the scorecard, and seen by whoever reads it.", "Lưu cùng bảng kết quả, người xem đều đọc được."),
    )  # fmt: skip


class ClosePage:
    """Mixed into the admin of plans."""

    _own: Any
    _form_page: Any
    has_change_permission: Any
    get_object: Any

    @action(
        description=text("Close: freeze the scorecard", "Chốt bảng kết quả"),
        url_path="close",
        permissions=["close_plan"],
    )
    def close_plan(self, request: HttpRequest, object_id: str) -> HttpResponse:
        plan = self._own(request, object_id)
        form = CloseForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = closings.close(plan=plan, by=actor(request), now=clock.now(), **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, str(error.detail))
            else:
                messages.success(request, str(text(f"Closed: {made}.", f"Đã chốt: {made}.")))
                return HttpResponseRedirect(reverse("admin:targets_closing_change", args=[made.pk]))
        lead = text(
            "Its scorecard is kept for ever as it is known now. From the last day of the plan on, its periods are closed, too.",
            "Bảng kết quả được lưu vĩnh viễn như hiện biết. Từ ngày cuối của kế hoạch, các kỳ cũng bị khóa.",
        )
        heading = text(f"Close and freeze the scorecard: {plan}", f"Chốt bảng kết quả: {plan}")
        more = {"form": form, "heading": heading, "lead": lead, "button": text("Close", "Chốt")}
        return self._form_page(request, plan, more)  # type: ignore[no-any-return]

    def has_close_plan_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return bool(self.has_change_permission(request, self.get_object(request, object_id)))


@admin.register(Closing)
class ClosingAdmin(ReadOnlyAdmin):
    part = part.of_plans
    list_display = ("plan", "number", "as_of", "reason", "closed_by", "recorded_by")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("plan__search_text", "reason")
    ordering = ("-recorded_by",)
    # Neither content nor digest as they are stored: what somebody may not see is in them.
    fields = ("plan", "number", "as_of", "reason", "closed_by", "recorded_by", "sha256", "results", "since")
    readonly_fields = ("sha256", "results", "since")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # Fields that are computed see the row alone, and not who asks.
        if obj is not None:
            obj.reader = actor(request)
        return super().get_form(request, obj, change, **kwargs)

    @admin.display(description="SHA-256")
    def sha256(self, row: Any) -> str:
        return closings.opened(row, row.reader).digest

    @admin.display(description=text("results", "kết quả"))
    def results(self, row: Any) -> SafeString:
        card = closings.opened(row, row.reader).card
        lines = [
            [
                each["target"],
                wording.label(each["status"], provisional=each["provisional"]),
                each["actual"] or "",
                each["variance"] or "",
                each["explanation"]["formula"],
            ]
            for each in card["targets"]
        ]
        return _table(_COLUMNS, lines, f"{_counts(card['totals'])}")

    @admin.display(description=text("since then", "từ đó đến nay"))
    def since(self, row: Any) -> SafeString:
        today = clock.today()
        found = closings.compare(row, by=row.reader, as_of=today, today=today)
        lines = [[each["target"], _seen(each["before"]), _seen(each["after"])] for each in found["targets"]]
        count, amended = len(found["figures"]), len(found["amendments"])
        lead = text(
            f"{count} revisions and {amended} amendments were recorded since.",
            f"Từ đó đã ghi nhận {count} lần sửa số liệu và {amended} điều chỉnh.",
        )
        return _table(_DIFFERENCES, lines, str(lead))


def _seen(said: dict[str, Any] | None) -> str:
    return "" if said is None else f"{STATUSES[Status(said['status'])]} ({said['actual'] or '–'})"


def _counts(totals: dict[str, Any]) -> str:
    return ", ".join(f"{count} {STATUSES[Status(name)]}" for name, count in totals["counts"].items() if count)


def _table(columns: list[Any], lines: list[list[str]], lead: str) -> SafeString:
    return render_to_string("targets/table.html", {"columns": columns, "lines": lines, "lead": lead})
