"""The alert engine: applies the rules to evaluated targets, in the transaction that wrote the assessments.

It writes alerts and deliveries. It sends nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone

from indicators.models import Holiday
from kpitracker.lib import clock
from targets import signals
from targets.domain import alerting
from targets.domain.alerting import (
    AlertDecision,
    AlertEvent,
    AlertProgress,
    AlertState,
    ConditionState,
    EvaluationTime,
    NotificationReason,
)
from targets.models import Alert, AlertRule, Delivery, Silence, Target
from targets.services.alerting import inhibition, store, triggers
from targets.services.alerting.inhibition import DepartmentInhibition
from targets.services.alerting.matching import (
    EvaluatedTarget,
    alert_severity,
    department_subtrees,
    is_in_scope,
    may_open_alert,
    to_condition,
    to_condition_state,
    to_timing,
)
from targets.services.alerting.store import AlertChange
from targets.services.alerting.triggers import CurrentTriggers, Trigger, TriggerSource
from targets.services.evaluation.evaluate import Evaluation, evaluate_targets
from targets.services.notifications import notify

EVENT_BY_REASON = {
    NotificationReason.FIRST: AlertEvent.OPENED,
    NotificationReason.WORSE: AlertEvent.WORSE,
    NotificationReason.RECOVERED: AlertEvent.RESOLVED,
    NotificationReason.REMINDER: AlertEvent.REMINDER,
    NotificationReason.ESCALATION: AlertEvent.ESCALATION,
    NotificationReason.SETTLED: AlertEvent.RESOLVED,
}
CHUNK_SIZE = 200


def process_evaluations(*, evaluated_targets: Sequence[EvaluatedTarget], now: datetime) -> None:
    """Open, worsen, remind of, escalate or close alerts, and write the deliveries that follow.

    The caller must hold the locks on the targets: two runs over the same target would both open an alert.
    """
    if not evaluated_targets:
        return
    target_ids = [evaluated.evaluation.target.pk for evaluated in evaluated_targets]
    locked_alerts = (
        Alert.objects.filter(target__among=target_ids).exclude(state="resolved").order_by("pk").select_for_update()
    )
    open_alerts = {(alert.rule_id, alert.target_id): alert for alert in locked_alerts}
    targets = [evaluated.evaluation.target for evaluated in evaluated_targets]
    run = _AlertRun(notify.NotificationContext(now, targets, [alert.pk for alert in locked_alerts]), evaluated_targets)
    results = [
        run.apply_rule(rule, open_alerts.get((rule.pk, evaluated.evaluation.target.pk)), evaluated)
        for rule in run.rules
        for evaluated in evaluated_targets
    ]
    changes = [result for result in results if result is not None]
    store.save_changes(changes)
    closed_alerts = [change.alert for change in changes if change.alert.state == AlertState.RESOLVED]
    inhibition.release_inhibited(evaluated_targets=evaluated_targets, closed_alerts=closed_alerts, now=now)
    deliveries = [delivery for change in changes for delivery in _build_deliveries(change, run.context)]
    Delivery.objects.bulk_create(deliveries)
    if any(row.state == "pending" for row in deliveries):
        signals.deliveries_written.send(sender=Delivery)


def _build_deliveries(change: AlertChange, context: notify.NotificationContext) -> Iterator[Delivery]:
    if change.reason is not NotificationReason.NONE:
        alert, event = change.alert, EVENT_BY_REASON[change.reason]
        yield from notify.deliveries_from_evaluation(alert, event, change.evaluated.evaluation, alert.snapshot, context)


def process_due_alerts(*, now: datetime) -> int:
    """Process the alerts whose next check is due: to open, to remind of, to escalate or to close.

    Return the number of alerts.
    """
    total = 0
    while count := _process_due_chunk(now):
        total += count
    return total


@transaction.atomic
def _process_due_chunk(now: datetime) -> int:
    due_alerts = Alert.objects.filter(next_check_at__lte=now).exclude(state="resolved").order_by("next_check_at", "pk")
    target_ids = set(due_alerts.values_list("target_id", flat=True)[:CHUNK_SIZE])
    # A process that assesses a target also processes its alerts: locked targets are left to the next sweep.
    available = Target.objects.filter(pk__among=target_ids).order_by("pk").select_for_update(skip_locked=True)
    locked_ids = list(available.values_list("pk", flat=True))
    alerts = due_alerts.filter(target__among=locked_ids)
    count = alerts.count()
    if count:
        today = clock.local_day(now)
        evaluations = evaluate_targets(
            targets=Target.objects.filter(pk__among=locked_ids).for_assessment(), as_of=today, today=today
        )
        # Targets that cannot be evaluated need no check until a figure is posted.
        alerts.exclude(target__among=[evaluation.target.pk for evaluation in evaluations]).update(next_check_at=None)
        process_evaluations(
            evaluated_targets=[
                EvaluatedTarget(evaluation, evaluation.assessment.status.value, False) for evaluation in evaluations
            ],
            now=now,
        )
    return count


class _AlertRun:
    """The data that all decisions of one run share. Tables are read when a decision first needs them."""

    def __init__(self, context: notify.NotificationContext, evaluated_targets: Sequence[EvaluatedTarget]) -> None:
        self.moment, self.day = context.now, clock.local_day(context.now)
        self.context = context
        self._inhibition = DepartmentInhibition()
        self._current_triggers = CurrentTriggers(evaluated_targets, self.day)
        self._trigger_source = TriggerSource(
            self._current_triggers.revised_figures, self._current_triggers.overdue_actions, lambda: self._calendar
        )
        self.rules = list(AlertRule.objects.order_by("pk"))
        self._conditions = {rule.pk: to_condition(rule) for rule in self.rules}

    @cached_property
    def _silences(self) -> list[Silence]:
        return list(Silence.objects.filter(starts_at__lte=self.moment, ends_at__gt=self.moment))

    @cached_property
    def _subtrees(self) -> dict[int, set[int]]:
        return department_subtrees([*self.rules, *self._silences])

    @cached_property
    def _calendar(self) -> Any:
        return Holiday.objects.calendar()

    def apply_rule(self, rule: AlertRule, alert: Alert | None, evaluated: EvaluatedTarget) -> AlertChange | None:
        """Apply a rule to a target. Return None if there is no alert or the alert does not change."""
        evaluation = evaluated.evaluation
        may_open = rule.active and may_open_alert(rule, evaluated)
        # Most targets have no news and no alert: skip them before any other work.
        if alert is None and not may_open:
            return None
        applies = rule.active and is_in_scope(rule, evaluation.target, self._subtrees)
        condition = self._conditions[rule.pk]
        trigger = self._new_trigger(rule, alert, evaluated) if applies and condition.kind.uses_trigger else None
        trigger_grade = None if trigger is None else trigger.grade
        condition_state = (
            to_condition_state(condition, evaluation.assessment, news=may_open, trigger_grade=trigger_grade)
            if applies
            else ConditionState(0)
        )
        if alert is None and not condition_state.severity_rank:
            return None
        progress = (
            None
            if alert is None
            else alert_progress(alert, add_figure=evaluated.is_news and condition_state.severity_rank > 0)
        )
        silenced_until = None if alert is None else self._silenced_until(rule, evaluation.target)
        now = EvaluationTime(self.moment, self.day, silenced_until, self._calendar)
        decision = alerting.decide_alert(condition_state, progress, to_timing(rule), now)
        if decision.state is None:
            return None
        current_alert = alert or self._new_alert(rule, evaluated.evaluation)
        # Set the relations from rows that were read before: otherwise each alert would need its own queries.
        current_alert.rule, current_alert.target = rule, evaluation.target
        if decision.reason is NotificationReason.FIRST:
            inhibitor, waiting_count = self._inhibition.find_inhibitor(rule, current_alert, evaluation.target)
            if inhibitor is not None and inhibitor is not current_alert:
                return self._inhibit(current_alert, inhibitor, evaluated)
            current_alert.inhibited_by = None
            trigger = Trigger(1, {"kind": rule.kind, "waiting_count": waiting_count}) if waiting_count else trigger
        return self._advance_alert(
            decision,
            alerting.next_progress(progress, condition_state, decision, now),
            current_alert,
            evaluated,
            trigger,
        )

    def _inhibit(self, alert: Alert, inhibitor: Alert, evaluated: EvaluatedTarget) -> AlertChange | None:
        """Keep the alert pending while another alert covers all overdue targets of its department."""
        is_new, parent_before = alert._state.adding, alert.inhibited_by_id
        if is_new:
            alert.state, alert.snapshot = (
                AlertState.PENDING.value,
                store.build_alert_snapshot(NotificationReason.NONE, evaluated),
            )
        alert.inhibited_by, alert.next_check_at = inhibitor, None
        return (
            AlertChange(alert, NotificationReason.NONE, evaluated, "" if is_new else "pending")
            if is_new or parent_before != inhibitor.pk
            else None
        )

    def _new_trigger(self, rule: AlertRule, alert: Alert | None, evaluated: EvaluatedTarget) -> Trigger | None:
        """Return the trigger of the rule, unless a notification about it was already written."""
        trigger = triggers.detect_trigger(rule, evaluated, self._trigger_source)
        if trigger is None or (alert is None and self._current_triggers.was_notified(rule, evaluated, trigger.key)):
            return None
        return trigger

    def _advance_alert(
        self,
        decision: AlertDecision,
        progress: AlertProgress,
        alert: Alert,
        evaluated: EvaluatedTarget,
        trigger: Trigger | None,
    ) -> AlertChange | None:
        is_new = alert._state.adding
        values_before, state_before = _decision_values(alert), "" if is_new else alert.state
        for name in _PROGRESS_FIELDS:
            setattr(alert, name, getattr(progress, name))
        alert.next_check_at = _next_check(decision)
        if decision.state == AlertState.RESOLVED:
            alert.resolved_at = self.moment
        if is_new or decision.reason is not NotificationReason.NONE:
            finding = alert.snapshot.get("finding") if trigger is None else trigger.finding
            alert.snapshot = store.build_alert_snapshot(decision.reason, evaluated, finding)
            alert.trigger_key = max(alert.trigger_key, "" if trigger is None else trigger.key)
        if decision.reason is not NotificationReason.NONE:
            self._count_notification(alert, decision.reason, evaluated)
        return (
            AlertChange(alert, decision.reason, evaluated, state_before)
            if is_new or _decision_values(alert) != values_before
            else None
        )

    def _new_alert(self, rule: AlertRule, evaluation: Evaluation) -> Alert:
        status = evaluation.assessment.status
        return Alert(
            status=status.value,
            severity=alert_severity(rule, status),
            opened_at=self.moment,
            severity_rank=0,
        )

    def _count_notification(self, alert: Alert, reason: NotificationReason, evaluated: EvaluatedTarget) -> None:
        """Count the notification. A first or worse notification also updates the status and the severity."""
        status = evaluated.evaluation.assessment.status
        alert.message_count += 1
        if reason in (NotificationReason.FIRST, NotificationReason.WORSE):
            alert.status = status.value
            alert.severity = alert_severity(alert.rule, status)

    def _silenced_until(self, rule: AlertRule, target: Target) -> datetime | None:
        end_times = [
            silence.ends_at
            for silence in self._silences
            if silence.rule_id in (None, rule.pk)
            and silence.target_id in (None, target.pk)
            and is_in_scope(silence, target, self._subtrees)
        ]
        return max(end_times, default=None)


def alert_progress(alert: Alert, *, add_figure: bool = False) -> AlertProgress:
    """Return the stored progress of an alert. `add_figure`: count one figure more."""
    return AlertProgress(
        state=AlertState(alert.state),
        severity_rank=alert.severity_rank,
        started_at=alert.opened_at,
        started_on=clock.local_day(alert.opened_at),
        figure_count=alert.figure_count + add_figure,
        last_notified_on=alert.last_notified_on,
        last_escalated_on=alert.last_escalated_on,
        escalation_level=alert.escalation_level,
        cleared_since=alert.cleared_since,
        promised_day=alert.promised_day,
    )


# The fields that `Alert` and `AlertProgress` share by name.
_PROGRESS_FIELDS = (
    "state",
    "severity_rank",
    "figure_count",
    "last_notified_on",
    "last_escalated_on",
    "escalation_level",
    "cleared_since",
)


def _decision_values(alert: Alert) -> list[Any]:
    return [getattr(alert, name) for name in (*_PROGRESS_FIELDS, "next_check_at", "message_count")]


def _next_check(decision: AlertDecision) -> datetime | None:
    times = [decision.next_check_at, None if decision.next_check_on is None else start_of_day(decision.next_check_on)]
    return min((moment for moment in times if moment is not None), default=None)


def start_of_day(day: date) -> datetime:
    """Return the first moment of a day in the time zone of the service."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())
