"""The periodic sweep: finds work whose message was lost. `manage.py sweep` does the same without Celery."""

import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from indicators.intake import uploads
from indicators.models import Import
from kpitracker.lib import clock
from kpitracker.lib.audit import chain
from targets.services import alerts, assessments, beginnings, reminders, rounds
from tasks import doorbell, heartbeat, housekeeping, letters, restored
from tasks.base import job
from tasks.delivery import send_due

log = logging.getLogger(__name__)

# Time limit for assessing in one sweep. The next sweep and the assessment job do the rest: other work must not wait.
_LONGEST = 20.0  # seconds


class Swept(NamedTuple):
    """Counts: marks processed, assessments changed by a new day or a rebuild, messages and account e-mails sent."""

    marks: int
    assessments: int
    messages: int


@job
def sweep(**_: Any) -> None:
    run()


def run(*, everything: bool = False, alone: bool = False) -> Swept:
    """Assess marked series, and once a day (or with `all_targets`) all targets; remind; send what is due; seal.

    `without_celery`: long imports are also run here, to their end.
    """
    if alone:
        uploads.run_due(now=clock.now, seconds=float("inf"))
    elif Import.objects.open().exists():
        doorbell.ring("tasks.imports.run_imports")
    marks = 0
    end = time.monotonic() + _LONGEST
    while (alone or time.monotonic() < end) and (found := assessments.assess_marked(now=clock.now())):
        marks += found
    written = rounds.assess_day(now=clock.now())
    if everything:
        written += rounds.assess_all(now=clock.now())
    looked = [_try(step) for step in (reminders.remind, beginnings.find, alerts.look_again)]
    swept = Swept(marks, written, send_due() + letters.send_due())
    restored.count()
    if all(looked):
        _try(heartbeat.beat)
    for step in (chain.seal, housekeeping.once_a_day):
        _try(step)
    return swept


def _try(step: Callable[..., object]) -> bool:
    """Run a step. Return whether it succeeded."""
    try:
        step(now=clock.now())
    except Exception:
        # A full disk or a file that cannot be written must not block messages. The next sweep tries again.
        log.exception("%s failed", step.__name__)
        return False
    return True
