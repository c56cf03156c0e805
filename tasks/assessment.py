"""The job that assesses the targets affected by posted figures."""

from kpitracker.lib import clock
from targets.services.assessment import assess
from tasks.base import job


@job
def assess_marked(**_: object) -> None:
    while assess.process_series_changes(now=clock.now()):
        pass
