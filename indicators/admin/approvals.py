"""Admin of figures that wait for the approval of a second user."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join
from unfold.widgets import UnfoldAdminRadioSelectWidget

from indicators.admin import scopes, waiting
from indicators.models import Approval, Measurement
from indicators.services.figures import approvals, revision_store
from indicators.services.figures.figure_words import value_of_period, value_with_unit
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import RequiredScopes
from kpitracker.lib.admin.types import Rows, Values
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text

_READ_ONLY_FIELDS = (
    "figure",
    "value",
    "in_force",
    "earlier",
    "warnings",
    "source",
    "note",
    "published",
    "shown_visible_poster",
    "state",
    "shown_decided_by",
    "decided_at",
)
_EARLIER_PERIODS = 3


class ApprovalDecisionForm(ServiceForm):
    decision = forms.ChoiceField(
        label=text("decision", "quyết định"),
        choices=[("approve", text("approve", "duyệt")), ("reject", text("reject", "từ chối"))],
        widget=UnfoldAdminRadioSelectWidget,
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
    list_display = ("figure", "value", "in_force", "published", "shown_visible_poster", "state", "shown_decided_by")
    list_filter = ("state",)
    attention = (waiting.PENDING_APPROVALS,)
    list_select_related = ("revision__measurement__indicator", "revision__measurement__area")
    search_fields = (
        "revision__measurement__indicator__search_text",
        "revision__measurement__area__search_text",
        "reason",
    )
    ordering = ("-pk",)
    actions = ("approve",)

    def has_add_permission(self, request: HttpRequest, obj: Approval | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Approval | None = None) -> bool:
        if obj is None:
            return super().has_change_permission(request, obj)
        # The one who posted it is not offered a decision that the service refuses.
        is_open = obj.state == "pending" and obj.revision.posted_by != actor(request).name
        return is_open and super().has_change_permission(request, obj)

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
        return str(row.revision.measurement)

    @admin.display(description=text("value", "giá trị"))
    def value(self, row: Approval) -> str:
        return value_with_unit(row.revision)

    @admin.display(description=text("value in force", "giá trị đang có hiệu lực"))
    def in_force(self, row: Approval) -> str:
        measurement = row.revision.measurement
        has_none = measurement.current_revision == revision_store.EMPTY_FIGURE["current_revision"]
        return "–" if has_none else value_with_unit(measurement)

    @admin.display(description=text("earlier periods", "các kỳ trước"))
    def earlier(self, row: Approval) -> str:
        measurement = row.revision.measurement
        earlier_figures = Measurement.objects.select_related("indicator").filter(
            indicator=measurement.indicator, area=measurement.area, period_end__lt=measurement.period_end
        )
        latest = earlier_figures.order_by("-period_end", "-period_start")[:_EARLIER_PERIODS]
        lines = ((value_of_period(figure),) for figure in latest)
        return format_html_join("", "<div>{}</div>", lines) or "–"

    @admin.display(description=text("warnings", "lưu ý"))
    def warnings(self, row: Approval) -> str:
        return " ".join(str(warning.detail) for warning in revision_store.parse_warnings(row.revision)) or "–"

    @admin.display(description=text("source", "nguồn"))
    def source(self, row: Approval) -> str:
        return row.revision.source or "–"

    @admin.display(description=text("note", "ghi chú"))
    def note(self, row: Approval) -> str:
        return row.revision.note or "–"

    @admin.display(description=text("published", "ngày công bố"))
    def published(self, row: Approval) -> str:
        return date_format(row.revision.published) if row.revision.published else "–"

    def get_queryset(self, request: HttpRequest) -> Rows:
        approvals_shown: Any = super().get_queryset(request)
        return approvals_shown.with_poster(actor(request))  # type: ignore[no-any-return]

    def response_change(self, request: HttpRequest, obj: Approval) -> HttpResponse:
        """Say what was decided about which figure."""
        decided = text("Approved", "Đã duyệt") if obj.state == "approved" else text("Rejected", "Đã từ chối")
        self.message_user(request, f"{decided}: {obj}: {value_with_unit(obj.revision)}", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:indicators_approval_changelist"))

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
