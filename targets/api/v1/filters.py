"""Filters of the lists."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from indicators.rest.departments import DepartmentFilters
from kpitracker.lib import clock
from kpitracker.lib.rest.filters import (
    BooleanFilter,
    ChoiceFilter,
    ChoiceInFilter,
    DateTimeFilter,
    FilterSet,
    IsoDayFilter,
    NamedResourceFilters,
    OptionalTextFilter,
    SearchFilter,
    TextFilter,
    TextInFilter,
    UuidFilter,
)
from targets.domain.actions import OPEN_STATES, ActionState
from targets.domain.choices import Goal, Status, VersionState
from targets.models import Action, Alert, Assessment, Comment, Plan, RemovedTarget, Silence, Target
from targets.models.alert import ALERT_STATE_CHOICES
from targets.models.rule import SEVERITY_CHOICES
from targets.querysets import AlertQuerySet

_STATES = [state for state, _ in ALERT_STATE_CHOICES]
_SEVERITIES = [severity for severity, _ in SEVERITY_CHOICES]


class PlanFilters(NamedResourceFilters, DepartmentFilters):
    area = TextFilter(field_name="area__code")
    period_start__gte = IsoDayFilter(field_name="period_start", lookup_expr="gte")
    period_end__lte = IsoDayFilter(field_name="period_end", lookup_expr="lte")

    class Meta:
        model = Plan
        fields: list[str] = []


class ResponsibleDepartmentFilters(DepartmentFilters):
    """`department`: of targets that this department answers for."""

    def of_departments(self, queryset: Any, department_ids: Collection[int]) -> QuerySet[Any]:
        rows: QuerySet[Any] = queryset.answered_for_by(department_ids)
        return rows


class TargetFilters(ResponsibleDepartmentFilters):
    plan = TextFilter(field_name="plan__code")
    plan__in = TextInFilter(field_name="plan__code", lookup_expr="in")
    indicator = TextFilter(field_name="indicator__code")
    area = TextFilter(field_name="area__code")
    section = OptionalTextFilter(field_name="section")
    goal = ChoiceFilter(Goal)
    qualitative = BooleanFilter()

    class Meta:
        model = Target
        fields: list[str] = []


class StatusFilters(ResponsibleDepartmentFilters):
    plan = TextFilter(field_name="target__plan__code")
    plan__in = TextInFilter(field_name="target__plan__code", lookup_expr="in")
    indicator = TextFilter(field_name="target__indicator__code")
    area = TextFilter(field_name="target__area__code")
    section = OptionalTextFilter(field_name="target__section")
    state = ChoiceFilter(VersionState)
    state__in = ChoiceInFilter(VersionState, field_name="state")
    status = ChoiceFilter(Status)
    status__in = ChoiceInFilter(Status, field_name="status")
    overdue = BooleanFilter()

    class Meta:
        model = Assessment
        fields: list[str] = []


class RemovedTargetFilters(DepartmentFilters):
    """Those of `StatusFilters` that ask for what a deleted target was: its status is not known any more."""

    plan = TextFilter(field_name="plan_code")
    plan__in = TextInFilter(field_name="plan_code", lookup_expr="in")
    indicator = TextFilter(field_name="indicator_code")
    area = TextFilter(field_name="area_code")
    section = OptionalTextFilter(field_name="section")

    class Meta:
        model = RemovedTarget
        fields: list[str] = []


class StatusHistoryFilters(FilterSet):
    day__gte = IsoDayFilter(field_name="day", lookup_expr="gte")
    day__lte = IsoDayFilter(field_name="day", lookup_expr="lte")


class ActionFilters(DepartmentFilters):
    search = SearchFilter()
    plan = TextFilter(field_name="target__plan__code")
    plan__in = TextInFilter(field_name="target__plan__code", lookup_expr="in")
    target = TextFilter(field_name="target__identifier")
    state = ChoiceFilter(ActionState)
    state__in = ChoiceInFilter(ActionState, field_name="state")
    due_day__gte = IsoDayFilter(field_name="due_day", lookup_expr="gte")
    due_day__lte = IsoDayFilter(field_name="due_day", lookup_expr="lte")
    overdue = BooleanFilter(method="by_overdue")

    class Meta:
        model = Action
        fields: list[str] = []

    def by_overdue(self, queryset: QuerySet[Model], name: str, value: bool) -> QuerySet[Model]:
        is_late = Q(state__in=OPEN_STATES, due_day__lt=clock.today())
        return queryset.filter(is_late) if value else queryset.exclude(is_late)


class CommentFilters(FilterSet):
    target = TextFilter(field_name="target__identifier")
    measurement = UuidFilter()
    alert = UuidFilter()
    action = UuidFilter()
    created_at__gte = DateTimeFilter(field_name="created_at", lookup_expr="gte")

    class Meta:
        model = Comment
        fields: list[str] = []


class SilenceFilters(DepartmentFilters):
    rule = TextFilter(field_name="rule__code")
    target = TextFilter(field_name="target__identifier")
    plan = TextFilter(field_name="plan__code")
    active = BooleanFilter(method="by_active")

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
    rule = TextFilter(field_name="rule__code")
    target = TextFilter(field_name="target__identifier")
    plan = TextFilter(field_name="target__plan__code")
    opened_at__gte = DateTimeFilter(field_name="opened_at", lookup_expr="gte")
    opened_at__lte = DateTimeFilter(field_name="opened_at", lookup_expr="lte")
    message = UuidFilter(method="by_message", help_text="The alerts of one message, by its id.")

    class Meta:
        model = Alert
        fields: list[str] = []

    def by_message(self, queryset: AlertQuerySet, name: str, value: UUID) -> AlertQuerySet:
        return queryset.in_message(value)
