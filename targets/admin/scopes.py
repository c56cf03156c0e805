"""Filters for the rows that users of a department see. `department_ids`: the department and all below it."""

from django.db.models import Q

from indicators.models import Indicator
from kpitracker.lib.admin.sites import DepartmentIds
from targets.models import Plan, Target
from targets.services.planning.part_scopes import plan_scope, target_scope
from targets.services.planning.plans import owns_plans_of as owns_plans_of


def scope_by_plan(department_ids: DepartmentIds) -> Q:
    return Q(plan__in=Plan.objects.filter(plan_scope(department_ids)).values("pk"))


def scope_by_target(department_ids: DepartmentIds) -> Q:
    return Q(target__in=Target.objects.filter(target_scope(department_ids)).values("pk"))


def silence_scope(department_ids: DepartmentIds) -> Q:
    """Silences of these departments' targets, and silences that name no target."""
    return Q(target=None) | scope_by_target(department_ids)


def action_scope(department_ids: DepartmentIds) -> Q:
    """Actions of these departments, and actions of others about their targets."""
    return Q(department__in=department_ids) | scope_by_target(department_ids)


def comment_scope(department_ids: DepartmentIds) -> Q:
    own_targets = Target.objects.filter(target_scope(department_ids)).values("pk")
    own_indicators = Indicator.objects.reported_by(department_ids).values("pk")
    return (
        Q(target__in=own_targets)
        | Q(alert__target__in=own_targets)
        | Q(action__target__in=own_targets)
        | Q(action__department__in=department_ids)
        | Q(measurement__indicator__in=own_indicators)
    )


def delivery_scope(department_ids: DepartmentIds) -> Q:
    own_targets = Target.objects.filter(target_scope(department_ids)).values("pk")
    return (
        Q(alert__target__in=own_targets) | Q(action__target__in=own_targets) | Q(action__department__in=department_ids)
    )
