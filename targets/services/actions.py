"""Create and update actions, and count the open ones."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from indicators.models import Department
from indicators.querysets import end_of
from kpitracker.lib import clock, writing
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Invalid, NotPermitted, Unfit
from kpitracker.lib.texts import text
from targets.domain import actions as domain
from targets.domain.actions import OPEN_STATES, ActionState
from targets.domain.rules import RuleKind
from targets.models import Action, Alert, Target

# The fields of an action that its responsible department may update.
PROGRESS = frozenset({"state", "closed_day", "outcome"})


@transaction.atomic
def create(*, by: Actor, now: datetime, target: str | Target, department: Any = None, **values: Any) -> Action:
    """Create an action about a target. Without a department, the department that answers for the target gets it.

    Raises `NotPermitted` (insufficient-scope, not-your-target), `Unfit` (unknown-target, unknown-department),
    `Invalid` (required, invalid-date).
    """
    found = target if isinstance(target, Target) else _by_identifier(target, by)
    if not by.may(Scope.PLANS_WRITE):
        needed = Scope.PLANS_WRITE
        raise NotPermitted("insufficient-scope", text(f"The scope {needed} is required.", f"Cần quyền {needed}."))
    if not _speaks_for(by, [*_owners(found), *found.cooperating.values_list("pk", flat=True)]):
        raise NotPermitted(
            "not-your-target",
            text("Other departments answer for the target.", "Chỉ tiêu do đơn vị khác chịu trách nhiệm."),
        )
    responsible = _department(department) or found.answerable
    row = Action(target=found, department=responsible, created_at=now, created_by=by.name)
    return writing.insert(_filled(row, values, now), by=by, pointer="")


@transaction.atomic
def change(*, action: Action, by: Actor, now: datetime, **values: Any) -> Action:
    """Change an action. The responsible department may update its progress, and nothing else.

    Raises `NotPermitted` (not-your-action), and the errors of `create_action`.
    """
    if "target" in values:
        raise Invalid("immutable", text("The target cannot be changed.", "Không đổi được chỉ tiêu."), pointer="/target")
    if not may_change(action, by) and not (may_report(action, by) and set(values) <= PROGRESS):
        raise NotPermitted(
            "not-your-action",
            text(
                "Only those who answer for the target may change it; the responsible department only its progress.",
                "Đơn vị chủ trì được sửa; đơn vị chịu trách nhiệm chỉ cập nhật tình trạng và kết quả.",
            ),
        )
    if "department" in values:
        values["department"] = _department(values["department"])
    filled = _filled(Action(state=action.state, closed_day=action.closed_day, text=action.text), values, now)
    values["closed_day"] = filled.closed_day
    changed = writing.change(action, values, by=by)
    about = Alert.objects.filter(target=action.target_id, rule__kind=RuleKind.ACTION_OVERDUE)
    about.exclude(state="resolved").look_anew(now)
    return changed


def may_change(action: Action, by: Actor) -> bool:
    """Whether the caller belongs to a department that owns the plan or answers for the target, or to one above it."""
    return by.may(Scope.PLANS_WRITE) and _speaks_for(by, _owners(action.target))


def may_report(action: Action, by: Actor) -> bool:
    """Whether the caller belongs to the responsible department, or to one above it."""
    rights = by.may(Scope.PLANS_WRITE) or by.may(Scope.ALERTS_WRITE)
    return rights and _speaks_for(by, [action.department_id])


def open_counts(targets: Iterable[Target], as_of: date) -> dict[int, tuple[int, int]]:
    """Per target id: the number of actions open at the end of a day, and how many of these were overdue.

    One query. The caller passes only targets that the user may see. Targets without an open action have no entry.
    """
    waiting = Action.objects.filter(
        Q(state__in=OPEN_STATES) | Q(closed_day__gt=as_of),
        target__among=[each.pk for each in targets],
        created_at__lt=end_of(as_of),
    )
    counted = waiting.order_by().values("target").annotate(found=Count("pk"), late=Count("pk", Q(due_day__lt=as_of)))
    return {row["target"]: (row["found"], row["late"]) for row in counted}


def _by_identifier(identifier: str, by: Actor) -> Target:
    rows = Target.objects.visible_to(by).select_related("plan", "indicator__department", "department")
    found: Target | None = rows.filter(identifier=identifier).first()
    if found is None:
        detail = text(f"There is no target {identifier!r}.", f"Không có chỉ tiêu {identifier!r}.")
        raise Unfit("unknown-target", detail, pointer="/target")
    return found


def _owners(target: Target) -> list[int | None]:
    return [target.plan.department_id, target.answerable.pk if target.answerable else None]


def _speaks_for(by: Actor, departments: Iterable[int | None]) -> bool:
    return by.department is None or not Department.objects.family(by.department).isdisjoint(departments)


def _department(code: Any) -> Department | None:
    if code is None or isinstance(code, Department):
        return code
    found: Department = Department.objects.by_code(code, "/department")
    return found


def _filled(row: Action, values: Mapping[str, Any], now: datetime) -> Action:
    """Set these values and the day on which the action ended. Raises `Invalid` when they contradict each other."""
    today, known = clock.local_day(now), row.closed_day
    for name, value in values.items():
        setattr(row, name, value)
    if not row.text.strip():
        raise Invalid("required", text("Say what is to be done.", "Hãy nêu việc phải làm."), pointer="/text")
    given, state = values.get("closed_day"), ActionState(row.state)
    if given is not None and not state.closed:
        detail = text("Only a closed action has this day.", "Chỉ việc đã hoàn thành hoặc hủy mới có ngày này.")
        raise Invalid("invalid-date", detail, pointer="/closed_day")
    if given is not None and given > today:
        detail = text(f"Not after today ({today}).", f"Không được sau hôm nay ({today}).")
        raise Invalid("invalid-date", detail, pointer="/closed_day")
    row.closed_day = domain.closed_day(state, given, known, today)
    return row
