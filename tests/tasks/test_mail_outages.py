"""A mail server that is down or refuses: webhooks go out all the same, and every mail comes afterwards."""

from collections.abc import Iterator
from typing import Any

import pytest

from kpitracker.lib import clock
from targets.models import Delivery
from targets.services.assessment import assess
from tasks.delivery import send_due_deliveries
from tests import factories
from tests.smtp_servers import Mailbox, part
from tests.webhook_receivers import Receiver

pytestmark = pytest.mark.django_db
INDICATORS = ["sales", "jobs", "roads", "trees"]


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.0/8"]
    yield mailbox
    mailbox.down()


def breach(*names: str) -> None:
    factories.world()
    for name in names:
        if name != "sales":
            factories.indicator(name, department="statistics")
            factories.target(name)
        factories.figure(name, "2024", 900)
    assess.process_series_changes(now=clock.now())


def later() -> None:
    """As if the waits were over."""
    Delivery.objects.filter(state="pending").update(due_at=clock.now())
    send_due_deliveries()


def states(channel: str) -> set[str]:
    return set(Delivery.objects.filter(channel=channel).values_list("state", flat=True))


def test_after_an_hour_without_a_mail_server_all_mail_is_delivered(mailbox: Mailbox) -> None:
    with Receiver() as receiver:
        factories.webhook(receiver.url)
        breach(*INDICATORS)
        for _ in range(4):
            later()
        assert (states("webhook"), states("email")) == ({"sent"}, {"pending"})
        assert len(receiver.received) == len(INDICATORS)
        mailbox.up()
        later()
        assert states("email") == {"sent"}
        assert len(receiver.received) == len(INDICATORS)
    texts = [part(message, "plain") for message in mailbox.taken]
    for name in INDICATORS:
        assert sum(name.title() in text for text in texts) == 1, name
    later()
    assert len(mailbox.taken) == len(texts)


def test_what_was_refused_comes_under_the_same_id(mailbox: Mailbox) -> None:
    mailbox.up()
    mailbox.refuse = True
    breach("sales")
    for _ in range(3):
        later()
    mailbox.refuse = False
    later()
    [taken] = mailbox.taken
    assert [refused["Message-ID"] for refused in mailbox.refused] == [taken["Message-ID"]] * 3
    assert taken["Message-ID"]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_it_is_written_for_every_reader(kind: str, mailbox: Mailbox) -> None:
    """In both languages, and both as text and as a page."""
    mailbox.up()
    breach("sales")
    later()
    [taken] = mailbox.taken
    assert taken.get_content_type() == "multipart/alternative"
    message = part(taken, kind)
    assert "Sales" in message
    assert "900" in message
    assert "Thực hiện" in message
    assert "Actual" in message
