"""The state of the service for monitoring: is the work done in time?"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Min

from indicators.models import Import, SeriesChange
from kpitracker.lib.models import Counter
from targets.models import Alert, Delivery
from targets.services import holding

_SWEPT = "swept"
# A sweep runs every ten seconds: after this time without one something is wrong.
STALE = timedelta(seconds=180)


class State(NamedTuple):
    """Ages in seconds, None if there is nothing. `deliveries` by channel and state, `alerts` by severity."""

    sweep_age: float | None
    marks: int
    oldest_mark: float | None
    deliveries: dict[tuple[str, str], int]
    oldest_delivery: float | None
    alerts: dict[str, int]
    imports: int
    held: bool


def note_sweep(*, now: datetime) -> None:
    """Record that a sweep finished all its steps."""
    moment = int(now.timestamp() * 1000)
    row, made = Counter.objects.get_or_create(name=_SWEPT, defaults={"value": moment})
    if not made:
        # A slower sweep must not overwrite the later time of a faster one.
        Counter.objects.filter(pk=row.pk, value__lt=moment).update(value=moment)


def sweep_age(now: datetime) -> float | None:
    """Return the seconds since the last full sweep, or None if there was none yet."""
    found = Counter.objects.filter(name=_SWEPT).values_list("value", flat=True).first()
    return None if found is None else max(0.0, now.timestamp() - found / 1000)


def state(now: datetime) -> State:
    """Return all values at once, for metrics."""
    waiting = Delivery.objects.filter(state__in=["pending", "sending"], due_at__lte=now)
    rows = Delivery.objects.filter(state__in=["pending", "sending", "failed"]).order_by()
    counted = rows.values_list("channel", "state").annotate(number=Count("pk"))
    severities = Alert.objects.exclude(state="resolved").order_by().values_list("severity").annotate(Count("pk"))
    marks = SeriesChange.objects.aggregate(number=Count("pk"), oldest=Min("recorded_at"))
    return State(
        sweep_age=sweep_age(now),
        marks=marks["number"],
        oldest_mark=_age(marks["oldest"], now),
        deliveries={(channel, state): number for channel, state, number in counted},
        oldest_delivery=_age(waiting.aggregate(oldest=Min("due_at"))["oldest"], now),
        alerts=dict(severities),
        imports=Import.objects.open().count(),
        held=holding.is_held(),
    )


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())
