"""Periodic jobs run once for each slot, however many schedulers start them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q

from kpitracker.lib.models import JobRun

# A run that has not finished by then counts as abandoned, and the slot is run again.
_ABANDONED_AFTER = timedelta(minutes=10)


@contextmanager
def claim_slot(job: str, name: str, now: datetime) -> Iterator[bool]:
    """Claim the slot; yields whether this process has it. It is done when the block ends, and free when it raises."""
    claimed = _try_claim(job, name, now)
    try:
        yield claimed
    except Exception:
        # Without the database the slot becomes free when it counts as abandoned.
        if claimed:
            with suppress(DatabaseError):
                JobRun.objects.filter(job=job, slot=name, started_at=now, finished_at=None).delete()
        raise
    if claimed:
        JobRun.objects.filter(job=job, slot=name).update(finished_at=now)


def _try_claim(job: str, name: str, now: datetime) -> bool:
    row, created = JobRun.objects.get_or_create(job=job, slot=name, defaults={"started_at": now})
    if created or row.finished_at:
        return created
    # Conditional update: of two processes that find the slot abandoned, only one changes the row.
    abandoned = Q(pk=row.pk, finished_at=None, started_at=row.started_at, started_at__lt=now - _ABANDONED_AFTER)
    return JobRun.objects.filter(abandoned).update(started_at=now) == 1
