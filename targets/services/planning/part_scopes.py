"""The part of a department: the targets and plans that its officers and viewers see on pages."""

from collections.abc import Collection

from django.db.models import Q

from targets.models import Target


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
