"""What is written to be sent about an alert: to whom, and the facts from which the message can be made at any time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from targets.domain.alerting import Event
from targets.models import Alert, Delivery, Target
from targets.services import recipients, rows
from targets.services.judging import Judged
from targets.services.listeners import Listeners


def facts_of(judged: Judged, before: str) -> dict[str, Any]:
    """What was true when somebody was told. `before`: the status that the target had."""
    target, version = judged.target, judged.version
    figures = [rows.figure(used) for used in judged.assessment.figures]
    return {
        **judged.body,
        **rows.place(target),
        "as_of": judged.as_of.isoformat(),
        "before": before,
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


def again(alert: Alert, event: Event, facts: dict[str, Any], listeners: Listeners, now: datetime) -> Iterator[Delivery]:
    """As `deliveries`, by what was told last: nobody has judged the target anew."""
    return _deliveries(alert, event, alert.target, str(facts["status"]), facts, listeners, now)


def deliveries(
    alert: Alert, event: Event, judged: Judged, facts: dict[str, Any], listeners: Listeners, now: datetime
) -> Iterator[Delivery]:
    """One to whoever has to be told, one to each webhook that listens. `at`: the time of the event, however late it is sent.

    An escalation goes to whom stands so many levels above, the end to all who were told; without anybody to tell, the
    row says so for all to see.
    """
    return _deliveries(alert, event, judged.target, judged.assessment.status.value, facts, listeners, now)


def _deliveries(
    alert: Alert, event: Event, target: Target, status: str, facts: dict[str, Any], listeners: Listeners, now: datetime
) -> Iterator[Delivery]:
    about = {
        "alert": alert,
        "event": event.value,
        "number": alert.messages,
        "status": status,
        "due_at": now,
        "facts": facts | {"severity": alert.severity, "at": now.isoformat()},
    }
    failed = {"state": "failed", "answer": "No department with an address, and no ALERT_EMAIL."}
    for recipient in _addresses(alert, event, target):
        yield Delivery(channel="email", recipient=recipient, **about, **({} if recipient else failed))
    for webhook in listeners.of(target, event):
        yield Delivery(channel="webhook", webhook=webhook, recipient=str(webhook.pk), **about)


def _addresses(alert: Alert, event: Event, target: Target) -> list[str]:
    if event is Event.RESOLVED:
        told = alert.deliveries.filter(channel="email").order_by("pk").values_list("recipient", flat=True)
        if found := recipients.still_told(list(dict.fromkeys(told)), target.indicator_id):
            return found
    level = 0 if event is Event.OPENED else alert.level
    return [recipients.address_of(target.answerable, target.indicator_id, level)]
