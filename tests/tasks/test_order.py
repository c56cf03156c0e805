"""Targets that go up and down while the receiver refuses now and then: of no alert comes a message before an earlier one."""

import random
import socket
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from kpitracker.lib import clock
from targets.models import Alert, Delivery
from targets.services.assessment import assess
from tasks.delivery import send_due_deliveries
from tests import factories
from tests.example_counts import amount
from tests.webhook_receivers import NO_CONTENT, Received, Receiver, answering

pytestmark = pytest.mark.django_db
TARGETS, HISTORIES, SEED = 10, amount(60, 60, full=1000), 7
REFUSED = 0.3


class Moody(Receiver):
    """Takes most messages and notes which alert each of them is about, and what it says."""

    def __init__(self) -> None:
        super().__init__()
        self.chance = random.Random(SEED)  # noqa: S311 (nothing is kept secret by it)
        self.taken, self.refusals = defaultdict[str, list[str]](list), 0
        self._ids = set[str]()
        self.behave = self.decide

    def decide(self, connection: socket.socket, request: Received) -> None:
        """Take the message or refuse it. One that comes again, because its answer came too late, counts once."""
        if self.chance.random() < REFUSED:
            self.refusals += 1
            connection.sendall(answering(500))
            return
        if request.headers["webhook-id"] not in self._ids:
            self._ids.add(request.headers["webhook-id"])
            self.taken[request.json["data"]["alert"]].append(request.json["type"])
        connection.sendall(NO_CONTENT)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Moody]:
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.0/8"]
    with Moody() as receiver:
        yield receiver


def some_come_due(chance: random.Random) -> None:
    """Any half of them: those that failed may wait longer than those that were written after them."""
    waiting = list(Delivery.objects.filter(channel="webhook", state="pending").values_list("pk", flat=True))
    chosen = chance.sample(waiting, len(waiting) // 2)
    Delivery.objects.filter(pk__in=chosen).update(due_at=clock.now())


def test_nothing_comes_before_what_was_earlier(receiver: Moody) -> None:
    chance = random.Random(SEED)  # noqa: S311 (nothing is kept secret by it)
    factories.area()
    factories.department()
    factories.plan()
    factories.webhook(receiver.url)
    missed = dict.fromkeys([f"i{number}" for number in range(TARGETS)], False)
    for name in missed:
        factories.indicator(name, department="statistics")
        factories.target(name)
    while Alert.objects.filter(state="resolved").count() < HISTORIES:
        for name in chance.sample(sorted(missed), TARGETS // 2):
            missed[name] = not missed[name]
            factories.figure(name, "2024", 900 if missed[name] else 1300)
        assess.process_series_changes(now=clock.now())
        some_come_due(chance)
        send_due_deliveries()
    while Delivery.objects.filter(channel="webhook", state="pending").exists():
        Delivery.objects.filter(state="pending").update(due_at=clock.now())
        send_due_deliveries()
    closed = {str(pk) for pk in Alert.objects.filter(state="resolved").values_list("pk", flat=True)}
    orders = {tuple(receiver.taken[alert]) for alert in closed}
    print(f"{len(receiver.taken)} alerts, {receiver.refusals} refused of {len(receiver.received)}")
    assert orders == {("alert.opened", "alert.resolved")}
    assert receiver.refusals > 0.2 * len(receiver.received)
    assert set(Delivery.objects.filter(channel="webhook").values_list("state", flat=True)) == {"sent"}
