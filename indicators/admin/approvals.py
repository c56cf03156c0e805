"""Admin of figures that wait for the approval of a second user."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget

from indicators.admin import scopes
from indicators.models import Approval
from indicators.services.figures import approvals
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import RequiredScopes
from kpitracker.lib.admin.types import Values
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text

_READ_ONLY_FIELDS = ("figure", "value", "published", "posted_by", "state", "decided_by", "decided_at")


class ApprovalDecisionForm(ServiceForm):
    decision = forms.ChoiceField(
        label=text("decision", "quyết định"),
        choices=[("approve", text("approve", "duyệt")), ("reject", text("reject", "từ chối"))],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Approval
        fields = ("reason",)
        help_texts = {"reason": text("A rejection needs a reason.", "Từ chối phải nêu lý do.")}


@admin.register(Approval)
class ApprovalAdmin(ServiceAdmin):
    """The service refuses an approval by the user who posted the figure."""

    required_scopes = RequiredScopes(Scope.READ, Scope.FIGURES_WRITE)
    form, department_scope = ApprovalDecisionForm, staticmethod(scopes.scope_approvals)
    list_display = ("figure", "value", "published", "posted_by", "state", "decided_by")
    list_filter = ("state",)
    list_select_related = ("revision__measurement__indicator", "revision__measurement__area")
    ordering = ("-pk",)
    actions = ("approve",)

    def has_add_permission(self, request: HttpRequest, obj: Approval | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Approval | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == "pending")

    def has_delete_permission(self, request: HttpRequest, obj: Approval | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Approval | None = None) -> tuple[str, ...]:
        open_fields = [name for name in super().get_fields(request, obj) if name not in _READ_ONLY_FIELDS]
        return (
            (*_READ_ONLY_FIELDS, *open_fields)
            if self.has_change_permission(request, obj)
            else (*_READ_ONLY_FIELDS, "reason")
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Approval | None = None) -> tuple[str, ...]:
        return _READ_ONLY_FIELDS

    @admin.display(description=text("figure", "số liệu"))
    def figure(self, row: Approval) -> str:
        return f"{row.revision.measurement} {row.revision}"

    @admin.display(description=text("value", "giá trị"))
    def value(self, row: Approval) -> str:
        value = row.revision.value
        return row.revision.get_missing_reason_display() if value is None else format(value, "f")

    @admin.display(description=text("published", "ngày công bố"))
    def published(self, row: Approval) -> Any:
        return row.revision.published

    @admin.display(description=text("posted by", "người gửi"))
    def posted_by(self, row: Approval) -> str:
        return row.revision.posted_by

    def change_row(self, request: HttpRequest, row: Approval, values: Values) -> Model:
        approve = values.pop("decision", "") == "approve"
        approvals.decide_approvals(revisions=[row.pk], approve=approve, by=actor(request), now=clock.now(), **values)
        return row

    @admin.action(description=text("Approve", "Duyệt"), permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Approval]) -> None:
        approval_ids = list(queryset.values_list("pk", flat=True))
        try:
            count = approvals.decide_approvals(revisions=approval_ids, approve=True, by=actor(request), now=clock.now())
        except DomainError as error:
            self.message_user(request, str(error.detail), messages.ERROR)
            return
        self.message_user(request, text(f"Approved: {count}.", f"Đã duyệt: {count}."), messages.SUCCESS)
