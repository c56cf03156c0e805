"""Reminders of actions that are due soon or overdue: one for each recipient and due day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from kpitracker.lib import clock
from kpitracker.lib.slots import slot
from targets import signals
from targets.domain.actions import OPEN_STATES, ActionState, Reminder, reminder
from targets.models import Action, Delivery
from targets.services import rows, telling
from targets.services.recipients import Recipient, distinct

JOB = "remind-of-actions"


def remind(*, now: datetime) -> int:
    """Write the deliveries of all reminders, once a day. Return their number."""
    today = clock.local_day(now)
    with slot(JOB, today.isoformat(), now) as ours:
        return _write(today, now) if ours else 0


@transaction.atomic
def _write(today: date, now: datetime) -> int:
    days = settings.ACTION_REMINDER_DAYS
    soon = Action.objects.filter(state__in=OPEN_STATES, due_day__lte=today + timedelta(days=days))
    # Locked: an action that is being closed either is closed before this query, or drops its delivery afterwards.
    waiting = list(soon.for_messages().order_by("pk").select_for_update(of=("self",)))
    told = set(Delivery.objects.filter(action__in=waiting).values_list("action_id", "event", "day"))
    round_ = telling.Round(now)
    written = list[Delivery]()
    for action in waiting:
        event = reminder(ActionState(action.state), action.due_day, today, days)
        if event is not None and (action.pk, event.value, action.due_day) not in told:
            written += _deliveries(action, event, round_)
    Delivery.objects.bulk_create(written, batch_size=500)
    if written:
        signals.deliveries_written.send(sender=Delivery)
    return len(written)


def _deliveries(action: Action, event: Reminder, round_: telling.Round) -> Iterator[Delivery]:
    """Yield deliveries to the person and to the responsible department, without duplicate addresses.

    If there is no recipient, yield one failed delivery, so that the problem is visible.
    """
    own = [Recipient("email", action.email, action.person or action.email)] if action.email else []
    people = distinct([*own, *round_.directory.responsible(action.department, action.target.indicator_id)])
    about = {"action": action, "event": event.value, "day": action.due_day, "facts": _facts(action)}
    for person in people:
        due_at = round_.due_at(person.contact)
        yield Delivery(channel=person.channel, recipient=person.address, contact=person.contact, due_at=due_at, **about)
    if not people:
        yield Delivery(recipient="", due_at=round_.now, state="failed", answer=telling.NOBODY, **about)


def _facts(action: Action) -> dict[str, Any]:
    """Return the facts at the time of the reminder: enough to render the message at any time."""
    target, department = action.target, action.department
    return {
        **rows.place(target),
        "target": target.identifier,
        "plan_name": target.plan.name,
        "plan_name_en": target.plan.name_en,
        "area_name": target.area.name,
        "area_name_en": target.area.name_en,
        "department_name": department.name if department else None,
        "department_name_en": department.name_en if department else None,
        "text": action.text,
        "person": action.person,
        "due_day": action.due_day.isoformat(),
        "created_by": action.created_by,
    }
