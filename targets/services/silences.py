"""What is not brought to mind for a while: by rule, target, plan, section, department, indicator and area."""

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
    """No reminders and no escalations of what fits all that is named; that something is over is told all the same.

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
    """From now on; one that has not begun is taken back, one that is over stays as it is. Raises `NotPermitted`."""
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
    """As for the alerts that it is about: who answers for the target, owns the plan, or is the department that is named,
    and those above them; of what is nobody's alone the whole organisation.
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
        detail = text("Say what is not to be brought to mind.", "Hãy nêu nội dung cần tạm dừng nhắc.")
        raise Invalid("required", detail, pointer="")
    if not row.reason.strip():
        raise Invalid("required", text("Say why.", "Hãy nêu lý do."), pointer="/reason")
    if row.ends_at <= max(now, row.starts_at):
        detail = text("After its start, and to come.", "Phải sau lúc bắt đầu và trong tương lai.")
        raise Invalid("invalid-date", detail, pointer="/ends_at")


def _check_rights(row: Silence, by: Actor) -> None:
    if not by.may(Scope.ALERTS_WRITE):
        needed = Scope.ALERTS_WRITE
        raise NotPermitted("insufficient-scope", text(f"It needs the scope {needed}.", f"Cần quyền {needed}."))
    if not may_write(row, by):
        raise NotPermitted(
            "not-your-target",
            text(
                "A department names a target or plan of its own, or itself.",
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
    """When is the next look: not before the end of a silence, and sooner than that of one that ends now."""
    fitting = Q()
    for name in MATCHERS:
        # Departments with all below them are told apart by the look itself.
        if name != "department" and (value := getattr(row, name)):
            fitting &= Q(**{name if name in ("rule", "target") else f"target__{name}": value})
    Alert.objects.filter(fitting, state__in=["firing", "acknowledged"]).look_anew(now)
