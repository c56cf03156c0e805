"""Figures, to look at: they are appended by those who have the duty, and never edited."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter

from indicators.admin import part
from indicators.admin.base import Inline, ReadOnlyAdmin, SearchMixin
from indicators.domain.periods import Period
from indicators.models import Measurement, Revision
from kpitracker.lib.texts import text


def _value(row: Any) -> str:
    return row.get_missing_reason_display() if row.value is None else format(row.value, "f")


class RevisionInline(Inline):
    model = Revision
    fk_name = "measurement"
    fields = ("number", "shown_value", "qualifier", "stage", "published", "recorded_at", "posted_by", "source", "note")
    readonly_fields = fields
    ordering = ("-number",)
    verbose_name_plural = text("revisions, latest first", "các lần sửa, mới nhất trước")

    @admin.display(description=text("value", "giá trị"))
    def shown_value(self, row: Revision) -> str:
        return _value(row)


@admin.register(Measurement)
class MeasurementAdmin(SearchMixin, ReadOnlyAdmin):
    part = part.of_indicators
    list_display = (
        "indicator",
        "area",
        "period",
        "shown_value",
        "unit",
        "stage",
        "published",
        "revisions",
        "department",
    )
    list_display_links = ("period", "shown_value")
    list_filter = (
        ("indicator", AutocompleteSelectFilter),
        ("area", AutocompleteSelectFilter),
        "stage",
        ("published", RangeDateFilter),
        ("department", admin.RelatedOnlyFieldListFilter),
    )
    list_filter_submit = True
    list_select_related = ("indicator", "area", "department")
    search_fields = ("indicator__search_text",)
    ordering = ("indicator__code", "-period_end", "period_start")
    fields = (
        "indicator",
        "area",
        "period",
        "shown_value",
        "unit",
        "qualifier",
        "stage",
        "published",
        "recorded_at",
        "department",
        "posted_by",
        "source",
        "note",
    )
    readonly_fields = ("period", "shown_value", "unit")
    inlines = (RevisionInline,)

    def found(self, word: str) -> Q:
        return Q(indicator__search_text__contains=word) | Q(area__search_text__contains=word)

    @admin.display(description=text("period", "kỳ"), ordering="period_end")
    def period(self, row: Measurement) -> str:
        return str(Period(row.period_start, row.period_end))

    @admin.display(description=text("value", "giá trị"))
    def shown_value(self, row: Measurement) -> str:
        return _value(row)

    @admin.display(description=text("unit", "đơn vị tính"))
    def unit(self, row: Measurement) -> str:
        return row.indicator.unit
