"""Deciding whom to tell, in the transaction that wrote the status change. Nothing is sent here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from kpitracker.lib.actor import operator
from kpitracker.lib.audit import notes
from targets import signals
from targets.domain.alerting import Event, Reason, Told, reason_to_tell
from targets.domain.vocabulary import Status
from targets.models import Alert, AlertRule, Delivery, StatusChange, Target, Webhook
from targets.services import recipients, rows
from targets.services.judging import Judged
from targets.services.listeners import Listeners

# Alerts follow from figures, whoever made the round: it is the service itself that opens and closes them.
_BY = operator("assessment")
_SEVERITIES = {1: "warning", 2: "critical", 3: "critical"}


def decide(*, moved: Sequence[tuple[Judged, StatusChange]], now: datetime) -> None:
    """Open, worsen or close alerts by these status changes, and write the deliveries that follow.

    A quiet change (history that is loaded) opens and worsens nothing; what has ended is closed all the same.
    """
    if not moved:
        return
    rules = list(AlertRule.objects.filter(active=True))
    ids = [change.target_id for _, change in moved]
    open_alerts = {
        (alert.rule_id, alert.target_id): alert
        for alert in Alert.objects.filter(target__in=ids).exclude(state="resolved")
    }
    written, listeners = False, Listeners()
    for rule in rules:
        for judged, change in moved:
            alert = open_alerts.get((rule.pk, change.target_id))
            written |= _apply(rule, alert, judged, change, listeners, now)
    if written:
        signals.deliveries_written.send(sender=Delivery)


def _apply(
    rule: AlertRule, alert: Alert | None, judged: Judged, change: StatusChange, listeners: Listeners, now: datetime
) -> bool:
    """Whether a delivery was written."""
    status = Status(change.after)
    reason = reason_to_tell(
        status=status,
        told=Told(Status(alert.status)) if alert else None,
        before=Status(change.before) if change.before else None,
    )
    if reason is Reason.RECOVERED and alert is not None:
        Alert.objects.filter(pk=alert.pk).update(state="resolved", resolved_at=now)
        _note("resolved", alert, judged.target, {"state": alert.state}, {"state": "resolved", "status": status.value})
        return False
    if change.quiet or reason not in (Reason.FIRST, Reason.WORSE) or status not in rule.statuses:
        return False
    facts = _facts(judged, change)
    severity = _SEVERITIES[status.severity]
    if alert is None:
        alert = _open(rule, judged.target, status, severity, facts, now)
        _note("opened", alert, judged.target, {}, {"status": status.value, "severity": severity})
        event = Event.OPENED
    else:
        Alert.objects.filter(pk=alert.pk).update(status=status.value, severity=severity, facts=facts)
        _note("worsened", alert, judged.target, {"status": alert.status}, {"status": status.value})
        event = Event.WORSE
    told = _tell_webhooks(alert, event, status, listeners.of(judged.target, event), facts | {"severity": severity}, now)
    return _write_delivery(alert, event, status, judged.target, facts, now) or told


def _note(verb: str, alert: Alert, target: Target, before: dict[str, str], after: dict[str, str]) -> None:
    notes.note(by=_BY, verb=verb, row=alert, before=before, after=after, label=target.identifier)


def _open(
    rule: AlertRule, target: Target, status: Status, severity: str, facts: dict[str, Any], now: datetime
) -> Alert:
    last = Alert.objects.filter(rule=rule, target=target).aggregate(last=Max("episode"))["last"]
    return Alert.objects.create(
        rule=rule,
        target=target,
        episode=(last or 0) + 1,
        status=status.value,
        severity=severity,
        opened_at=now,
        facts=facts,
    )


def _facts(judged: Judged, change: StatusChange) -> dict[str, Any]:
    """What was true when somebody was told, enough to write the message at any time."""
    target, version = judged.target, judged.version
    figures = [rows.figure(used) for used in judged.assessment.figures]
    return {
        **judged.body,
        **rows.place(target),
        "as_of": judged.as_of.isoformat(),
        "before": change.before,
        "goal": target.goal,
        "lower": None if version.lower is None else format(version.lower, "f"),
        "upper": None if version.upper is None else format(version.upper, "f"),
        "lower_open": version.lower_open,
        "upper_open": version.upper_open,
        "plan_name": target.plan.name,
        "plan_name_en": target.plan.name_en,
        "area_name": target.area.name,
        "area_name_en": target.area.name_en,
        "department_name": target.answerable.name if target.answerable else None,
        "department_name_en": target.answerable.name_en if target.answerable else None,
        "figures": figures[-3:],
        "judgement": rows.judgement(judged.assessment),
    }


def _tell_webhooks(
    alert: Alert, event: Event, status: Status, webhooks: Sequence[Webhook], facts: dict[str, Any], now: datetime
) -> bool:
    """Whether a delivery was written; `at` is the time of the event, however late it is sent."""
    written = [
        Delivery(
            alert=alert,
            event=event.value,
            status=status.value,
            channel="webhook",
            webhook=webhook,
            recipient=str(webhook.pk),
            facts=facts | {"at": now.isoformat()},
            due_at=now,
        )
        for webhook in webhooks
    ]
    Delivery.objects.bulk_create(written, ignore_conflicts=True)
    return bool(written)


def _write_delivery(
    alert: Alert, event: Event, status: Status, target: Target, facts: dict[str, Any], now: datetime
) -> bool:
    recipient = recipients.address_of(target.answerable, target.indicator_id)
    # Without anybody to tell, the row says so for all to see, rather than nothing.
    failed = {} if recipient else {"state": "failed", "answer": "No department with an address, and no ALERT_EMAIL."}
    _, created = Delivery.objects.get_or_create(
        alert=alert,
        event=event.value,
        status=status.value,
        channel="email",
        recipient=recipient,
        defaults={"facts": facts, "due_at": now, **failed},
    )
    return created and bool(recipient)
