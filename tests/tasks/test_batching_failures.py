"""What goes together does not fall together: one that is hidden, broken or deadly takes none of the others with it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from indicators.models import Contact, Indicator
from kpitracker.lib import clock
from targets.models import Delivery
from targets.services.notifications import links, outbox
from targets.services.planning import targets
from tasks.delivery import send_due_deliveries
from tests import factories
from tests.tasks.test_batching import at, breach, office  # noqa: F401 - the world of all these tests
from tests.webhook_receivers import Receiver

pytestmark = pytest.mark.django_db

PRESS = "press@example.org"


def of(place: str) -> list[tuple[str, bool]]:
    rows = Delivery.objects.filter(recipient=place).order_by("pk")
    return [(row.state, row.merged_into_id is not None) for row in rows]


def fail_once(settings: Any) -> None:
    settings.EMAIL_BACKEND = "no.such.Backend"
    send_due_deliveries()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def press() -> None:
    factories.department("press", email=PRESS)
    factories.contact(PRESS, department="press", role="everything")


def test_when_the_one_that_leads_becomes_restricted_the_others_go_without_it(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    press()
    breach("jobs", "sales", "trade")
    fail_once(settings)
    Indicator.objects.filter(code="jobs").update(restricted=True)
    at(3600, monkeypatch)
    send_due_deliveries()
    assert sorted(of(PRESS)) == [("dropped", False), ("sent", False), ("sent", True)]
    [letter] = [row for row in mail.outbox if row.to == [PRESS]]
    assert "Jobs" not in str(letter.body)


def test_what_was_left_out_is_not_said_to_be_sent(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    press()
    breach("jobs", "sales", "trade")
    fail_once(settings)
    Indicator.objects.filter(code="trade").update(restricted=True)
    at(3600, monkeypatch)
    send_due_deliveries()
    assert sorted(of(PRESS)) == [("dropped", True), ("sent", False), ("sent", True)]


def test_an_address_of_a_department_that_may_not_see_it_any_more_gets_nothing() -> None:
    factories.department("press", email=PRESS)
    factories.indicator("jobs", department="statistics")
    targets.update_target(target=factories.target("jobs"), by=factories.BY, now=clock.now(), cooperating=["press"])
    factories.figure("jobs", "2024", 1300)
    breach("jobs")
    assert of(PRESS) == [("pending", False)]
    Indicator.objects.update(restricted=True)
    send_due_deliveries()
    assert of(PRESS) == [("dropped", False)]
    assert [letter.to for letter in mail.outbox] == [["office@example.org"]]


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        pytest.param(lambda: Contact.objects.all().delete(), "restricted", id="deleted, of what became restricted"),
        pytest.param(lambda: Contact.objects.update(active=False), "switched off", id="switched off"),
    ],
)
def test_a_contact_that_is_gone_gets_nothing_that_he_may_not_see(change: Any, answer: str) -> None:
    factories.department("press")
    factories.contact(PRESS, department="press", role="everything")
    breach("jobs")
    change()
    Indicator.objects.update(restricted=True)
    send_due_deliveries()
    row = Delivery.objects.get(recipient=PRESS)
    assert (row.state, answer in row.response) == ("dropped", True)
    assert links.delivery_for_token(links.acknowledge_url(row).rstrip("/").rpartition("/")[2]) is None


def test_one_that_cannot_be_put_in_words_does_not_take_the_others_with_it() -> None:
    breach("jobs", "sales", "trade")
    Delivery.objects.filter(alert__target__indicator__code="sales").update(snapshot={})
    assert send_due_deliveries() == 1
    assert "Trade, City, 2024: missed" in str(mail.outbox[0].body)


def test_what_kills_its_sender_lets_the_others_go() -> None:
    breach("jobs", "sales", "trade")
    [leader] = outbox.next_deliveries(now=clock.now())[:1]
    for tries in range(5):
        now = clock.now() + timedelta(seconds=tries * 120)
        for row in outbox.next_deliveries(now=now):
            # Claimed by somebody who dies of it.
            if row.pk == leader.pk:
                outbox.claim_delivery(delivery=row, now=now)
    assert Delivery.objects.get(pk=leader.pk).state == "failed"
    assert send_due_deliveries() == 2
    assert all("alerts" not in letter.subject for letter in mail.outbox)


def test_of_two_senders_one_sends_to_a_place_at_a_time() -> None:
    breach("jobs", "sales")
    first = outbox.next_deliveries(now=clock.now())
    assert outbox.claim_delivery(delivery=first[0], now=clock.now())
    breach("trade", "crime")
    assert [
        value
        for value in outbox.next_deliveries(now=clock.now())
        if outbox.claim_delivery(delivery=value, now=clock.now())
    ] == []


def test_what_is_sent_again_takes_nothing_new_with_it() -> None:
    breach("jobs")
    Delivery.objects.update(state="failed", attempts=10)
    breach("sales")
    outbox.replay(delivery=Delivery.objects.earliest("pk"), by=factories.BY, now=clock.now())
    assert send_due_deliveries() == 2


def test_a_silent_mail_server_holds_no_program(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        factories.contact(f"p{number}@example.org", role="everything")
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.0/8"]
    settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "django.core.mail.backends.smtp.EmailBackend", 1
    with Receiver() as dead, Receiver() as program:
        dead.behave = dead.silent
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", dead.port
        factories.webhook(program.url)
        breach("jobs")
        assert send_due_deliveries() == 1
        assert len(program.received) == 1
        assert dead.connections_so_far() <= 2
