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


def ripe(waiting: QuerySet[Delivery], now: datetime) -> QuerySet[Delivery]:
    """Of what is to be sent that which need not wait for more to the same place."""
    found = waiting.filter(_ALONE | ~Exists(_rests(now)))
    if _is_storm(waiting, now):
        found = found.filter(_ALONE | Q(attempts__gt=0) | Q(due_at__lte=now - _LONGEST_HELD))
    return found


def _is_storm(waiting: QuerySet[Delivery], now: datetime) -> bool:
    marks = SeriesChange.objects.filter(due_at__lte=now)[:_STORM].count()
    if marks in (0, _STORM):
        return marks > 0
    return waiting.exclude(_ALONE)[:_STORM_OF_MESSAGES].count() == _STORM_OF_MESSAGES


def _rests(now: datetime) -> QuerySet[Delivery]:
    together = Delivery.objects.filter(part_of__isnull=False, sent_at__gt=now - REST)
    return together.filter(channel=OuterRef("channel"), recipient=OuterRef("recipient"))


def goes_together(delivery: Delivery) -> bool:
    return delivery.webhook_id is None and delivery.alert_id is not None


def is_free(delivery: Delivery, now: datetime) -> bool:
    """Whether nobody has just sent many to the same place. Within a transaction: whoever asks next waits for its end."""
    Counter.hold("messages")
    return Delivery.objects.filter(~Exists(_rests(now)), pk=delivery.pk).exists()


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


def may_see(delivery: Delivery, directory: Directory | None = None) -> bool:
    """Whether its receiver may be told of it now: an indicator may have become restricted since it was to be told."""
    if delivery.alert is None:
        return True
    holder = delivery.webhook or delivery.contact
    department = None if holder is None else holder.department_id
    return (directory or Directory()).may_see(department, delivery.alert.target.indicator_id)


def parts(leader: Delivery) -> list[Delivery]:
    """All that a message holds, in order, the leading one first."""
    rows = Delivery.objects.filter(part_of=leader.pk).select_related("alert__target", "contact").order_by("pk")
    directory = Directory()
    return [leader, *(each for each in rows if may_see(each, directory))]
