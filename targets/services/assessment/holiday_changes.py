"""Reassess targets after a change of the holidays."""

from datetime import date, datetime, timedelta

from indicators.domain.choices import DueUnit
from indicators.services.figures import revision_store
from targets.models import Target

# The longest allowed due time, 1000 working days, including weekends and a hundred holidays a year.
_MAX_DUE_TIME = timedelta(days=2200)


def enqueue_affected_targets(*, first: date, last: date, now: datetime) -> None:
    """Mark the targets whose due days may move when days from `first` to `last` become holidays or working days.

    The targets are marked, not assessed here: a decree can affect hundreds of them, and the form would wait for all.
    The marks are quiet, because no figure changed.
    """
    affected_targets = Target.objects.filter(
        indicator__due_unit=DueUnit.WORKING_DAYS, period_start__lte=last, period_end__gte=first - _MAX_DUE_TIME
    )
    pairs = set(affected_targets.values_list("indicator_id", "area_id"))
    if pairs:
        revision_store.mark_changed_series(pairs, quiet=True, now=now)
