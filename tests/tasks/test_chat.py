"""Alerts where people chat: by Apprise, to places that the operator has named, in a process with a deadline."""

from collections.abc import Iterator
from typing import Any

import pytest

from kpitracker.lib import clock
from targets.models import AlertRule, Delivery
from targets.services.assessment import assess
from tasks.channels import chat
from tasks.delivery import send_due_deliveries
from tests import factories
from tests.webhook_receivers import Receiver, answering

pytestmark = pytest.mark.django_db

TOKEN = "a-secret-token"


@pytest.fixture
def room(settings: Any) -> Iterator[Receiver]:
    with Receiver() as result:
        settings.CHAT_PLACES = {"leaders": f"json://127.0.0.1:{result.port}/{TOKEN}"}
        factories.world()
        factories.contact("leaders", channel="chat", role="leaders", language="en")
        AlertRule.objects.update(audience=["leaders"])
        yield result


def breach(value: int = 900) -> Delivery:
    factories.figure("sales", "2024", value)
    assess.process_series_changes(now=clock.now())
    return Delivery.objects.latest("pk")


def test_what_is_said_there(room: Receiver) -> None:
    breach()
    assert send_due_deliveries() == 1
    [received] = room.received
    assert TOKEN in received.line
    assert received.json["title"] == "[kpitracker] Sales: missed (provisional) (2024)"
    assert "Actual 900, due 1,200, variance −300." in received.json["message"]
    assert "/targets/plan:sales:city/" in received.json["message"]
    row = Delivery.objects.get()
    assert (row.channel, row.state, row.response) == ("chat", "sent", "accepted")


def test_who_refuses_is_asked_again_and_the_address_is_written_nowhere(
    room: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    room.answer = answering(500, TOKEN)
    breach()
    assert send_due_deliveries() == 0
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("pending", 1)
    assert TOKEN not in f"{row.response} {row.snapshot} {caplog.text}"
    room.answer = answering(200)
    Delivery.objects.update(due_at=clock.now())
    assert send_due_deliveries() == 1


def test_who_never_answers_holds_nobody_for_longer_than_the_deadline(
    room: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "_DEADLINE", 2)
    room.behave = room.silent
    breach()
    assert send_due_deliveries() == 0
    assert Delivery.objects.get().response == "No response within 2 s."


def test_a_place_that_the_operator_has_taken_away_is_told_no_more(room: Receiver, settings: Any) -> None:
    breach()
    settings.CHAT_PLACES = {}
    assert send_due_deliveries() == 0
    row = Delivery.objects.get()
    assert (row.state, row.response) == ("failed", "leaders is not in CHAT_PLACES any more.")
    assert room.received == []


def test_an_address_that_apprise_does_not_understand_fails(room: Receiver, settings: Any) -> None:
    settings.CHAT_PLACES = {"leaders": f"nothing://{TOKEN}"}
    breach()
    assert send_due_deliveries() == 0
    assert Delivery.objects.get().response == "Apprise could not deliver it (2)."
