"""Limits admin pages to the rows of the user's departments."""

from django.db.models import Q

from indicators.models import Department, Indicator, ReportingDuty
from kpitracker.lib.actor import Actor, Scope

Family = set[int]  # ids of a department and its subdepartments


def family_of(by: Actor) -> Family | None:
    """Ids of the user's department and its subdepartments.

    None: the user sees all departments (no department, a role that sees everything, or the scope `plans:write`).
    """
    if by.department is None or by.sees_everything or by.may(Scope.PLANS_WRITE):
        return None
    family: Family = Department.objects.family(by.department)
    return family


def indicators(family: Family) -> Q:
    """Indicators that the departments report, by default or by a reporting duty."""
    duties = ReportingDuty.objects.filter(department__in=family)
    return Q(department__in=family) | Q(pk__in=duties.values("indicator"))


def of_indicators(family: Family) -> Q:
    """Figures and duties of indicators that the departments report."""
    return Q(indicator__in=Indicator.objects.filter(indicators(family)).values("pk"))


def of_approvals(family: Family) -> Q:
    return Q(revision__measurement__indicator__in=Indicator.objects.filter(indicators(family)).values("pk"))
