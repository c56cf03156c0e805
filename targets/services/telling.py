"""Writes the deliveries of an alert: the recipients, and a snapshot from which the message can be rendered later."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from indicators.domain.calendars import Calendar
from indicators.domain.hours import ANY_TIME, Digest, Hours, next_time
from indicators.models import Contact, Holiday
from targets.domain.alerting import Event
from targets.models import Alert, AlertRule, Delivery, Target
from targets.services import rows
from targets.services.judging import Judged
from targets.services.listeners import Listeners
from targets.services.recipients import Directory, Recipient, distinct

NOBODY = "No contact, no department with an address, and no ALERT_EMAIL."


def facts_of(judged: Judged, before: str) -> dict[str, Any]:
    """Return the facts at the time of a notification. `status_before`: the status that the target had before."""
    target, version = judged.target, judged.version
    figures = [rows.figure(used) for used in judged.assessment.figures]
    return {
        **judged.body,
        **rows.place(target),
        "as_of": judged.as_of.isoformat(),
        "before": before,
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
        "department_name": target.answerable.name if target.answerable else None,
        "department_name_en": target.answerable.name_en if target.answerable else None,
        "figures": figures[-3:],
        "judgement": rows.judgement(judged.assessment),
    }


class Round:
    """The recipients, webhooks and delivery times that one run shares.

    `targets` and `alert_ids` are those of the run, so that their data is read in one query.
    """

    def __init__(self, now: datetime, targets: Sequence[Target] = (), alerts: Collection[Any] = ()) -> None:
        self.now = now
        self.directory, self.listeners = Directory(targets), Listeners()
        self._alerts = alerts

    def due_at(self, contact: Contact | None) -> datetime:
        """Return the time to send to a contact: now, or the next time that its delivery hours allow."""
        if contact is None or contact.hours == ANY_TIME:
            return self.now
        return _next(self.now, contact.hours, self._calendar)

    def told(self, alert: Alert) -> list[tuple[str, str]]:
        """Return the (channel, address) pairs that got messages about an alert, in order."""
        if alert.pk not in self._told:
            self._told |= _told_of([alert.pk])
        return self._told.get(alert.pk, [])

    @cached_property
    def _told(self) -> dict[Any, list[tuple[str, str]]]:
        return _told_of(self._alerts)

    @cached_property
    def _calendar(self) -> Calendar:
        found: Calendar = Holiday.objects.calendar()
        return found


def free_at(contact: Contact | None, at: datetime) -> datetime:
    """Return the first moment from `at` on outside the quiet hours of a contact. Retries do not wait for a digest."""
    hours = ANY_TIME if contact is None else contact.hours._replace(digest=Digest.NONE)
    return at if hours == ANY_TIME else _next(at, hours, Holiday.objects.calendar())


def _next(at: datetime, hours: Hours, calendar: Calendar) -> datetime:
    zone = timezone.get_default_timezone()
    local = timezone.make_naive(at, zone)
    found = next_time(local, hours, calendar)
    return at if found == local else timezone.make_aware(found, zone)


def _told_of(alerts: Collection[Any]) -> dict[Any, list[tuple[str, str]]]:
    rows = Delivery.objects.filter(alert__in=alerts, webhook=None).exclude(recipient="").order_by("pk")
    found: dict[Any, list[tuple[str, str]]] = {pk: [] for pk in alerts}
    for alert, channel, recipient in rows.values_list("alert", "channel", "recipient"):
        found[alert].append((channel, recipient))
    return found


def again(alert: Alert, event: Event, facts: dict[str, Any], round_: Round) -> Iterator[Delivery]:
    """As `deliveries_from_evaluation`, from the last snapshot, because the target was not evaluated again."""
    return _deliveries(alert, event, alert.target, str(facts["status"]), facts, round_)


def deliveries(alert: Alert, event: Event, judged: Judged, facts: dict[str, Any], round_: Round) -> Iterator[Delivery]:
    """Yield one delivery for each recipient and one for each subscribed webhook.

    An escalation goes to the recipients at the level of the alert, "resolved" to all who were notified before. If there
    is no recipient, yield one failed delivery, so that the problem is visible. The key `at` of the snapshot is the time
    of the event, not of sending.
    """
    return _deliveries(alert, event, judged.target, judged.assessment.status.value, facts, round_)


def _deliveries(
    alert: Alert, event: Event, target: Target, status: str, facts: dict[str, Any], round_: Round
) -> Iterator[Delivery]:
    people = _people(alert, event, target, round_)
    about = {
        "alert": alert,
        "event": event.value,
        "number": alert.messages,
        "status": status,
        "facts": facts
        | {"severity": alert.severity, "at": round_.now.isoformat(), "told": [person.name for person in people]},
    }
    for person in people:
        yield Delivery(
            channel=person.channel,
            recipient=person.address,
            contact=person.contact,
            due_at=round_.due_at(person.contact),
            **about,
        )
    # "Resolved" without recipients is no failure: no earlier message was sent to anyone.
    if not people and event is not Event.RESOLVED:
        yield Delivery(channel="email", recipient="", due_at=round_.now, state="failed", answer=NOBODY, **about)
    for webhook in round_.listeners.of(target, event):
        yield Delivery(channel="webhook", webhook=webhook, recipient=str(webhook.pk), due_at=round_.now, **about)


def _people(alert: Alert, event: Event, target: Target, round_: Round) -> list[Recipient]:
    directory, severity = round_.directory, alert.severity
    if event is Event.RESOLVED:
        return directory.still_told(round_.told(alert), target.indicator_id)
    return people(event, target, alert.rule, alert.level, severity, directory)


def people(
    event: Event, target: Target, rule: AlertRule, level: int, severity: str, directory: Directory
) -> list[Recipient]:
    """Return the recipients of an event at an escalation level. Not for "resolved": it goes to earlier recipients."""
    if event in (Event.REMINDER, Event.ESCALATION) and level:
        return directory.above(target, level, severity)
    first = directory.concerned(target, rule.audience, severity)
    return distinct([*first, *directory.above(target, level, severity)]) if level else first
