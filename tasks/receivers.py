"""Signal receivers: wake the right task after the commit."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from indicators.signals import import_queued, letters_written, series_marked
from targets.signals import deliveries_written
from tasks import doorbell


def _after_commit(task: str) -> None:
    ring: Callable[[], None] = partial(doorbell.ring, task)
    transaction.on_commit(ring, robust=True)


@receiver(series_marked)
def look_at_marks(**_: Any) -> None:
    _after_commit("tasks.assessment.assess_marked")


@receiver(deliveries_written)
def look_at_deliveries(**_: Any) -> None:
    _after_commit("tasks.delivery.deliver_due")


@receiver(letters_written)
def look_at_letters(**_: Any) -> None:
    _after_commit("tasks.letters.send_letters")


@receiver(import_queued)
def look_at_imports(**_: Any) -> None:
    _after_commit("tasks.imports.run_imports")
