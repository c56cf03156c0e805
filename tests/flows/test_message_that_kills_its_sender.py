"""A message that kills whoever sends it is given up after three more, and holds no other."""

import os
import signal
import socket
from contextlib import suppress
from typing import Any

import pytest

from kpitracker.lib import clock
from targets.models import Delivery
from targets.services.notifications import webhooks
from tasks import wakeup
from tests import factories
from tests.flows.test_imports_survive_kills import children
from tests.kpitracker.run.starting import is_running
from tests.processes import celery_worker, wait_until
from tests.webhook_receivers import Received, Receiver

pytestmark = pytest.mark.process

ALLOWED = "127.0.0.0/8"
TRIES, HEALTHY = 4, 100


def ring() -> None:
    """As the sweep does every ten seconds."""
    wakeup.request_task("tasks.delivery.deliver_due")


@pytest.mark.django_db(transaction=True)
def test_it_is_given_up_and_all_others_arrive(redis_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = [ALLOWED]
    monkeypatch.setenv("WEBHOOK_ALLOWED_HOSTS", ALLOWED)
    with Receiver() as deadly, Receiver() as receiver, celery_worker(redis_url) as worker:
        kills: list[int] = []

        def kill(_connection: socket.socket, _request: Received) -> None:
            senders = children(worker.process.pid)
            for child in senders:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            wait_until(lambda: not any(map(is_running, senders)), "the end of the senders")
            kills.append(len(deadly.received))

        deadly.behave = kill
        poison = webhooks.ping_webhook(webhook=factories.webhook(deadly.url), by=factories.BY, now=clock.now())
        # What comes next must meet living senders only: a message that dies with one of them waits for its lease.
        wait_until(lambda: kills == [1], "the first try")
        healthy = factories.webhook(receiver.url)
        for _ in range(HEALTHY):
            webhooks.ping_webhook(webhook=healthy, by=factories.BY, now=clock.now())
        ring()
        sent = Delivery.objects.filter(webhook=healthy, state="sent")
        wait_until(lambda: sent.count() == HEALTHY, "all others")
        for tries in range(2, TRIES + 1):
            # As if its lease were over.
            assert Delivery.objects.filter(pk=poison.pk, state="sending").update(due_at=clock.now())
            ring()
            wait_until(lambda tries=tries: kills[-1] == tries, f"try {tries}")  # type: ignore[misc]
        Delivery.objects.filter(pk=poison.pk).update(due_at=clock.now())
        ring()
        wait_until(Delivery.objects.filter(pk=poison.pk, state="failed").exists, "an end of it")
        assert Delivery.objects.get(pk=poison.pk).response == "Given up: 4 of 4 tries never came to an end."
        assert (len(deadly.received), len(receiver.received)) == (TRIES, HEALTHY)
