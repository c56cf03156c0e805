"""Create and update actions, and count the open ones."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils.formats import date_format

from indicators.models import Department
from kpitracker.lib import clock, crud
from kpitracker.lib.actor import Actor, Scope, refuse_scope
from kpitracker.lib.errors import Forbidden, Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import is_blank
from targets.domain import actions as domain
from targets.domain.actions import OPEN_STATES, ActionState
from targets.domain.rules import RuleKind
from targets.models import Action, Alert, Target
from targets.querysets import ActionQuerySet

# The fields of an action that its responsible department may update.
PROGRESS_FIELDS = frozenset({"state", "closed_day", "outcome"})


@transaction.atomic
def create_action(
    *, by: Actor, now: datetime, target: str | Target, department: object = None, **values: object
) -> Action:
    """Create an action about a target. Without a department, the department that is responsible for the target gets it.

    Raises `Forbidden` (insufficient-scope, not-your-target), `Unprocessable` (unknown-target, unknown-department),
    `ValidationProblem` (required, invalid-date).
    """
    target_row = target if isinstance(target, Target) else _visible_target(target, by)
    if not by.may(Scope.PLANS_WRITE):
        needed = Scope.PLANS_WRITE
        raise refuse_scope(by, needed)
    if not _acts_for_target(target_row, by):
        raise Forbidden(
            "not-your-target",
            text("Other departments are responsible for the target.", "Chỉ tiêu do đơn vị khác chịu trách nhiệm."),
        )
    action_department = _resolve_department(department) or target_row.answers_for
    action = Action(target=target_row, department=action_department, created_at=now, created_by=by.name)
    return crud.insert_row(_apply_values(action, values, now), by=by, pointer="")


@transaction.atomic
def update_action(*, action: Action, by: Actor, now: datetime, **values: object) -> Action:
    """Change an action. The responsible department may update its progress, and nothing else.

    Raises `Forbidden` (not-your-action), and the errors of `create_action`.
    """
    if "target" in values:
        raise ValidationProblem(
            "immutable", text("The target cannot be changed.", "Không đổi được chỉ tiêu."), pointer="/target"
        )
    if not may_update(action, by) and not (may_update_progress(action, by) and set(values) <= PROGRESS_FIELDS):
        raise Forbidden(
            "not-your-action",
            text(
                "Only those who are responsible for the target may change it; the department of the action only its progress.",
                "Đơn vị chủ trì được sửa; đơn vị chịu trách nhiệm chỉ cập nhật tình trạng và kết quả.",
            ),
        )
    if "department" in values:
        values["department"] = _resolve_department(values["department"])
    draft = _apply_values(Action(state=action.state, closed_day=action.closed_day, text=action.text), values, now)
    values["closed_day"] = draft.closed_day
    updated = crud.change_row(action, values, by=by)
    overdue_alerts = Alert.objects.filter(target=action.target_id, rule__kind=RuleKind.ACTION_OVERDUE)
    overdue_alerts.exclude(state="resolved").reschedule(now)
    return updated


def may_create(target: Target, by: Actor) -> bool:
    """Whether the caller may ask for an action: as `may_update`, and of departments that support the target."""
    return by.may(Scope.PLANS_WRITE) and _acts_for_target(target, by)


def may_update(action: Action, by: Actor) -> bool:
    """Whether the caller belongs to a department that owns the plan or is responsible for the target, or to one above it."""
    return by.may(Scope.PLANS_WRITE) and _acts_for(by, _owner_ids(action.target))


def may_update_progress(action: Action, by: Actor) -> bool:
    """Whether the caller belongs to the responsible department, or to one above it."""
    has_scope = by.may(Scope.PLANS_WRITE) or by.may(Scope.ALERTS_WRITE)
    return has_scope and _acts_for(by, [action.department_id])


def find_reportable(target: Target, actions: Iterable[Action], by: Actor) -> set[UUID]:
    """Ids of those actions about one target whose progress the caller may report. At most one query."""
    if not by.may(Scope.PLANS_WRITE) and not by.may(Scope.ALERTS_WRITE):
        return set()
    own_ids = None if by.department is None else Department.objects.subtree_ids(by.department)
    owns_target = by.may(Scope.PLANS_WRITE) and own_ids is not None and not own_ids.isdisjoint(_owner_ids(target))
    return {row.pk for row in actions if own_ids is None or owns_target or row.department_id in own_ids}


def count_open_actions(targets: Iterable[Target], as_of: date) -> dict[int, tuple[int, int]]:
    """Per target id: the number of actions open at the end of a day, and how many of these were overdue.

    One query. The caller passes only targets that the user may see. Targets without an open action have no entry.
    """
    open_actions = _open_actions(targets, as_of)
    counts = (
        open_actions.order_by().values("target").annotate(found=Count("pk"), late=Count("pk", Q(due_day__lt=as_of)))
    )
    return {row["target"]: (row["found"], row["late"]) for row in counts}


def list_open_actions(targets: Iterable[Target], as_of: date) -> dict[int, list[Action]]:
    """Per target id: the actions open at the end of a day, the earliest due first, as `count_open_actions` counts them."""
    by_target: dict[int, list[Action]] = {}
    for action in _open_actions(targets, as_of).select_related("department").order_by("due_day", "pk"):
        by_target.setdefault(action.target_id, []).append(action)
    return by_target


def _open_actions(targets: Iterable[Target], as_of: date) -> ActionQuerySet:
    return Action.objects.filter(
        Q(state__in=OPEN_STATES) | Q(closed_day__gt=as_of),
        target__among=[target.pk for target in targets],
        created_at__lt=clock.start_of_next_day(as_of),
    )


def _visible_target(identifier: str, by: Actor) -> Target:
    visible_targets = Target.objects.visible_to(by).select_related("plan__department", "indicator", "department")
    target: Target | None = visible_targets.filter(identifier=identifier).first()
    if target is None:
        detail = text(f"There is no target {identifier!r}.", f"Không có chỉ tiêu {identifier!r}.")
        raise Unprocessable("unknown-target", detail, pointer="/target")
    return target


def _acts_for_target(target: Target, by: Actor) -> bool:
    """Whether the actor belongs to a department that owns, leads or supports the target, or to one above it."""
    return _acts_for(by, [*_owner_ids(target), *target.cooperating.values_list("pk", flat=True)])


def _owner_ids(target: Target) -> list[int | None]:
    return [target.plan.department_id, target.department_id]


def _acts_for(by: Actor, departments: Iterable[int | None]) -> bool:
    return by.department is None or not Department.objects.subtree_ids(by.department).isdisjoint(departments)


def _resolve_department(code: object) -> Department | None:
    if code is None or isinstance(code, Department):
        return code
    department: Department = Department.objects.by_code(code, "/department")
    return department


def _apply_values(action: Action, values: Mapping[str, Any], now: datetime) -> Action:
    """Set these values and the day on which the action ended. Raises `ValidationProblem` when they contradict each other."""
    today, previous_day = clock.local_day(now), action.closed_day
    for name, value in values.items():
        setattr(action, name, value)
    if is_blank(action.text):
        raise ValidationProblem(
            "required", text("Describe what is to be done.", "Hãy nêu việc phải làm."), pointer="/text"
        )
    closed_day, state = values.get("closed_day"), ActionState(action.state)
    if closed_day is not None and not state.is_closed:
        detail = text("Only a closed action has this day.", "Chỉ việc đã hoàn thành hoặc hủy mới có ngày này.")
        raise ValidationProblem("invalid-date", detail, pointer="/closed_day")
    if closed_day is not None and closed_day > today:
        detail = text(f"Not after today ({date_format(today)}).", f"Không được sau hôm nay ({date_format(today)}).")
        raise ValidationProblem("invalid-date", detail, pointer="/closed_day")
    action.closed_day = domain.resolve_closed_day(state, closed_day, previous_day, today)
    return action
