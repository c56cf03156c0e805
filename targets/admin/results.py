"""Assessments, status changes and alerts, to look at; rules, to edit."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from indicators.admin.base import ReadOnlyAdmin, ServiceAdmin, ServiceForm
from kpitracker.lib.texts import text
from targets.admin import part
from targets.admin.comments import CommentsMixin
from targets.admin.deliveries import DeliveryInline
from targets.admin.named import RELATED, NamedMixin
from targets.admin.owed import OwedMixin
from targets.admin.targets import COLOURS, paper_of
from targets.domain.vocabulary import WORRYING
from targets.models import Alert, AlertRule, Assessment, StatusChange
from targets.models.assessment import STATUSES
from targets.services import messages, numerals, rules


@admin.register(Assessment)
class AssessmentAdmin(NamedMixin, OwedMixin, ReadOnlyAdmin):
    part = part.of_targets
    list_display = (
        "named",
        "shown_status",
        "shown_actual",
        "shown_variance",
        "covered_through",
        "overdue",
        "since",
        "as_of",
    )
    list_filter = ("status", "overdue", ("target__plan", admin.RelatedOnlyFieldListFilter))
    list_select_related = RELATED
    search_fields = ("target__identifier", "target__indicator__search_text")
    ordering = ("target__identifier",)
    fields = (
        "linked",
        "verdict",
        "version",
        "shown_actual",
        "shown_variance",
        "why",
        "covered_through",
        "overdue",
        "since",
        "as_of",
        "changed_at",
    )
    readonly_fields = ("linked", "verdict", "shown_actual", "shown_variance", "why")

    @admin.display(description=text("status", "kết quả"))
    def verdict(self, row: Assessment) -> str:
        return messages.label(row.status, provisional=row.body["provisional"])

    @display(description=text("status", "kết quả"), ordering="status", label=COLOURS)
    def shown_status(self, row: Assessment) -> tuple[str, str]:
        return row.status, messages.label(row.status, provisional=row.body.get("provisional", False))

    @admin.display(description=text("actual", "thực hiện"), ordering="actual")
    def shown_actual(self, row: Assessment) -> str:
        return numerals.actual(row.body, row.target.indicator.decimals)

    @admin.display(description=text("variance", "chênh lệch"), ordering="variance")
    def shown_variance(self, row: Assessment) -> str:
        return numerals.variance(row.body, row.target.indicator.decimals)

    @admin.display(description=text("why", "vì sao"))
    def why(self, row: Assessment) -> str:
        return paper_of(row.target)


@admin.register(StatusChange)
class StatusChangeAdmin(NamedMixin, ReadOnlyAdmin):
    part = part.of_targets
    list_display = ("named", "before", "after", "day", "version", "quiet", "recorded_at")
    list_filter = ("after", "quiet", ("target__plan", admin.RelatedOnlyFieldListFilter))
    list_select_related = RELATED
    search_fields = ("target__identifier",)
    ordering = ("-pk",)


class RuleForm(ServiceForm):
    statuses = forms.MultipleChoiceField(
        choices=[(status.value, STATUSES[status]) for status in sorted(WORRYING, key=lambda each: each.severity)],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label=text("becomes", "chuyển thành"),
    )

    class Meta:
        model = AlertRule
        fields = ("name", "name_en", "statuses", "active")


@admin.register(AlertRule)
class AlertRuleAdmin(ServiceAdmin):
    form = RuleForm
    change, row_name = rules.change, "rule"
    list_display = ("name", "statuses", "active")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Alert)
class AlertAdmin(NamedMixin, CommentsMixin, ReadOnlyAdmin):
    part = part.of_targets
    list_display = ("named", "shown_status", "severity", "state", "opened_at", "resolved_at")
    list_filter = ("state", "severity", "status", ("target__plan", admin.RelatedOnlyFieldListFilter))
    list_select_related = RELATED
    search_fields = ("target__identifier", "target__indicator__search_text")
    ordering = ("-opened_at",)
    fields = ("linked", "rule", "message", "severity", "state", "episode", "opened_at", "resolved_at")
    readonly_fields = ("linked", "message")
    inlines = (DeliveryInline,)

    @display(description=text("status", "kết quả"), ordering="status", label=COLOURS)
    def shown_status(self, row: Alert) -> tuple[str, str]:
        return row.status, messages.label(row.status)

    @admin.display(description=text("message", "nội dung"))
    def message(self, row: Alert) -> str:
        return messages.sentence(row.facts)
