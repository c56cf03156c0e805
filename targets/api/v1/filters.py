"""Filters of the lists."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet

from indicators.api.v1.filters import NamedFilters
from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.filters import (
    ChoiceFilter,
    ChoiceInFilter,
    FilterSet,
    FlagFilter,
    InFilter,
    MomentFilter,
    SearchFilter,
)
from targets.domain.actions import OPEN_STATES, ActionState
from targets.domain.vocabulary import Goal, Status
from targets.models import Action, Alert, Assessment, Comment, Plan, Silence, Target
from targets.models.alert import ALERT_STATES
from targets.models.rule import SEVERITIES

_STATES = [state for state, _ in ALERT_STATES]
_SEVERITIES = [severity for severity, _ in SEVERITIES]


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
    goal = ChoiceFilter(Goal)
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
    status = ChoiceFilter(Status)
    status__in = ChoiceInFilter(Status, field_name="status")
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


class ActionFilters(FilterSet):
    search = SearchFilter()
    plan = django_filters.CharFilter(field_name="target__plan__code")
    plan__in = InFilter(field_name="target__plan__code", lookup_expr="in")
    target = django_filters.CharFilter(field_name="target__identifier")
    department = django_filters.CharFilter(field_name="department__code")
    state = ChoiceFilter(ActionState)
    state__in = ChoiceInFilter(ActionState, field_name="state")
    due_day__gte = django_filters.DateFilter(field_name="due_day", lookup_expr="gte")
    due_day__lte = django_filters.DateFilter(field_name="due_day", lookup_expr="lte")
    overdue = FlagFilter(method="by_lateness")

    class Meta:
        model = Action
        fields: list[str] = []

    def by_lateness(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        late = Q(state__in=OPEN_STATES, due_day__lt=clock.today())
        return queryset.filter(late) if value else queryset.exclude(late)


class CommentFilters(FilterSet):
    target = django_filters.CharFilter(field_name="target__identifier")
    measurement = django_filters.UUIDFilter()
    alert = django_filters.UUIDFilter()
    action = django_filters.UUIDFilter()
    created_at__gte = MomentFilter(field_name="created_at", lookup_expr="gte", label="created_at__gte")

    class Meta:
        model = Comment
        fields: list[str] = []


class SilenceFilters(FilterSet):
    rule = django_filters.CharFilter(field_name="rule__code")
    target = django_filters.CharFilter(field_name="target__identifier")
    plan = django_filters.CharFilter(field_name="plan__code")
    department = django_filters.CharFilter(field_name="department__code")
    active = FlagFilter(method="by_time")

    class Meta:
        model = Silence
        fields: list[str] = []

    def by_time(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        now = clock.now()
        active = Q(starts_at__lte=now, ends_at__gt=now)
        return queryset.filter(active) if value else queryset.exclude(active)


class AlertFilters(FilterSet):
    state = ChoiceFilter(_STATES)
    state__in = ChoiceInFilter(_STATES, field_name="state")
    status = ChoiceFilter(Status)
    status__in = ChoiceInFilter(Status, field_name="status")
    severity = ChoiceFilter(_SEVERITIES)
    severity__in = ChoiceInFilter(_SEVERITIES, field_name="severity")
    rule = django_filters.CharFilter(field_name="rule__code")
    target = django_filters.CharFilter(field_name="target__identifier")
    plan = django_filters.CharFilter(field_name="target__plan__code")
    department = django_filters.CharFilter(method="answered_for")
    opened_at__gte = MomentFilter(field_name="opened_at", lookup_expr="gte", label="opened_at__gte")
    opened_at__lte = MomentFilter(field_name="opened_at", lookup_expr="lte", label="opened_at__lte")
    message = django_filters.UUIDFilter(method="told_by", help_text="The alerts of one message, by its id.")

    class Meta:
        model = Alert
        fields: list[str] = []

    def answered_for(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(_answered_for("target__", value))

    def told_by(self, queryset: Any, name: str, value: UUID) -> Any:
        return queryset.told_by(value)
