"""Create, change and delete alert rules."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import F

from indicators.models import Area, Department, Indicator
from kpitracker.lib import crud
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Forbidden, ValidationProblem
from kpitracker.lib.i18n.text import text
from targets.domain.audience import Audience
from targets.domain.choices import PROBLEM_STATUSES
from targets.domain.rules import RuleKind
from targets.models import Alert, AlertRule, Plan

_SCOPE_MODELS: dict[str, Any] = {"plan": Plan, "department": Department, "indicator": Indicator, "area": Area}
_AMOUNT_KINDS = [kind.value for kind in RuleKind if kind.needs_amount]


@transaction.atomic
def create_rule(*, by: Actor, code: str, **values: object) -> AlertRule:
    """Create a rule. It applies to evaluations from now on. Raises as `change_rule`, and `Conflict` (already-exists)."""
    _check_rights(by)
    row = AlertRule(code=code, **_resolve_values(values))
    _check_rule(row)
    return crud.insert_row(row, by=by)


@transaction.atomic
def change_rule(*, rule: AlertRule, by: Actor, **values: object) -> AlertRule:
    """Change a rule. Its open alerts are checked again: those that the rule no longer covers are closed.

    Raises `Forbidden` (forbidden), `Unprocessable` (unknown-plan, …), `ValidationProblem` (required; invalid-choice for an unknown
    audience, or for a status that is no cause for an alert).
    """
    _check_rights(by)
    resolved = _resolve_values(values)
    _check_rule(AlertRule(**{field.name: getattr(rule, field.name) for field in rule._meta.concrete_fields} | resolved))
    new_rule = crud.change_row(rule, resolved, by=by)
    Alert.objects.filter(rule=new_rule).exclude(state="resolved").reschedule(F("opened_at"))
    return new_rule


@transaction.atomic
def delete_rule(*, rule: AlertRule, by: Actor) -> None:
    """Delete a rule that never opened an alert; deactivate others. Raises `Forbidden`, `Conflict` (in-use)."""
    _check_rights(by)
    crud.delete_row(rule, by=by)


def _check_rights(by: Actor) -> None:
    if not by.may(Scope.ADMIN):
        raise Forbidden("forbidden", text("Only administrators do this.", "Chỉ quản trị viên được làm việc này."))


def _resolve_values(values: dict[str, Any]) -> dict[str, Any]:
    """Replace codes by their rows, and check and sort the lists of choices."""
    resolved = dict(values)
    for name, model in _SCOPE_MODELS.items():
        if isinstance(resolved.get(name), str):
            resolved[name] = model.objects.by_code(resolved[name], f"/{name}")
    if "statuses" in resolved:
        resolved["statuses"] = _sort_statuses(resolved["statuses"])
    if "audience" in resolved:
        resolved["audience"] = _validate_audience(resolved["audience"])
    return resolved


def _validate_audience(audience: Collection[str]) -> list[str]:
    if set(audience) - set(Audience):
        choices = ", ".join(Audience)
        raise ValidationProblem(
            "invalid-choice",
            text(f"One or more of: {choices}.", f"Một hoặc nhiều trong: {choices}."),
            pointer="/audience",
        )
    return [choice.value for choice in Audience if choice in audience]


def _sort_statuses(statuses: Collection[str]) -> list[str]:
    sorted_choices = [status.value for status in sorted(PROBLEM_STATUSES, key=lambda choice: choice.severity_rank)]
    if set(statuses) - set(sorted_choices):
        choices = ", ".join(sorted_choices)
        detail = text(f"One or more of: {choices}.", f"Một hoặc nhiều trong: {choices}.")
        raise ValidationProblem("invalid-choice", detail, pointer="/statuses")
    return [choice for choice in sorted_choices if choice in statuses]


def _check_rule(rule: AlertRule) -> None:
    """Check that the rule has the values that its kind needs. Raises `ValidationProblem` (required)."""
    if rule.kind == RuleKind.STATUS_IS.value and not rule.statuses:
        detail = text("Choose the statuses that open an alert.", "Hãy chọn các kết quả cần báo.")
        raise ValidationProblem("required", detail, pointer="/statuses")
    if rule.kind in _AMOUNT_KINDS and rule.amount is None:
        raise ValidationProblem("required", text("Give the amount.", "Hãy nêu ngưỡng."), pointer="/amount")
    if rule.kind == RuleKind.DUE_SOON.value and not rule.offset_days:
        detail = text(
            "Give the number of working days before the due day.", "Hãy nêu báo trước bao nhiêu ngày làm việc."
        )
        raise ValidationProblem("required", detail, pointer="/offset_days")
