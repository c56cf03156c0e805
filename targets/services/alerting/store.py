"""Stores alerts in bulk: thousands of alerts need as few SQL statements as one alert."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from kpitracker.lib.actor import system_actor
from kpitracker.lib.audit import log
from kpitracker.lib.db import bulk
from targets.domain.alerting import AlertState, NotificationReason
from targets.domain.rules import RuleKind
from targets.models import Alert, Comment
from targets.services.alerting.matching import EvaluatedTarget
from targets.services.notifications import notify

# Alerts follow from figures, so the audit names the service itself as the actor, not the user who started the run.
_ACTOR = system_actor("assessment")
_AUDIT_VERBS = {
    NotificationReason.FIRST: "opened",
    NotificationReason.WORSE: "worsened",
    NotificationReason.RECOVERED: "resolved",
    NotificationReason.SETTLED: "resolved",
}
# The columns that a decision may change, with the types that bulk.update needs.
_COLUMN_TYPES = {
    "state": "text",
    "inhibited_by_id": "uuid",
    "trigger_key": "text",
    "status": "text",
    "severity": "text",
    "snapshot": "jsonb",
    "severity_rank": "bigint",
    "figure_count": "bigint",
    "message_count": "bigint",
    "escalation_level": "bigint",
    "last_notified_on": "date",
    "last_escalated_on": "date",
    "resolved_at": bulk.TIMESTAMP_TYPE,
    "cleared_since": bulk.TIMESTAMP_TYPE,
    "next_check_at": bulk.TIMESTAMP_TYPE,
}


@dataclass(slots=True)
class AlertChange:
    """The new state of an alert, the reason for a notification, the evaluation behind it, and the state before.

    `state_before` is "" for a new alert.
    """

    alert: Alert
    reason: NotificationReason
    evaluated: EvaluatedTarget
    state_before: str

    @property
    def never_notified(self) -> bool:
        """The alert was resolved before any notification about it was written."""
        return self.alert.state == AlertState.RESOLVED and self.reason is NotificationReason.NONE


def build_alert_snapshot(
    reason: NotificationReason, evaluated: EvaluatedTarget, finding: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the content of an alert: the assessment and, if given, the `finding` of the rule's trigger.

    The key `closed` says why the alert was closed when its condition is not over ("settled", "overdue").
    """
    snapshot = notify.build_snapshot(evaluated.evaluation, evaluated.status_before)
    if finding is not None:
        snapshot["finding"] = {**finding, "over": True} if reason is NotificationReason.RECOVERED else dict(finding)
    if reason is NotificationReason.SETTLED:
        snapshot["closed"] = "settled"
    elif reason is NotificationReason.RECOVERED and finding and finding["kind"] == RuleKind.DUE_SOON.value:
        snapshot |= {"closed": "overdue"} if evaluated.evaluation.assessment.overdue else {}
    return snapshot


def save_changes(changes: Sequence[AlertChange]) -> None:
    """Write the alerts and their audit entries. Call it in the transaction that made the decisions."""
    new_alerts = [change.alert for change in changes if not change.state_before]
    _assign_episodes(new_alerts)
    Alert.objects.bulk_create(new_alerts)
    deleted_ids = _delete_unnotified(
        [change.alert for change in changes if change.state_before and change.never_notified]
    )
    _update_alerts([change.alert for change in changes if change.state_before and change.alert.pk not in deleted_ids])
    log.write_entries(_audit_entry(change) for change in changes if change.reason in _AUDIT_VERBS)


def _assign_episodes(alerts: Sequence[Alert]) -> None:
    """Set the episode numbers. The caller holds the locks on the targets, so no other process counts now."""
    if not alerts:
        return
    earlier_alerts = Alert.objects.filter(
        target__among={alert.target_id for alert in alerts}, rule__in={row.rule_id for row in alerts}
    )
    last_episodes = {
        (rule, target): episode
        for rule, target, episode in earlier_alerts.values_list("rule", "target").annotate(Max("episode"))
    }
    for alert in alerts:
        alert.episode = last_episodes.get((alert.rule_id, alert.target_id), 0) + 1


def _delete_unnotified(alerts: Sequence[Alert]) -> set[UUID]:
    """Delete the alerts that have no comments. Return the ids of the deleted alerts."""
    if not alerts:
        return set()
    ids = {alert.pk for alert in alerts}
    ids -= set(Comment.objects.filter(alert__in=ids).values_list("alert", flat=True))
    Alert.objects.filter(pk__in=ids).delete()
    return ids


def _update_alerts(alerts: Sequence[Alert]) -> None:
    if alerts:
        encode_key, encode_values = (
            bulk.fixed_width_encoder("uuid", "bigint"),
            bulk.variable_width_encoder(*_COLUMN_TYPES.values(), is_cached=False),
        )
        rows = (
            encode_key(alert.pk.hex, alert.episode) + encode_values(tuple(_column_values(alert))) for alert in alerts
        )
        bulk.update_rows(Alert, _COLUMN_TYPES, {"episode": "bigint"}, rows)


def _column_values(alert: Alert) -> Iterable[Any]:
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


def _audit_entry(change: AlertChange) -> Any:
    alert = change.alert
    before = {"state": change.state_before} if change.state_before else {}
    after = {"state": alert.state, "status": str(alert.snapshot["status"]), "severity": alert.severity}
    label = change.evaluated.evaluation.target.identifier
    return log.build_entry(
        by=_ACTOR, verb=_AUDIT_VERBS[change.reason], row=alert, before=before, after=after, label=label
    )
