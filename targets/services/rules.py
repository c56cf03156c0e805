"""Create, change and delete alert rules."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import F

from indicators.models import Area, Department, Indicator
from kpitracker.lib import writing
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Invalid, NotPermitted
from kpitracker.lib.texts import text
from targets.domain.audience import Audience
from targets.domain.rules import RuleKind
from targets.domain.vocabulary import WORRYING
from targets.models import Alert, AlertRule, Plan

_SCOPE: dict[str, Any] = {"plan": Plan, "department": Department, "indicator": Indicator, "area": Area}
_BEYOND = [kind.value for kind in RuleKind if kind.needs_amount]


@transaction.atomic
def create(*, by: Actor, code: str, **values: Any) -> AlertRule:
    """Create a rule. It applies to evaluations from now on. Raises as `change_rule`, and `Conflict` (already-exists)."""
    _check_rights(by)
    row = AlertRule(code=code, **_known(values))
    _check(row)
    return writing.insert(row, by=by)


@transaction.atomic
def change(*, rule: AlertRule, by: Actor, **values: Any) -> AlertRule:
    """Change a rule. Its open alerts are checked again: those that the rule no longer covers are closed.

    Raises `NotPermitted` (forbidden), `Unfit` (unknown-plan, …), `Invalid` (required; invalid-choice for an unknown
    audience, or for a status that is no cause for an alert).
    """
    _check_rights(by)
    known = _known(values)
    _check(AlertRule(**{field.name: getattr(rule, field.name) for field in rule._meta.concrete_fields} | known))
    changed = writing.change(rule, known, by=by)
    Alert.objects.filter(rule=changed).exclude(state="resolved").look_anew(F("opened_at"))
    return changed


@transaction.atomic
def delete(*, rule: AlertRule, by: Actor) -> None:
    """Delete a rule that never opened an alert; deactivate others. Raises `NotPermitted`, `Conflict` (in-use)."""
    _check_rights(by)
    writing.delete(rule, by=by)


def _check_rights(by: Actor) -> None:
    if not by.may(Scope.ADMIN):
        raise NotPermitted("forbidden", text("Only administrators do this.", "Chỉ quản trị viên được làm việc này."))


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Replace codes by their rows, and check and sort the lists of choices."""
    found = dict(values)
    for name, model in _SCOPE.items():
        if isinstance(found.get(name), str):
            found[name] = model.objects.by_code(found[name], f"/{name}")
    if "statuses" in found:
        found["statuses"] = _ordered(found["statuses"])
    if "audience" in found:
        found["audience"] = _audience(found["audience"])
    return found


def _audience(asked: Collection[str]) -> list[str]:
    if set(asked) - set(Audience):
        known = ", ".join(Audience)
        raise Invalid(
            "invalid-choice", text(f"One or more of: {known}.", f"Một hoặc nhiều trong: {known}."), pointer="/audience"
        )
    return [each.value for each in Audience if each in asked]


def _ordered(statuses: Collection[str]) -> list[str]:
    known = [status.value for status in sorted(WORRYING, key=lambda each: each.severity)]
    if set(statuses) - set(known):
        choices = ", ".join(known)
        detail = text(f"One or more of: {choices}.", f"Một hoặc nhiều trong: {choices}.")
        raise Invalid("invalid-choice", detail, pointer="/statuses")
    return [each for each in known if each in statuses]


def _check(rule: AlertRule) -> None:
    """Check that the rule has the values that its kind needs. Raises `Invalid` (required)."""
    if rule.kind == RuleKind.STATUS_IS.value and not rule.statuses:
        detail = text("Choose the statuses that open an alert.", "Hãy chọn các kết quả cần báo.")
        raise Invalid("required", detail, pointer="/statuses")
    if rule.kind in _BEYOND and rule.amount is None:
        raise Invalid("required", text("Give the amount.", "Hãy nêu ngưỡng."), pointer="/amount")
    if rule.kind == RuleKind.DUE_SOON.value and not rule.days:
        detail = text(
            "Give the number of working days before the due day.", "Hãy nêu báo trước bao nhiêu ngày làm việc."
        )
        raise Invalid("required", detail, pointer="/days")
