"""Runs long imports in short slices, so that other jobs get their turn."""

from functools import partial
from typing import Any

from indicators.intake import uploads
from kpitracker.lib import clock
from tasks import doorbell
from tasks.base import job

A_WHILE = 20.0  # seconds
# Storing a million rows in one transaction takes longer than any other job.
_LONG = 3600


@partial(job, soft_time_limit=_LONG, time_limit=_LONG + 60)
def run_imports(**_: Any) -> None:
    if uploads.run_due(now=clock.now, seconds=A_WHILE):
        doorbell.ring("tasks.imports.run_imports")
