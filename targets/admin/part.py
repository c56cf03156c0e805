"""Filters for the rows that users of a department are shown. `family`: ids of the department and of all below it."""

from django.db.models import Q

from indicators.admin.part import Family, indicators
from indicators.models import Department, Indicator
from kpitracker.lib.actor import Actor
from targets.models import Plan, Target


def targets(family: Family) -> Q:
    """Targets that the family is responsible for or supports."""
    cooperating = Target.cooperating.through._base_manager.filter(department__in=family)
    return (
        Q(department__in=family)
        | Q(department=None, indicator__department__in=family)
        | Q(pk__in=cooperating.values("target"))
    )


def plans(family: Family) -> Q:
    """Plans with such targets, and plans that the family owns."""
    return Q(department__in=family) | Q(pk__in=Target.objects.filter(targets(family)).values("plan"))


def of_plans(family: Family) -> Q:
    return Q(plan__in=Plan.objects.filter(plans(family)).values("pk"))


def of_targets(family: Family) -> Q:
    return Q(target__in=Target.objects.filter(targets(family)).values("pk"))


def of_silences(family: Family) -> Q:
    """Silences of the family's targets, and silences that name no target."""
    return Q(target=None) | of_targets(family)


def of_actions(family: Family) -> Q:
    """Actions of the family, and actions of others about its targets."""
    return Q(department__in=family) | of_targets(family)


def of_comments(family: Family) -> Q:
    own = Target.objects.filter(targets(family)).values("pk")
    reported = Indicator.objects.filter(indicators(family)).values("pk")
    return (
        Q(target__in=own)
        | Q(alert__target__in=own)
        | Q(action__target__in=own)
        | Q(action__department__in=family)
        | Q(measurement__indicator__in=reported)
    )


def of_deliveries(family: Family) -> Q:
    own = Target.objects.filter(targets(family)).values("pk")
    return Q(alert__target__in=own) | Q(action__target__in=own) | Q(action__department__in=family)


def owns(by: Actor, department: int | None) -> bool:
    """Whether the user may write plans of this department. The services apply the same rule."""
    return by.department is None or department in Department.objects.family(by.department)
