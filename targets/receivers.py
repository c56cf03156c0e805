"""What targets have to say when figures are posted."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver

from indicators.domain.periods import Period
from indicators.models import Area, Indicator
from indicators.signals import calendar_changed, figure_changing, indicator_changed, measurement_checked
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Item
from kpitracker.lib.texts import text
from targets.models import Target
from targets.services import assessments, calendars, locks, targets


@receiver(measurement_checked)
def warn_of_figures_that_end_after_their_target(
    indicator: Indicator, area: Area, period: Period, **_: Any
) -> list[Item]:
    """Such a figure cannot count towards the target, which is rarely meant."""
    overlapping = Target.objects.overlapping(indicator.pk, area.pk, period.start, period.end)
    return [
        Item(
            "/period",
            "ends-after-target",
            text(
                f"It ends after {identifier}, and so does not count there.",
                f"Kết thúc sau {identifier} nên không được tính.",
            ),
        )
        for identifier in overlapping.filter(period_end__lt=period.end).values_list("identifier", flat=True)
    ]


@receiver(figure_changing)
def refuse_figures_of_closed_periods(
    indicator: Indicator, area: Area, period: Period, by: Actor, now: datetime, **_: Any
) -> None:
    locks.check_figure(indicator=indicator, area=area, period=period, by=by, now=now)


# What of an indicator decides how its figures are judged.
_MEANING = {"kind", "frequency", "accumulation", "formula", "due_days", "due_unit"}


@receiver(indicator_changed)
def judge_again_by_the_new_terms(indicator: Indicator, now: datetime, changed: Collection[str], **_: Any) -> None:
    """Refuse what would leave targets with terms that no target may have, or move what is closed; write the rest anew,
    also for pollers.
    """
    readers = Indicator.objects.readers_of({indicator.pk})[indicator.pk]
    if _MEANING & set(changed):
        locks.check_meaning(indicator=indicator, readers=readers, now=now)
    concerned = Target.objects.shown().filter(indicator__in=readers)
    for target in concerned.filter(indicator=indicator):
        for version in target.versions.all():
            targets.check_stays_valid(target, version)
    assessments.assess(targets=[target.pk for target in concerned], now=now, force=True)


@receiver(calendar_changed)
def look_again_at_what_is_due(first: date, last: date, now: datetime, **_: Any) -> None:
    calendars.mark_due(first=first, last=last, now=now)
