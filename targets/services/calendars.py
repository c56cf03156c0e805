"""What follows from a change of the days that are worked."""

from datetime import date, datetime, timedelta

from indicators.domain.vocabulary import DueUnit
from indicators.services import history
from targets.models import Target

# 1000 working days, the most that an indicator may have, with all weekends and a hundred holidays a year.
_LONGEST = timedelta(days=2200)


def mark_due(*, first: date, last: date, now: datetime) -> None:
    """Have the targets looked at whose due days may lie elsewhere after a change of days from first to last.

    By marks, not here: a decree would hold the form until hundreds of targets were assessed. Nobody is told of what
    follows: no figure changed.
    """
    counted = Target.objects.filter(
        indicator__due_unit=DueUnit.WORKING_DAYS, period_start__lte=last, period_end__gte=first - _LONGEST
    )
    pairs = set(counted.values_list("indicator_id", "area_id"))
    if pairs:
        history.mark(pairs, quiet=True, now=now)
