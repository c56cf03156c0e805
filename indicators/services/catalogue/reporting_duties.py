"""Reporting duties: which departments report a series, and so may post its figures."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Q

from indicators.domain import department_succession
from indicators.models import Area, Department, Indicator, ReportingDuty
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Forbidden, ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text


def departments_on_duty(
    *, indicator: Indicator, area: Area, day: date, assigned: Iterable[int] | None = None
) -> set[int]:
    """The ids of the departments that report this indicator for this area on a day.

    Duty rows replace the default, which is the indicator's department for every area. `assigned`: the ids of the
    departments that have such rows, when the caller has read them.
    """
    on_duty = set(_assigned_departments(indicator, area, day) if assigned is None else assigned)
    return on_duty or ({indicator.department_id} if indicator.department_id else set())


def _assigned_departments(indicator: Indicator, area: Area, day: date) -> Iterable[int]:
    rows = ReportingDuty.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=day),
        Q(valid_to=None) | Q(valid_to__gte=day),
        indicator=indicator,
        area=area,
    )
    return rows.values_list("department_id", flat=True)


def represented_departments(department: int, day: date) -> set[int]:
    """The ids of the department, of those below it, and of the ended departments that these have succeeded by a day."""
    return department_succession.with_predecessors(
        Department.objects.subtree_ids(department), day, Department.objects.successions()
    )


def check_may_report(
    *, indicator: Indicator, area: Area, day: date, by: Actor, assigned: Iterable[int] | None = None
) -> None:
    """A department may post a series when the duty lies with it, with one below it, or with one that it succeeded.

    `assigned`: as for `departments_on_duty`. Raises `Forbidden` (not-your-indicator).
    """
    if by.department is None:
        return
    reporters = departments_on_duty(indicator=indicator, area=area, day=day, assigned=assigned)
    if by.department not in reporters and not reporters & represented_departments(by.department, day):
        raise not_your_indicator(indicator, area)


def not_your_indicator(indicator: Indicator, area: Area) -> Forbidden:
    return Forbidden(
        "not-your-indicator",
        text(
            f"{indicator.code} of {area.code} is reported by another department.",
            f"{indicator.code} của {area.code} do đơn vị khác báo cáo.",
        ),
    )


@transaction.atomic
def create_duty(*, by: Actor, indicator: str, area: str, department: str, **values: object) -> ReportingDuty:
    """Raises `Unprocessable` for codes that do not exist, `Conflict` when the same duty exists already."""
    crud.check_date_order(values)
    return crud.insert_row(
        ReportingDuty(
            indicator=Indicator.objects.visible_to(by).by_code(indicator, "/indicator"),
            area=Area.objects.by_code(area, "/area"),
            department=Department.objects.by_code(department, "/department"),
            **values,
        ),
        by=by,
        pointer="/indicator",
    )


@transaction.atomic
def update_duty(*, duty: ReportingDuty, by: Actor, **values: object) -> ReportingDuty:
    crud.check_date_order(values, duty)
    return crud.change_row(duty, values, by=by)


@transaction.atomic
def change_duty(*, duty: ReportingDuty, by: Actor, **values: object) -> ReportingDuty:
    """As `update_duty`, with codes. Raises `ValidationProblem` (immutable) for another indicator, area or department."""
    changed = [
        name
        for name in ("indicator", "area", "department")
        if values.pop(name, code := getattr(duty, name).code) != code
    ]
    if changed:
        detail = text(
            "It cannot be changed: end this duty (valid_to) and create another one.",
            "Không đổi được: hãy kết thúc nghĩa vụ này (valid_to) và tạo nghĩa vụ khác.",
        )
        raise ValidationProblem(items=[ProblemItem(f"/{name}", "immutable", detail) for name in changed])
    return update_duty(duty=duty, by=by, **values)


@transaction.atomic
def delete_duty(*, duty: ReportingDuty, by: Actor) -> None:
    crud.delete_row(duty, by=by)
