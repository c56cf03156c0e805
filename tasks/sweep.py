"""What a lost message left undone is found here. `manage.py sweep` does the same without Celery."""

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

# Of a storm the next sweep judges the rest, and the job that is rung for: what else there is to do does not wait for it.
_LONGEST = 20.0  # seconds


class Swept(NamedTuple):
    """How much was found: marks of figures, assessments that a new day (or a rebuild) changed, messages and letters sent."""

    marks: int
    assessments: int
    messages: int


@job
def sweep(**_: Any) -> None:
    run()


def run(*, everything: bool = False, alone: bool = False) -> Swept:
    """Assess what is marked; once a day (or when `everything` is asked for) all targets; remind; send what is due; seal.

    `alone`: there is no Celery, so long imports are worked on here, to their end.
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
    """Whether it came to its end."""
    try:
        step(now=clock.now())
    except Exception:
        # A full disk or a file that cannot be written may not hold up messages; the next sweep tries again.
        log.exception("%s failed", step.__name__)
        return False
    return True
