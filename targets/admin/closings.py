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

from indicators.admin.base import ReadOnlyAdmin, actor
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError
from kpitracker.lib.texts import text
from targets.admin import part
from targets.domain.vocabulary import Status
from targets.models import Closing
from targets.models.assessment import STATUSES
from targets.services import closings, numerals, sentences
from targets.services import messages as wording

_COLUMNS = [
    text("Target", "Chỉ tiêu"), text("Result", "Kết quả"), text("Actual", "Thực hiện"),
    text("Variance", "Chênh lệch"), text("Why", "Căn cứ"),
]  # fmt: skip
_DIFFERENCES = [text("Target", "Chỉ tiêu"), text("Then", "Khi chốt"), text("Now", "Hiện nay")]


class CloseForm(forms.Form):
    as_of = forms.DateField(
        label=text("As of", "Tính đến ngày"), required=False, widget=UnfoldAdminDateWidget,
        help_text=text("Empty: today.", "Để trống: hôm nay."),
    )  # fmt: skip
    reason = forms.CharField(
        label=text("Reason", "Lý do"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=text(
            "Stored with the scorecard. Every reader of the scorecard sees it.",
            "Lưu cùng bảng kết quả, người xem đều đọc được.",
        ),
    )  # fmt: skip


class ClosePage:
    """Adds the page that closes a plan to the admin of plans."""

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
            "The scorecard is stored permanently, as it is now. From the plan's last day on, its periods are closed.",
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
    # Not the stored content and digest: they include targets that the user may not see.
    fields = ("plan", "number", "as_of", "reason", "closed_by", "recorded_by", "sha256")
    readonly_fields = ("sha256",)
    change_form_after_template = "targets/closing.html"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # Computed fields receive the row only, so the row carries the user.
        if obj is not None:
            obj.reader = actor(request)
        return super().get_form(request, obj, change, **kwargs)

    @admin.display(description="SHA-256")
    def sha256(self, row: Any) -> SafeString:
        return format_html('<span class="digest">{}</span>', closings.opened(row, row.reader).digest)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row, by = context["original"], actor(request)
        card = closings.opened(row, by).card
        tables = [_results(card), _since(row, card, by)]
        return super().render_change_form(request, {**context, "tables": tables}, *args, **kwargs)


def _results(card: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": text("Results", "Kết quả"),
        "lead": _counts(card["totals"]),
        "columns": _COLUMNS,
        "lines": [_result(each) for each in card["targets"]],
    }


def _result(row: dict[str, Any]) -> list[str]:
    label = wording.label(row["status"], provisional=row["provisional"])
    why = sentences.why(row).removeprefix(label).removeprefix(": ")
    decimals = _decimals(row)
    return [_name(row), label, numerals.actual(row, decimals), numerals.variance(row, decimals), why]


def _since(closing: Closing, card: dict[str, Any], by: Actor) -> dict[str, Any]:
    today = clock.today()
    found = closings.compare(closing, by=by, as_of=today, today=today)
    rows = {row["target"]: row for row in card["targets"]}
    count, amended = len(found["figures"]), len(found["amendments"])
    return {
        "title": text("Since then", "Từ đó đến nay"),
        "lead": text(
            f"{count} revisions and {amended} amendments were recorded since.",
            f"Từ đó đã ghi nhận {count} lần sửa số liệu và {amended} điều chỉnh.",
        ),
        "columns": _DIFFERENCES,
        "lines": [
            [
                _name(rows.get(each["target"], each)),
                *(_seen(each[name], rows.get(each["target"])) for name in ("before", "after")),
            ]
            for each in found["targets"]
        ],
    }


def _name(row: dict[str, Any]) -> str:
    """The name of the indicator, or the id of a target that is not in the scorecard."""
    if "indicator_name" not in row:
        return str(row["target"])
    return str(text(row["indicator_name_en"] or row["indicator_name"], row["indicator_name"]))


def _decimals(row: dict[str, Any]) -> int:
    return next((each["decimals"] for each in row["explanation"].get("indicators", ())), 2)


def _seen(said: dict[str, Any] | None, row: dict[str, Any] | None) -> str:
    if said is None:
        return "–"
    label = str(STATUSES[Status(said["status"])])
    if said["actual"] is None:
        return label
    return f"{label}: {numerals.actual({**row, **said}, _decimals(row)) if row else said['actual']}"


def _counts(totals: dict[str, Any]) -> str:
    return ", ".join(f"{count} {STATUSES[Status(name)]}" for name, count in totals["counts"].items() if count)
