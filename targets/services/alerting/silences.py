"""Silences stop reminders for a while. Matchers: rule, target, plan, section, department, indicator and area."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from indicators.models import Area, Department, Indicator
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor, Scope, refuse_scope
from kpitracker.lib.errors import Forbidden, Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import is_blank
from targets.models import Alert, AlertRule, Plan, Silence, Target
from targets.services.alerting import user_responses

MATCHERS = ("rule", "target", "plan", "section", "department", "indicator", "area")
_MATCHER_MODELS: dict[str, tuple[Any, str, str, str]] = {
    "rule": (AlertRule, "code", "rule", "quy tắc"),
    "target": (Target, "identifier", "target", "chỉ tiêu"),
    "plan": (Plan, "code", "plan", "kế hoạch"),
    "department": (Department, "code", "department", "đơn vị"),
    "indicator": (Indicator, "code", "indicator", "chỉ số"),
    "area": (Area, "code", "area", "địa bàn"),
}


@transaction.atomic
def create_silence(
    *, by: Actor, now: datetime, ends_at: datetime, reason: str, starts_at: datetime | None = None, **matchers: object
) -> Silence:
    """Stop reminders and escalations of the alerts that all matchers fit. "Resolved" messages are still sent.

    Raises `Forbidden` (insufficient-scope, not-your-target), `Unprocessable` (unknown-rule, unknown-target, …), `ValidationProblem`
    (required, invalid-date).
    """
    resolved = {name: _resolve_matcher(name, value, by) for name, value in matchers.items() if value not in (None, "")}
    row = Silence(starts_at=starts_at or now, ends_at=ends_at, author=by.name, reason=reason, **resolved)
    _check_silence(row, by, now)
    new_silence = crud.insert_row(row, by=by, pointer="")
    _schedule_checks(new_silence, now)
    return new_silence


@transaction.atomic
def end_silence(*, silence: Silence, by: Actor, now: datetime) -> None:
    """End a silence now. One that has not begun is deleted, one that is over does not change. Raises `Forbidden`."""
    locked: Silence = Silence.objects.select_for_update(of=("self",)).get(pk=silence.pk)
    _check_rights(locked, by)
    if locked.ends_at <= now:
        return
    _schedule_checks(locked, now)
    if locked.starts_at >= now:
        crud.delete_row(locked, by=by)
    else:
        crud.change_row(locked, {"ends_at": now}, by=by)


def may_manage_silence(silence: Silence, by: Actor) -> bool:
    """Whether the actor may create or end the silence.

    Allowed are departments that may respond to alerts of its target, the owner of its plan, its department, the
    departments above them, and actors of the whole organisation. Other silences need the whole organisation.
    """
    if not by.may(Scope.ALERTS_WRITE):
        return False
    if by.department is None:
        return True
    if silence.target is not None and user_responses.may_respond_for_target(silence.target, by):
        return True
    department_ids = {silence.department_id, silence.plan.department_id if silence.plan else None}
    return not Department.objects.subtree_ids(by.department).isdisjoint(department_ids)


def _check_silence(row: Silence, by: Actor, now: datetime) -> None:
    _check_rights(row, by)
    if not any(getattr(row, name) for name in MATCHERS):
        detail = text("Name at least one thing to silence.", "Hãy nêu nội dung cần tạm dừng nhắc.")
        raise ValidationProblem("required", detail, pointer="")
    if is_blank(row.reason):
        raise ValidationProblem("required", text("Give a reason.", "Hãy nêu lý do."), pointer="/reason")
    if row.ends_at <= max(now, row.starts_at):
        detail = text("It must be after the start and in the future.", "Phải sau lúc bắt đầu và trong tương lai.")
        raise ValidationProblem("invalid-date", detail, pointer="/ends_at")


def _check_rights(row: Silence, by: Actor) -> None:
    if not by.may(Scope.ALERTS_WRITE):
        scope = Scope.ALERTS_WRITE
        raise refuse_scope(by, scope)
    if not may_manage_silence(row, by):
        raise Forbidden(
            "not-your-target",
            text(
                "A department may silence its own targets, its own plans, or itself.",
                "Đơn vị phải nêu chỉ tiêu, kế hoạch của mình hoặc chính mình.",
            ),
        )


def _resolve_matcher(name: str, value: object, by: Actor) -> object:
    if name == "section" or isinstance(value, models.Model):
        return value
    model, key, noun, noun_vi = _MATCHER_MODELS[name]
    matched_row = model.objects.visible_to(by).filter(**{key: value}).first()
    if matched_row is None:
        detail = text(f"There is no {noun} {value!r}.", f"Không có {noun_vi} {value!r}.")
        raise Unprocessable(f"unknown-{noun}", detail, pointer=f"/{name}")
    return matched_row


def _schedule_checks(row: Silence, now: datetime) -> None:
    """Check the matching alerts again at `now`, so that their next check follows the new or ended silence."""
    condition = Q()
    for name in MATCHERS:
        # The department is not filtered here: the check itself covers the whole subtree.
        if name != "department" and (value := getattr(row, name)):
            condition &= Q(**{name if name in ("rule", "target") else f"target__{name}": value})
    Alert.objects.filter(condition, state__in=["firing", "acknowledged"]).reschedule(now)
