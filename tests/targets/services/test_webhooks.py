"""Which programs are told of what: all that a key of theirs could read, of the targets that are theirs, and no more."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Actor
from kpitracker.lib.errors import Conflict, Forbidden, Unprocessable, ValidationProblem
from kpitracker.lib.outbound import webhook_signing
from targets.models import Alert, Delivery, Webhook
from targets.services.assessment import assess
from targets.services.notifications import outbox, webhooks
from tests import factories
from tests.factories import BY

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def told() -> dict[str, list[str]]:
    """The targets that each webhook is told of, by its name."""
    results: dict[str, list[str]] = {}
    for row in Delivery.objects.filter(channel="webhook").order_by("alert__target__identifier"):
        assert row.webhook is not None
        assert row.alert is not None
        results.setdefault(row.webhook.name, []).append(row.alert.target.indicator.code)
    return results


def breach(*indicators: str) -> None:
    for code in indicators:
        factories.figure(code, "2024", 900)
    while assess.process_series_changes(now=clock.now()):
        pass


@pytest.fixture
def houses() -> None:
    """Markets lie below trade; tax stands beside. Each has a webhook, and so has the whole organisation."""
    factories.area()
    for code, parent in (("trade", None), ("markets", "trade"), ("tax", None)):
        factories.department(code, **({"parent": parent} if parent else {}))
        factories.webhook(name=code, department=code)
    factories.webhook(name="all")
    factories.plan()


def target(code: str, department: str | None, **values: Any) -> None:
    factories.indicator(code, department=department, restricted=values.pop("restricted", False))
    factories.target(code, **values)


@pytest.mark.usefixtures("houses")
class TestWhoIsTold:
    def test_the_department_that_answers_and_those_above_it(self) -> None:
        target("sales", "markets")
        breach("sales")
        assert told() == {"all": ["sales"], "trade": ["sales"], "markets": ["sales"]}

    def test_a_department_that_cooperates_and_those_above_it(self) -> None:
        target("revenue", "tax", cooperating=["markets"])
        breach("revenue")
        assert told() == {"all": ["revenue"], "tax": ["revenue"], "markets": ["revenue"], "trade": ["revenue"]}

    def test_of_a_restricted_indicator_only_those_who_may_see_it(self) -> None:
        target("secret", "tax", restricted=True, cooperating=["markets"])
        breach("secret")
        assert told() == {"all": ["secret"], "tax": ["secret"]}

    def test_of_what_nobody_answers_for_only_the_whole_organisation(self) -> None:
        target("order", None)
        breach("order")
        assert told() == {"all": ["order"]}

    def test_one_that_is_switched_off_is_not_told(self) -> None:
        target("sales", "markets")
        webhooks.change_webhook(webhook=Webhook.objects.get(name="trade"), by=BY, active=False)
        breach("sales")
        assert set(told()) == {"all", "markets"}

    def test_one_that_asks_for_other_events_is_not_told(self) -> None:
        target("sales", "markets")
        webhooks.change_webhook(webhook=Webhook.objects.get(name="trade"), by=BY, events=["worse", "resolved"])
        webhooks.change_webhook(webhook=Webhook.objects.get(name="markets"), by=BY, events=["opened"])
        breach("sales")
        assert set(told()) == {"all", "markets"}

    def test_a_mail_is_written_beside_them_as_before(self) -> None:
        target("sales", "markets")
        breach("sales")
        assert Delivery.objects.filter(channel="email").count() == 1


def test_what_is_rolled_back_tells_nobody() -> None:
    factories.world()
    factories.webhook()
    with pytest.raises(ZeroDivisionError):
        assess_and_fail()
    assert not Delivery.objects.exists()
    assert not Alert.objects.exists()


def assess_and_fail() -> None:
    with transaction.atomic():
        breach("sales")
        assert Delivery.objects.count() == 2
        raise ZeroDivisionError


class TestSecrets:
    def test_a_secret_follows_from_id_generation_and_pepper(self, settings: LazySettings) -> None:
        made = factories.webhook()
        named = f"webhook:{made.pk}:1".encode()
        expected = hmac.new(settings.KEY_PEPPER.encode(), named, hashlib.sha256).digest()
        assert webhooks.display_secret(made) == webhook_signing.format_secret(expected)
        assert webhooks.display_secret(made) != webhooks.display_secret(factories.webhook())

    def test_for_the_overlap_two_secrets_sign(self) -> None:
        now, made = clock.now(), factories.webhook()
        before = webhooks.display_secret(made)
        created = webhooks.rotate_secret(webhook=made, by=BY, now=now, overlap=timedelta(hours=1))
        within = [
            webhook_signing.format_secret(signing_secret)
            for signing_secret in webhooks.signing_secrets(created, now + timedelta(minutes=59))
        ]
        assert within == [webhooks.display_secret(created), before]
        assert webhooks.display_secret(created) != before
        after = [
            webhook_signing.format_secret(signing_secret)
            for signing_secret in webhooks.signing_secrets(created, now + timedelta(minutes=61))
        ]
        assert after == [webhooks.display_secret(created)]

    def test_without_an_overlap_the_old_one_ends_at_once(self) -> None:
        created = webhooks.rotate_secret(webhook=factories.webhook(), by=BY, now=clock.now(), overlap=timedelta(0))
        assert len(webhooks.signing_secrets(created, clock.now())) == 1

    def test_a_new_pepper_changes_no_secret_until_it_is_rotated(self, settings: LazySettings) -> None:
        settings.KEY_PEPPER = "first pepper"
        made = factories.webhook()
        before = webhooks.display_secret(made)
        settings.KEY_PEPPER, settings.OLD_KEY_PEPPERS = "second pepper", ["first pepper"]
        assert webhooks.display_secret(Webhook.objects.get()) == before
        created = webhooks.rotate_secret(webhook=made, by=BY, now=clock.now())
        assert [
            webhook_signing.format_secret(signing_secret)
            for signing_secret in webhooks.signing_secrets(created, clock.now())
        ] == [
            webhooks.display_secret(created),
            before,
        ]
        settings.OLD_KEY_PEPPERS = []
        assert webhooks.display_secret(Webhook.objects.get()) == webhooks.display_secret(created)

    def test_once_its_pepper_is_gone_nothing_is_signed_wrongly(self, settings: LazySettings) -> None:
        made = factories.webhook()
        settings.KEY_PEPPER = "another pepper"
        with pytest.raises(webhooks.SecretUnavailable):
            webhooks.signing_secrets(made, clock.now())


class TestWriting:
    @pytest.mark.parametrize(
        "values, error, slug",
        [
            ({"url": "https://127.0.0.1/"}, Unprocessable, "webhook-url-not-allowed"),
            ({"url": "http://example.org/"}, Unprocessable, "webhook-url-not-allowed"),
            ({"url": ""}, Unprocessable, "webhook-url-not-allowed"),
            ({"events": ["eaten"]}, ValidationProblem, "invalid-choice"),
            ({"department": "nobody"}, Unprocessable, "unknown-department"),
        ],
    )
    def test_none_is_made_with(self, values: dict[str, Any], error: type[Exception], slug: str) -> None:
        with pytest.raises(error, match=slug):
            factories.webhook(**values)

    @pytest.mark.usefixtures("houses")
    def test_an_administrator_of_a_department_keeps_its_own_and_those_below(self) -> None:
        lan = Actor("admin lan", Department.objects.get(code="trade").pk, ALL_SCOPES, person=1)
        assert {entry.name for entry in Webhook.objects.visible_to(lan)} == {"trade", "markets"}
        webhooks.create_webhook(by=lan, now=clock.now(), url="https://example.org/", department="markets")
        for department in ("tax", None):
            with pytest.raises(Forbidden):
                webhooks.create_webhook(by=lan, now=clock.now(), url="https://example.org/", department=department)
        with pytest.raises(Forbidden):
            webhooks.rotate_secret(webhook=Webhook.objects.get(name="tax"), by=lan, now=clock.now())

    def test_who_may_not_keep_keys_keeps_no_webhooks(self) -> None:
        somebody = Actor("key", None, frozenset({"read", "plans:write"}))
        with pytest.raises(Forbidden):
            webhooks.create_webhook(by=somebody, now=clock.now(), url="https://example.org/")

    def test_one_that_was_used_is_not_deleted(self) -> None:
        made = factories.webhook()
        webhooks.ping_webhook(webhook=made, by=BY, now=clock.now())
        with pytest.raises(Conflict, match="in-use"):
            webhooks.delete_webhook(webhook=made, by=BY)

    def test_whoever_mends_one_that_was_given_up_gives_it_a_new_start(self) -> None:
        made = factories.webhook()
        webhooks.record_failure(webhook=made, now=clock.now(), wait=None, timed_out=True)
        webhooks.disable_webhook(webhook=made, reason="410 gone")
        row = Webhook.objects.get()
        assert (row.active, row.disabled_reason, row.consecutive_failures) == (False, "410 gone", 1)
        webhooks.change_webhook(webhook=row, by=BY, active=True)
        row = Webhook.objects.get()
        assert (row.active, row.disabled_reason, row.consecutive_failures, row.paused_until) == (True, "", 0, None)


class TestOrder:
    @pytest.fixture
    def two(self) -> tuple[Delivery, Delivery]:
        """What is told of one alert: it opens, and then grows worse."""
        factories.world()
        factories.webhook()
        factories.plan("running", str(clock.today().year))
        factories.target("sales", plan="running")
        for value in (100, 98, 50):
            factories.figure("sales", f"{clock.today().year}-01", value)
            assess.process_series_changes(now=clock.now())
        first, second = Delivery.objects.filter(channel="webhook").order_by("pk")
        assert [first.event, second.event] == ["opened", "worse"]
        return first, second

    def due(self, **later: int) -> list[str]:
        now = clock.now() + timedelta(**later)
        return [row.event for row in outbox.next_deliveries(now=now) if row.channel == "webhook"]

    def test_what_comes_later_waits_for_what_came_earlier(self, two: tuple[Delivery, Delivery]) -> None:
        assert self.due() == ["opened"]
        assert outbox.claim_delivery(delivery=two[0], now=clock.now())
        assert self.due() == []
        outbox.mark_failed(delivery=two[0], now=clock.now(), response="500")
        assert self.due() == []
        assert self.due(minutes=1) == ["opened"]

    @pytest.mark.parametrize("final", [False, True], ids=["is sent", "is given up"])
    def test_it_goes_on_once_the_earlier(self, final: bool, two: tuple[Delivery, Delivery]) -> None:
        assert outbox.claim_delivery(delivery=two[0], now=clock.now())
        if final:
            outbox.mark_failed(delivery=two[0], now=clock.now(), response="410", final=True)
        else:
            outbox.mark_sent(delivery=two[0], now=clock.now())
        assert self.due() == ["worse"]

    def test_other_receivers_of_the_alert_do_not_wait(self, two: tuple[Delivery, Delivery]) -> None:
        assert outbox.claim_delivery(delivery=two[0], now=clock.now())
        by_mail = [row.event for row in outbox.next_deliveries(now=clock.now()) if row.channel == "email"]
        assert by_mail == ["opened"]
