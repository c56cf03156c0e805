"""Reminders of actions that are due soon or overdue: one for each recipient and due day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from indicators.services.access.person_names import shown_name
from kpitracker.lib import clock
from kpitracker.lib.job_slots import claim_slot
from targets import signals
from targets.domain.actions import OPEN_STATES, ActionState, ReminderReason, due_reminder
from targets.models import Action, Delivery
from targets.services.evaluation import payloads
from targets.services.notifications import notify
from targets.services.notifications.recipients import Recipient, deduplicate_recipients

JOB_NAME = "remind-of-actions"


def write_reminders(*, now: datetime) -> int:
    """Write the deliveries of all reminders, once a day. Return their number."""
    today = clock.local_day(now)
    with claim_slot(JOB_NAME, today.isoformat(), now) as acquired:
        return _write_for_day(today, now) if acquired else 0


@transaction.atomic
def _write_for_day(today: date, now: datetime) -> int:
    days = settings.ACTION_REMINDER_DAYS
    due_actions = Action.objects.filter(state__in=OPEN_STATES, due_day__lte=today + timedelta(days=days))
    # Locked: an action that is being closed either is closed before this query, or drops its delivery afterwards.
    actions = list(due_actions.for_messages().order_by("pk").select_for_update(of=("self",)))
    sent_keys = set(Delivery.objects.filter(action__in=actions).values_list("action_id", "event", "due_day"))
    context = notify.NotificationContext(now)
    deliveries = list[Delivery]()
    for action in actions:
        event = due_reminder(ActionState(action.state), action.due_day, today, days)
        if event is not None and (action.pk, event.value, action.due_day) not in sent_keys:
            deliveries += _build_deliveries(action, event, context)
    Delivery.objects.bulk_create(deliveries, batch_size=500)
    if deliveries:
        signals.deliveries_ready.send(sender=Delivery)
    return len(deliveries)


def _build_deliveries(action: Action, event: ReminderReason, context: notify.NotificationContext) -> Iterator[Delivery]:
    """Yield deliveries to the person and to the responsible department, without duplicate addresses.

    If there is no recipient, yield one failed delivery, so that the problem is visible.
    """
    person_recipients = [Recipient("email", action.email, action.person or action.email)] if action.email else []
    recipients = deduplicate_recipients(
        [*person_recipients, *context.resolver.for_department(action.department, action.target.indicator_id)]
    )
    common_fields = {
        "action": action,
        "event": event.value,
        "due_day": action.due_day,
        "snapshot": _build_snapshot(action),
    }
    for recipient in recipients:
        due_at = context.due_at(recipient.contact)
        yield Delivery(
            channel=recipient.channel,
            recipient=recipient.address,
            contact=recipient.contact,
            due_at=due_at,
            **common_fields,
        )
    if not recipients:
        yield Delivery(recipient="", due_at=context.now, state="failed", response=notify.NO_RECIPIENT, **common_fields)


def _build_snapshot(action: Action) -> dict[str, object]:
    """Return the facts at the time of the reminder: enough to render the message at any time."""
    target, department = action.target, action.department
    return {
        **payloads.target_fields(target),
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
        "created_by": shown_name(action.created_by),
    }
