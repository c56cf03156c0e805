"""Responses of users to an alert: acknowledge it, resolve it, silence it."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format

from indicators.models import Department
from kpitracker.lib import clock, crud
from kpitracker.lib.actor import Actor, Scope, refuse_scope
from kpitracker.lib.db.locks_and_triggers import lock_for_reference
from kpitracker.lib.errors import Conflict, Forbidden, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import is_blank
from targets import signals
from targets.domain.actions import OPEN_STATES
from targets.domain.alerting import AlertEvent, AlertState
from targets.domain.rules import REPORTING_KINDS, RuleKind
from targets.models import Alert, Delivery, Silence, Target
from targets.payloads.alerts import AlertSnapshot
from targets.services.alerting.database_store import DatabaseStore
from targets.services.notifications import notify
from targets.services.notifications.owed_figures import load_owing_departments

MAX_PROMISE = timedelta(days=366)


@transaction.atomic
def acknowledge_alert(*, alert: Alert, by: Actor, now: datetime, note: str, promised_day: date | None = None) -> Alert:
    """Acknowledge an alert: no reminders until the promised day has passed, and no escalation.

    A later acknowledgement replaces an earlier one.
    Raises `Forbidden` (insufficient-scope, not-your-target), `ValidationProblem` (required, invalid-date), `Conflict`
    (alert-not-open).
    """
    locked = _lock_open_alert(alert, by)
    _require_text(note, "/note")
    today = clock.local_day(now)
    last_day = today + MAX_PROMISE
    if promised_day is not None and not today <= promised_day <= last_day:
        # A day without end would switch the reminders off for good.
        detail = text(
            f"Not before today ({date_format(today)}) and not after {date_format(last_day)}.",
            f"Không được trước hôm nay ({date_format(today)}) và không được sau {date_format(last_day)}.",
        )
        raise ValidationProblem("invalid-date", detail, pointer="/promised_day")
    values = {
        "state": AlertState.ACKNOWLEDGED.value,
        "acknowledged_at": now,
        "acknowledged_by": by.name,
        "acknowledgement_note": note,
        "promised_day": promised_day,
        # The promised day now decides when the next check is due.
        "next_check_at": now,
    }
    return crud.change_row(locked, values, by=by, verb="acknowledged")


@transaction.atomic
def resolve_alert(*, alert: Alert, by: Actor, now: datetime, reason: str) -> Alert:
    """Resolve an alert by hand and notify its recipients. It opens again only when the target becomes worse.

    Raises the same errors as `acknowledge_alert`.
    """
    locked = _lock_open_alert(alert, by)
    _require_text(reason, "/reason")
    values: dict[str, object] = {
        "state": AlertState.RESOLVED.value,
        "resolved_at": now,
        "resolved_by": by.name,
        "resolution_reason": reason,
        "message_count": locked.message_count + 1,
    }
    row = crud.change_row(locked, values, by=by, verb="resolved")
    DatabaseStore.release_inhibited(news_targets=(), closed_alerts=[row], now=now)
    snapshot: AlertSnapshot = row.snapshot | {"resolved_by": by.name, "resolution_reason": reason}
    context = notify.NotificationContext(now, [row.target])
    Delivery.objects.bulk_create(notify.build_deliveries(row, AlertEvent.RESOLVED, snapshot, context))
    signals.deliveries_ready.send(sender=Delivery)
    return row


@transaction.atomic
def silence_alert(*, alert: Alert, by: Actor, now: datetime, until: datetime, reason: str) -> Silence:
    """Stop reminders and escalations of the alert's rule for its target until a moment.

    Raises the same errors as `acknowledge_alert`.
    """
    locked = _lock_open_alert(alert, by)
    _require_text(reason, "/reason")
    if until <= now:
        detail = text("It must be in the future.", "Cần một thời điểm trong tương lai.")
        raise ValidationProblem("invalid-date", detail, pointer="/until")
    row = Silence(rule=locked.rule, target=locked.target, starts_at=now, ends_at=until, author=by.name, reason=reason)
    new_silence = crud.insert_row(row, by=by, pointer="")
    Alert.objects.filter(pk=locked.pk).update(next_check_at=now)
    return new_silence


def may_respond(alert: Alert, by: Actor) -> bool:
    """Whether the actor may respond to an alert.

    Allowed are the department that answers for the target, the cooperating ones, the owner of its plan, for alerts about
    its reports those that owe the figures, the departments above them, and actors of the whole organisation.
    """
    return bool(find_answerable(alert.target, [alert], by))


def find_answerable(target: Target, alerts: Collection[Alert], by: Actor) -> set[UUID]:
    """Ids of those alerts about one target that the actor may respond to: see `may_respond`. At most five queries."""
    if not alerts or not by.may(Scope.ALERTS_WRITE):
        return set()
    if may_respond_for_target(target, by):
        return {alert.pk for alert in alerts}
    about_reports = {alert.pk for alert in alerts if RuleKind(alert.rule.kind) in REPORTING_KINDS}
    if by.department is None or not about_reports:
        return set()
    owing = load_owing_departments([target], clock.today())[target.pk]
    is_owing = not Department.objects.subtree_ids(by.department).isdisjoint(department.pk for department in owing)
    return about_reports if is_owing else set()


def may_respond_for_target(target: Target, by: Actor) -> bool:
    """Whether an actor with the scope for alerts may respond to the alerts of this target."""
    if by.department is None:
        return True
    cooperating_ids = target.cooperating.values_list("pk", flat=True)
    department_ids = {target.plan.department_id, target.department_id, *cooperating_ids}
    return not Department.objects.subtree_ids(by.department).isdisjoint(department_ids)


def has_no_open_action(alert: Alert) -> bool:
    """Whether the alert is acknowledged but its target has no open action."""
    is_acknowledged = AlertState(alert.state) is AlertState.ACKNOWLEDGED
    return is_acknowledged and not alert.target.actions.filter(state__in=OPEN_STATES).exists()


def _lock_open_alert(alert: Alert, by: Actor) -> Alert:
    rows = Alert.objects.select_related("rule", "target__plan__department", "target__indicator", "target__department")
    # Lock the target before the alert, as the alert engine does: another order could cause a deadlock.
    lock_for_reference(Target.objects.filter(pk=alert.target_id))
    locked: Alert = rows.select_for_update(of=("self",)).get(pk=alert.pk)
    if not by.may(Scope.ALERTS_WRITE):
        scope = Scope.ALERTS_WRITE
        raise refuse_scope(by, scope)
    if not may_respond(locked, by):
        raise Forbidden(
            "not-your-target",
            text("Other departments are responsible for the target.", "Chỉ tiêu do đơn vị khác chịu trách nhiệm."),
        )
    if not AlertState(locked.state).is_active:
        raise Conflict("alert-not-open", text("The alert is not open.", "Cảnh báo không còn mở."), pointer="")
    return locked


def _require_text(value: str, pointer: str) -> None:
    if is_blank(value):
        raise ValidationProblem("required", text("Give a reason.", "Hãy nêu lý do."), pointer=pointer)
