"""The part of the house that people of a department are shown."""

from django.db.models import Q

from indicators.models import Department, Indicator, ReportingDuty
from kpitracker.lib.actor import Actor, Scope

Family = set[int]  # ids of a department and of all below it


def family_of(by: Actor) -> Family | None:
    """None for those who see the whole: of the whole organisation, administrators, and those who plan across it."""
    if by.department is None or by.sees_everything or by.may(Scope.PLANS_WRITE):
        return None
    family: Family = Department.objects.family(by.department)
    return family


def indicators(family: Family) -> Q:
    """What the family reports, by default or by duty."""
    duties = ReportingDuty.objects.filter(department__in=family)
    return Q(department__in=family) | Q(pk__in=duties.values("indicator"))


def of_indicators(family: Family) -> Q:
    """Figures and duties of what the family reports."""
    return Q(indicator__in=Indicator.objects.filter(indicators(family)).values("pk"))


def of_approvals(family: Family) -> Q:
    return Q(revision__measurement__indicator__in=Indicator.objects.filter(indicators(family)).values("pk"))
