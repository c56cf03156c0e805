"""Read-only admin of the audit log."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str

from indicators.services.access.audit_entries import entries_visible_to
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.admin import audit_text
from kpitracker.lib.admin.base import ReadOnlyAdmin, actor
from kpitracker.lib.admin.permissions import RequiredScopes
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import AuditEntry


class ModelFilter(admin.SimpleListFilter):
    title, parameter_name = text("type of object", "loại đối tượng"), "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = model_admin.get_queryset(request).order_by("kind").values_list("kind", flat=True).distinct()
        return [(kind, audit_text.model_label(kind)) for kind in kinds]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class WholeDaysFilter(RangeDateFilter):
    """Filters by whole days in the instance's time zone; the last day is included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        first, last = (parse_date_str(self.used_parameters.get(f"at_{bound}", "")) for bound in ("from", "to"))
        if first:
            queryset = queryset.filter(at__gte=clock.start_of_day(first))
        return queryset.filter(at__lt=clock.start_of_next_day(last)) if last else queryset


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyAdmin):
    required_scopes = RequiredScopes(Scope.ADMIN)
    list_display = ("at", "shown_actor", "address", "verb", "model_label", "label", "changes")
    list_filter = (ModelFilter, "verb", ("at", WholeDaysFilter))
    list_filter_submit = True
    search_fields = ("label",)
    ordering = ("-pk",)
    fields = ("at", "shown_actor", "address", "request_id", "verb", "model_label", "label", "changes")
    readonly_fields = ("shown_actor", "model_label", "changes")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return entries_visible_to(actor(request))

    @admin.display(description=text("type of object", "loại đối tượng"), ordering="kind")
    def model_label(self, entry: AuditEntry) -> str:
        return audit_text.model_label(entry.kind)

    @admin.display(description=text("before → after", "trước → sau"))
    def changes(self, entry: AuditEntry) -> str:
        lines = [(change.field, change.before, change.after) for change in audit_text.field_changes(entry)]
        return format_html_join("", "<div>{}: {} → {}</div>", lines) or "–"
