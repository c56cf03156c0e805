"""What goes to one person at one time goes as one message: a storm of thousands fills nobody's mailbox.

The row that leads has the id of the message; the others are `part_of` it. Programs get each by itself.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from indicators.models import SeriesChange
from kpitracker.lib.models import Counter
from targets.models import Delivery
from targets.services.recipients import Directory

# After a message that holds many, the next one to the same place waits for so long, and gathers.
REST = timedelta(seconds=60)
# So many figures waiting to be judged, or some of them and so many messages, are a storm: what is being told of it is
# held until all are judged, but not for ever.
_STORM, _STORM_OF_MESSAGES = 200, 50
_LONGEST_HELD = timedelta(seconds=60)
_ALONE = Q(channel="webhook")
_HIDDEN = "The indicator has become restricted."


def ripe(waiting: QuerySet[Delivery], now: datetime) -> QuerySet[Delivery]:
    """Of what is to be sent that which need not wait for more to the same place."""
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
    """Whether a merged message to the same recipient is being sent, or was sent a moment ago. Two queries, each with
    its own index: one query over both reads all merged messages of the recipient again.
    """
    together = Delivery.objects.filter(
        part_of__isnull=False, channel=OuterRef("channel"), recipient=OuterRef("recipient")
    )
    on_its_way = together.filter(state="pending", part_of__state="sending", part_of__due_at__gt=now)
    return Q(Exists(together.filter(sent_at__gt=now - REST))) | Q(Exists(on_its_way))


def goes_together(delivery: Delivery) -> bool:
    return delivery.webhook_id is None and delivery.alert_id is not None


def is_free(delivery: Delivery, now: datetime) -> bool:
    """Whether nobody has just sent many to the same place. Within a transaction: whoever asks next waits for its end."""
    Counter.hold("messages")
    return Delivery.objects.filter(~_rests(now), pk=delivery.pk).exists()


def gather(leader: Delivery, earlier: QuerySet[Delivery], now: datetime) -> None:
    """Let everything that is due at the same place go with one that has just been claimed."""
    if not goes_together(leader):
        return
    # "Over" may not overtake an "opened" that is still on its way, or waits to be tried again.
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
    """Of what goes with it nothing that its reader may not see any more."""
    directory = Directory()
    hidden = [each.pk for each in _with(leader) if not may_see(each, directory)]
    if hidden:
        Delivery.objects.filter(pk__in=hidden).update(state="dropped", answer=_HIDDEN)


def not_wanted(delivery: Delivery) -> str:
    """Why nobody is to be told any more; "" where somebody is."""
    if delivery.contact is not None and not delivery.contact.active:
        return "The contact is switched off."
    return "" if may_see(delivery) else _HIDDEN


def may_see(delivery: Delivery, directory: Directory | None = None) -> bool:
    """Whether its receiver may be told of it now: an indicator may have become restricted since it was to be told."""
    about = delivery.alert or delivery.action
    if about is None:
        return True
    known, indicator = directory or Directory(), about.target.indicator_id
    if delivery.webhook is not None:
        return known.may_see(delivery.webhook.department_id, indicator)
    if delivery.action is not None and delivery.recipient.lower() == delivery.action.email.lower():
        return True  # Who has to do it was named by somebody who may see it.
    return known.place_may_see(delivery.channel, delivery.recipient, indicator)


def parts(leader: Delivery) -> list[Delivery]:
    """All that a message holds, of one alert in the order in which it was decided."""
    return sorted([leader, *_with(leader)], key=lambda each: (each.number, each.pk))


def _with(leader: Delivery) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(part_of=leader.pk).exclude(state="dropped")
    return rows.select_related("alert__target", "contact")
