"""What a lost message left undone is found here. `manage.py sweep` does the same without Celery."""

from typing import Any, NamedTuple

from kpitracker.lib import clock
from kpitracker.lib.slots import slot
from targets.services import assessments
from tasks.base import job
from tasks.delivery import send_due


class Swept(NamedTuple):
    """How much was found: marks of figures, assessments written for a new day, messages sent."""

    marks: int
    assessments: int
    messages: int


@job
def sweep(**_: Any) -> None:
    run()


def run(*, everything: bool = False) -> Swept:
    """Assess what is marked; once a day (or when `everything` is asked for) all targets; send what is due."""
    marks = 0
    while found := assessments.assess_marked(now=clock.now()):
        marks += found
    written = 0
    with slot(assessments.DAILY, clock.today().isoformat(), clock.now()) as ours:
        if ours or everything:
            written = assessments.assess_all(now=clock.now())
    return Swept(marks, written, send_due())
