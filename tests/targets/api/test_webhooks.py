"""Webhooks through the API: the secret shown once, changes with If-Match, the log of what was sent, sending again."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import override_settings
from standardwebhooks.webhooks import Webhook as Reference

from kpitracker.lib import clock
from kpitracker.lib.logs import OneLineFormatter
from kpitracker.lib.models import AuditEntry
from targets.models import Delivery, Webhook
from targets.services.assessment import assess
from tasks.delivery import send_due_deliveries
from tests import factories
from tests.support import Api, api_of
from tests.webhook_receivers import Receiver, answering

pytestmark = pytest.mark.django_db
URL = "https://example.org/hook"


@pytest.fixture
def api() -> Api:
    return api_of()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver, override_settings(WEBHOOK_ALLOWED_HOSTS=["127.0.0.0/8"]):
        yield receiver


def made(api: Api, **values: Any) -> Any:
    return api.post("webhooks/", {"url": URL, **values}).ok(201)


@pytest.mark.database
def test_a_webhook_is_added_and_its_secret_shown_once(api: Api) -> None:
    factories.department()
    body = {"name": "bus", "url": URL, "department": "statistics", "events": ["worse", "opened"]}
    first = api.post("webhooks/", body, Idempotency_Key="a").ok(201)
    assert first["secret"].startswith("whsec_")
    assert len(first["secret"]) == 50
    second = api.post("webhooks/", body, Idempotency_Key="a")
    assert second.headers["Idempotent-Replay"] == "true"
    assert second.ok(201) == {**first, "secret": None}
    shown = api.get(f"webhooks/{first['id']}/").ok()
    assert shown == {name: value for name, value in first.items() if name != "secret"}
    assert (shown["events"], shown["active"], shown["department"]) == (["opened", "worse"], True, "statistics")
    assert api.rows("webhooks/") == [shown]


def test_an_address_is_enough(api: Api) -> None:
    result = made(api)
    assert (result["name"], result["department"], result["events"]) == ("", None, [])


@pytest.mark.parametrize(
    "body, status, slug, pointer",
    [
        pytest.param({"url": "https://127.0.0.1/"}, 422, "webhook-url-not-allowed", "/url", id="loopback"),
        pytest.param({"url": "https://2130706433/"}, 422, "webhook-url-not-allowed", "/url", id="a number"),
        pytest.param({"url": "https://0x7f.1/"}, 422, "webhook-url-not-allowed", "/url", id="an odd number"),
        pytest.param({"url": "http://ok@127.0.0.1/"}, 422, "webhook-url-not-allowed", "/url", id="a user"),
        pytest.param({"url": "https://example.org:22/"}, 422, "webhook-url-not-allowed", "/url", id="another port"),
        pytest.param({"url": "http://example.org/"}, 422, "webhook-url-not-allowed", "/url", id="plain http"),
        pytest.param({"url": "file:///etc/passwd"}, 422, "webhook-url-not-allowed", "/url", id="a file"),
        pytest.param({"url": URL + "x" * 2000}, 400, "invalid-text", "/url", id="an address without end"),
        pytest.param({"url": ""}, 400, "required", "/url", id="an empty address"),
        pytest.param({}, 400, "required", "/url", id="no address"),
        pytest.param({"url": URL, "events": ["eaten"]}, 400, "invalid-choice", "/events/0", id="an unknown event"),
        pytest.param(
            {"url": URL, "department": "x"}, 422, "unknown-department", "/department", id="no such department"
        ),
        pytest.param({"url": URL, "secret": "whsec_a"}, 400, "unknown-field", "/secret", id="a secret of one's own"),
    ],
)
def test_none_is_added_with(body: dict[str, Any], status: int, slug: str, pointer: str, api: Api) -> None:
    answer = api.post("webhooks/", body)
    answer.problem(status, slug)
    assert answer.pointers == [(pointer, slug)]


def test_a_change_needs_the_tag_that_was_read(api: Api) -> None:
    path = f"webhooks/{made(api)['id']}/"
    tag = api.get(path).headers["ETag"]
    api.patch(path, {"name": "x"}).problem(428, "precondition-required")
    changed = api.patch(path, {"name": "x", "events": ["worse"], "active": False}, If_Match=tag)
    assert (changed.ok()["name"], changed.ok()["active"], changed.ok()["events"]) == ("x", False, ["worse"])
    api.patch(path, {"name": "y"}, If_Match=tag).problem(412, "precondition-failed")
    assert api.patch(path, {"events": []}, If_Match=changed.headers["ETag"]).ok()["events"] == []
    api.patch(path, {"url": "https://10.0.0.1/"}, If_Match="*").problem(422, "webhook-url-not-allowed")
    factories.department()
    api.patch(path, {"department": "statistics"}, If_Match="*").problem(400, "immutable")


def test_one_that_was_never_used_is_deleted_and_a_used_one_switched_off(api: Api) -> None:
    unused, used = (f"webhooks/{made(api)['id']}/" for _ in range(2))
    assert api.delete(unused, If_Match="*").status == 204
    api.get(unused).problem(404, "not-found")
    api.post(f"{used}test/").ok(201)
    api.delete(used, If_Match="*").problem(409, "in-use")
    api.patch(used, {"active": False}, If_Match="*").ok()
    api.post(f"{used}test/").problem(409, "webhook-inactive")


@pytest.mark.parametrize("path", ["webhooks/", f"webhooks/{'0' * 36}/", f"webhooks/{'0' * 36}/deliveries/"])
def test_whoever_sees_no_keys_sees_no_webhooks(path: str) -> None:
    factories.department()
    api_of("statistics").get(path).problem(403, "insufficient-scope")
    api_of(scopes=["read"]).get(path).problem(403, "insufficient-scope")


@pytest.mark.parametrize("pk", ["0" * 36, "-" * 36, "019aa8b5-0000-7000-8000-000000000000"])
def test_what_is_no_webhook_is_not_found(pk: str, api: Api) -> None:
    for path in (f"webhooks/{pk}/", f"webhooks/{pk}/deliveries/"):
        api.get(path).problem(404, "not-found")
    api.post(f"webhooks/{made(api)['id']}/deliveries/{pk}/replay/").problem(404, "not-found")


def test_a_new_secret_signs_beside_the_old_one(api: Api, receiver: Receiver) -> None:
    first = made(api, url=receiver.url)
    path = f"webhooks/{first['id']}/"
    created = api.post(f"{path}rotate/", {"overlap_hours": 1}).ok()
    assert created["secret"] != first["secret"]
    assert created["previous_secret_until"] == api.get(path).ok()["previous_secret_until"] is not None
    api.post(f"{path}test/").ok(201)
    send_due_deliveries()
    for row in (first, created):
        Reference(row["secret"]).verify(receiver.received[0].body, receiver.received[0].headers)
    assert api.post(f"{path}rotate/", {"overlap_hours": 0}).ok()["previous_secret_until"] is None


def test_a_test_is_a_message_like_the_others(api: Api, receiver: Receiver) -> None:
    hook = made(api, url=receiver.url)
    path = f"webhooks/{hook['id']}/"
    sent = api.post(f"{path}test/").ok(201)
    assert (sent["event"], sent["state"], sent["alert"]) == ("ping", "pending", None)
    assert sent["next_attempt_at"]
    send_due_deliveries()
    [received] = receiver.received
    assert received.headers["webhook-id"] == sent["id"]
    assert Reference(hook["secret"]).verify(received.body, received.headers)["type"] == "ping"
    [row] = api.rows(f"{path}deliveries/")
    assert row == {
        **sent,
        "state": "sent",
        "attempts": 1,
        "next_attempt_at": None,
        "sent_at": row["sent_at"],
        "response": "204",
    }


def test_the_log_tells_what_was_sent_newest_first_and_what_failed_is_sent_again(api: Api, receiver: Receiver) -> None:
    path = f"webhooks/{made(api, url=receiver.url)['id']}/"
    factories.world()
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    ping = api.post(f"{path}test/").ok(201)
    receiver.answer = answering(410, "moved")
    Delivery.objects.filter(pk=ping["id"]).update(due_at=clock.now())
    send_due_deliveries()
    rows = api.rows(f"{path}deliveries/?page_size=1")
    assert [(row["event"], row["state"]) for row in rows] == [("ping", "failed"), ("opened", "failed")]
    assert {row["response"] for row in rows} == {"410 moved", "The webhook is switched off."}
    assert api.get(path).ok()["disabled_reason"] == "410 moved"
    second = f"{path}deliveries/{rows[1]['id']}/replay/"
    api.post(second).problem(409, "webhook-inactive")
    api.patch(path, {"active": True}, If_Match="*").ok()
    assert api.get(path).ok()["disabled_reason"] == ""
    receiver.answer = answering(204)
    assert api.post(second).ok()["state"] == "pending"
    api.post(second).problem(409, "not-replayable")
    send_due_deliveries()
    assert {row["id"]: row["state"] for row in api.rows(f"{path}deliveries/")}[rows[1]["id"]] == "sent"
    assert receiver.received[-1].headers["webhook-id"] == rows[1]["id"]
    assert receiver.received[-1].json["data"]["alert"] == rows[1]["alert"]


def test_what_was_sent_to_another_is_not_found(api: Api, receiver: Receiver) -> None:
    one, other = (f"webhooks/{made(api, url=receiver.url)['id']}/" for _ in range(2))
    sent = api.post(f"{one}test/").ok(201)
    send_due_deliveries()
    assert api.rows(f"{other}deliveries/") == []
    api.post(f"{other}deliveries/{sent['id']}/replay/").problem(404, "not-found")


def test_secrets_stand_nowhere(api: Api, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the whole nor its inner part: not in the database with its audit, the log, the answers to a retry."""
    caplog.set_level(logging.DEBUG)
    hook = api.post("webhooks/", {"url": receiver.url}, Idempotency_Key="a").ok(201)
    path, secrets = f"webhooks/{hook['id']}/", [hook["secret"]]
    receiver.answer = answering(500, "no")
    for _ in range(3):
        secrets.append(api.post(f"{path}rotate/", {}, Idempotency_Key=f"b{len(secrets)}").ok()["secret"])
        api.post(f"{path}test/").ok(201)
        send_due_deliveries()
    assert len(set(secrets)) == 4
    assert AuditEntry.objects.filter(kind="targets.webhook").count() == 4
    rows = [str(list(row)) for model in apps.get_models() for row in model._base_manager.values_list()]
    logged = "\n".join(map(OneLineFormatter().format, caplog.records))
    shown = json.dumps([api.get(path).ok(), api.rows(f"{path}deliveries/"), api.rows("audit/")])
    for secret in secrets:
        inner = secret.removeprefix("whsec_")
        for place in ("\n".join(rows), logged, shown):
            assert inner not in place
    assert str(Webhook.objects.get().pk) in "\n".join(rows)
    logging.getLogger("tests").error("a mistake: %s", secrets[0])
    assert secrets[0] not in OneLineFormatter().format(caplog.records[-1])
