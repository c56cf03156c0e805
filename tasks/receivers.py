"""Signal receivers: wake the right task after the commit."""

from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.dispatch import receiver

from indicators.signals import account_emails_queued, import_queued, series_marked
from targets.signals import deliveries_ready
from tasks import wakeup


def _request_after_commit(task: str) -> None:
    callback: Callable[[], None] = partial(wakeup.request_task, task)
    transaction.on_commit(callback, robust=True)


@receiver(series_marked)
def on_series_marked(**_: object) -> None:
    _request_after_commit("tasks.assessment.assess_marked")


@receiver(deliveries_ready)
def on_deliveries_ready(**_: object) -> None:
    _request_after_commit("tasks.delivery.deliver_due")


@receiver(account_emails_queued)
def on_account_emails_written(**_: object) -> None:
    _request_after_commit("tasks.account_emails.send_account_emails")


@receiver(import_queued)
def on_import_queued(**_: object) -> None:
    _request_after_commit("tasks.imports.run_imports")
