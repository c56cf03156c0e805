"""Assess all targets: every day, after a restore, or on request."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from kpitracker.lib import clock
from kpitracker.lib.models import JobSlot
from kpitracker.lib.slots import slot
from targets.models import Target, TargetVersion
from targets.services.assessments import assess

SLICE = 1000
DAILY = "assess-all"  # the job whose slots are days


def assess_all(*, now: datetime) -> int:
    """Assess every target, chunk by chunk: after a restore, or on request. Returns the number written."""
    return sum(assess(targets=ids, now=now) for ids in _slices(Target.objects.all()))


def assess_day(*, now: datetime) -> int:
    """Once a day, assess every target whose assessment is no longer valid. Returns the number written.

    An assessment ends when a due day has passed or another version is in force. An interrupted run resumes: targets
    that it has assessed are valid again and are skipped.
    """
    today = clock.local_day(now)
    with slot(DAILY, today.isoformat(), now) as ours:
        if not ours:
            return 0
        announced = TargetVersion.objects.filter(target=OuterRef("pk"), announced__lte=today)
        fresh = Target.objects.filter(Exists(announced), assessment=None)
        ended = Target.objects.filter(assessment__holds_through__lt=today)
        return sum(assess(targets=ids, now=now) for ids in _slices(fresh)) + sum(
            assess(targets=ids, now=now) for ids in _slices(ended)
        )


def _slices(targets: QuerySet[Target]) -> list[list[int]]:
    ids = list(targets.order_by("pk").values_list("pk", flat=True))
    return [ids[start : start + SLICE] for start in range(0, len(ids), SLICE)]


def assessed_through() -> date | None:
    """The last day for which every target was assessed, or None: stored assessments are complete for it."""
    done = JobSlot.objects.filter(job=DAILY, finished_at__isnull=False).exclude(slot__contains=" ")
    last = done.order_by("-slot").first()
    return date.fromisoformat(last.slot) if last else None
