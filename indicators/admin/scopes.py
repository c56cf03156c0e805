"""Limits admin pages to the rows of the user's departments."""

from django.db.models import Q

from indicators.models import Indicator
from kpitracker.lib.admin.sites import DepartmentIds


def scope_indicators(department_ids: DepartmentIds) -> Q:
    return Q(pk__in=Indicator.objects.reported_by(department_ids).values("pk"))


def scope_by_indicator(department_ids: DepartmentIds) -> Q:
    """Figures and duties of indicators that the departments report."""
    return Q(indicator__in=Indicator.objects.reported_by(department_ids).values("pk"))


def scope_approvals(department_ids: DepartmentIds) -> Q:
    return Q(revision__measurement__indicator__in=Indicator.objects.reported_by(department_ids).values("pk"))
