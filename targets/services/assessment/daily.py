"""Assess all targets: every day, after a restore, or on request."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from kpitracker.lib import clock
from kpitracker.lib.job_slots import claim_slot
from kpitracker.lib.models import JobRun
from targets.models import Target, TargetVersion
from targets.services.assessment.assess import assess

BATCH_SIZE = 1000
DAILY_JOB = "assess-all"  # the job whose slots are days


def assess_all(*, now: datetime) -> int:
    """Assess every target, chunk by chunk: after a restore, or on request. Returns the number written."""
    return sum(assess(targets=ids, now=now) for ids in _id_batches(Target.objects.all()))


def assess_expired(*, now: datetime) -> int:
    """Once a day, assess every target whose assessment is no longer valid. Returns the number written.

    An assessment ends when a due day has passed or another version is in force. An interrupted run resumes: targets
    that it has assessed are valid again and are skipped.
    """
    today = clock.local_day(now)
    with claim_slot(DAILY_JOB, today.isoformat(), now) as acquired:
        if not acquired:
            return 0
        announced = TargetVersion.objects.filter(target=OuterRef("pk"), announced__lte=today)
        never_assessed = Target.objects.filter(Exists(announced), assessment=None)
        expired = Target.objects.filter(assessment__valid_through__lt=today)
        return sum(
            assess(targets=ids, now=now, by_time=True)
            for rows in (never_assessed, expired)
            for ids in _id_batches(rows)
        )


def _id_batches(targets: QuerySet[Target]) -> list[list[int]]:
    ids = list(targets.order_by("pk").values_list("pk", flat=True))
    return [ids[start : start + BATCH_SIZE] for start in range(0, len(ids), BATCH_SIZE)]


def last_assessed_day() -> date | None:
    """The last day for which every target was assessed, or None: stored assessments are complete for it."""
    finished_slots = JobRun.objects.filter(job=DAILY_JOB, finished_at__isnull=False).exclude(slot__contains=" ")
    last_slot = finished_slots.order_by("-slot").first()
    return date.fromisoformat(last_slot.slot) if last_slot else None
