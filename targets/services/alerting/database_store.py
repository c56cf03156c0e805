"""The database as the store of the alert engine. Thousands of alerts need as few SQL statements as one alert."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Max

from indicators.domain.calendars import Calendar
from indicators.models import Holiday
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.audit import log
from kpitracker.lib.db import bulk
from kpitracker.lib.models import AuditEntry, CommitSequence
from targets import signals
from targets.domain.alerting import NotificationReason
from targets.models import Action, Alert, AlertRule, Assessment, Comment, Delivery, Silence, Target
from targets.services.alerting.conditions import DepartmentSubtrees
from targets.services.alerting.revisions import RevisedFigure, find_unassessed_revisions
from targets.services.alerting.store import AlertChange, EvaluatedTarget
from targets.services.notifications.notify import NotificationContext
from targets.services.notifications.owed_figures import find_targets_owed_by, load_owing_departments

# Alerts follow from figures, so the audit names the service itself as the actor, not the user who started the run.
_ACTOR = system_actor("assessment")
_AUDIT_VERBS = {
    NotificationReason.FIRST: "opened",
    NotificationReason.WORSE: "worsened",
    NotificationReason.RECOVERED: "resolved",
    NotificationReason.SETTLED: "resolved",
    NotificationReason.ENDED: "resolved",
}
# The columns that a decision may change, with the types that bulk.update needs.
_COLUMN_TYPES = {
    "state": "text",
    "inhibited_by_id": "uuid",
    "trigger_key": "text",
    "status": "text",
    "severity": "text",
    "resolution_reason": "text",
    "snapshot": "jsonb",
    "severity_rank": "bigint",
    "figure_count": "bigint",
    "message_count": "bigint",
    "escalation_level": "bigint",
    "reminder_count": "bigint",
    "data_missing_since": "date",
    "last_notified_on": "date",
    "escalation_counted_from": "date",
    "resolved_at": bulk.TIMESTAMP_TYPE,
    "cleared_since": bulk.TIMESTAMP_TYPE,
    "next_check_at": bulk.TIMESTAMP_TYPE,
}


class DatabaseStore:
    """The store of one run. Tables are read when a step first needs them.

    The caller holds the locks on the targets, so no other process opens or changes their alerts until it commits.
    """

    def __init__(self, evaluated_targets: Sequence[EvaluatedTarget], now: datetime) -> None:
        self._evaluated_targets, self._today = evaluated_targets, clock.local_day(now)
        self._now, targets = now, [evaluated.evaluation.target for evaluated in evaluated_targets]
        self._target_ids = [target.pk for target in targets]
        alerts = Alert.objects.filter(target__among=self._target_ids).exclude(state="resolved").order_by("pk")
        self.open_alerts = {(alert.rule_id, alert.target_id): alert for alert in alerts.select_for_update()}
        self.rules, self.subtrees = list(AlertRule.objects.order_by("pk")), DepartmentSubtrees()
        self.context = NotificationContext(now, targets, [alert.pk for alert in self.open_alerts.values()])

    @cached_property
    def silences(self) -> list[Silence]:
        return list(Silence.objects.filter(starts_at__lte=self._now, ends_at__gt=self._now))

    @cached_property
    def calendar(self) -> Calendar:
        calendar: Calendar = Holiday.objects.calendar()
        return calendar

    def notified_keys(self, rule: AlertRule, target: Target) -> Collection[str]:
        return self._notified_keys.get((rule.pk, target.pk), ())

    @cached_property
    def _notified_keys(self) -> Mapping[tuple[int, int], Collection[str]]:
        keys_by_rule: dict[tuple[int, int], set[str]] = defaultdict(set)
        alerts = Alert.objects.filter(target__among=self._target_ids).exclude(trigger_key="")
        for rule, target, key in alerts.values_list("rule_id", "target_id", "trigger_key"):
            keys_by_rule[rule, target].add(key)
        return keys_by_rule

    def revised_figures(self, evaluated: EvaluatedTarget) -> Sequence[RevisedFigure]:
        return self._revised_by_target.get(evaluated.evaluation.target.pk, ())

    @cached_property
    def _revised_by_target(self) -> Mapping[int, Sequence[RevisedFigure]]:
        return find_unassessed_revisions(
            [evaluated.evaluation for evaluated in self._evaluated_targets if evaluated.is_news]
        )

    def overdue_actions(self, target: Target) -> Sequence[Action]:
        return self._overdue_by_target.get(target.pk, ())

    @cached_property
    def _overdue_by_target(self) -> Mapping[int, Sequence[Action]]:
        actions_by_target: dict[int, list[Action]] = defaultdict(list)
        overdue = Action.objects.overdue(self._today).filter(target__among=self._target_ids)
        for action in overdue.select_related("department"):
            actions_by_target[action.target_id].append(action)
        return actions_by_target

    def count_waiting(self, department_id: int) -> int:
        # One process at a time: two that find no active alert would both open one.
        CommitSequence.lock("silent")
        rows = Assessment.objects.counted().filter(target__among=find_targets_owed_by(department_id, self._today))
        up_to_date = rows.filter(overdue=False).exclude(payload__freshness__expected_through=None)
        return 0 if up_to_date.exists() else rows.filter(overdue=True).count()

    def oldest_active_alert(self, rule: AlertRule, department_id: int) -> Alert | None:
        alerts = Alert.objects.filter(rule=rule, state__in=["firing", "acknowledged"], inhibited_by=None)
        target_ids = find_targets_owed_by(department_id, self._today)
        alert: Alert | None = alerts.filter(target__among=target_ids).order_by("opened_at", "pk").first()
        return alert

    def save_changes(self, changes: Sequence[AlertChange]) -> None:
        """Write the alerts and their audit entries. Call it in the transaction that made the decisions."""
        if new_alerts := [change.alert for change in changes if not change.state_before]:
            _assign_episodes(new_alerts)
            Alert.objects.bulk_create(new_alerts)
        stored_changes = [change for change in changes if change.state_before]
        unnotified_ids = [change.alert.pk for change in stored_changes if change.never_notified]
        deleted_ids = _delete_unnotified(unnotified_ids) if unnotified_ids else set()
        if updated := [change.alert for change in stored_changes if change.alert.pk not in deleted_ids]:
            _update_alerts(updated)
        log.write_entries(_audit_entry(change) for change in changes if change.reason in _AUDIT_VERBS)

    @staticmethod
    def release_inhibited(news_targets: Sequence[Target], closed_alerts: Collection[Alert], now: datetime) -> None:
        """Release inhibited alerts: of departments that owe figures of these targets, or of these inhibiting alerts."""
        inhibited = Alert.objects.filter(inhibited_by__isnull=False, state="pending")
        if not inhibited.exists():
            return
        waiting = {alert.pk: alert.target for alert in inhibited.select_related("target")}
        owing = load_owing_departments([*news_targets, *waiting.values()], clock.local_day(now))
        reported = {department.pk for target in news_targets for department in owing[target.pk]}
        released_ids = {pk for pk, target in waiting.items() if any(row.pk in reported for row in owing[target.pk])}
        released_ids |= set(inhibited.filter(inhibited_by__in=closed_alerts).values_list("pk", flat=True))
        inhibited.filter(pk__in=released_ids).update(inhibited_by=None, next_check_at=now)

    def save_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        Delivery.objects.bulk_create(deliveries)
        if any(delivery.state == "pending" for delivery in deliveries):
            signals.deliveries_ready.send(sender=Delivery)


def _assign_episodes(alerts: Sequence[Alert]) -> None:
    """Set the episode numbers. The caller holds the locks on the targets, so no other process counts now."""
    earlier_alerts = Alert.objects.filter(
        target__among={alert.target_id for alert in alerts}, rule__in={alert.rule_id for alert in alerts}
    )
    last_episodes = {
        (rule, target): episode
        for rule, target, episode in earlier_alerts.values_list("rule", "target").annotate(Max("episode"))
    }
    for alert in alerts:
        alert.episode = last_episodes.get((alert.rule_id, alert.target_id), 0) + 1


def _delete_unnotified(alert_ids: Collection[UUID]) -> set[UUID]:
    """Delete the alerts that have no comments. Return the ids of the deleted alerts."""
    commented_ids = set(Comment.objects.filter(alert__in=alert_ids).values_list("alert", flat=True))
    deleted_ids = set(alert_ids) - commented_ids
    Alert.objects.filter(pk__in=deleted_ids).delete()
    return deleted_ids


def _update_alerts(alerts: Sequence[Alert]) -> None:
    encode_key = bulk.fixed_width_encoder("uuid", "bigint")
    encode_values = bulk.variable_width_encoder(*_COLUMN_TYPES.values(), is_cached=False)
    rows = (encode_key(alert.pk.hex, alert.episode) + encode_values(tuple(_column_values(alert))) for alert in alerts)
    bulk.update_rows(Alert, _COLUMN_TYPES, {"episode": "bigint"}, rows)


def _column_values(alert: Alert) -> Iterator[object]:
    for name in _COLUMN_TYPES:
        value = getattr(alert, name)
        if isinstance(value, dict):
            yield json.dumps(value)
        elif isinstance(value, UUID):
            yield value.hex
        elif isinstance(value, datetime):
            yield bulk.moment_text(value)
        else:
            yield value.isoformat() if isinstance(value, date) else value


def _audit_entry(change: AlertChange) -> AuditEntry:
    alert = change.alert
    before = {"state": change.state_before} if change.state_before else {}
    after = {"state": alert.state, "status": alert.snapshot["status"], "severity": alert.severity}
    verb, label = _AUDIT_VERBS[change.reason], change.evaluated.evaluation.target.identifier
    return log.build_entry(by=_ACTOR, verb=verb, row=alert, before=before, after=after, label=label)
