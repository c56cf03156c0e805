"""Sending to programs: signed, tried again, given up when they want no more; one that is down holds nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.test import override_settings
from standardwebhooks.webhooks import Webhook as Reference
from standardwebhooks.webhooks import WebhookVerificationError

from indicators.models import Indicator
from indicators.services.catalogue import indicators
from kpitracker.lib import clock
from targets.models import Alert, Delivery, Target, Webhook
from targets.services.assessment import assess
from targets.services.notifications import outbox, webhooks
from targets.services.planning import targets
from tasks import delivery
from tasks.delivery import send_due_deliveries
from tests import factories
from tests.factories import BY
from tests.webhook_receivers import Receiver, answering

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def within_the_house() -> Iterator[None]:
    with override_settings(WEBHOOK_ALLOWED_HOSTS=["127.0.0.0/8"]):
        yield


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def hook(receiver: Receiver) -> Webhook:
    return factories.webhook(receiver.url)


@pytest.fixture
def ping(hook: Webhook) -> Delivery:
    return webhooks.ping_webhook(webhook=hook, by=BY, now=clock.now())


def breach() -> None:
    factories.world()
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())


def the_delivery(**which: Any) -> Delivery:
    return Delivery.objects.get(channel="webhook", **which)


def at_once() -> int:
    """As if the wait were over."""
    Delivery.objects.update(due_at=clock.now())
    Webhook.objects.update(paused_until=None)
    return send_due_deliveries()


def test_an_alert_reaches_a_program_that_checks_the_signature(hook: Webhook, receiver: Receiver) -> None:
    breach()
    assert send_due_deliveries() == 2  # and the mail
    [received] = receiver.received
    alert, row = Alert.objects.get(), the_delivery()
    body = Reference(webhooks.display_secret(hook)).verify(received.body, received.headers)
    assert received.headers["webhook-id"] == str(row.pk)
    assert received.headers["content-type"] == "application/json"
    assert body == received.json
    assert body["type"] == "alert.opened"
    assert datetime.fromisoformat(body["timestamp"]) == alert.opened_at
    data = body["data"]
    assert (data["alert"], data["target"], data["status"], data["severity"], data["actual"]) == (
        str(alert.pk), "plan:sales:city", "missed", "critical", "900",
    )  # fmt: skip
    assert data["links"]["target"].endswith("/api/v1/targets/plan:sales:city/")
    assert "Actual 900" in data["message"]["en"]
    assert "Thực hiện 900" in data["message"]["vi"]
    assert (row.state, row.attempts, row.response) == ("sent", 1, "204")


def test_a_stranger_cannot_sign(ping: Delivery, receiver: Receiver) -> None:
    send_due_deliveries()
    other = webhooks.display_secret(factories.webhook(receiver.url))
    with pytest.raises(WebhookVerificationError):
        Reference(other).verify(receiver.received[0].body, receiver.received[0].headers)


def test_every_copy_has_the_same_id_and_the_same_bytes(hook: Webhook, receiver: Receiver) -> None:
    breach()
    receiver.answer = answering(500, "later")
    send_due_deliveries()
    row = the_delivery()
    assert (row.state, row.attempts, row.response) == ("pending", 1, "500 later")
    assert row.due_at > clock.now()
    receiver.answer = answering(200, "thanks")
    assert at_once() == 1
    first, second = receiver.received
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert the_delivery().response == "200 thanks"


@pytest.mark.parametrize("status", [301, 302, 304, 400, 404, 429, 500, 503])
def test_it_is_tried_again_after(status: int, ping: Delivery, receiver: Receiver) -> None:
    receiver.answer = answering(status, Location=receiver.url)
    assert send_due_deliveries() == 0
    row = the_delivery()
    assert (row.state, row.attempts) == ("pending", 1)
    assert row.response.startswith(str(status))
    assert len(receiver.received) == 1


def test_after_ten_tries_over_three_days_it_stays_failed(ping: Delivery, receiver: Receiver) -> None:
    receiver.answer = answering(500)
    now, waits = clock.now(), []
    for attempt in range(10):
        row = the_delivery()
        assert outbox.claim_delivery(delivery=row, now=now)
        outbox.mark_failed(delivery=row, now=now, response="500")
        if attempt < 9:
            waits.append((the_delivery().due_at - now).total_seconds())
    assert (the_delivery().state, the_delivery().attempts) == ("failed", 10)
    usual = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert all(0.9 * most <= wait <= 1.1 * most for wait, most in zip(waits, usual, strict=True))
    assert waits != usual


def test_whoever_wants_no_more_is_told_no_more(hook: Webhook, receiver: Receiver) -> None:
    for _ in range(3):
        webhooks.ping_webhook(webhook=hook, by=BY, now=clock.now())
    receiver.answer = answering(410, "moved out")
    send_due_deliveries()
    assert len(receiver.received) == 1
    row = Webhook.objects.get()
    assert (row.active, row.disabled_reason) == (False, "410 moved out")
    answers = Delivery.objects.order_by("pk").values_list("state", "response")
    assert list(answers) == [("failed", "410 moved out"), *[("failed", "The webhook is switched off.")] * 2]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_time", [False, True], ids=["in seconds", "as a time"])
def test_who_is_busy_says_for_how_long(status: int, as_time: bool, hook: Webhook, receiver: Receiver) -> None:
    for _ in range(2):
        webhooks.ping_webhook(webhook=hook, by=BY, now=clock.now())
    now = clock.now()
    given = format_datetime((now + timedelta(hours=1)).astimezone(UTC), usegmt=True) if as_time else "3600"
    receiver.answer = answering(status, Retry_After=given)
    send_due_deliveries()
    assert len(receiver.received) == 1, "the second waits as well"
    first = Delivery.objects.order_by("pk")[0]
    assert abs(first.due_at - now - timedelta(hours=1)) < timedelta(seconds=60)
    Delivery.objects.update(due_at=now)
    assert send_due_deliveries() == 0
    assert len(receiver.received) == 1


@pytest.mark.parametrize("given", ["-1", "soon", "99999999999999", "", "Mon, 99 Xxx 2026 00:00:00 GMT"])
def test_a_strange_wish_to_wait_is_no_trouble(given: str, ping: Delivery, receiver: Receiver) -> None:
    receiver.answer = answering(429, Retry_After=given)
    send_due_deliveries()
    row = the_delivery()
    assert row.state == "pending"
    assert row.response.startswith("429")
    assert row.due_at - clock.now() <= timedelta(days=1)


def test_one_that_is_down_rests_and_holds_nobody_else(hook: Webhook, receiver: Receiver) -> None:
    with Receiver() as down:
        dead = factories.webhook(down.url)
    for webhook in (dead, dead, dead, hook, dead):
        webhooks.ping_webhook(webhook=webhook, by=BY, now=clock.now())
    assert send_due_deliveries() == 1
    assert len(receiver.received) == 1
    tries = Delivery.objects.filter(webhook=dead).order_by("pk").values_list("attempts", flat=True)
    assert list(tries) == [1, 0, 0, 0], "each would have taken ten seconds"
    rests = []
    for _ in range(8):
        row = Webhook.objects.get(pk=dead.pk)
        assert row.paused_until is not None
        rests.append(round((row.paused_until - clock.now()).total_seconds()))
        at_once()
    assert rests[:4] == [5, 15, 45, 135]
    assert max(rests) == 900


def test_who_answers_again_has_rested(hook: Webhook, ping: Delivery, receiver: Receiver) -> None:
    webhooks.record_failure(webhook=hook, now=clock.now(), wait=None, timed_out=True)
    assert send_due_deliveries() == 0
    assert at_once() == 1
    row = Webhook.objects.get()
    assert (row.consecutive_failures, row.paused_until) == (0, None)


def test_a_mail_server_that_is_down_holds_no_webhook(hook: Webhook, receiver: Receiver, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    breach()
    assert send_due_deliveries() == 1
    assert the_delivery().state == "sent"
    assert Delivery.objects.get(channel="email").state == "pending"


def test_what_has_become_restricted_since_is_not_told(receiver: Receiver) -> None:
    factories.world()
    factories.department("tax")
    for department in (None, "statistics", "tax"):
        factories.webhook(receiver.url, name=str(department), department=department)
    targets.update_target(target=Target.objects.get(), by=BY, now=clock.now(), cooperating=["tax"])
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    indicators.update_indicator(indicator=Indicator.objects.get(), by=BY, now=clock.now(), restricted=True)
    send_due_deliveries()
    notified = dict(Delivery.objects.filter(channel="webhook").values_list("webhook__name", "state"))
    assert notified == {"None": "sent", "statistics": "sent", "tax": "dropped"}
    assert len(receiver.received) == 2


def test_a_round_ends_before_its_job_is_ended(
    hook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left, the next sweep finds: nobody is stopped in the middle of a message."""
    webhooks.ping_webhook(webhook=hook, by=BY, now=clock.now())
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_MAX_SECONDS", -1.0)
        assert send_due_deliveries() == 0
    assert (the_delivery().attempts, send_due_deliveries()) == (0, 1)


def test_an_address_that_has_become_forbidden_is_not_called(ping: Delivery, receiver: Receiver, settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_HOSTS = []
    assert send_due_deliveries() == 0
    assert the_delivery().response.startswith("blocked-destination: Only https.")
    assert receiver.connections_so_far() == 0


def test_while_a_secret_is_replaced_both_are_known(hook: Webhook, receiver: Receiver) -> None:
    old = webhooks.display_secret(hook)
    created = webhooks.rotate_secret(webhook=hook, by=BY, now=clock.now(), overlap=timedelta(hours=1))
    webhooks.ping_webhook(webhook=created, by=BY, now=clock.now())
    send_due_deliveries()
    [received] = receiver.received
    for secret in (old, webhooks.display_secret(created)):
        Reference(secret).verify(received.body, received.headers)
    Webhook.objects.update(previous_until=clock.now())
    webhooks.ping_webhook(webhook=created, by=BY, now=clock.now())
    send_due_deliveries()
    with pytest.raises(WebhookVerificationError):
        Reference(old).verify(receiver.received[1].body, receiver.received[1].headers)


def test_what_cannot_be_signed_is_not_sent(ping: Delivery, receiver: Receiver, settings: Any) -> None:
    settings.KEY_PEPPER = "another pepper"
    assert send_due_deliveries() == 0
    assert "rotate the webhook" in the_delivery().response
    assert receiver.connections_so_far() == 0


def test_what_failed_is_sent_again_under_the_same_id(ping: Delivery, receiver: Receiver) -> None:
    receiver.answer = answering(500)
    Delivery.objects.update(attempts=9)
    send_due_deliveries()
    assert the_delivery().state == "failed"
    receiver.answer = answering(204)
    outbox.replay(delivery=ping, by=BY, now=clock.now())
    assert (the_delivery().state, the_delivery().attempts) == ("pending", 0)
    assert send_due_deliveries() == 1
    first, second = (row.headers["webhook-id"] for row in receiver.received)
    assert first == second == str(ping.pk)
    assert (the_delivery().state, the_delivery().attempts) == ("sent", 1)


def test_an_answer_of_many_bytes_is_kept_short(ping: Delivery, receiver: Receiver) -> None:
    receiver.answer = answering(200, "x" * 100_000)
    assert send_due_deliveries() == 1
    assert len(the_delivery().response) <= 1000
