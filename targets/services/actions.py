"""Writing actions, and counting those that are open."""

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

# What the responsible department says of its own actions.
PROGRESS = frozenset({"state", "closed_day", "outcome"})


@transaction.atomic
def create(*, by: Actor, now: datetime, target: str | Target, department: Any = None, **values: Any) -> Action:
    """An action about a target; without a department it is for the one that answers for the target.

    Raises `NotPermitted` (insufficient-scope, not-your-target), `Unfit` (unknown-target, unknown-department),
    `Invalid` (required, invalid-date).
    """
    found = target if isinstance(target, Target) else _by_identifier(target, by)
    if not by.may(Scope.PLANS_WRITE):
        needed = Scope.PLANS_WRITE
        raise NotPermitted("insufficient-scope", text(f"It needs the scope {needed}.", f"Cần quyền {needed}."))
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
    """Change an action; the department that is responsible says how far it is, and nothing else.

    Raises `NotPermitted` (not-your-action), and as `create`.
    """
    if "target" in values:
        raise Invalid("immutable", text("Its target never changes.", "Không đổi được chỉ tiêu."), pointer="/target")
    if not may_change(action, by) and not (may_report(action, by) and set(values) <= PROGRESS):
        raise NotPermitted(
            "not-your-action",
            text(
                "Who answers for the target changes it; the responsible department its state and outcome.",
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
    """Whoever owns the plan or answers for the target, and those above them."""
    return by.may(Scope.PLANS_WRITE) and _speaks_for(by, _owners(action.target))


def may_report(action: Action, by: Actor) -> bool:
    """The responsible department, and those above it."""
    rights = by.may(Scope.PLANS_WRITE) or by.may(Scope.ALERTS_WRITE)
    return rights and _speaks_for(by, [action.department_id])


def open_counts(targets: Iterable[Target], as_of: date) -> dict[int, tuple[int, int]]:
    """Of these targets, by id, how many of their actions were open at the end of a day and how many of those overdue.

    In one query. The caller has chosen what may be seen. Targets without an open action are not there.
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
    """With these values, and the day on which it ended. Raises `Invalid` for what does not go together."""
    today, known = clock.local_day(now), row.closed_day
    for name, value in values.items():
        setattr(row, name, value)
    if not row.text.strip():
        raise Invalid("required", text("Say what is to be done.", "Hãy nêu việc phải làm."), pointer="/text")
    given, state = values.get("closed_day"), ActionState(row.state)
    if given is not None and not state.closed:
        detail = text("Only what is done or cancelled has ended.", "Chỉ việc đã hoàn thành hoặc hủy mới có ngày này.")
        raise Invalid("invalid-date", detail, pointer="/closed_day")
    if given is not None and given > today:
        detail = text(f"Not after today ({today}).", f"Không được sau hôm nay ({today}).")
        raise Invalid("invalid-date", detail, pointer="/closed_day")
    row.closed_day = domain.closed_day(state, given, known, today)
    return row
