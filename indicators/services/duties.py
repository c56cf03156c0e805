"""Reporting duties: which departments report a series, and so may post its figures."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from indicators.domain import succession
from indicators.domain.succession import heirs
from indicators.models import Area, Department, Indicator, ReportingDuty
from indicators.querysets import Pair
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import NotPermitted
from kpitracker.lib.prepared import prepared
from kpitracker.lib.texts import text


def on_duty(*, indicator: Indicator, area: Area, day: date) -> set[int]:
    """The ids of the departments that report this indicator for this area on a day.

    Duty rows replace the default, which is the indicator's department for every area.
    """
    named = set(_named(indicator.pk, area.pk, day))
    return named or ({indicator.department_id} if indicator.department_id else set())


@prepared
def _named(indicator: int, area: int, day: date) -> QuerySet[Any]:
    rows = ReportingDuty.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=day),
        Q(valid_to=None) | Q(valid_to__gte=day),
        indicator=indicator,
        area=area,
    )
    return rows.values_list("department", flat=True)


def reporters(pairs: Collection[Pair], day: date) -> dict[Pair, set[int]]:
    """By series, the ids of the departments on duty or of their successors, in three queries for all series."""
    indicators = {indicator for indicator, _ in pairs}
    defaults = dict(Indicator.objects.filter(pk__in=indicators).values_list("pk", "department"))
    named: dict[Pair, set[int]] = defaultdict(set)
    rows = ReportingDuty.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=day),
        Q(valid_to=None) | Q(valid_to__gte=day),
        indicator__in=indicators,
        area__in={area for _, area in pairs},
    )
    for indicator, area, department in rows.values_list("indicator", "area", "department"):
        named[indicator, area].add(department)
    ends = Department.objects.ends()
    return {pair: heirs(named.get(pair) or {defaults[pair[0]]} - {None}, day, ends) for pair in pairs}


def stood_for(department: int, day: date) -> set[int]:
    """The ids of the department, of those below it, and of the ended departments that these have succeeded by a day."""
    return succession.stood_for(Department.objects.family(department), day, Department.objects.ends())


def check_may_report(*, indicator: Indicator, area: Area, day: date, by: Actor) -> None:
    """A department may post a series when the duty lies with it, with one below it, or with one that it succeeded.

    Raises `NotPermitted` (not-your-indicator).
    """
    if by.department is None:
        return
    duty = on_duty(indicator=indicator, area=area, day=day)
    if by.department not in duty and not duty & stood_for(by.department, day):
        raise not_yours(indicator, area)


def not_yours(indicator: Indicator, area: Area) -> NotPermitted:
    return NotPermitted(
        "not-your-indicator",
        text(
            f"{indicator.code} of {area.code} is reported by another department.",
            f"{indicator.code} của {area.code} do đơn vị khác báo cáo.",
        ),
    )


@transaction.atomic
def create(*, by: Actor, indicator: str, area: str, department: str, **values: Any) -> ReportingDuty:
    """Raises `Unfit` for codes that do not exist, `Conflict` when the same duty exists already."""
    writing.check_order(values)
    return writing.insert(
        ReportingDuty(
            indicator=Indicator.objects.by_code(indicator, "/indicator"),
            area=Area.objects.by_code(area, "/area"),
            department=Department.objects.by_code(department, "/department"),
            **values,
        ),
        by=by,
        pointer="/indicator",
    )


@transaction.atomic
def change(*, duty: ReportingDuty, by: Actor, **values: Any) -> ReportingDuty:
    writing.check_order(values, duty)
    return writing.change(duty, values, by=by)


@transaction.atomic
def delete(*, duty: ReportingDuty, by: Actor) -> None:
    writing.delete(duty, by=by)
