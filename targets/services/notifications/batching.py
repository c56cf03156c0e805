"""Batching: messages that are due to the same recipient are sent as one, so that a storm does not fill a mailbox.

The leading delivery gives the batch its message id; the others refer to it as members. Webhooks are never batched.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from indicators.models import SeriesChange
from kpitracker.lib.models import CommitSequence
from targets.domain.choices import BoardMessage
from targets.models import Delivery
from targets.services.notifications.recipients import RecipientResolver

# After a batch, the next message to the same address waits this long, to collect further messages.
COOLDOWN = timedelta(seconds=60)
# A storm: this many series wait for assessment, or at least one series and this many messages. During a storm messages
# wait until everything is assessed, but not longer than the limit below.
_STORM_MARKS, _STORM_MESSAGES = 200, 50
_MAX_STORM_DELAY = timedelta(seconds=60)
_UNBATCHED = Q(channel="webhook")
_RESTRICTED_REASON = "The indicator has become restricted."
BOARD_EVENTS = [event.value for event in BoardMessage]


def ready_to_send(deliveries: QuerySet[Delivery], now: datetime) -> QuerySet[Delivery]:
    """Return the deliveries that need not wait for further messages to the same address."""
    ready = deliveries.filter(_UNBATCHED | ~_in_cooldown(now))
    if _is_storm(deliveries, now):
        ready = ready.filter(_UNBATCHED | Q(attempts__gt=0) | Q(due_at__lte=now - _MAX_STORM_DELAY))
    return ready


def _is_storm(deliveries: QuerySet[Delivery], now: datetime) -> bool:
    mark_count = SeriesChange.objects.filter(retry_at__lte=now)[:_STORM_MARKS].count()
    if mark_count in (0, _STORM_MARKS):
        return mark_count > 0
    return deliveries.exclude(_UNBATCHED)[:_STORM_MESSAGES].count() == _STORM_MESSAGES


def _in_cooldown(now: datetime) -> Q:
    """Condition: a batch to the same address is being sent, or was sent a moment ago.

    Two separate EXISTS, so that each uses its own index: one query would read all members ever sent to the address.
    """
    members = Delivery.objects.filter(
        merged_into__isnull=False, channel=OuterRef("channel"), recipient=OuterRef("recipient")
    )
    being_sent = members.filter(state="pending", merged_into__state="sending", merged_into__due_at__gt=now)
    return Q(Exists(members.filter(sent_at__gt=now - COOLDOWN))) | Q(Exists(being_sent))


def is_batchable(delivery: Delivery) -> bool:
    is_message = bool(delivery.alert_id) or is_about_board(delivery)
    return is_message and delivery.webhook_id is None


def is_about_board(delivery: Delivery) -> bool:
    return delivery.event in BOARD_EVENTS


def can_start_batch(delivery: Delivery, now: datetime) -> bool:
    """Whether no batch to the same address is being sent or was just sent.

    Call it in a transaction: the lock makes other workers wait for its end.
    """
    CommitSequence.lock("messages")
    return Delivery.objects.filter(~_in_cooldown(now), pk=delivery.pk).exists()


def collect_batch(leader: Delivery, earlier_messages: QuerySet[Delivery], now: datetime) -> None:
    """Add all messages that are due to the same address to the batch of a delivery that was just claimed."""
    if not is_batchable(leader):
        return
    # "Over" must not overtake an "opened" that is being sent or waits for a retry.
    in_progress = Q(state="sending") | Q(state="pending") & (
        Q(attempts__gt=0) | Q(merged_into__isnull=False) | Q(due_at__gt=now)
    )
    blocking = earlier_messages.filter(in_progress).exclude(pk=leader.pk)
    candidates = Delivery.objects.filter(
        # Another contact with this address may see another part of the board.
        Q(alert__isnull=False) | Q(event__in=BOARD_EVENTS, contact__isnull=False, contact=leader.contact_id),
        ~Exists(blocking),
        channel=leader.channel,
        recipient=leader.recipient,
        state="pending",
        attempts=0,
        merged_into=None,
        due_at__lte=now,
    )
    candidates.exclude(pk=leader.pk).update(merged_into=leader.pk)


def drop_hidden_members(leader: Delivery) -> None:
    """Drop the members of a batch that their recipient may no longer see."""
    resolver = RecipientResolver()
    hidden_ids = [member.pk for member in _other_members(leader) if not recipient_may_see(member, resolver)]
    if hidden_ids:
        Delivery.objects.filter(pk__in=hidden_ids).update(state="dropped", response=_RESTRICTED_REASON)


def drop_reason(delivery: Delivery) -> str:
    """Return why a delivery must be dropped; "" if it must be sent."""
    if delivery.contact is not None and not delivery.contact.active:
        return "The contact is switched off."
    if is_about_board(delivery) and not delivery.contact_id:
        return "The contact was removed."
    return "" if recipient_may_see(delivery) else _RESTRICTED_REASON


def recipient_may_see(delivery: Delivery, resolver: RecipientResolver | None = None) -> bool:
    """Whether the recipient may still see the indicator: it may have become restricted since then."""
    subject = delivery.alert or delivery.action
    if subject is None:
        return True
    active_resolver, indicator_id = resolver or RecipientResolver(), subject.target.indicator_id
    if delivery.webhook is not None:
        return active_resolver.may_see(delivery.webhook.department_id, indicator_id)
    if delivery.action is not None and delivery.recipient.lower() == delivery.action.email.lower():
        return True  # A user who may see the indicator named this person for the action.
    return active_resolver.address_may_see(delivery.channel, delivery.recipient, indicator_id)


def batch_members(leader: Delivery) -> list[Delivery]:
    """Return all deliveries of a batch. The messages of one alert are in the order of their decisions."""
    return sorted([leader, *_other_members(leader)], key=lambda member: (member.sequence, member.pk))


def _other_members(leader: Delivery) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(merged_into=leader.pk).exclude(state="dropped")
    return rows.select_related("alert__target", "contact")
