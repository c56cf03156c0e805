"""The state of the service for monitoring: is the work done in time?"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Min

from indicators.models import Import, SeriesChange
from kpitracker.lib.models import CommitSequence
from targets.models import Alert, Delivery
from targets.services.notifications import pause

_SWEEP_COUNTER = "swept"
# A sweep runs every ten seconds: after this time without one something is wrong.
STALE_AFTER = timedelta(seconds=180)


class ServiceState(NamedTuple):
    """Ages in seconds, None if there is nothing. `deliveries` by channel and state, `alerts` by severity."""

    sweep_age: float | None
    marks: int
    oldest_mark: float | None
    deliveries: dict[tuple[str, str], int]
    oldest_delivery: float | None
    alerts: dict[str, int]
    imports: int
    is_paused: bool


def record_sweep(*, now: datetime) -> None:
    """Record that a sweep finished all its steps."""
    timestamp = int(now.timestamp() * 1000)
    row, created = CommitSequence.objects.get_or_create(name=_SWEEP_COUNTER, defaults={"value": timestamp})
    if not created:
        # A slower sweep must not overwrite the later time of a faster one.
        CommitSequence.objects.filter(pk=row.pk, value__lt=timestamp).update(value=timestamp)


def sweep_age(now: datetime) -> float | None:
    """Return the seconds since the last full sweep, or None if there was none yet."""
    timestamp = CommitSequence.objects.filter(name=_SWEEP_COUNTER).values_list("value", flat=True).first()
    return None if timestamp is None else max(0.0, now.timestamp() - timestamp / 1000)


def service_state(now: datetime) -> ServiceState:
    """Return all values at once, for metrics."""
    due_deliveries = Delivery.objects.filter(state__in=["pending", "sending"], due_at__lte=now)
    open_rows = Delivery.objects.filter(state__in=["pending", "sending", "failed"]).order_by()
    counts = open_rows.values_list("channel", "state").annotate(number=Count("pk"))
    severities = Alert.objects.exclude(state="resolved").order_by().values_list("severity").annotate(Count("pk"))
    marks = SeriesChange.objects.aggregate(number=Count("pk"), oldest=Min("recorded_at"))
    return ServiceState(
        sweep_age=sweep_age(now),
        marks=marks["number"],
        oldest_mark=_age_in_seconds(marks["oldest"], now),
        deliveries={(channel, state): number for channel, state, number in counts},
        oldest_delivery=_age_in_seconds(due_deliveries.aggregate(oldest=Min("due_at"))["oldest"], now),
        alerts=dict(severities),
        imports=Import.objects.open().count(),
        is_paused=pause.is_paused(),
    )


def _age_in_seconds(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())
