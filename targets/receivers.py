"""Receivers of signals of the indicators app."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.dispatch import receiver

from indicators.models import Indicator
from indicators.querysets import SeriesKey
from indicators.services.catalogue import indicators
from indicators.services.figures import revision_store
from indicators.services.figures.figure_changes import FigureChange
from indicators.services.figures.posting_reads import Surroundings
from indicators.services.figures.series import successors_by_area
from indicators.signals import (
    area_extents_changed,
    areas_changed,
    calendar_changed,
    figure_warnings_requested,
    figures_changing,
    indicator_changed,
)
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text
from targets.models import Assessment, Target
from targets.services.assessment import assess, holiday_changes
from targets.services.planning import cumulative_rates, period_locks, targets


@receiver(figure_warnings_requested)
def warn_period_after_target(
    changes: Sequence[FigureChange], surroundings: Surroundings | None = None, **_: object
) -> dict[int, list[ProblemItem]]:
    """Warn about a figure that ends after the period of a target: it does not count towards that target."""
    by_series: dict[SeriesKey, list[tuple[str, date, date]]] = {}
    if surroundings is not None:
        for target in period_locks.lock_targets_of_figure(changes[0], surroundings):
            by_series.setdefault((target.indicator, target.area), []).append((target.identifier, *target.period))
    else:
        by_series = Target.objects.periods_by_series({(change.indicator.id, change.area) for change in changes})
    warnings_by_position: dict[int, list[ProblemItem]] = {}
    for position, change in enumerate(changes if by_series else ()):
        period = change.period
        for identifier, start, end in sorted(by_series.get((change.indicator.id, change.area), ())):
            if start <= period.end and period.start <= end < period.end:
                warnings_by_position.setdefault(position, []).append(_warning_for(identifier))
    return warnings_by_position


@receiver(figure_warnings_requested)
def warn_of_falling_rates(changes: Sequence[FigureChange], **_: object) -> dict[int, list[ProblemItem]]:
    return cumulative_rates.warn_of_falls(changes)


def _warning_for(identifier: str) -> ProblemItem:
    return ProblemItem(
        "/period",
        "ends-after-target",
        text(
            f"It ends after {identifier}, and so does not count there.",
            f"Kết thúc sau {identifier} nên không được tính.",
        ),
    )


@receiver(figures_changing)
def refuse_locked_periods(
    changes: Sequence[FigureChange], by: Actor, now: datetime, surroundings: Surroundings | None = None, **_: object
) -> dict[int, ProblemItem]:
    return period_locks.find_locked_changes(changes=changes, by=by, now=now, surroundings=surroundings)


# The fields of an indicator that affect assessments.
_MEANING_FIELDS = {"kind", "frequency", "accumulation", "formula", "regional", "due_days", "due_unit", "breaks"}


@receiver(indicator_changed)
def reassess_on_indicator_change(indicator: Indicator, now: datetime, changed: Collection[str], **_: object) -> None:
    """Refuse a change that makes terms of a target invalid or changes a locked period; else assess the targets again.

    `force` gives every assessment a new change number, so that clients which poll for changes see the new terms.
    """
    readers = Indicator.objects.readers_of({indicator.pk})[indicator.pk]
    if Target.objects.filter(indicator=indicator).exists():
        indicators.refuse_change_of_meaning(changed, by_targets=True)
    if _MEANING_FIELDS & set(changed):
        period_locks.check_indicator_change(indicator=indicator, reader_ids=readers, now=now)
    affected_targets = Target.objects.for_list().filter(indicator__in=readers)
    for target in affected_targets.filter(indicator=indicator):
        for version in target.all_versions:
            targets.check_stays_valid(target, version)
    assess.assess(targets=[target.pk for target in affected_targets], now=now, force=True)


@receiver(areas_changed)
def invalidate_regional_assessments(**_: object) -> None:
    """Have the next daily run assess regional sums again.

    Areas change rarely and usually many at once, so an assessment at every change would be wasted.
    """
    regional = set(Indicator.objects.exclude(regional="").values_list("pk", flat=True))
    readers = Indicator.objects.readers_of(regional)
    affected_assessments = Assessment.objects.filter(target__indicator__in=set().union(*readers.values()))
    affected_assessments.update(valid_through=date.min)


@receiver(area_extents_changed)
def mark_targets_of_areas(areas: Collection[int], now: datetime, **_: object) -> None:
    """Mark the targets of these areas and of their successors: what is owed, and what is added up, is different.

    The marks are quiet, because no figure changed.
    """
    affected_areas = set(areas).union(*successors_by_area(areas).values())
    pairs = set(Target.objects.filter(area__in=affected_areas).values_list("indicator_id", "area_id"))
    if pairs:
        revision_store.mark_changed_series(pairs, quiet=True, now=now)


@receiver(calendar_changed)
def reassess_on_holiday_change(first: date, last: date, now: datetime, **_: object) -> None:
    holiday_changes.enqueue_affected_targets(first=first, last=last, now=now)
