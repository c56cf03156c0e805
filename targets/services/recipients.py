"""Where messages go."""

from collections.abc import Sequence

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


def still_told(addresses: Sequence[str], indicator: int) -> list[str]:
    """Of these addresses those of departments that may see an indicator (by id) now, and `ALERT_EMAIL`: it may have become
    restricted since they were told.
    """
    departments = Department.objects.filter(email__in=addresses)
    allowed = {each.email for each in departments if indicator not in Indicator.objects.hidden_from(Actor("", each.pk))}
    return [each for each in addresses if each in allowed or each == settings.ALERT_EMAIL]
