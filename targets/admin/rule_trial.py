"""The page that tries an alert rule on a past year."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from kpitracker.lib import clock
from kpitracker.lib.admin.base import actor
from kpitracker.lib.admin.types import PageMixin
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from targets.domain.alerting import NotificationReason
from targets.models import Plan
from targets.services.alerting.replay import REASON_NAMES, ReplayedMessage
from targets.services.alerting.trials import MAX_ROWS, TrialResult, try_rule
from targets.services.text import alert_messages, formatting

_COLUMNS = [
    text("Day", "Ngày"), text("Why", "Lý do"), text("To", "Gửi tới"), text("Message", "Nội dung"),
]  # fmt: skip
_INTRODUCTION = text(
    "What this rule would have sent if it were active and no one responded. Nothing is stored, nothing is sent.",
    "Quy tắc này sẽ báo những gì nếu đang dùng và không ai phản hồi. Không lưu, không gửi gì.",
)


class RuleTrialForm(forms.Form):
    plan = forms.ModelChoiceField(
        label=text("Plan", "Kế hoạch"), queryset=Plan.objects.none(), widget=UnfoldAdminSelectWidget
    )
    first = forms.DateField(
        label=text("From", "Từ ngày"), required=False, widget=UnfoldAdminDateWidget,
        help_text=text("Empty: the plan's first day.", "Để trống: ngày đầu kế hoạch."),
    )  # fmt: skip
    last = forms.DateField(
        label=text("To", "Đến ngày"), required=False, widget=UnfoldAdminDateWidget,
        help_text=text("Empty: for a year, through today.", "Để trống: một năm, đến hôm nay."),
    )  # fmt: skip


class RuleTrialMixin(PageMixin):
    """Adds the trial page to the admin of alert rules."""

    get_object: Any
    has_change_permission: Any
    actions_detail = ("try_rule",)

    @action(
        description=text("Try it on last year", "Chạy thử với năm trước"), url_path="trial", permissions=["try_rule"]
    )
    def try_rule(self, request: HttpRequest, object_id: str) -> HttpResponse:
        rule, by = self.get_object(request, object_id), actor(request)
        if rule is None:
            raise PermissionDenied
        form = RuleTrialForm(request.POST if request.method == "POST" else None)
        form.fields["plan"].queryset = Plan.objects.visible_to(by).order_by("-period_start", "code")  # type: ignore[attr-defined]
        tables = []
        if request.method == "POST" and form.is_valid():
            try:
                tables = [_trial_table(try_rule(rule=rule, by=by, today=clock.today(), **form.cleaned_data))]
            except DomainError as error:
                form.add_error(None, " ".join(str(item.detail) for item in error.items) or str(error.detail))
        rule_url = reverse("admin:targets_alertrule_change", args=[rule.pk])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(rule),
            "form": form,
            "heading": text("Try it on last year", "Chạy thử với năm trước"),
            "introduction": _INTRODUCTION,
            "button": text("Try", "Chạy thử"),
            "back": {"url": rule_url, "label": text("Back to the rule", "Quay lại quy tắc")},
            "tables": tables,
        }
        return TemplateResponse(request, "targets/trial_page.html", context)

    def has_try_rule_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return bool(self.has_change_permission(request))


def _trial_table(trial: TrialResult) -> dict[str, Any]:
    opened_count = sum(notification.reason is NotificationReason.FIRST for notification in trial.notifications)
    date_range = f"{formatting.format_day(trial.first.isoformat())} – {formatting.format_day(trial.last.isoformat())}"
    count = len(trial.notifications)
    introduction = text(f"{opened_count} alerts, {count} messages.", f"{opened_count} cảnh báo, {count} tin.")
    if not trial.is_complete:
        introduction = text(f"The first {MAX_ROWS} messages are shown.", f"Hiển thị {MAX_ROWS} tin đầu.")
    return {
        "title": date_range,
        "introduction": introduction,
        "columns": _COLUMNS,
        "lines": [_notification_line(notification) for notification in trial.notifications],
    }


def _notification_line(notification: ReplayedMessage) -> list[str]:
    day = formatting.format_day(notification.day.isoformat())
    return [
        day,
        str(REASON_NAMES[notification.reason]),
        notification.addresses or "–",
        alert_messages.summary_line(notification.snapshot),
    ]
