"""Limits admin pages to the rows of the user's departments."""

from django.db.models import Q

from indicators.models import Department, Indicator, ReportingDuty
from kpitracker.lib.actor import Actor, Scope

DepartmentIds = set[int]  # ids of a department and its subdepartments


def visible_department_ids(by: Actor) -> DepartmentIds | None:
    """Ids of the user's department and its subdepartments.

    None: the user sees all departments (no department, a role that sees everything, or the scope `plans:write`).
    """
    if by.department is None or by.sees_everything or by.may(Scope.PLANS_WRITE):
        return None
    department_ids: DepartmentIds = Department.objects.subtree_ids(by.department)
    return department_ids


def scope_indicators(department_ids: DepartmentIds) -> Q:
    """Indicators that the departments report, by default or by a reporting duty."""
    duties = ReportingDuty.objects.filter(department__in=department_ids)
    return Q(department__in=department_ids) | Q(pk__in=duties.values("indicator"))


def scope_by_indicator(department_ids: DepartmentIds) -> Q:
    """Figures and duties of indicators that the departments report."""
    return Q(indicator__in=Indicator.objects.filter(scope_indicators(department_ids)).values("pk"))


def scope_approvals(department_ids: DepartmentIds) -> Q:
    return Q(
        revision__measurement__indicator__in=Indicator.objects.filter(scope_indicators(department_ids)).values("pk")
    )
