"""The part of a department: the targets and plans that its officers and viewers see on pages."""

from collections.abc import Collection

from django.db.models import Q

from indicators.models import Department
from kpitracker.lib.actor import Actor
from targets.models import Plan, Target
from targets.querysets import PlanQuerySet, TargetQuerySet


def target_scope(department_ids: Collection[int]) -> Q:
    """Targets that these departments answer for, support or report for."""
    cooperating = Target.cooperating.through._base_manager.filter(department__in=department_ids)
    return (
        Q(department__in=department_ids)
        | Q(department=None, plan__department__in=department_ids)
        | Q(indicator__department__in=department_ids)
        | Q(pk__in=cooperating.values("target"))
    )


def plan_scope(department_ids: Collection[int]) -> Q:
    """Plans with such targets, and plans that these departments own."""
    return Q(department__in=department_ids) | Q(
        pk__in=Target.objects.filter(target_scope(department_ids)).values("plan")
    )


def own_targets(by: Actor) -> TargetQuerySet:
    """The targets that a reader sees on pages: those of the part of their department."""
    targets, part = Target.objects.visible_to(by), Department.objects.visible_ids(by)
    return targets if part is None else targets.filter(target_scope(part))


def own_plans(by: Actor) -> PlanQuerySet:
    """The plans that a reader sees on pages: those of the part of their department."""
    plans, part = Plan.objects.visible_to(by), Department.objects.visible_ids(by)
    return plans if part is None else plans.filter(plan_scope(part))
