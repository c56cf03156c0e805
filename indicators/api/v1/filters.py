"""Filters of the lists."""

import django_filters
from django.db.models import Model, QuerySet

from indicators.domain.choices import Accumulation, AreaKind, Frequency, IndicatorKind, Stage
from indicators.models import Area, Department, Holiday, Indicator, ReportingDuty, Revision
from indicators.rest.fields import parse_period
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.rest.filters import (
    CharInFilter,
    ChoiceFilter,
    ChoiceInFilter,
    FilterSet,
    NamedResourceFilters,
    StrictBooleanFilter,
)
from kpitracker.lib.rest.query_parameters import invalid_parameter


class AreaFilters(NamedResourceFilters):
    kind = ChoiceFilter(AreaKind)
    parent = django_filters.CharFilter(field_name="parent__code")
    parent__isnull = StrictBooleanFilter(field_name="parent", lookup_expr="isnull")

    class Meta:
        model = Area
        fields: list[str] = []


class DepartmentFilters(NamedResourceFilters):
    parent = django_filters.CharFilter(field_name="parent__code")
    parent__isnull = StrictBooleanFilter(field_name="parent", lookup_expr="isnull")

    class Meta:
        model = Department
        fields: list[str] = []


class IndicatorFilters(NamedResourceFilters):
    department = django_filters.CharFilter(field_name="department__code")
    kind = ChoiceFilter(IndicatorKind)
    kind__in = ChoiceInFilter(IndicatorKind, field_name="kind")
    frequency = ChoiceFilter(Frequency)
    accumulation = ChoiceFilter(Accumulation)
    formula__isnull = StrictBooleanFilter(method="without_formula")

    class Meta:
        model = Indicator
        fields: list[str] = []

    def without_formula(self, queryset: QuerySet[Model], name: str, value: bool) -> QuerySet[Model]:
        return queryset.filter(formula="") if value else queryset.exclude(formula="")


class ReportingDutyFilters(FilterSet):
    indicator = django_filters.CharFilter(field_name="indicator__code")
    area = django_filters.CharFilter(field_name="area__code")
    department = django_filters.CharFilter(field_name="department__code")

    class Meta:
        model = ReportingDuty
        fields: list[str] = []


class HolidayFilters(FilterSet):
    day__gte = django_filters.DateFilter(field_name="day", lookup_expr="gte")
    day__lte = django_filters.DateFilter(field_name="day", lookup_expr="lte")
    working = StrictBooleanFilter()

    class Meta:
        model = Holiday
        fields: list[str] = []


class MeasurementFilters(FilterSet):
    """The rows are revisions, so filters by fields of the figure go through `measurement`."""

    indicator = django_filters.CharFilter(method="by_code")
    indicator__in = CharInFilter(method="by_codes")
    area = django_filters.CharFilter(method="by_code")
    area__in = CharInFilter(method="by_codes")
    department = django_filters.CharFilter(method="by_department")
    period = django_filters.CharFilter(method="by_period")
    period_start = django_filters.DateFilter(field_name="measurement__period_start")
    period_start__gte = django_filters.DateFilter(field_name="measurement__period_start", lookup_expr="gte")
    period_start__lte = django_filters.DateFilter(field_name="measurement__period_start", lookup_expr="lte")
    period_end = django_filters.DateFilter(field_name="measurement__period_end")
    period_end__gte = django_filters.DateFilter(field_name="measurement__period_end", lookup_expr="gte")
    period_end__lte = django_filters.DateFilter(field_name="measurement__period_end", lookup_expr="lte")
    published__gte = django_filters.DateFilter(field_name="published", lookup_expr="gte")
    published__lte = django_filters.DateFilter(field_name="published", lookup_expr="lte")
    published__isnull = StrictBooleanFilter(field_name="published", lookup_expr="isnull")
    stage = ChoiceFilter([stage for stage in Stage if stage])
    stage__in = ChoiceInFilter([stage for stage in Stage if stage], field_name="stage")

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

    def by_department(self, queryset: QuerySet[Model], name: str, value: str) -> QuerySet[Model]:
        departments = Department.objects.filter(code=value).values_list("pk", flat=True)
        return queryset.filter(department_id__in=list(departments))

    def by_period(self, queryset: QuerySet[Model], name: str, value: str) -> QuerySet[Model]:
        try:
            period = parse_period(value)
        except ValidationProblem as error:
            raise invalid_parameter("period", str(error.detail)) from error
        return queryset.filter(measurement__period_start=period.start, measurement__period_end=period.end)
