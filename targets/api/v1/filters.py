"""What the lists can be asked."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from indicators.api.v1.filters import NamedFilters
from indicators.models import Department
from kpitracker.lib.filters import FilterSet, FlagFilter, InFilter
from targets.models import Alert, Assessment, Plan, Target


class PlanFilters(NamedFilters):
    area = django_filters.CharFilter(field_name="area__code")
    department = django_filters.CharFilter(field_name="department__code")
    period_start__gte = django_filters.DateFilter(field_name="period_start", lookup_expr="gte")
    period_end__lte = django_filters.DateFilter(field_name="period_end", lookup_expr="lte")

    class Meta:
        model = Plan
        fields: list[str] = []


def _answered_for(prefix: str, code: str) -> Q:
    ids = list(Department.objects.filter(code=code).values_list("pk", flat=True))
    own = Q(**{f"{prefix}department__in": ids})
    return own | Q(**{f"{prefix}department": None, f"{prefix}indicator__department__in": ids})


class TargetFilters(FilterSet):
    plan = django_filters.CharFilter(field_name="plan__code")
    plan__in = InFilter(field_name="plan__code", lookup_expr="in")
    indicator = django_filters.CharFilter(field_name="indicator__code")
    area = django_filters.CharFilter(field_name="area__code")
    section = django_filters.CharFilter()
    goal = django_filters.CharFilter()
    qualitative = FlagFilter()
    department = django_filters.CharFilter(method="answered_for")

    class Meta:
        model = Target
        fields: list[str] = []

    def answered_for(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(_answered_for("", value))


class StatusFilters(FilterSet):
    plan = django_filters.CharFilter(field_name="target__plan__code")
    plan__in = InFilter(field_name="target__plan__code", lookup_expr="in")
    indicator = django_filters.CharFilter(field_name="target__indicator__code")
    area = django_filters.CharFilter(field_name="target__area__code")
    section = django_filters.CharFilter(field_name="target__section")
    status = django_filters.CharFilter()
    status__in = InFilter(field_name="status", lookup_expr="in")
    overdue = FlagFilter()
    department = django_filters.CharFilter(method="answered_for")

    class Meta:
        model = Assessment
        fields: list[str] = []

    def answered_for(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(_answered_for("target__", value))


class HistoryFilters(FilterSet):
    day__gte = django_filters.DateFilter(field_name="day", lookup_expr="gte")
    day__lte = django_filters.DateFilter(field_name="day", lookup_expr="lte")


class AlertFilters(FilterSet):
    state = django_filters.CharFilter()
    state__in = InFilter(field_name="state", lookup_expr="in")
    status = django_filters.CharFilter()
    status__in = InFilter(field_name="status", lookup_expr="in")
    severity = django_filters.CharFilter()
    severity__in = InFilter(field_name="severity", lookup_expr="in")
    rule = django_filters.CharFilter(field_name="rule__code")
    target = django_filters.CharFilter(field_name="target__identifier")
    plan = django_filters.CharFilter(field_name="target__plan__code")
    department = django_filters.CharFilter(method="answered_for")
    opened_at__gte = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="gte")
    opened_at__lte = django_filters.IsoDateTimeFilter(field_name="opened_at", lookup_expr="lte")

    class Meta:
        model = Alert
        fields: list[str] = []

    def answered_for(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(_answered_for("target__", value))
