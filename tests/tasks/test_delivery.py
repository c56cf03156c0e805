"""Sending: claimed once, sent, marked; what fails is tried again."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from kpitracker.lib import clock
from targets.models import Delivery
from targets.services.assessment import assess
from targets.services.notifications import outbox
from tasks.delivery import send_due_deliveries
from tests import factories
from tests.smtp_servers import Mailbox

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def inbox(settings: Any) -> Iterator[Mailbox]:
    inbox = Mailbox()
    inbox.up()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", inbox.port
    yield inbox
    inbox.down()


@pytest.fixture
def breach() -> Delivery:
    factories.world()
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    return Delivery.objects.get()


def test_a_mail_server_gets_the_message_once(breach: Delivery, inbox: Mailbox) -> None:
    assert (send_due_deliveries(), send_due_deliveries()) == (1, 0)
    [message] = inbox.taken
    assert inbox.recipients == [["statistics@example.org"]]
    assert message["Message-ID"].startswith(f"<{breach.pk}@")
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.response) == ("sent", 1, "accepted")


def test_a_refusal_is_tried_again_later_with_the_same_id(breach: Delivery, inbox: Mailbox) -> None:
    inbox.refuse = True
    assert send_due_deliveries() == 0
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("pending", 1)
    assert "451" in row.response
    assert row.due_at > clock.now()
    inbox.refuse = False
    Delivery.objects.update(due_at=clock.now())
    assert send_due_deliveries() == 1
    assert str(breach.pk) in inbox.taken[0]["Message-ID"]


def test_no_mail_server_at_all_is_a_refusal(breach: Delivery, settings: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = taken.getsockname()
        assert send_due_deliveries() == 0
    assert "ConnectionRefused" in Delivery.objects.get().response


def test_after_ten_tries_it_stays_failed_for_all_to_see(breach: Delivery, inbox: Mailbox) -> None:
    inbox.refuse = True
    for _ in range(12):
        Delivery.objects.update(due_at=clock.now())
        send_due_deliveries()
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("failed", 10)


def test_one_that_cannot_be_sent_holds_no_other(breach: Delivery, inbox: Mailbox) -> None:
    factories.indicator("jobs", department="statistics")
    factories.target("jobs")
    factories.figure("jobs", "2024", 5)
    assess.process_series_changes(now=clock.now())
    Delivery.objects.filter(pk=breach.pk).update(recipient="not an address\n", due_at=clock.now() - timedelta(1))
    assert send_due_deliveries() == 1
    assert Delivery.objects.get(pk=breach.pk).state == "pending"


def test_a_delivery_is_claimed_by_one_of_many(breach: Delivery) -> None:
    now = clock.now()
    first, second = Delivery.objects.get(), Delivery.objects.get()
    assert outbox.claim_delivery(delivery=first, now=now)
    assert not outbox.claim_delivery(delivery=second, now=now)
    assert outbox.next_deliveries(now=now) == []


def test_what_was_claimed_by_somebody_who_died_is_sent_after_the_lease(breach: Delivery) -> None:
    now = clock.now()
    assert outbox.claim_delivery(delivery=Delivery.objects.get(), now=now)
    later = now + outbox.LEASE + timedelta(seconds=1)
    [second] = outbox.next_deliveries(now=later)
    assert outbox.claim_delivery(delivery=second, now=later)


def test_the_id_of_the_message_is_that_of_the_delivery(breach: Delivery, mailoutbox: list[EmailMessage]) -> None:
    send_due_deliveries()
    assert len(mailoutbox) == 1
