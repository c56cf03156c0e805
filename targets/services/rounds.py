"""Rounds over all targets: every day, after a restore, or when asked."""

from datetime import date, datetime

from kpitracker.lib import clock
from kpitracker.lib.models import JobSlot
from kpitracker.lib.slots import slot, slot_done
from targets.models import Target
from targets.services.assessments import assess

SLICE = 1000
DAILY = "assess-all"  # the job whose slots are the days for which all targets were assessed


def assess_all(*, now: datetime) -> int:
    """Assess every target, slice by slice: after a restore, or when asked. The number of assessments written."""
    return sum(assess(targets=ids, now=now) for ids in _slices())


def assess_day(*, now: datetime) -> int:
    """Assess every target once a day: what is due and what is overdue changes without a figure.

    Each slice has its own slot, so that a run that is cut off goes on where it was.
    """
    day = clock.local_day(now).isoformat()
    written, complete = 0, True
    for place, ids in enumerate(_slices()):
        with slot(DAILY, f"{day} slice {place}", now) as ours:
            if ours:
                written += assess(targets=ids, now=now)
        complete &= ours or slot_done(DAILY, f"{day} slice {place}")
    if complete:
        with slot(DAILY, day, now):
            pass
    return written


def _slices() -> list[list[int]]:
    ids = list(Target.objects.order_by("pk").values_list("pk", flat=True))
    return [ids[start : start + SLICE] for start in range(0, len(ids), SLICE)]


def assessed_through() -> date | None:
    """The last day on which every target was assessed: what is stored holds for it."""
    done = JobSlot.objects.filter(job=DAILY, finished_at__isnull=False).exclude(slot__contains=" ")
    last = done.order_by("-slot").first()
    return date.fromisoformat(last.slot) if last else None
