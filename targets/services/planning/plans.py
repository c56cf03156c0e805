"""Create, update and delete plans."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from indicators.domain.periods import Period
from indicators.models import Area, Department
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Conflict, Forbidden
from kpitracker.lib.i18n.text import text
from targets.models import Plan


@transaction.atomic
def create_plan(*, by: Actor, area: str | Area | None = None, **values: object) -> Plan:
    resolved = _resolve_values(values, None)
    if by.department is not None and resolved.get("department") is None:
        resolved["department"] = Department.objects.get(pk=by.department)
    check_owner(resolved.get("department"), by)
    _check_publisher(resolved.get("public", False), False, by)
    return crud.insert_row(
        Plan(area=area if isinstance(area, Area) else Area.objects.by_code_or_home(area), **resolved), by=by
    )


@transaction.atomic
def update_plan(*, plan: Plan, by: Actor, **values: object) -> Plan:
    check_owner(plan.department, by)
    resolved = _resolve_values(values, plan)
    _check_period_unlocked(plan, resolved)
    _check_publisher(resolved.get("public", plan.public), plan.public, by)
    if "locked_through" in resolved:
        check_lock_advances(plan, resolved["locked_through"])
    if "area" in resolved and not isinstance(resolved["area"], Area):
        resolved["area"] = Area.objects.by_code_or_home(resolved["area"])
    check_owner(resolved.get("department", plan.department), by)
    return crud.change_row(plan, resolved, by=by)


@transaction.atomic
def delete_plan(*, plan: Plan, by: Actor) -> None:
    """Raises `Conflict` (in-use) when it has targets."""
    check_owner(plan.department, by)
    crud.delete_row(plan, by=by)


def owns_plans_of(by: Actor, department_id: int | None) -> bool:
    """Whether the actor may write plans of this department: of its own one and of those below it."""
    return by.department is None or department_id in Department.objects.subtree_ids(by.department)


def may_write_plan(plan: Plan, by: Actor) -> bool:
    return by.may(Scope.PLANS_WRITE) and owns_plans_of(by, plan.department_id)


def check_owner(department: Department | None, by: Actor) -> None:
    """A department may write its own plans and those of departments below it. Raises `Forbidden` (not-your-plan)."""
    if not owns_plans_of(by, department.pk if department else None):
        raise Forbidden(
            "not-your-plan",
            text("The plan belongs to another department.", "Kế hoạch thuộc đơn vị khác."),
        )


def _check_publisher(public: object, public_before: bool, by: Actor) -> None:
    """Raises `Forbidden` (insufficient-scope) when someone else than an administrator shows a plan to everyone, or hides it."""
    if public != public_before and not by.may(Scope.ADMIN):
        raise Forbidden(
            "insufficient-scope",
            text("Only administrators make a plan public.", "Chỉ quản trị viên công khai được kế hoạch."),
            pointer="/public",
        )


def _check_period_unlocked(plan: Plan, resolved: Mapping[str, object]) -> None:
    """Raises `Conflict` (period-locked) when the period of a plan with locked periods would move."""
    is_moved = any(
        resolved.get(name, getattr(plan, name)) != getattr(plan, name) for name in ("period_start", "period_end")
    )
    if is_moved and plan.locked_through is not None:
        raise Conflict(
            "period-locked",
            text("The period of a plan with locked periods is fixed.", "Kế hoạch đã khóa kỳ không đổi được thời gian."),
            pointer="/period",
        )


def check_lock_advances(plan: Plan, through: date | None) -> None:
    """Raises `Conflict` (period-locked) when a lock would move back; use an exception instead."""
    if plan.locked_through is not None and (through is None or through < plan.locked_through):
        raise Conflict(
            "period-locked",
            text("A lock cannot be removed: grant an exception.", "Không gỡ khóa: hãy cấp ngoại lệ."),
            pointer="/locked_through",
        )


def _resolve_values(values: Mapping[str, Any], plan: Plan | None) -> dict[str, Any]:
    resolved = dict(values)
    if "department" in resolved and not isinstance(resolved["department"], Department):
        resolved["department"] = Department.objects.by_code_or_none(resolved["department"], "/department")
    period: Period | None = resolved.pop("period", None)
    if period is not None:
        resolved |= {"period_start": period.start, "period_end": period.end}
    crud.check_date_order(resolved, plan, names=("period_start", "period_end"))
    return resolved
