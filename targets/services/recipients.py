"""Where messages go."""

from django.conf import settings

from indicators.models import Department, Indicator
from kpitracker.lib.actor import Actor


def address_of(department: Department | None, indicator: int, level: int = 0) -> str:
    """The address of a department, else of the nearest one above it, else `ALERT_EMAIL`; "" where there is none.

    `level`: of so many addresses further up; the last one stands for all above it. Of a restricted indicator (by id) only departments that
    may see it are told.
    """
    found: list[str] = []
    for each in Department.objects.lineage(department.pk) if department else []:
        # Only as far up as is asked: most messages go to the first.
        if len(found) > level:
            break
        if (
            each.email
            and each.email not in found
            and indicator not in Indicator.objects.hidden_from(Actor("", each.pk))
        ):
            found.append(str(each.email))
    if settings.ALERT_EMAIL and settings.ALERT_EMAIL not in found:
        found.append(str(settings.ALERT_EMAIL))
    return found[min(level, len(found) - 1)] if found else ""
