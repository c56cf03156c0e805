"""Assessments and status changes (read-only)."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.decorators import display

from kpitracker.lib.admin.base import ReadOnlyAdmin
from kpitracker.lib.admin.permissions import READ_ONLY_SCOPES
from kpitracker.lib.admin.tones import coloured
from kpitracker.lib.i18n.text import text
from targets.admin import scopes
from targets.admin.due_figures_page import OwedFiguresMixin
from targets.admin.target_links import TARGET_RELATED, TargetLinkMixin
from targets.admin.targets import explanation_html, reader_of, remember_reader
from targets.admin.tones import STATUS_TONES, overdue_tone, status_tone, variance_tone
from targets.models import Assessment, StatusChange
from targets.services.text import formatting
from targets.services.text.status_labels import label_standing


@admin.register(Assessment)
class AssessmentAdmin(TargetLinkMixin, OwedFiguresMixin, ReadOnlyAdmin):
    required_scopes = READ_ONLY_SCOPES
    department_scope = staticmethod(scopes.scope_by_target)
    list_display = (
        "named",
        "shown_status",
        "shown_actual",
        "shown_variance",
        "covered_through",
        "shown_overdue",
        "status_since",
        "as_of",
    )
    list_filter = ("status", "overdue", ("target__plan", admin.RelatedOnlyFieldListFilter))
    list_select_related = TARGET_RELATED
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
        "shown_overdue",
        "status_since",
        "as_of",
        "changed_at",
    )
    readonly_fields = ("linked", "verdict", "shown_actual", "shown_variance", "shown_overdue", "why")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Assessment | None:
        return remember_reader(super().get_object(request, object_id, from_field), request)

    @admin.display(description=text("status", "trạng thái"))
    @coloured(status_tone)
    def verdict(self, row: Assessment) -> str:
        return label_standing(row.payload, row.target.goal)

    @display(description=text("status", "trạng thái"), ordering="status", label=STATUS_TONES)
    def shown_status(self, row: Assessment) -> tuple[str, str]:
        return row.status, label_standing(row.payload, row.target.goal)

    @admin.display(description=text("actual", "thực hiện"), ordering="actual")
    def shown_actual(self, row: Assessment) -> str:
        return formatting.format_actual(row.payload, row.target.indicator.decimals, row.target.indicator.kind)

    @admin.display(description=text("variance", "chênh lệch"), ordering="variance")
    @coloured(variance_tone)
    def shown_variance(self, row: Assessment) -> str:
        return formatting.format_variance(row.payload, row.target.indicator.decimals, row.target.indicator.kind)

    @admin.display(description=Assessment._meta.get_field("overdue").verbose_name, ordering="overdue")
    @coloured(overdue_tone)
    def shown_overdue(self, row: Assessment) -> str:
        return gettext("Yes") if row.overdue else gettext("No")

    @admin.display(description=text("why", "vì sao"))
    def why(self, row: Assessment) -> str:
        return explanation_html(row.target, reader_of(row))


@admin.register(StatusChange)
class StatusChangeAdmin(TargetLinkMixin, ReadOnlyAdmin):
    required_scopes = READ_ONLY_SCOPES
    department_scope = staticmethod(scopes.scope_by_target)
    list_display = ("named", "shown_before", "shown_after", "day", "version", "quiet", "recorded_at")
    list_filter = ("after", "quiet", ("target__plan", admin.RelatedOnlyFieldListFilter))
    list_select_related = TARGET_RELATED
    search_fields = ("target__identifier", "target__indicator__search_text")
    ordering = ("-pk",)

    @display(description=text("from", "từ"), ordering="before", label=STATUS_TONES)
    def shown_before(self, row: StatusChange) -> tuple[str, str]:
        return row.before, row.word_before

    @display(description=text("to", "thành"), ordering="after", label=STATUS_TONES)
    def shown_after(self, row: StatusChange) -> tuple[str, str]:
        return row.after, row.word_after
