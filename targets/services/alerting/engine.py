"""The alert engine: applies the rules to evaluated targets, in the transaction that wrote the assessments.

A run has four steps: find the alerts that may open or change, decide about them, record the decisions, and write the
deliveries. It sends nothing. A store gives the data and takes the results: the database, or the memory of a replay.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from kpitracker.lib import clock
from targets.domain import alerting
from targets.domain.alerting import AlertDecision, AlertProgress, AlertState, DecisionContext, NotificationReason
from targets.domain.rules import RuleKind
from targets.models import Alert, AlertRule, Target
from targets.services.alerting.conditions import find_candidates, is_in_scope, to_timing
from targets.services.alerting.database_store import DatabaseStore
from targets.services.alerting.store import AlertChange, AlertStore, Candidate, EvaluatedTarget, Trigger
from targets.services.evaluation.evaluate import evaluate_targets
from targets.services.notifications import notify

CHUNK_SIZE = 200
# The fields that `Alert` and `AlertProgress` share by name.
_PROGRESS_FIELDS = (
    "state",
    "severity_rank",
    "figure_count",
    "last_notified_on",
    "escalation_counted_from",
    "escalation_level",
    "cleared_since",
    "reminder_count",
    "data_missing_since",
)
_SEVERITY_BY_RANK = {0: "warning", 1: "warning", 2: "critical", 3: "critical"}
# A single overdue target needs no alert for the department.
_MIN_TARGETS = 2


def process_evaluations(
    *, evaluated_targets: Sequence[EvaluatedTarget], now: datetime, store: AlertStore | None = None
) -> None:
    """Open, worsen, remind of, escalate or resolve alerts, and write the deliveries that follow.

    The caller must hold the locks on the targets: two runs over the same target would both open an alert.
    """
    if not evaluated_targets:
        return
    store = store or DatabaseStore(evaluated_targets, now)
    changes = decide_changes(find_candidates(evaluated_targets, store), store, now)
    store.save_changes(changes)
    news_targets = [evaluated.evaluation.target for evaluated in evaluated_targets if evaluated.is_news]
    closed_alerts = [change.alert for change in changes if change.alert.state == AlertState.RESOLVED]
    store.release_inhibited(news_targets, closed_alerts, now)
    store.save_deliveries(
        [
            delivery
            for change in changes
            if change.reason is not NotificationReason.NONE
            for delivery in notify.build_deliveries(
                change.alert, notify.EVENT_BY_REASON[change.reason], change.alert.snapshot, store.context
            )
        ]
    )


def process_due_alerts(*, now: datetime) -> int:
    """Process the alerts whose next check is due: to open, to remind of, to escalate or to resolve.

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
        targets = Target.objects.filter(pk__among=locked_ids).order_by("pk").for_assessment()
        evaluations = evaluate_targets(targets=targets, as_of=today, today=today)
        # Targets that cannot be evaluated need no check until a figure is posted.
        alerts.exclude(target__among=[evaluation.target.pk for evaluation in evaluations]).update(next_check_at=None)
        process_evaluations(
            evaluated_targets=[
                EvaluatedTarget(evaluation, evaluation.assessment.status.value, is_news=False)
                for evaluation in evaluations
            ],
            now=now,
        )
    return count


@dataclass(slots=True)
class _Inhibition:
    """Departments that posted none of their due figures: one alert covers all, and inhibits their other alerts."""

    store: AlertStore
    waiting_counts: dict[int, int] = field(default_factory=dict)
    inhibitors: dict[tuple[int, int], Alert] = field(default_factory=dict)

    def find_inhibitor(self, alert: Alert) -> tuple[Alert | None, int]:
        """Return the alert that covers the department (maybe this one) and the number of targets that wait for figures.

        Return (None, 0) if the department has posted something. Of several that owe the figures, the first counts.
        """
        departments = self.store.context.resolver.owing_departments(alert.target)
        if not departments:
            return None, 0
        department = departments[0]
        if department.pk not in self.waiting_counts:
            self.waiting_counts[department.pk] = self.store.count_waiting(department.pk)
        if self.waiting_counts[department.pk] < _MIN_TARGETS:
            return None, 0
        key = alert.rule_id, department.pk
        if key not in self.inhibitors:
            self.inhibitors[key] = self.store.oldest_active_alert(alert.rule, department.pk) or alert
        return self.inhibitors[key], self.waiting_counts[department.pk]


def decide_changes(candidates: Iterable[Candidate], store: AlertStore, now: datetime) -> list[AlertChange]:
    """Return the alerts that open or change, with the reason of a notification if one is due."""
    inhibition, changes = _Inhibition(store), list[AlertChange | None]()
    for candidate in candidates:
        rule, evaluated, alert, condition, trigger = candidate
        progress, silenced_until = None, None
        if alert is not None:
            progress = alert_progress(alert, add_figure=evaluated.is_news and condition.severity_rank > 0)
            silenced_until = _silenced_until(rule, evaluated.evaluation.target, store)
        context = DecisionContext(now, clock.local_day(now), silenced_until, store.calendar)
        decision = alerting.decide_alert(condition, progress, to_timing(rule), context)
        if decision.state is None:
            continue
        alert = alert or Alert(opened_at=now, state="", severity_rank=0)
        # Set the relations from rows that were read before: otherwise each alert would need its own queries.
        alert.rule, alert.target = rule, evaluated.evaluation.target
        if decision.reason is NotificationReason.FIRST:
            is_overdue = rule.kind == RuleKind.OVERDUE
            inhibitor, waiting_count = inhibition.find_inhibitor(alert) if is_overdue else (None, 0)
            if inhibitor is not None and inhibitor is not alert:
                changes.append(_inhibit_alert(alert, inhibitor, evaluated))
                continue
            alert.inhibited_by = None
            trigger = Trigger(1, {"kind": "overdue", "waiting_count": waiting_count}) if waiting_count else trigger
        next_progress = alerting.next_progress(progress, condition, decision, context)
        changes.append(_advance_alert(alert, decision, next_progress, evaluated, trigger, now))
    return [change for change in changes if change is not None]


def _silenced_until(rule: AlertRule, target: Target, store: AlertStore) -> datetime | None:
    end_times = [
        silence.ends_at
        for silence in store.silences
        if silence.rule_id in (None, rule.pk)
        and silence.target_id in (None, target.pk)
        and is_in_scope(silence, target, store.subtrees)
    ]
    return max(end_times, default=None)


def _inhibit_alert(alert: Alert, inhibitor: Alert, evaluated: EvaluatedTarget) -> AlertChange | None:
    """Keep the alert pending while another alert covers all overdue targets of its department."""
    state_before, inhibitor_before = alert.state, alert.inhibited_by_id
    alert.inhibited_by, alert.next_check_at = inhibitor, None
    if not state_before:
        alert.state = AlertState.PENDING.value
        _show_status(alert, evaluated)
        alert.snapshot = notify.build_snapshot(evaluated.evaluation, evaluated.status_before, NotificationReason.NONE)
    changed = not state_before or inhibitor_before != inhibitor.pk
    return AlertChange(alert, NotificationReason.NONE, evaluated, state_before) if changed else None


def _advance_alert(
    alert: Alert,
    decision: AlertDecision,
    progress: AlertProgress,
    evaluated: EvaluatedTarget,
    trigger: Trigger | None,
    now: datetime,
) -> AlertChange | None:
    state_before, reason = alert.state, decision.reason
    next_check_on = None if decision.next_check_on is None else clock.start_of_day(decision.next_check_on)
    next_check_at = min(filter(None, [decision.next_check_at, next_check_on]), default=None)
    changed = (
        not state_before
        or reason is not NotificationReason.NONE
        or alert.next_check_at != next_check_at
        or any(getattr(alert, name) != getattr(progress, name) for name in _PROGRESS_FIELDS)
    )
    if not changed:
        return None
    for name in _PROGRESS_FIELDS:
        setattr(alert, name, getattr(progress, name))
    alert.next_check_at = next_check_at
    if decision.state == AlertState.RESOLVED:
        alert.resolved_at = now
        if reason is NotificationReason.ENDED:
            alert.resolution_reason = notify.end_reason(evaluated.evaluation)
    if not state_before or reason is not NotificationReason.NONE:
        finding = alert.snapshot.get("finding") if trigger is None else trigger.finding
        known_through = notify.known_through(alert.snapshot) if progress.data_missing_since else None
        # What came quietly in between was told to no one: a further message names the status of the last one.
        status_before = alert.snapshot["status"] if alert.message_count else evaluated.status_before
        alert.snapshot = notify.build_snapshot(
            evaluated.evaluation, status_before, reason, finding, progress.data_missing_since
        )
        if known_through is not None:
            alert.snapshot["known_through"] = known_through
        alert.trigger_key = max(alert.trigger_key, "" if trigger is None else trigger.key)
    # A reminder, an escalation or the end keeps the status and the severity of the last first or worse notification.
    if not state_before or reason in (NotificationReason.FIRST, NotificationReason.WORSE):
        _show_status(alert, evaluated)
    alert.message_count += reason is not NotificationReason.NONE
    return AlertChange(alert, reason, evaluated, state_before)


def _show_status(alert: Alert, evaluated: EvaluatedTarget) -> None:
    status = evaluated.evaluation.assessment.status
    alert.status, alert.severity = status.value, alert.rule.severity or _SEVERITY_BY_RANK[status.severity_rank]


def alert_progress(alert: Alert, *, add_figure: bool = False) -> AlertProgress:
    """Return the stored progress of an alert. `add_figure`: count one figure more."""
    return AlertProgress(
        state=AlertState(alert.state),
        severity_rank=alert.severity_rank,
        started_at=alert.opened_at,
        started_on=clock.local_day(alert.opened_at),
        figure_count=alert.figure_count + add_figure,
        last_notified_on=alert.last_notified_on,
        escalation_counted_from=alert.escalation_counted_from,
        escalation_level=alert.escalation_level,
        cleared_since=alert.cleared_since,
        promised_day=alert.promised_day,
        reminder_count=alert.reminder_count,
        data_missing_since=alert.data_missing_since,
    )
