"""Filters of the lists."""

from datetime import datetime

from django.db.models import Model, Q, QuerySet

from indicators.domain.choices import Accumulation, AreaKind, Frequency, IndicatorKind, Stage
from indicators.models import Area, Department, Holiday, Indicator, ReportingDuty, Revision
from indicators.rest.departments import DepartmentFilters
from indicators.rest.fields import parse_period
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.rest.filters import (
    BooleanFilter,
    ChoiceFilter,
    ChoiceInFilter,
    DateTimeFilter,
    FilterSet,
    IsoDayFilter,
    NamedResourceFilters,
    TextFilter,
    TextInFilter,
)
from kpitracker.lib.rest.query_parameters import invalid_parameter


class AreaFilters(NamedResourceFilters):
    kind = ChoiceFilter(AreaKind)
    parent = TextFilter(field_name="parent__code")
    parent__isnull = BooleanFilter(field_name="parent", lookup_expr="isnull")

    class Meta:
        model = Area
        fields: list[str] = []


class DepartmentListFilters(NamedResourceFilters):
    parent = TextFilter(field_name="parent__code")
    parent__isnull = BooleanFilter(field_name="parent", lookup_expr="isnull")

    class Meta:
        model = Department
        fields: list[str] = []


class IndicatorFilters(NamedResourceFilters, DepartmentFilters):
    kind = ChoiceFilter(IndicatorKind)
    kind__in = ChoiceInFilter(IndicatorKind, field_name="kind")
    frequency = ChoiceFilter(Frequency)
    accumulation = ChoiceFilter(Accumulation)
    formula__isnull = BooleanFilter(method="without_formula")

    class Meta:
        model = Indicator
        fields: list[str] = []

    def without_formula(self, queryset: QuerySet[Model], name: str, value: bool) -> QuerySet[Model]:
        return queryset.filter(formula="") if value else queryset.exclude(formula="")


class ReportingDutyFilters(DepartmentFilters):
    indicator = TextFilter(field_name="indicator__code")
    area = TextFilter(field_name="area__code")

    class Meta:
        model = ReportingDuty
        fields: list[str] = []


class HolidayFilters(FilterSet):
    day__gte = IsoDayFilter(field_name="day", lookup_expr="gte")
    day__lte = IsoDayFilter(field_name="day", lookup_expr="lte")
    working = BooleanFilter()

    class Meta:
        model = Holiday
        fields: list[str] = []


class MeasurementFilters(DepartmentFilters):
    """The rows are revisions, so filters by fields of the figure go through `measurement`.

    `department`: of the department that posted the revision.
    """

    indicator = TextFilter(method="by_code")
    indicator__in = TextInFilter(method="by_codes")
    area = TextFilter(method="by_code")
    area__in = TextInFilter(method="by_codes")
    period = TextFilter(method="by_period")
    period_start = IsoDayFilter(field_name="measurement__period_start")
    period_start__gte = IsoDayFilter(field_name="measurement__period_start", lookup_expr="gte")
    period_start__lte = IsoDayFilter(field_name="measurement__period_start", lookup_expr="lte")
    period_end = IsoDayFilter(field_name="measurement__period_end")
    period_end__gte = IsoDayFilter(field_name="measurement__period_end", lookup_expr="gte")
    period_end__lte = IsoDayFilter(field_name="measurement__period_end", lookup_expr="lte")
    published__gte = IsoDayFilter(field_name="published", lookup_expr="gte")
    published__lte = IsoDayFilter(field_name="published", lookup_expr="lte")
    published__isnull = BooleanFilter(field_name="published", lookup_expr="isnull")
    stage = ChoiceFilter([stage for stage in Stage if stage])
    stage__in = ChoiceInFilter([stage for stage in Stage if stage], field_name="stage")
    recorded_after = DateTimeFilter(
        method="by_recording", help_text="Figures whose revision was recorded, or approved, after this time."
    )

    class Meta:
        model = Revision
        fields: list[str] = []

    def by_code(self, queryset: QuerySet[Model], name: str, value: str) -> QuerySet[Model]:
        return self.by_codes(queryset, f"{name}__in", [value])

    def by_codes(self, queryset: QuerySet[Model], name: str, value: list[str]) -> QuerySet[Model]:
        if name == "indicator__in":
            indicators = Indicator.objects.filter(code__in=value)
            return queryset.filter(measurement__indicator_id__in=list(indicators.values_list("pk", flat=True)))
        areas = Area.objects.filter(code__in=value)
        return queryset.filter(measurement__area_id__in=list(areas.values_list("pk", flat=True)))

    def by_recording(self, queryset: QuerySet[Model], name: str, value: datetime) -> QuerySet[Model]:
        # A figure that waits for approval becomes current later than it was recorded.
        return queryset.filter(Q(recorded_at__gt=value) | Q(approval__decided_at__gt=value))

    def by_period(self, queryset: QuerySet[Model], name: str, value: str) -> QuerySet[Model]:
        try:
            period = parse_period(value)
        except ValidationProblem as error:
            raise invalid_parameter("period", str(error.detail)) from error
        return queryset.filter(measurement__period_start=period.start, measurement__period_end=period.end)
