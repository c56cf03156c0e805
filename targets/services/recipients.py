"""Where messages go."""

from django.conf import settings

from indicators.models import Department, Indicator
from kpitracker.lib.actor import Actor


def address_of(department: Department | None, indicator: int) -> str:
    """The address of a department, else of the nearest one above it, else `ALERT_EMAIL`; "" where there is none.

    Of a restricted indicator (by id) only departments that may see it are told.
    """
    for each in Department.objects.lineage(department.pk) if department else []:
        if each.email and indicator not in Indicator.objects.hidden_from(Actor("", each.pk)):
            return str(each.email)
    return str(settings.ALERT_EMAIL)
