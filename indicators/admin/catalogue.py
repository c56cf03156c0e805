"""Admin of areas, departments, indicators and reporting duties."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget

from indicators.admin import help_texts, scopes
from indicators.admin.breaks_field import BreaksField
from indicators.admin.formula_preview import FormulaPreviewMixin
from indicators.admin.geometry_field import AreaForm, geometry_picture
from indicators.domain.choices import Accumulation
from indicators.models import Area, AreaShape, Department, Indicator, ReportingDuty
from indicators.services.catalogue import area_shapes, areas, departments, indicators, reporting_duties
from indicators.visibility import visible_parts
from kpitracker.lib import clock
from kpitracker.lib.admin.base import ServiceAdmin, ServiceForm, actor
from kpitracker.lib.admin.permissions import CATALOGUE_SCOPES
from kpitracker.lib.admin.related_links import Related, RelatedLinksMixin
from kpitracker.lib.admin.types import PageRow, Rows, Values
from kpitracker.lib.i18n.text import text


class IndicatorForm(ServiceForm):
    """Shows formulas as one line of text instead of a text box."""

    breaks = BreaksField()

    class Meta:
        model = Indicator
        fields = "__all__"
        widgets = {"formula": UnfoldAdminTextInputWidget, "check_formula": UnfoldAdminTextInputWidget}


@admin.register(Area)
class AreaAdmin(ServiceAdmin):
    help_texts = help_texts.AREA
    required_scopes = CATALOGUE_SCOPES
    search_fields = ("search_text",)
    form = AreaForm
    delete_service, row_name = areas.delete_area, "area"
    list_display = ("code", "name", "kind", "parent", "valid_from", "valid_to")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    autocomplete_fields = ("parent", "successor")
    ordering = ("code",)
    readonly_fields = ("geometry",)

    def get_fields(self, request: HttpRequest, obj: PageRow = None) -> tuple[str, ...]:
        """Without the fields of the geometry that the page cannot offer."""
        may_change = self.has_change_permission(request, obj)
        hidden = (
            {"geometry_file", "remove_geometry"} if not may_change else {"remove_geometry"} if obj is None else set()
        )
        return tuple(name for name in super().get_fields(request, obj) if name not in hidden)

    @admin.display(description=text("geometry", "ranh giới"))
    def geometry(self, row: Area) -> SafeString:
        return geometry_picture(AreaShape.objects.filter(area=row.pk).first())

    @transaction.atomic
    def create_row(self, request: HttpRequest, values: Values) -> Model:
        geometry, _ = values.pop("geometry_file", None), values.pop("remove_geometry", None)
        area = areas.create_area(by=actor(request), **values)
        if geometry:
            area_shapes.set_shape(area=area, geometry=geometry, by=actor(request))
        return area

    @transaction.atomic
    def change_row(self, request: HttpRequest, row: Area, values: Values) -> Model:
        geometry, is_removed = values.pop("geometry_file", None), values.pop("remove_geometry", False)
        area = areas.update_area(area=row, by=actor(request), now=clock.now(), **values)
        shape = AreaShape.objects.filter(area=row).first() if is_removed else None
        if geometry:
            area_shapes.set_shape(area=area, geometry=geometry, by=actor(request))
        elif shape:
            area_shapes.remove_shape(shape=shape, by=actor(request))
        return area


@admin.register(Department)
class DepartmentAdmin(ServiceAdmin):
    help_texts = help_texts.DEPARTMENT
    required_scopes = CATALOGUE_SCOPES
    search_fields = ("search_text",)
    form = ServiceForm
    create, change, delete_service = (
        departments.create_department,
        departments.update_department,
        departments.delete_department,
    )
    row_name = "department"
    list_display = ("code", "name", "parent", "email", "valid_to")
    list_filter = (("parent", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("parent",)
    autocomplete_fields = ("parent", "successor")
    ordering = ("code",)


@admin.register(Indicator)
class IndicatorAdmin(FormulaPreviewMixin, RelatedLinksMixin, ServiceAdmin):
    related = (
        Related("indicators.measurement", query=lambda row: {"indicator__id__exact": row.pk}),
        Related("targets.target", query=lambda row: {"indicator__id__exact": row.pk}),
        Related("targets.alert", query=lambda row: {"target__indicator__id__exact": row.pk}),
    )
    help_texts = help_texts.INDICATOR
    required_scopes = CATALOGUE_SCOPES
    search_fields = ("search_text",)
    form = IndicatorForm
    department_scope = staticmethod(scopes.scope_indicators)
    create, delete_service, row_name = indicators.create_indicator, indicators.delete_indicator, "indicator"
    list_display = ("code", "name", "display_unit", "kind", "frequency", "accumulation", "formula", "department")
    list_filter = ("kind", "frequency", "accumulation", ("department", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("department",)
    autocomplete_fields = ("department", "parts")
    ordering = ("code",)

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).prefetch_related(visible_parts(actor(request)))

    def limit_choices(self, request: HttpRequest, field: str, rows: Rows) -> Rows:
        rows = super().limit_choices(request, field, rows)
        return rows.filter(accumulation=Accumulation.SUM) if field == "parts" else rows

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **values: Any) -> Any:
        """The widget for parts. Django offers none for links that are a model of their own."""
        widget = AutocompleteSelectMultiple(db_field, self.admin_site)
        return db_field.formfield(**self._with_visible_choices(db_field, request, {**values, "widget": widget}))

    @admin.display(description=text("unit", "đơn vị tính"), ordering="unit")
    def display_unit(self, row: Indicator) -> str:
        return row.shown_unit

    def change_row(self, request: HttpRequest, row: Indicator, values: Values) -> Model:
        return indicators.update_indicator(indicator=row, by=actor(request), now=clock.now(), **values)


@admin.register(ReportingDuty)
class ReportingDutyAdmin(ServiceAdmin):
    help_texts = help_texts.DUTY
    required_scopes = CATALOGUE_SCOPES
    department_scope = staticmethod(scopes.scope_by_indicator)
    form = ServiceForm
    list_display = ("indicator", "area", "department", "valid_from", "valid_to")
    list_filter = (("department", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("indicator", "area", "department")
    autocomplete_fields = ("indicator", "area", "department")
    search_fields = ("indicator__search_text", "area__search_text", "department__search_text")
    delete_service, row_name = reporting_duties.delete_duty, "duty"

    def create_row(self, request: HttpRequest, values: Values) -> Model:
        codes = {name: values.pop(name).code for name in ("indicator", "area", "department")}
        return reporting_duties.create_duty(by=actor(request), **codes, **values)

    def change_row(self, request: HttpRequest, row: ReportingDuty, values: Values) -> Model:
        return reporting_duties.update_duty(duty=row, by=actor(request), **values)
