"""Receivers of signals of the indicators app."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver

from indicators.models import Indicator
from indicators.services.doubts import Change
from indicators.signals import areas_changed, calendar_changed, figures_changing, figures_checked, indicator_changed
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Item
from kpitracker.lib.texts import text
from targets.models import Assessment, Target
from targets.services import assessments, calendars, locks, targets


@receiver(figures_checked)
def warn_of_figures_that_end_after_their_target(changes: Sequence[Change], **_: Any) -> dict[int, list[Item]]:
    """Warn about a figure that ends after the period of a target: it does not count towards that target."""
    by_series = Target.objects.spans({(each.indicator.id, each.area) for each in changes})
    found: dict[int, list[Item]] = {}
    for position, (indicator, area, period, _value) in enumerate(changes if by_series else ()):
        for identifier, start, end in by_series.get((indicator.id, area), ()):
            if start <= period.end and period.start <= end < period.end:
                found.setdefault(position, []).append(_ends_after(identifier))
    return found


def _ends_after(identifier: str) -> Item:
    return Item(
        "/period",
        "ends-after-target",
        text(
            f"It ends after {identifier}, and so does not count there.",
            f"Kết thúc sau {identifier} nên không được tính.",
        ),
    )


@receiver(figures_changing)
def refuse_figures_of_closed_periods(changes: Sequence[Change], by: Actor, now: datetime, **_: Any) -> dict[int, Item]:
    return locks.closed(changes=changes, by=by, now=now)


# The fields of an indicator that affect assessments.
_MEANING = {"kind", "frequency", "accumulation", "formula", "regional", "due_days", "due_unit"}


@receiver(indicator_changed)
def judge_again_by_the_new_terms(indicator: Indicator, now: datetime, changed: Collection[str], **_: Any) -> None:
    """Refuse a change that makes terms of a target invalid or changes a locked period; else assess the targets again.

    `force` gives every assessment a new change number, so that clients which poll for changes see the new terms.
    """
    readers = Indicator.objects.readers_of({indicator.pk})[indicator.pk]
    if _MEANING & set(changed):
        locks.check_meaning(indicator=indicator, readers=readers, now=now)
    concerned = Target.objects.shown().filter(indicator__in=readers)
    for target in concerned.filter(indicator=indicator):
        for version in target.all_versions:
            targets.check_stays_valid(target, version)
    assessments.assess(targets=[target.pk for target in concerned], now=now, force=True)


@receiver(areas_changed)
def let_sums_over_areas_be_judged_again(**_: Any) -> None:
    """Have the next daily run assess regional sums again.

    Areas change rarely and usually many at once, so an assessment at every change would be wasted.
    """
    regional = set(Indicator.objects.exclude(regional="").values_list("pk", flat=True))
    readers = Indicator.objects.readers_of(regional)
    concerned = Assessment.objects.filter(target__indicator__in=set().union(*readers.values()))
    concerned.update(holds_through=date.min)


@receiver(calendar_changed)
def look_again_at_what_is_due(first: date, last: date, now: datetime, **_: Any) -> None:
    calendars.mark_due(first=first, last=last, now=now)
