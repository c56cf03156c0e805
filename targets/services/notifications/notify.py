"""Writes the deliveries of an alert: the recipients, and a snapshot from which the message can be rendered later."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Literal, cast
from uuid import UUID

from django.utils import timezone

from indicators.domain.calendars import Calendar
from indicators.domain.delivery_hours import ANY_TIME, DeliveryHours, DigestFrequency, next_delivery_time
from indicators.models import Contact, Holiday
from kpitracker.lib import clock
from targets.domain.alerting import AlertEvent, NotificationReason
from targets.domain.choices import VersionState
from targets.models import Alert, Delivery, Target
from targets.payloads.alerts import AlertSnapshot, EvaluationSnapshot, Finding
from targets.services.evaluation import payloads
from targets.services.evaluation.evaluate import Evaluation
from targets.services.evaluation.explanation_names import name_inputs, name_reason
from targets.services.notifications.recipients import RecipientResolver

EVENT_BY_REASON = {
    NotificationReason.FIRST: AlertEvent.OPENED,
    NotificationReason.WORSE: AlertEvent.WORSE,
    NotificationReason.RECOVERED: AlertEvent.RESOLVED,
    NotificationReason.REMINDER: AlertEvent.REMINDER,
    NotificationReason.ESCALATION: AlertEvent.ESCALATION,
    NotificationReason.SETTLED: AlertEvent.RESOLVED,
    NotificationReason.ENDED: AlertEvent.RESOLVED,
}
NO_RECIPIENT = "No contact, no department with an address, and no ALERT_EMAIL."


def end_reason(evaluation: Evaluation) -> Literal["target-suspended", "target-withdrawn"]:
    """Return why the alerts of a suspended or withdrawn target are resolved."""
    return "target-withdrawn" if evaluation.state is VersionState.WITHDRAWN else "target-suspended"


def known_through(snapshot: Mapping[str, object]) -> str | None:
    """The day that the figures reached of which an alert spoke, also after they were taken back; None if there were none."""
    day = snapshot.get("known_through") or snapshot.get("covered_through")
    return day if isinstance(day, str) else None


def build_snapshot(
    evaluation: Evaluation,
    status_before: str,
    reason: NotificationReason,
    finding: Finding | None = None,
    data_missing_since: date | None = None,
) -> AlertSnapshot:
    """Return the facts at the time of a notification, with the `finding` of the rule's trigger, if given.

    `status_before`: the status that the target had before.
    """
    target, version, department = evaluation.target, evaluation.version, evaluation.target.answers_for
    figures = [payloads.figure_payload(source_figure) for source_figure in evaluation.assessment.figures]
    facts: EvaluationSnapshot = {
        **evaluation.payload,
        **payloads.target_fields(target),
        "as_of": evaluation.as_of.isoformat(),
        "before": status_before,
        "decimals": target.indicator.decimals,
        "lower": None if version.lower is None else format(version.lower, "f"),
        "upper": None if version.upper is None else format(version.upper, "f"),
        "lower_open": version.lower_open,
        "upper_open": version.upper_open,
        "plan_name": target.plan.name,
        "plan_name_en": target.plan.name_en,
        "area_name": target.area.name,
        "area_name_en": target.area.name_en,
        "department_name": department.name if department else None,
        "department_name_en": department.name_en if department else None,
        "figures": figures[-3:],
        "judgement": payloads.judgement_payload(evaluation.assessment),
    }
    snapshot = cast("AlertSnapshot", facts)
    snapshot["kind"], snapshot["about"] = target.indicator.kind, target.about
    snapshot["reason_names"] = name_reason(evaluation)
    _add_input_names(snapshot, evaluation, finding)
    if finding is not None:
        snapshot["finding"] = finding.copy()
        if reason is NotificationReason.RECOVERED:
            snapshot["finding"]["over"] = True
    if data_missing_since is not None:
        snapshot["data_missing_since"] = data_missing_since.isoformat()
    was_due_soon = finding is not None and finding["kind"] == "due_soon"
    if reason is NotificationReason.SETTLED:
        snapshot["closed"] = "settled"
    elif reason is NotificationReason.ENDED:
        snapshot["closed"] = end_reason(evaluation)
    elif reason is NotificationReason.RECOVERED and was_due_soon and evaluation.assessment.overdue:
        snapshot["closed"] = "overdue"
    return snapshot


def _add_input_names(snapshot: AlertSnapshot, evaluation: Evaluation, finding: Finding | None) -> None:
    codes = {figure["indicator"] for figure in snapshot["figures"]}
    if finding is not None and finding["kind"] == "revised_beyond":
        codes.add(finding["indicator"])
    if input_names := name_inputs(evaluation, codes):
        snapshot["input_names"] = input_names


class NotificationContext:
    """The recipients, webhooks and delivery times that one run shares.

    `targets` and `alert_ids` are those of the run, so that their data is read in one query.
    """

    def __init__(self, now: datetime, targets: Sequence[Target] = (), alert_ids: Collection[UUID] = ()) -> None:
        self.now, self.resolver, self._alert_ids = now, RecipientResolver(targets, clock.local_day(now)), alert_ids

    def due_at(self, contact: Contact | None) -> datetime:
        """Return the time to send to a contact: now, or the next time that its delivery hours allow."""
        if contact is None or contact.delivery_hours == ANY_TIME:
            return self.now
        return _next_delivery_time(self.now, contact.delivery_hours, self._calendar)

    def notified_destinations(self, alert: Alert) -> list[tuple[str, str]]:
        """Return the (channel, address) pairs that got messages about an alert, in order."""
        if alert.pk not in self._destinations_by_alert:
            self._destinations_by_alert |= _load_destinations([alert.pk])
        return self._destinations_by_alert.get(alert.pk, [])

    @cached_property
    def _destinations_by_alert(self) -> dict[UUID, list[tuple[str, str]]]:
        return _load_destinations(self._alert_ids)

    @cached_property
    def _calendar(self) -> Calendar:
        calendar: Calendar = Holiday.objects.calendar()
        return calendar


def next_allowed_time(contact: Contact | None, moment: datetime) -> datetime:
    """Return the first moment from `at` on outside the quiet hours of a contact. Retries do not wait for a digest."""
    hours = ANY_TIME if contact is None else contact.delivery_hours._replace(digest=DigestFrequency.NONE)
    return moment if hours == ANY_TIME else _next_delivery_time(moment, hours, Holiday.objects.calendar())


def _next_delivery_time(moment: datetime, hours: DeliveryHours, calendar: Calendar) -> datetime:
    zone = timezone.get_default_timezone()
    local = timezone.make_naive(moment, zone)
    next_local = next_delivery_time(local, hours, calendar)
    return moment if next_local == local else timezone.make_aware(next_local, zone)


def _load_destinations(alert_ids: Collection[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    sent_rows = Delivery.objects.filter(alert__in=alert_ids, webhook=None).exclude(recipient="").order_by("pk")
    by_alert: dict[UUID, list[tuple[str, str]]] = {pk: [] for pk in alert_ids}
    for alert_id, channel, address in sent_rows.values_list("alert", "channel", "recipient"):
        by_alert[alert_id].append((channel, address))
    return by_alert


def build_deliveries(
    alert: Alert, event: AlertEvent, snapshot: AlertSnapshot, context: NotificationContext
) -> Iterator[Delivery]:
    """Yield the deliveries of an event to contacts, departments and webhooks. They are not stored yet."""
    target, is_closed = alert.target, event is AlertEvent.RESOLVED
    if is_closed:
        recipients = context.resolver.visible_recipients(context.notified_destinations(alert), target.indicator_id)
    else:
        recipients = context.resolver.for_event(event, target, alert.rule, alert.escalation_level, alert.severity)
    common_fields = {
        "alert": alert,
        "event": event.value,
        "sequence": alert.message_count,
        "status": snapshot["status"],
        "snapshot": {
            **snapshot,
            "severity": alert.severity,
            "at": context.now.isoformat(),
            "recipients": [recipient.name for recipient in recipients],
            "recipients_en": [recipient.name_en or recipient.name for recipient in recipients],
        },
    }
    for recipient in recipients:
        yield Delivery(
            channel=recipient.channel,
            recipient=recipient.address,
            contact=recipient.contact,
            due_at=context.due_at(recipient.contact),
            **common_fields,
        )
    # "Resolved" without recipients is no failure: no earlier message was sent to anyone.
    if not recipients and not is_closed:
        yield Delivery(
            channel="email", recipient="", due_at=context.now, state="failed", response=NO_RECIPIENT, **common_fields
        )
    for webhook in context.resolver.webhooks(target, event, alert.rule):
        yield Delivery(
            channel="webhook", webhook=webhook, recipient=str(webhook.pk), due_at=context.now, **common_fields
        )
