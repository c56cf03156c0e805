"""A figure is posted to a real server; a real worker tells a real program, by itself and signed."""

from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Reference

from kpitracker.lib import clock
from targets.models import Delivery
from targets.services.assessment import assess
from targets.services.notifications import webhooks
from tests import factories
from tests.processes import Running, celery_worker, wait_until
from tests.support import api_of
from tests.webhook_receivers import Receiver

pytestmark = pytest.mark.process


@pytest.fixture
def worker(transactional_db: None, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("WEBHOOK_ALLOWED_HOSTS", "127.0.0.0/8")
    with celery_worker(redis_url) as worker:
        yield worker


@pytest.mark.django_db(transaction=True)
def test_an_alert_arrives_while_another_receiver_keeps_silent(worker: Running, settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.0/8"]
    factories.world()
    with Receiver() as silent, Receiver() as receiver:
        silent.behave = silent.silent
        factories.webhook(silent.url)
        hook = factories.webhook(receiver.url)
        api_of().post("measurements/", {"indicator": "sales", "period": "2024", "value": "900"}).ok(201)
        while assess.process_series_changes(now=clock.now()):
            pass
        wait_until(lambda: bool(receiver.received), "the message, after ten seconds of silence")
        [received] = receiver.received
        assert (
            Reference(webhooks.display_secret(hook)).verify(received.body, received.headers)["type"] == "alert.opened"
        )
        sent = Delivery.objects.filter(webhook=hook, state="sent")
        wait_until(sent.exists, "the delivery marked as sent")
        row = Delivery.objects.exclude(webhook=hook).get(channel="webhook")
        assert (row.attempts, len(silent.received)) == (1, 1)
    assert "whsec_" not in worker.text()
