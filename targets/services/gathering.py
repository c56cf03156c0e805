"""Batching: messages that are due to the same recipient are sent as one, so that a storm does not fill a mailbox.

The leading delivery gives the batch its message id; the others refer to it as members. Webhooks are never batched.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from indicators.models import SeriesChange
from kpitracker.lib.models import Counter
from targets.models import Delivery
from targets.services.recipients import Directory

# After a batch, the next message to the same address waits this long, to collect further messages.
REST = timedelta(seconds=60)
# A storm: this many series wait for assessment, or at least one series and this many messages. During a storm messages
# wait until everything is assessed, but not longer than the limit below.
_STORM, _STORM_OF_MESSAGES = 200, 50
_LONGEST_HELD = timedelta(seconds=60)
_ALONE = Q(channel="webhook")
_HIDDEN = "The indicator has become restricted."


def ripe(waiting: QuerySet[Delivery], now: datetime) -> QuerySet[Delivery]:
    """Return the deliveries that need not wait for further messages to the same address."""
    found = waiting.filter(_ALONE | ~_rests(now))
    if _is_storm(waiting, now):
        found = found.filter(_ALONE | Q(attempts__gt=0) | Q(due_at__lte=now - _LONGEST_HELD))
    return found


def _is_storm(waiting: QuerySet[Delivery], now: datetime) -> bool:
    marks = SeriesChange.objects.filter(due_at__lte=now)[:_STORM].count()
    if marks in (0, _STORM):
        return marks > 0
    return waiting.exclude(_ALONE)[:_STORM_OF_MESSAGES].count() == _STORM_OF_MESSAGES


def _rests(now: datetime) -> Q:
    """Condition: a batch to the same address is being sent, or was sent a moment ago.

    Two separate EXISTS, so that each uses its own index: one query would read all members ever sent to the address.
    """
    together = Delivery.objects.filter(
        part_of__isnull=False, channel=OuterRef("channel"), recipient=OuterRef("recipient")
    )
    on_its_way = together.filter(state="pending", part_of__state="sending", part_of__due_at__gt=now)
    return Q(Exists(together.filter(sent_at__gt=now - REST))) | Q(Exists(on_its_way))


def goes_together(delivery: Delivery) -> bool:
    return delivery.webhook_id is None and delivery.alert_id is not None


def is_free(delivery: Delivery, now: datetime) -> bool:
    """Whether no batch to the same address is being sent or was just sent.

    Call it in a transaction: the lock makes other workers wait for its end.
    """
    Counter.hold("messages")
    return Delivery.objects.filter(~_rests(now), pk=delivery.pk).exists()


def gather(leader: Delivery, earlier: QuerySet[Delivery], now: datetime) -> None:
    """Add all messages that are due to the same address to the batch of a delivery that was just claimed."""
    if not goes_together(leader):
        return
    # "Over" must not overtake an "opened" that is being sent or waits for a retry.
    tried = Q(state="sending") | Q(state="pending") & (Q(attempts__gt=0) | Q(part_of__isnull=False) | Q(due_at__gt=now))
    on_its_way = earlier.filter(tried).exclude(pk=leader.pk)
    waiting = Delivery.objects.filter(
        ~Exists(on_its_way),
        alert__isnull=False,
        channel=leader.channel,
        recipient=leader.recipient,
        state="pending",
        attempts=0,
        part_of=None,
        due_at__lte=now,
    )
    waiting.exclude(pk=leader.pk).update(part_of=leader.pk)


def drop_hidden(leader: Delivery) -> None:
    """Drop the members of a batch that their recipient may no longer see."""
    directory = Directory()
    hidden = [each.pk for each in _with(leader) if not may_see(each, directory)]
    if hidden:
        Delivery.objects.filter(pk__in=hidden).update(state="dropped", answer=_HIDDEN)


def not_wanted(delivery: Delivery) -> str:
    """Return why a delivery must be dropped; "" if it must be sent."""
    if delivery.contact is not None and not delivery.contact.active:
        return "The contact is switched off."
    return "" if may_see(delivery) else _HIDDEN


def may_see(delivery: Delivery, directory: Directory | None = None) -> bool:
    """Whether the recipient may still see the indicator: it may have become restricted since then."""
    about = delivery.alert or delivery.action
    if about is None:
        return True
    known, indicator = directory or Directory(), about.target.indicator_id
    if delivery.webhook is not None:
        return known.may_see(delivery.webhook.department_id, indicator)
    if delivery.action is not None and delivery.recipient.lower() == delivery.action.email.lower():
        return True  # A user who may see the indicator named this person for the action.
    return known.place_may_see(delivery.channel, delivery.recipient, indicator)


def parts(leader: Delivery) -> list[Delivery]:
    """Return all deliveries of a batch. The messages of one alert are in the order of their decisions."""
    return sorted([leader, *_with(leader)], key=lambda each: (each.number, each.pk))


def _with(leader: Delivery) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(part_of=leader.pk).exclude(state="dropped")
    return rows.select_related("alert__target", "contact")
