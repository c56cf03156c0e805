"""Create, update and delete plans."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from indicators.domain.periods import Period
from indicators.models import Area, Department
from indicators.services import areas
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Conflict, NotPermitted
from kpitracker.lib.texts import text
from targets.models import Plan


@transaction.atomic
def create(*, by: Actor, area: str | Area | None = None, **values: Any) -> Plan:
    found = _resolved(values, None)
    if by.department is not None and found.get("department") is None:
        found["department"] = Department.objects.get(pk=by.department)
    check_owner(found.get("department"), by)
    return writing.insert(Plan(area=area if isinstance(area, Area) else areas.by_code_or_home(area), **found), by=by)


@transaction.atomic
def change(*, plan: Plan, by: Actor, **values: Any) -> Plan:
    check_owner(plan.department, by)
    found = _resolved(values, plan)
    _check_period(plan, found)
    if "locked_through" in found:
        check_forward(plan, found["locked_through"])
    if "area" in found and not isinstance(found["area"], Area):
        found["area"] = areas.by_code_or_home(found["area"])
    check_owner(found.get("department", plan.department), by)
    return writing.change(plan, found, by=by)


@transaction.atomic
def delete(*, plan: Plan, by: Actor) -> None:
    """Raises `Conflict` (in-use) when it has targets."""
    check_owner(plan.department, by)
    writing.delete(plan, by=by)


def check_owner(department: Department | None, by: Actor) -> None:
    """A department may write its own plans and those of departments below it. Raises `NotPermitted` (not-your-plan)."""
    if by.department is None:
        return
    if department is None or department.pk not in Department.objects.family(by.department):
        raise NotPermitted(
            "not-your-plan",
            text("The plan belongs to another department.", "Kế hoạch thuộc đơn vị khác."),
        )


def _check_period(plan: Plan, found: Mapping[str, Any]) -> None:
    """Raises `Conflict` (period-locked) when the period of a plan with locked periods would move."""
    moved = any(found.get(name, getattr(plan, name)) != getattr(plan, name) for name in ("period_start", "period_end"))
    if moved and plan.locked_through is not None:
        raise Conflict(
            "period-locked",
            text("The period of a plan with locked periods is fixed.", "Kế hoạch đã khóa kỳ không đổi được thời gian."),
            pointer="/period",
        )


def check_forward(plan: Plan, through: date | None) -> None:
    """Raises `Conflict` (period-locked) when a lock would move back; use an exception instead."""
    if plan.locked_through is not None and (through is None or through < plan.locked_through):
        raise Conflict(
            "period-locked",
            text("A lock cannot be removed: grant an exception.", "Không gỡ khóa: hãy cấp ngoại lệ."),
            pointer="/locked_through",
        )


def _resolved(values: Mapping[str, Any], plan: Plan | None) -> dict[str, Any]:
    found = dict(values)
    if "department" in found and not isinstance(found["department"], Department):
        found["department"] = Department.objects.by_code_or_none(found["department"], "/department")
    period: Period | None = found.pop("period", None)
    if period is not None:
        found |= {"period_start": period.start, "period_end": period.end}
    writing.check_order(found, plan, names=("period_start", "period_end"))
    return found
