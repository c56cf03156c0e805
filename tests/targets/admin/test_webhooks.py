"""Webhooks in the admin: added, their secrets shown once, tried, and what failed sent again."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from indicators.models import Department
from kpitracker.lib import clock
from targets.models import Delivery, Webhook
from targets.services.assessment import assess
from targets.services.notifications import webhooks
from tests import factories
from tests.admin_support import administrator, client_of, errors, no_rows, person, submit

pytestmark = pytest.mark.django_db
ADD, LIST = "admin:targets_webhook_add", "admin:targets_webhook_changelist"
FIELDS = {"name": "bus", "url": "https://example.org/hook", "events": ["worse"], "active": "on"}


@pytest.fixture
def client() -> Client:
    return administrator()


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def act(client: Client, action: str, page: str = LIST) -> Any:
    rows = Delivery.objects.all() if "delivery" in page else Webhook.objects.all()
    return client.post(reverse(page), {"action": action, "_selected_action": [row.pk for row in rows]})


def test_one_is_added_and_its_secret_shown_once(client: Client) -> None:
    answer = submit(client, reverse(ADD), FIELDS)
    row = Webhook.objects.get()
    assert re.findall(r"whsec_\S+", said(answer)) == [webhooks.display_secret(row)]
    assert (row.name, row.events, row.active, row.department) == ("bus", ["worse"], True, None)
    path = reverse("admin:targets_webhook_change", args=[row.pk])
    first, page = (client.get(path).content.decode() for _ in range(2))
    assert webhooks.display_secret(row) in first, "the message of the page before"
    assert "whsec_" not in page
    assert "an open alert grows worse" in page


def test_an_address_within_the_house_is_complained_of_at_its_field(client: Client) -> None:
    answer = submit(client, reverse(ADD), {**FIELDS, "url": "https://10.0.0.1/"})
    assert errors(answer) == {"url": ["Not a public address."]}
    assert not Webhook.objects.exists()


def test_it_is_changed_and_the_department_stays(client: Client) -> None:
    row = factories.webhook()
    path = reverse("admin:targets_webhook_change", args=[row.pk])
    answer = submit(client, path, {**no_rows("deliveries"), "name": "x", "url": row.url})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.active, row.url) == ("x", False, "https://example.org/hook")


def test_a_new_secret_is_shown_once(client: Client) -> None:
    factories.webhook()
    answer = act(client, "rotate")
    row = Webhook.objects.get()
    assert row.secret_version == 2
    assert webhooks.display_secret(row) in said(answer)


def test_a_message_is_tried(client: Client) -> None:
    row = factories.webhook()
    assert "sent" in said(act(client, "test"))
    assert Delivery.objects.get().event == "ping"
    page = client.get(reverse("admin:targets_webhook_change", args=[row.pk])).content.decode()
    assert str(Delivery.objects.get().pk) in page
    Webhook.objects.update(active=False)
    assert "The webhook is switched off." in said(act(client, "test"))


def test_what_failed_is_sent_again_and_a_mail_that_arrived_is_not(client: Client) -> None:
    factories.world()
    factories.webhook()
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    factories.contact("lan@example.org", department="statistics", role="everything")
    factories.figure("sales", "2024", 1300)
    assess.process_series_changes(now=clock.now())
    Delivery.objects.update(state="failed", attempts=10)
    sent = Delivery.objects.filter(channel="email").earliest("pk")
    Delivery.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now())
    notified = said(act(client, "replay", "admin:targets_delivery_changelist"))
    assert "is sent again" in notified
    assert "Only webhook messages and failed messages" in notified
    assert Delivery.objects.get(pk=sent.pk).state == "sent"
    assert set(Delivery.objects.exclude(pk=sent.pk).values_list("state", flat=True)) == {"pending"}


def test_who_keeps_no_webhooks_sees_none_of_their_answers_and_sends_nothing_again() -> None:
    factories.world()
    factories.webhook()
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    Delivery.objects.update(state="failed", response="a secret of the house")
    planner = client_of(person("lan", "planner"))
    shown = planner.get(reverse("admin:targets_delivery_changelist"))
    assert {row.channel for row in shown.context["cl"].result_list} == {"email"}
    Delivery.objects.filter(channel="email").update(response="")
    alert = reverse("admin:targets_alert_change", args=[Delivery.objects.all()[0].alert_id])
    assert "a secret of the house" not in planner.get(alert).content.decode()
    act(planner, "replay", "admin:targets_delivery_changelist")
    assert not Delivery.objects.filter(state="pending").exists()


def test_a_departments_administrator_keeps_its_own() -> None:
    factories.department("trade")
    factories.department("tax")
    factories.webhook(department="tax")
    client = client_of(person("hoa", "administrator", "trade"))
    assert list(client.get(reverse(LIST)).context["cl"].result_list) == []
    answer = submit(client, reverse(ADD), FIELDS)
    assert "Only for your own department and those below it." in answer.content.decode()
    own = Department.objects.get(code="trade").pk
    assert submit(client, reverse(ADD), {**FIELDS, "department": own}).status_code == 302
    assert [str(row.department) for row in client.get(reverse(LIST)).context["cl"].result_list] == ["Trade"]
