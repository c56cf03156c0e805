"""Filters of the lists."""

from uuid import UUID

import django_filters
from django.db.models import Model, Q, QuerySet

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.rest.filters import (
    CharInFilter,
    ChoiceFilter,
    ChoiceInFilter,
    DateTimeFilter,
    FilterSet,
    NamedResourceFilters,
    SearchFilter,
    StrictBooleanFilter,
)
from targets.domain.actions import OPEN_STATES, ActionState
from targets.domain.choices import Goal, Status
from targets.models import Action, Alert, Assessment, Comment, Plan, Silence, Target
from targets.models.alert import ALERT_STATE_CHOICES
from targets.models.rule import SEVERITY_CHOICES
from targets.querysets import AlertQuerySet, ResponsibleDepartmentMixin

_STATES = [state for state, _ in ALERT_STATE_CHOICES]
_SEVERITIES = [severity for severity, _ in SEVERITY_CHOICES]


class PlanFilters(NamedResourceFilters):
    area = django_filters.CharFilter(field_name="area__code")
    department = django_filters.CharFilter(field_name="department__code")
    period_start__gte = django_filters.DateFilter(field_name="period_start", lookup_expr="gte")
    period_end__lte = django_filters.DateFilter(field_name="period_end", lookup_expr="lte")

    class Meta:
        model = Plan
        fields: list[str] = []


class ResponsibleDepartmentFilters(FilterSet):
    department = django_filters.CharFilter(method="by_responsible_department")

    def by_responsible_department(
        self, queryset: ResponsibleDepartmentMixin, name: str, value: str
    ) -> ResponsibleDepartmentMixin:
        return queryset.of_responsible_departments(Department.objects.filter(code=value).values_list("pk", flat=True))


class TargetFilters(ResponsibleDepartmentFilters):
    plan = django_filters.CharFilter(field_name="plan__code")
    plan__in = CharInFilter(field_name="plan__code", lookup_expr="in")
    indicator = django_filters.CharFilter(field_name="indicator__code")
    area = django_filters.CharFilter(field_name="area__code")
    section = django_filters.CharFilter()
    goal = ChoiceFilter(Goal)
    qualitative = StrictBooleanFilter()

    class Meta:
        model = Target
        fields: list[str] = []


class StatusFilters(ResponsibleDepartmentFilters):
    plan = django_filters.CharFilter(field_name="target__plan__code")
    plan__in = CharInFilter(field_name="target__plan__code", lookup_expr="in")
    indicator = django_filters.CharFilter(field_name="target__indicator__code")
    area = django_filters.CharFilter(field_name="target__area__code")
    section = django_filters.CharFilter(field_name="target__section")
    status = ChoiceFilter(Status)
    status__in = ChoiceInFilter(Status, field_name="status")
    overdue = StrictBooleanFilter()

    class Meta:
        model = Assessment
        fields: list[str] = []


class StatusHistoryFilters(FilterSet):
    day__gte = django_filters.DateFilter(field_name="day", lookup_expr="gte")
    day__lte = django_filters.DateFilter(field_name="day", lookup_expr="lte")


class ActionFilters(FilterSet):
    search = SearchFilter()
    plan = django_filters.CharFilter(field_name="target__plan__code")
    plan__in = CharInFilter(field_name="target__plan__code", lookup_expr="in")
    target = django_filters.CharFilter(field_name="target__identifier")
    department = django_filters.CharFilter(field_name="department__code")
    state = ChoiceFilter(ActionState)
    state__in = ChoiceInFilter(ActionState, field_name="state")
    due_day__gte = django_filters.DateFilter(field_name="due_day", lookup_expr="gte")
    due_day__lte = django_filters.DateFilter(field_name="due_day", lookup_expr="lte")
    overdue = StrictBooleanFilter(method="by_overdue")

    class Meta:
        model = Action
        fields: list[str] = []

    def by_overdue(self, queryset: QuerySet[Model], name: str, value: bool) -> QuerySet[Model]:
        is_late = Q(state__in=OPEN_STATES, due_day__lt=clock.today())
        return queryset.filter(is_late) if value else queryset.exclude(is_late)


class CommentFilters(FilterSet):
    target = django_filters.CharFilter(field_name="target__identifier")
    measurement = django_filters.UUIDFilter()
    alert = django_filters.UUIDFilter()
    action = django_filters.UUIDFilter()
    created_at__gte = DateTimeFilter(field_name="created_at", lookup_expr="gte", label="created_at__gte")

    class Meta:
        model = Comment
        fields: list[str] = []


class SilenceFilters(FilterSet):
    rule = django_filters.CharFilter(field_name="rule__code")
    target = django_filters.CharFilter(field_name="target__identifier")
    plan = django_filters.CharFilter(field_name="plan__code")
    department = django_filters.CharFilter(field_name="department__code")
    active = StrictBooleanFilter(method="by_active")

    class Meta:
        model = Silence
        fields: list[str] = []

    def by_active(self, queryset: QuerySet[Model], name: str, value: bool) -> QuerySet[Model]:
        now = clock.now()
        is_active = Q(starts_at__lte=now, ends_at__gt=now)
        return queryset.filter(is_active) if value else queryset.exclude(is_active)


class AlertFilters(ResponsibleDepartmentFilters):
    state = ChoiceFilter(_STATES)
    state__in = ChoiceInFilter(_STATES, field_name="state")
    status = ChoiceFilter(Status)
    status__in = ChoiceInFilter(Status, field_name="status")
    severity = ChoiceFilter(_SEVERITIES)
    severity__in = ChoiceInFilter(_SEVERITIES, field_name="severity")
    rule = django_filters.CharFilter(field_name="rule__code")
    target = django_filters.CharFilter(field_name="target__identifier")
    plan = django_filters.CharFilter(field_name="target__plan__code")
    opened_at__gte = DateTimeFilter(field_name="opened_at", lookup_expr="gte", label="opened_at__gte")
    opened_at__lte = DateTimeFilter(field_name="opened_at", lookup_expr="lte", label="opened_at__lte")
    message = django_filters.UUIDFilter(method="by_message", help_text="The alerts of one message, by its id.")

    class Meta:
        model = Alert
        fields: list[str] = []

    def by_message(self, queryset: AlertQuerySet, name: str, value: UUID) -> AlertQuerySet:
        return queryset.in_message(value)
