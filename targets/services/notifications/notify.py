"""Writes the deliveries of an alert: the recipients, and a snapshot from which the message can be rendered later."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from indicators.domain.calendars import Calendar
from indicators.domain.delivery_hours import ANY_TIME, DeliveryHours, DigestFrequency, next_delivery_time
from indicators.models import Contact, Holiday
from targets.domain.alerting import AlertEvent
from targets.models import Alert, AlertRule, Delivery, Target
from targets.services.evaluation import payloads
from targets.services.evaluation.evaluate import Evaluation
from targets.services.notifications.recipients import Recipient, RecipientResolver, deduplicate_recipients
from targets.services.notifications.subscribers import SubscriberIndex

NO_RECIPIENT = "No contact, no department with an address, and no ALERT_EMAIL."


def build_snapshot(evaluation: Evaluation, status_before: str) -> dict[str, Any]:
    """Return the facts at the time of a notification. `status_before`: the status that the target had before."""
    target, version = evaluation.target, evaluation.version
    figures = [payloads.figure_payload(source_figure) for source_figure in evaluation.assessment.figures]
    return {
        **evaluation.payload,
        **payloads.target_fields(target),
        "as_of": evaluation.as_of.isoformat(),
        "before": status_before,
        "goal": target.goal,
        "decimals": target.indicator.decimals,
        "lower": None if version.lower is None else format(version.lower, "f"),
        "upper": None if version.upper is None else format(version.upper, "f"),
        "lower_open": version.lower_open,
        "upper_open": version.upper_open,
        "plan_name": target.plan.name,
        "plan_name_en": target.plan.name_en,
        "area_name": target.area.name,
        "area_name_en": target.area.name_en,
        "department_name": target.responsible_department.name if target.responsible_department else None,
        "department_name_en": target.responsible_department.name_en if target.responsible_department else None,
        "figures": figures[-3:],
        "judgement": payloads.judgement_payload(evaluation.assessment),
    }


class NotificationContext:
    """The recipients, webhooks and delivery times that one run shares.

    `targets` and `alert_ids` are those of the run, so that their data is read in one query.
    """

    def __init__(self, now: datetime, targets: Sequence[Target] = (), alert_ids: Collection[Any] = ()) -> None:
        self.now = now
        self.resolver, self.subscribers = RecipientResolver(targets), SubscriberIndex()
        self._alert_ids = alert_ids

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
    def _destinations_by_alert(self) -> dict[Any, list[tuple[str, str]]]:
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


def _load_destinations(alert_ids: Collection[Any]) -> dict[Any, list[tuple[str, str]]]:
    sent_rows = Delivery.objects.filter(alert__in=alert_ids, webhook=None).exclude(recipient="").order_by("pk")
    by_alert: dict[Any, list[tuple[str, str]]] = {pk: [] for pk in alert_ids}
    for alert_id, channel, address in sent_rows.values_list("alert", "channel", "recipient"):
        by_alert[alert_id].append((channel, address))
    return by_alert


def deliveries_from_snapshot(
    alert: Alert, event: AlertEvent, snapshot: dict[str, Any], context: NotificationContext
) -> Iterator[Delivery]:
    """As `deliveries_from_evaluation`, from the last snapshot, because the target was not evaluated again."""
    return _build_deliveries(alert, event, alert.target, str(snapshot["status"]), snapshot, context)


def deliveries_from_evaluation(
    alert: Alert, event: AlertEvent, evaluation: Evaluation, snapshot: dict[str, Any], context: NotificationContext
) -> Iterator[Delivery]:
    """Yield one delivery for each recipient and one for each subscribed webhook.

    An escalation goes to the recipients at the level of the alert, "resolved" to all who were notified before. If there
    is no recipient, yield one failed delivery, so that the problem is visible. The key `at` of the snapshot is the time
    of the event, not of sending.
    """
    return _build_deliveries(alert, event, evaluation.target, evaluation.assessment.status.value, snapshot, context)


def _build_deliveries(
    alert: Alert, event: AlertEvent, target: Target, status: str, snapshot: dict[str, Any], context: NotificationContext
) -> Iterator[Delivery]:
    recipients = _recipients_of_event(alert, event, target, context)
    common_fields = {
        "alert": alert,
        "event": event.value,
        "number": alert.message_count,
        "status": status,
        "facts": snapshot
        | {
            "severity": alert.severity,
            "at": context.now.isoformat(),
            "told": [recipient.name for recipient in recipients],
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
    if not recipients and event is not AlertEvent.RESOLVED:
        yield Delivery(
            channel="email", recipient="", due_at=context.now, state="failed", response=NO_RECIPIENT, **common_fields
        )
    for webhook in context.subscribers.for_target(target, event):
        yield Delivery(
            channel="webhook", webhook=webhook, recipient=str(webhook.pk), due_at=context.now, **common_fields
        )


def _recipients_of_event(
    alert: Alert, event: AlertEvent, target: Target, context: NotificationContext
) -> list[Recipient]:
    resolver, severity = context.resolver, alert.severity
    if event is AlertEvent.RESOLVED:
        return resolver.visible_recipients(context.notified_destinations(alert), target.indicator_id)
    return recipients_for(event, target, alert.rule, alert.escalation_level, severity, resolver)


def recipients_for(
    event: AlertEvent, target: Target, rule: AlertRule, level: int, severity: str, resolver: RecipientResolver
) -> list[Recipient]:
    """Return the recipients of an event at an escalation level. Not for "resolved": it goes to earlier recipients."""
    if event in (AlertEvent.REMINDER, AlertEvent.ESCALATION) and level:
        return resolver.at_level(target, level, severity)
    first_recipients = resolver.for_audience(target, rule.audience, severity)
    return (
        deduplicate_recipients([*first_recipients, *resolver.at_level(target, level, severity)])
        if level
        else first_recipients
    )
