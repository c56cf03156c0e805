"""Runs long imports in short slices, so that other jobs get their turn."""

from functools import partial

from indicators.importing import jobs
from kpitracker.lib import clock
from tasks import wakeup
from tasks.base import job

SLICE_SECONDS = 20.0  # seconds
# Storing a million rows in one transaction takes longer than any other job.
_TIME_LIMIT = 3600


@partial(job, soft_time_limit=_TIME_LIMIT, time_limit=_TIME_LIMIT + 60)
def run_imports(**_: object) -> None:
    if jobs.run_due_imports(now=clock.now, seconds=SLICE_SECONDS):
        wakeup.request_task("tasks.imports.run_imports")
