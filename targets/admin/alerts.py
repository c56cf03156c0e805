"""Alerts, which are read and responded to, and alert rules, which are edited."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSplitDateTimeWidget,
)

from kpitracker.lib import clock
from kpitracker.lib.admin.base import ReadOnlyAdmin, ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.filters import VisibleAutocompleteFilter
from kpitracker.lib.admin.permissions import CATALOGUE_SCOPES, PLANNING_SCOPES, READ_ONLY_SCOPES
from kpitracker.lib.admin.related_links import Related, RelatedLinksMixin
from kpitracker.lib.admin.tones import Tone, coloured
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text
from targets.admin import help_texts, scopes
from targets.admin.comments import CommentsMixin
from targets.admin.deliveries import DeliveryInline
from targets.admin.rule_trial import RuleTrialMixin
from targets.admin.target_links import TARGET_RELATED, TargetLinkMixin
from targets.admin.tones import STATUS_TONES
from targets.domain.alerting import AlertState
from targets.domain.choices import PROBLEM_STATUSES
from targets.models import Alert, AlertRule
from targets.models.assessment import STATUS_LABELS
from targets.models.rule import AUDIENCE_LABELS, default_audience
from targets.pages.forms import AcknowledgeForm, given_answer, reason_field
from targets.services.alerting import next_step, rules, user_responses
from targets.services.text import alert_messages as wording
from targets.services.text import formatting
from targets.services.text.status_labels import status_label

_SEVERITY_TONES = {"critical": Tone.BAD, "warning": Tone.WARNING}
_STATE_COLOURS = {"pending": "info", "firing": "danger", "acknowledged": "warning", "resolved": "success"}
_BACK_LABEL = text("Back to the alert", "Quay lại cảnh báo")


class AlertRuleForm(ServiceForm):
    statuses = forms.MultipleChoiceField(
        choices=[
            (status.value, STATUS_LABELS[status])
            for status in sorted(PROBLEM_STATUSES, key=lambda item: item.severity_rank)
        ],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label=text("Becomes", "Chuyển thành"),
        required=False,
    )

    audience = forms.MultipleChoiceField(
        choices=[(choice.value, label) for choice, label in AUDIENCE_LABELS.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label=text("Recipients", "Người nhận"),
        required=False,
        initial=default_audience,
        help_text=text("In addition to contacts that receive every alert.", "Ngoài các đầu mối nhận mọi việc."),
    )

    class Meta:
        model = AlertRule
        fields = (
            "code", "name", "name_en", "kind", "statuses", "amount", "in_percent", "offset_days", "plan", "section",
            "department", "indicator", "area", "severity", "for_hours", "for_figures", "keep_firing_hours", "remind_days",
            "escalate_days", "max_escalations", "audience", "active",
        )  # fmt: skip


@admin.register(AlertRule)
class AlertRuleAdmin(RuleTrialMixin, ServiceAdmin):
    help_texts = help_texts.RULE
    required_scopes = CATALOGUE_SCOPES
    form = AlertRuleForm
    create, change, delete_service, row_name = rules.create_rule, rules.change_rule, rules.delete_rule, "rule"
    list_display = ("name", "kind", "shown_statuses", "plan", "department", "remind_days", "escalate_days", "active")
    list_select_related = ("plan", "department")
    search_fields = ("code", "name", "name_en", "plan__search_text", "department__search_text")
    autocomplete_fields = ("plan", "department", "indicator", "area")

    @admin.display(description=text("statuses", "trạng thái"))
    def shown_statuses(self, row: AlertRule) -> str:
        return ", ".join(status_label(status) for status in row.statuses) or "–"


class ResolveForm(forms.Form):
    reason = reason_field(
        text("Reason", "Lý do"), text("Sent to the recipients of the alert.", "Gửi cho người đã nhận cảnh báo.")
    )


class SilenceAlertForm(forms.Form):
    until = forms.SplitDateTimeField(label=text("Until", "Đến"), widget=UnfoldAdminSplitDateTimeWidget)
    reason = reason_field(text("Reason", "Lý do"))


class MessageFilter(admin.SimpleListFilter):
    """The alerts of one message. The link in the message opens the list with this filter."""

    title = text("message", "tin nhắn")
    parameter_name = "message"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(self.value(), text("in the same message", "gửi cùng một tin"))] if self.value() else []

    def has_output(self) -> bool:
        return self.value() is not None

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        message_id = self.value()
        if not message_id:
            return queryset
        try:
            return queryset.in_message(UUID(message_id))
        except ValueError:
            return queryset.none()


@admin.register(Alert)
class AlertAdmin(TargetLinkMixin, CommentsMixin, RelatedLinksMixin, ReadOnlyAdmin):
    related = (
        Related("targets.target", pk=lambda row: row.target_id),
        Related("indicators.indicator", pk=lambda row: row.target.indicator_id),
        Related(
            "indicators.measurement",
            query=lambda row: {"indicator__id__exact": row.target.indicator_id, "area__id__exact": row.target.area_id},
        ),
    )
    required_scopes = READ_ONLY_SCOPES
    department_scope = staticmethod(scopes.scope_by_target)
    list_display = (
        "named",
        "shown_status",
        "coloured_severity",
        "shown_state",
        "promised_day",
        "opened_at",
        "resolved_at",
    )
    list_filter = (
        MessageFilter,
        "state",
        "severity",
        "status",
        ("rule", admin.RelatedOnlyFieldListFilter),
        ("target__plan", admin.RelatedOnlyFieldListFilter),
        ("target__department", VisibleAutocompleteFilter),
        ("target__indicator", VisibleAutocompleteFilter),
        ("target", VisibleAutocompleteFilter),
    )
    list_select_related = (*TARGET_RELATED, "rule")
    search_fields = ("target__identifier", "target__indicator__search_text")
    ordering = ("-opened_at",)
    fields = (
        "linked", "rule", "message", "data_missing_since", "inhibited_by", "coloured_severity", "coloured_state", "episode", "opened_at",
        "last_notified_on", "escalation_level", "next_check_at", "what_next",
        "acknowledged_at", "shown_acknowledged_by", "acknowledgement_note", "promised_day", "without_action",
        "resolved_at", "shown_resolved_by", "why_resolved",
    )  # fmt: skip
    readonly_fields = (
        "linked", "message", "coloured_severity", "coloured_state", "what_next", "without_action", "shown_acknowledged_by", "shown_resolved_by",
        "why_resolved",
    )  # fmt: skip
    inlines = (DeliveryInline,)
    actions_detail = ("acknowledge", "act", "resolve", "silence")

    @admin.display(description=text("reason for resolving", "lý do đóng"))
    def why_resolved(self, row: Alert) -> str:
        return wording.resolution_text(row) or "–"

    @display(description=text("status", "trạng thái"), ordering="status", label=STATUS_TONES)
    def shown_status(self, row: Alert) -> tuple[str, str]:
        return row.status, status_label(
            row.status, row.snapshot["goal"] or "", is_rank=formatting.is_rank(row.snapshot)
        )

    @display(description=text("state", "tình trạng"), ordering="state", label=_STATE_COLOURS)
    def shown_state(self, row: Alert) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @admin.display(description=Alert._meta.get_field("severity").verbose_name, ordering="severity")
    @coloured(lambda alert: _SEVERITY_TONES.get(alert.severity))
    def coloured_severity(self, row: Alert) -> str:
        return str(row.get_severity_display())

    @admin.display(description=text("state", "tình trạng"))
    @coloured(lambda alert: Tone(_STATE_COLOURS[alert.state]))
    def coloured_state(self, row: Alert) -> str:
        return str(row.get_state_display())

    @admin.display(description=text("message", "nội dung"))
    def message(self, row: Alert) -> str:
        return wording.alert_line(row)

    @action(description=text("Acknowledge", "Tiếp nhận"), url_path="acknowledge", permissions=["answer"])
    def acknowledge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        introduction = text(
            "No reminders and no escalation until the promised day has passed.",
            "Không nhắc trước khi hết ngày cam kết và không chuyển lên cấp trên.",
        )
        return self._render_response_form(
            request, object_id, AcknowledgeForm, user_responses.acknowledge_alert, introduction
        )

    @admin.display(description=text("what comes next", "việc tiếp theo"))
    def what_next(self, row: Alert) -> str:
        return next_step.describe_next_step(row)

    @admin.display(description=text("what is done", "biện pháp"))
    def without_action(self, row: Alert) -> str:
        no_action_text = text("No action about the target is open.", "Chưa có biện pháp nào đang thực hiện.")
        return str(no_action_text) if user_responses.has_no_open_action(row) else "–"

    @action(description=text("Add an action", "Thêm biện pháp"), url_path="act", permissions=["act"])
    def act(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Redirect to the form for a new action about the alert's target."""
        alert = self.get_object(request, object_id)
        if alert is None:
            raise PermissionDenied
        return HttpResponseRedirect(f"{reverse('admin:targets_action_add')}?target={alert.target_id}")

    def has_act_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._has_scope(request, PLANNING_SCOPES.write)

    @action(description=text("Resolve", "Đóng"), url_path="resolve", permissions=["answer"])
    def resolve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        introduction = text(
            "It stays resolved until the target breaches the rule again.",
            "Cảnh báo đóng cho đến khi chỉ tiêu lại vi phạm.",
        )
        return self._render_response_form(request, object_id, ResolveForm, user_responses.resolve_alert, introduction)

    @action(description=text("Silence", "Tạm dừng nhắc"), url_path="silence", permissions=["answer"])
    def silence(self, request: HttpRequest, object_id: str) -> HttpResponse:
        introduction = text(
            "No reminders until then. The message that the condition is over is still sent.",
            "Không nhắc đến lúc đó; khi hết vi phạm vẫn báo.",
        )
        return self._render_response_form(
            request, object_id, SilenceAlertForm, user_responses.silence_alert, introduction
        )

    def has_answer_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        alert = self.get_object(request, object_id) if object_id else None
        return (
            alert is not None
            and AlertState(alert.state).is_active
            and user_responses.may_respond(alert, actor(request))
        )

    def _render_response_form(
        self,
        request: HttpRequest,
        object_id: str,
        form_class: type[forms.Form],
        service: Callable[..., Any],
        introduction: Any,
    ) -> HttpResponse:
        alert = self.get_object(request, object_id)
        if alert is None:
            raise PermissionDenied
        initial = given_answer(alert) if form_class is AcknowledgeForm else {}
        form = form_class(request.POST if request.method == "POST" else None, initial=initial)
        alert_url = reverse("admin:targets_alert_change", args=[alert.pk])
        if request.method == "POST" and form.is_valid():
            try:
                service(alert=alert, by=actor(request), now=clock.now(), **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, str(error.detail))
            else:
                messages.success(request, str(text("Noted.", "Đã ghi nhận.")))
                return HttpResponseRedirect(alert_url)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(alert),
            "form": form,
            "heading": wording.alert_line(alert),
            "introduction": introduction,
            "button": text("Send", "Gửi"),
            "back": {"url": alert_url, "label": _BACK_LABEL},
        }
        return TemplateResponse(request, "targets/form_page.html", context)
