"""Filters for the rows that users of a department are shown. `family`: ids of the department and of all below it."""

from django.db.models import Q

from indicators.models import Department, Indicator
from kpitracker.lib.actor import Actor
from kpitracker.lib.admin.sites import DepartmentIds
from targets.models import Plan, Target


def target_scope(family: DepartmentIds) -> Q:
    """Targets that the family is responsible for or supports."""
    cooperating = Target.cooperating.through._base_manager.filter(department__in=family)
    return (
        Q(department__in=family)
        | Q(department=None, indicator__department__in=family)
        | Q(pk__in=cooperating.values("target"))
    )


def plan_scope(family: DepartmentIds) -> Q:
    """Plans with such targets, and plans that the family owns."""
    return Q(department__in=family) | Q(pk__in=Target.objects.filter(target_scope(family)).values("plan"))


def scope_by_plan(family: DepartmentIds) -> Q:
    return Q(plan__in=Plan.objects.filter(plan_scope(family)).values("pk"))


def scope_by_target(family: DepartmentIds) -> Q:
    return Q(target__in=Target.objects.filter(target_scope(family)).values("pk"))


def silence_scope(family: DepartmentIds) -> Q:
    """Silences of the family's targets, and silences that name no target."""
    return Q(target=None) | scope_by_target(family)


def action_scope(family: DepartmentIds) -> Q:
    """Actions of the family, and actions of others about its targets."""
    return Q(department__in=family) | scope_by_target(family)


def comment_scope(family: DepartmentIds) -> Q:
    own_targets = Target.objects.filter(target_scope(family)).values("pk")
    own_indicators = Indicator.objects.reported_by(family).values("pk")
    return (
        Q(target__in=own_targets)
        | Q(alert__target__in=own_targets)
        | Q(action__target__in=own_targets)
        | Q(action__department__in=family)
        | Q(measurement__indicator__in=own_indicators)
    )


def delivery_scope(family: DepartmentIds) -> Q:
    own_targets = Target.objects.filter(target_scope(family)).values("pk")
    return Q(alert__target__in=own_targets) | Q(action__target__in=own_targets) | Q(action__department__in=family)


def owns_plans_of(by: Actor, department: int | None) -> bool:
    """Whether the user may write plans of this department. The services apply the same rule."""
    return by.department is None or department in Department.objects.subtree_ids(by.department)
