"""Silences stop reminders for a while. Matchers: rule, target, plan, section, department, indicator and area."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from indicators.models import Area, Department, Indicator
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Invalid, NotPermitted, Unfit
from kpitracker.lib.texts import text
from targets.models import Alert, AlertRule, Plan, Silence, Target
from targets.services import answering

MATCHERS = ("rule", "target", "plan", "section", "department", "indicator", "area")
_MODELS: dict[str, tuple[Any, str, str, str]] = {
    "rule": (AlertRule, "code", "rule", "quy tắc"),
    "target": (Target, "identifier", "target", "chỉ tiêu kế hoạch"),
    "plan": (Plan, "code", "plan", "kế hoạch"),
    "department": (Department, "code", "department", "đơn vị"),
    "indicator": (Indicator, "code", "indicator", "chỉ tiêu"),
    "area": (Area, "code", "area", "địa bàn"),
}


@transaction.atomic
def create(
    *, by: Actor, now: datetime, ends_at: datetime, reason: str, starts_at: datetime | None = None, **matchers: Any
) -> Silence:
    """Stop reminders and escalations of the alerts that all matchers fit. "Resolved" messages are still sent.

    Raises `NotPermitted` (insufficient-scope, not-your-target), `Unfit` (unknown-rule, unknown-target, …), `Invalid`
    (required, invalid-date).
    """
    named = {name: _found(name, value, by) for name, value in matchers.items() if value not in (None, "")}
    row = Silence(starts_at=starts_at or now, ends_at=ends_at, author=by.name, reason=reason, **named)
    _check(row, by, now)
    made = writing.insert(row, by=by, pointer="")
    _look_anew(made, now)
    return made


@transaction.atomic
def end(*, silence: Silence, by: Actor, now: datetime) -> None:
    """End a silence now. One that has not begun is deleted, one that is over does not change. Raises `NotPermitted`."""
    locked: Silence = Silence.objects.select_for_update(of=("self",)).get(pk=silence.pk)
    _check_rights(locked, by)
    if locked.ends_at <= now:
        return
    _look_anew(locked, now)
    if locked.starts_at >= now:
        writing.delete(locked, by=by)
    else:
        writing.change(locked, {"ends_at": now}, by=by)


def may_write(silence: Silence, by: Actor) -> bool:
    """Whether the actor may create or end the silence.

    Allowed are departments that may respond to alerts of its target, the owner of its plan, its department, the
    departments above them, and actors of the whole organisation. Other silences need the whole organisation.
    """
    if not by.may(Scope.ALERTS_WRITE):
        return False
    if by.department is None:
        return True
    if silence.target is not None and answering.may_answer_for(silence.target, by):
        return True
    named = {silence.department_id, silence.plan.department_id if silence.plan else None}
    return not Department.objects.family(by.department).isdisjoint(named)


def _check(row: Silence, by: Actor, now: datetime) -> None:
    _check_rights(row, by)
    if not any(getattr(row, name) for name in MATCHERS):
        detail = text("Name at least one thing to silence.", "Hãy nêu nội dung cần tạm dừng nhắc.")
        raise Invalid("required", detail, pointer="")
    if not row.reason.strip():
        raise Invalid("required", text("Say why.", "Hãy nêu lý do."), pointer="/reason")
    if row.ends_at <= max(now, row.starts_at):
        detail = text("It must be after the start and in the future.", "Phải sau lúc bắt đầu và trong tương lai.")
        raise Invalid("invalid-date", detail, pointer="/ends_at")


def _check_rights(row: Silence, by: Actor) -> None:
    if not by.may(Scope.ALERTS_WRITE):
        needed = Scope.ALERTS_WRITE
        raise NotPermitted("insufficient-scope", text(f"It needs the scope {needed}.", f"Cần quyền {needed}."))
    if not may_write(row, by):
        raise NotPermitted(
            "not-your-target",
            text(
                "A department may silence its own targets, its own plans, or itself.",
                "Đơn vị phải nêu chỉ tiêu, kế hoạch của mình hoặc chính mình.",
            ),
        )


def _found(name: str, value: Any, by: Actor) -> Any:
    if name == "section" or isinstance(value, models.Model):
        return value
    model, key, noun, vietnamese = _MODELS[name]
    found = model.objects.visible_to(by).filter(**{key: value}).first()
    if found is None:
        detail = text(f"There is no {noun} {value!r}.", f"Không có {vietnamese} {value!r}.")
        raise Unfit(f"unknown-{noun}", detail, pointer=f"/{name}")
    return found


def _look_anew(row: Silence, now: datetime) -> None:
    """Check the matching alerts again at `now`, so that their next check follows the new or ended silence."""
    fitting = Q()
    for name in MATCHERS:
        # The department is not filtered here: the check itself looks at the whole subtree.
        if name != "department" and (value := getattr(row, name)):
            fitting &= Q(**{name if name in ("rule", "target") else f"target__{name}": value})
    Alert.objects.filter(fitting, state__in=["firing", "acknowledged"]).look_anew(now)
