"""The periodic sweep: finds work whose message was lost. `manage.py sweep` does the same without Celery."""

import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from indicators.importing import jobs
from indicators.models import Import, Indicator
from kpitracker.lib import clock
from kpitracker.lib.audit import chain
from kpitracker.lib.db.version_counters import fold_counters
from targets.services.alerting import engine, scheduled
from targets.services.assessment import assess, daily
from targets.services.notifications import action_reminders
from targets.services.reports import board_messages
from tasks import account_emails, heartbeat, housekeeping, restore_guard, wakeup
from tasks.base import job
from tasks.delivery import send_due_deliveries

log = logging.getLogger(__name__)

# Time limit for assessing in one sweep. The next sweep and the assessment job do the rest: other work must not wait.
_MAX_ASSESS_SECONDS = 20.0  # seconds


class SweepResult(NamedTuple):
    """Counts: marks processed, assessments changed by a new day or a rebuild, messages and account e-mails sent."""

    marks: int
    assessments: int
    messages: int


@job
def sweep(**_: object) -> None:
    run_sweep()


def run_sweep(*, all_targets: bool = False, without_celery: bool = False) -> SweepResult:
    """Assess marked series, and once a day (or with `all_targets`) all targets; remind; send what is due; seal.

    `without_celery`: long imports are also run here, to their end.
    """
    if without_celery:
        jobs.run_due_imports(now=clock.now, seconds=float("inf"))
    elif Import.objects.open().exists():
        wakeup.request_task("tasks.imports.run_imports")
    marks = 0
    deadline = time.monotonic() + _MAX_ASSESS_SECONDS
    while (without_celery or time.monotonic() < deadline) and (
        processed := assess.process_series_changes(now=clock.now())
    ):
        marks += processed
    changed_count = daily.assess_expired(now=clock.now())
    if all_targets:
        changed_count += daily.assess_all(now=clock.now())
    succeeded = [
        _run_step(step)
        for step in (
            action_reminders.write_reminders,
            board_messages.write_board_messages,
            scheduled.run_daily_scan,
            engine.process_due_alerts,
        )
    ]
    result = SweepResult(marks, changed_count, send_due_deliveries() + account_emails.send_due_emails())
    restore_guard.count_sweep()
    if all(succeeded):
        _run_step(heartbeat.send_heartbeat)
    for step in (chain.seal_entries, fold_version_counters, housekeeping.run_daily_housekeeping):
        _run_step(step)
    return result


def fold_version_counters(**_: object) -> None:
    restricted = set(Indicator.objects.filter(restricted=True).values_list("pk", flat=True))
    fold_counters(Indicator.objects.computed_from(restricted))


def _run_step(step: Callable[..., object]) -> bool:
    """Run a step. Return whether it succeeded."""
    try:
        step(now=clock.now())
    except Exception:
        # A full disk or a file that cannot be written must not block messages. The next sweep tries again.
        log.exception("%s failed", step.__name__)
        return False
    return True
