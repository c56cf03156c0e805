"""What people answer to an alert: that they are at it, that it is over, that it need not be brought to mind."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from indicators.models import Department
from kpitracker.lib import clock, writing
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.database import hold
from kpitracker.lib.errors import Conflict, Invalid, NotPermitted
from kpitracker.lib.texts import text
from targets import signals
from targets.domain.actions import OPEN_STATES
from targets.domain.alerting import AlertState, Event
from targets.models import Alert, Delivery, Silence, Target
from targets.services import silent, telling


@transaction.atomic
def acknowledge(*, alert: Alert, by: Actor, now: datetime, explanation: str, promised: date | None = None) -> Alert:
    """Somebody is at it: no reminders until the promised day is over, and no escalation. A later answer replaces it.

    Raises `NotPermitted` (insufficient-scope, not-your-target), `Invalid` (required, invalid-date), `Conflict`
    (alert-not-open).
    """
    locked = _open(alert, by)
    _said(explanation, "/explanation")
    today = clock.local_day(now)
    if promised is not None and promised < today:
        detail = text(f"Not before today ({today}).", f"Không được trước hôm nay ({today}).")
        raise Invalid("invalid-date", detail, pointer="/promised")
    values = {
        "state": AlertState.ACKNOWLEDGED.value,
        "acknowledged_at": now,
        "acknowledged_by": by.name,
        "explanation": explanation,
        "promised": promised,
        # From here on the promise decides.
        "look_at": now,
    }
    return writing.change(locked, values, by=by, verb="acknowledged")


@transaction.atomic
def resolve(*, alert: Alert, by: Actor, now: datetime, reason: str) -> Alert:
    """Close it by hand; whoever was told of it hears it. What holds still opens it no more until it grows worse anew.

    Raises as `acknowledge`.
    """
    locked = _open(alert, by)
    _said(reason, "/reason")
    values: dict[str, Any] = {
        "state": AlertState.RESOLVED.value,
        "resolved_at": now,
        "resolved_by": by.name,
        "resolve_reason": reason,
        "messages": locked.messages + 1,
    }
    row = writing.change(locked, values, by=by, verb="resolved")
    silent.release(looked=(), closed=[row], now=now)
    facts = row.facts | {"resolved_by": by.name, "resolve_reason": reason}
    Delivery.objects.bulk_create(telling.again(row, Event.RESOLVED, facts, telling.Round(now, [row.target])))
    signals.deliveries_written.send(sender=Delivery)
    return row


@transaction.atomic
def silence(*, alert: Alert, by: Actor, now: datetime, until: datetime, reason: str) -> Silence:
    """Neither reminders nor escalations of this rule about this target until a moment. Raises as `acknowledge`."""
    locked = _open(alert, by)
    _said(reason, "/reason")
    if until <= now:
        detail = text("A time to come is expected.", "Cần một thời điểm trong tương lai.")
        raise Invalid("invalid-date", detail, pointer="/until")
    row = Silence(rule=locked.rule, target=locked.target, starts_at=now, ends_at=until, author=by.name, reason=reason)
    made = writing.insert(row, by=by, pointer="")
    Alert.objects.filter(pk=locked.pk).update(look_at=now)
    return made


def may_answer(alert: Alert, by: Actor) -> bool:
    """Who answers for the target, works for it, or owns its plan, those above them, and the whole organisation."""
    if not by.may(Scope.ALERTS_WRITE):
        return False
    return may_answer_for(alert.target, by)


def may_answer_for(target: Target, by: Actor) -> bool:
    """Of somebody who may answer alerts at all: whether he answers those of a target."""
    if by.department is None:
        return True
    concerned = {target.plan.department_id, *target.cooperating.values_list("pk", flat=True)}
    if target.answerable:
        concerned.add(target.answerable.pk)
    return not Department.objects.family(by.department).isdisjoint(concerned)


def lacks_action(alert: Alert) -> bool:
    """Somebody has said that he is at it, but not what is done: no action of the target is open."""
    acknowledged = AlertState(alert.state) is AlertState.ACKNOWLEDGED
    return acknowledged and not alert.target.actions.filter(state__in=OPEN_STATES).exists()


def _open(alert: Alert, by: Actor) -> Alert:
    rows = Alert.objects.select_related("rule", "target__plan", "target__indicator__department", "target__department")
    # As rounds do, the target before the alert: else each would wait for the other.
    hold(Target.objects.filter(pk=alert.target_id))
    locked: Alert = rows.select_for_update(of=("self",)).get(pk=alert.pk)
    if not by.may(Scope.ALERTS_WRITE):
        needed = Scope.ALERTS_WRITE
        raise NotPermitted("insufficient-scope", text(f"It needs the scope {needed}.", f"Cần quyền {needed}."))
    if not may_answer(locked, by):
        raise NotPermitted(
            "not-your-target",
            text("Other departments answer for the target.", "Chỉ tiêu do đơn vị khác chịu trách nhiệm."),
        )
    if not AlertState(locked.state).told:
        raise Conflict("alert-not-open", text("The alert is not open.", "Cảnh báo không còn mở."), pointer="")
    return locked


def _said(given: str, pointer: str) -> None:
    if not given.strip():
        raise Invalid("required", text("Say why.", "Hãy nêu lý do."), pointer=pointer)
