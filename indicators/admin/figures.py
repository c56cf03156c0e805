"""Admin of figures: departments with the reporting duty add figures; figures are never edited."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action

from indicators.admin import help_texts, scopes, waiting
from indicators.admin.figure_form import FigureForm
from indicators.domain.figures import RecordOutcome
from indicators.models import Indicator, Measurement, ReportingDuty, Revision
from indicators.services.figures import recording, revision_store
from indicators.services.figures.figure_words import format_period, format_value, stage_in_words, value_with_unit
from indicators.services.figures.recording import FIGURE_FIELDS, RecordResult
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from kpitracker.lib.admin.base import BaseInline, ServiceAdmin, actor
from kpitracker.lib.admin.filters import VisibleAutocompleteFilter
from kpitracker.lib.admin.forms import ServiceForm
from kpitracker.lib.admin.permissions import READ_ONLY_SCOPES, RequiredScopes
from kpitracker.lib.admin.related_links import Related, RelatedLinksMixin
from kpitracker.lib.admin.sites import visible_department_ids
from kpitracker.lib.admin.types import InlineModelAdmin, Rows, Values
from kpitracker.lib.i18n.text import text


class RevisionInline(BaseInline):
    required_scopes = READ_ONLY_SCOPES
    model = Revision
    fk_name = "measurement"
    fields = (
        "number",
        "display_value",
        "qualifier",
        "stage",
        "published",
        "recorded_at",
        "shown_visible_poster",
        "source",
        "note",
        "display_warnings",
    )
    readonly_fields = fields
    ordering = ("-number",)
    verbose_name_plural = text("revisions, latest first", "các lần sửa, mới nhất trước")

    def get_queryset(self, request: HttpRequest) -> Rows:
        by = actor(request)
        revisions: Any = super().get_queryset(request)
        return revisions.shown_to(by).with_poster(by)  # type: ignore[no-any-return]

    @admin.display(description=text("value", "giá trị"))
    def display_value(self, row: Revision) -> str:
        return format_value(row)

    @admin.display(description=text("warnings", "lưu ý"))
    def display_warnings(self, row: Revision) -> str:
        return " ".join(str(warning.detail) for warning in revision_store.parse_warnings(row)) or "–"


_DETAIL_FIELDS = (
    "indicator",
    "area",
    "period",
    "display_value",
    "unit",
    "qualifier",
    "display_stage",
    "published",
    "recorded_at",
    "department",
    "shown_visible_poster",
    "source",
    "note",
)
_OUTCOME_LABELS = {
    RecordOutcome.CREATED: text("Created", "Đã ghi mới"),
    RecordOutcome.REVISED: text("Revised", "Đã sửa"),
    RecordOutcome.UNCHANGED: text("Unchanged, it was known already", "Không đổi, số liệu đã có"),
}


@admin.register(Measurement)
class MeasurementAdmin(RelatedLinksMixin, ServiceAdmin):
    related = (
        Related("indicators.indicator", pk=lambda row: row.indicator_id),
        Related("targets.target", query=lambda row: {"indicator__id__exact": row.indicator_id}),
        Related("targets.alert", query=lambda row: {"target__indicator__id__exact": row.indicator_id}),
    )
    help_texts = help_texts.FIGURE
    required_scopes = RequiredScopes(Scope.READ, Scope.FIGURES_WRITE)
    form = FigureForm
    department_scope = staticmethod(scopes.scope_by_indicator)
    list_display = (
        "indicator",
        "area",
        "period",
        "display_value",
        "unit",
        "display_stage",
        "published",
        "revision",
        "department",
    )
    list_display_links = ("period", "display_value")
    attention = (waiting.DOUBTFUL_FIGURES,)
    list_filter = (
        ("indicator", VisibleAutocompleteFilter),
        ("area", VisibleAutocompleteFilter),
        "stage",
        ("published", RangeDateFilter),
        ("department", admin.RelatedOnlyFieldListFilter),
    )
    list_filter_submit = True
    list_select_related = ("indicator", "area", "department")
    search_fields = ("indicator__search_text", "area__search_text", "department__search_text")
    ordering = ("indicator__code", "-period_end", "period_start")
    autocomplete_fields = ("indicator", "area")
    inlines = (RevisionInline,)
    actions = None
    actions_list = ("import_file",)

    @action(description=text("Import a file", "Nhập từ tệp"), url_path="import", permissions=["add"])
    def import_file(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:indicators_import_upload"))

    def has_change_permission(self, request: HttpRequest, obj: Measurement | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Measurement | None = None) -> bool:
        return super().has_change_permission(request)

    def limit_choices(self, request: HttpRequest, field: str, rows: Rows) -> Rows:
        """Stored indicators, and the areas for which the user's departments report."""
        department_ids = visible_department_ids(self.admin_site, actor(request))
        if field == "indicator":
            return rows.filter(formula="")
        if department_ids is None or Indicator.objects.filter(department__in=department_ids).exists():
            return rows
        return rows.filter(pk__in=ReportingDuty.objects.filter(department__in=department_ids).values("area"))

    def get_fields(self, request: HttpRequest, obj: Measurement | None = None) -> tuple[str, ...]:
        return (*FIGURE_FIELDS, "quiet") if obj is None else _DETAIL_FIELDS

    def get_readonly_fields(self, request: HttpRequest, obj: Measurement | None = None) -> tuple[str, ...]:
        return () if obj is None else ("period", "display_value", "unit", "display_stage", "shown_visible_poster")

    def get_queryset(self, request: HttpRequest) -> Rows:
        figures: Any = super().get_queryset(request)
        return figures.with_poster(actor(request))  # type: ignore[no-any-return]

    def get_inlines(self, request: HttpRequest, obj: Measurement | None = None) -> tuple[type[InlineModelAdmin], ...]:
        return self.inlines if obj else ()

    def create_row(self, request: HttpRequest, values: Values) -> RecordResult:
        return recording.record_figure(by=actor(request), now=clock.now(), **values)

    def save_model(self, request: HttpRequest, obj: Measurement, form: ServiceForm, change: bool) -> None:
        result = form.service_call()
        obj.pk = result.measurement.pk
        obj.refresh_from_db()
        self.message_user(
            request, f"{_OUTCOME_LABELS[result.outcome]}: {obj}: {value_with_unit(obj)}", messages.SUCCESS
        )
        if form.cleaned_data["quiet"]:
            self.message_user(request, text("No one is notified of it.", "Không ai được thông báo."), messages.WARNING)
        for warning in result.warnings:
            self.message_user(request, str(warning.detail), messages.WARNING)

    def response_add(
        self, request: HttpRequest, obj: Measurement, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Only redirect: `save_model` has already shown the result."""
        view = "add" if "_addanother" in request.POST else "changelist"
        return HttpResponseRedirect(reverse(f"admin:indicators_measurement_{view}"))

    @admin.display(description=text("period", "kỳ"), ordering="period_end")
    def period(self, row: Measurement) -> str:
        return format_period(row)

    @admin.display(description=text("value", "giá trị"))
    def display_value(self, row: Measurement) -> str:
        return format_value(row)

    @admin.display(description=text("stage", "giai đoạn"), ordering="stage")
    def display_stage(self, row: Measurement) -> str:
        return stage_in_words(row)

    @admin.display(description=text("unit", "đơn vị tính"))
    def unit(self, row: Measurement) -> str:
        return row.indicator.shown_unit
