"""Keys through the API: shown once, never more than the issuer has, replaced with an overlap, revoked at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from indicators.models import ApiKey
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Actor, system_actor
from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db
BY = system_actor("tests")


def issue(**values: Any) -> api_keys.IssuedKey:
    return api_keys.issue_key(**{"scopes": ["read"], "by": BY, "now": clock.now(), **values})


@pytest.mark.database
def test_a_key_is_issued_and_its_secret_is_shown_once() -> None:
    factories.department()
    admin = api_of()
    body = {"name": "statistics", "department": "statistics", "scopes": ["read"], "addresses": ["10.1.0.0/16", "::1"]}
    made = admin.post("keys/", body, Idempotency_Key="a").ok(201)
    second = admin.post("keys/", body, Idempotency_Key="a")
    assert second.headers["Idempotent-Replay"] == "true"
    assert second.ok(201) == {**made, "secret": None}
    shown = admin.get(f"keys/{made['prefix']}/").ok()
    assert "secret" not in shown
    assert shown["addresses"] == ["10.1.0.0/16", "::1/128"]
    assert made["secret"] not in str([list(row.values()) for row in AuditEntry.objects.values()])


def test_a_department_keeps_no_catalogue() -> None:
    department = factories.department("a")
    api_of().post("keys/", {"department": "a", "scopes": ["read", "admin"]}).problem(400, "invalid-choice")
    # Also not with a key from before this was so.
    old = issue(department=department)
    ApiKey.objects.filter(pk=old.key.pk).update(scopes=sorted(ALL_SCOPES))
    for path in ("keys/", "audit/"):
        Api(old.secret).get(path).problem(403, "insufficient-scope")
    Api(old.secret).post("departments/", {"code": "b", "name": "B"}).problem(403, "insufficient-scope")


def test_nobody_gives_away_more_than_he_has() -> None:
    soon = clock.now() + timedelta(minutes=10)
    issuer = issue(scopes=["read", "admin"], expires_at=soon, rate=50, addresses=["127.0.0.0/8"])
    api = Api(issuer.secret)
    api.post("keys/", {"scopes": ["plans:write"]}).problem(403, "insufficient-scope")
    api.post("keys/", {"scopes": ["read"], "addresses": ["0.0.0.0/0"]}).problem(403, "address-not-allowed")
    for wish in ({"rate": 0}, {"rate": 600}, {"expires": "2099-01-01T00:00:00Z"}, {"addresses": ["127.0.0.1/32"]}):
        made = ApiKey.objects.get(prefix=api.post("keys/", {"scopes": ["read"], **wish}).ok(201)["prefix"])
        assert (made.expires_at, made.rate) == (issuer.key.expires_at, 50)
        assert made.addresses == wish.get("addresses", ["127.0.0.0/8"])
    prolonged = api.post(f"keys/{issuer.key.prefix}/rotate/").ok(201)
    assert ApiKey.objects.get(prefix=prolonged["prefix"]).expires_at == issuer.key.expires_at


def test_a_replacement_lives_as_long_as_the_first_was_given() -> None:
    now = clock.now()
    short = issue(now=now - timedelta(days=20), expires_at=now + timedelta(days=10))
    created = api_keys.rotate_key(key=short.key, by=BY, now=now)
    assert created.key.expires_at == now + timedelta(days=30)


def test_people_of_a_department_see_its_own_keys_only() -> None:
    factories.department("a")
    factories.department("below", parent="a")
    issue(department=factories.department("b"))
    below = issue(department=factories.department("c", parent="below"), name="far below")
    somebody = Actor("admin lan", below.key.department.parent.parent_id, ALL_SCOPES, person=1)  # type: ignore[union-attr]
    assert [key.prefix for key in ApiKey.objects.visible_to(somebody)] == [below.key.prefix]


def test_a_key_that_may_only_read_sees_no_keys() -> None:
    api_of(scopes=["read"]).get("keys/").problem(403, "insufficient-scope")
    api_of(scopes=["admin"]).get("keys/").problem(403, "insufficient-scope")


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        pytest.param({"scopes": []}, "invalid-choice", id="no scope"),
        pytest.param({"scopes": ["everything"]}, "invalid-choice", id="a scope that is none"),
        pytest.param(
            {"scopes": ["read"], "addresses": ["10.1.2.3/8"]}, "invalid-address", id="a network with host bits"
        ),
        pytest.param({"scopes": ["read"], "addresses": [""]}, "required", id="an empty address"),
        pytest.param({"scopes": ["read"], "addresses": ["home"]}, "invalid-address", id="an address in words"),
        pytest.param({"scopes": ["read"], "expires": "2020-01-01T00:00:00Z"}, "invalid-date", id="an end in the past"),
        pytest.param({"scopes": ["read"], "expires": "tomorrow"}, "invalid-date", id="an end in words"),
        pytest.param({"scopes": ["read"], "digest": "a"}, "unknown-field", id="a digest of one's own"),
    ],
)
def test_keys_that_are_not_issued(body: dict[str, Any], slug: str) -> None:
    assert api_of().post("keys/", body).problem(400, slug)


def test_a_revoked_key_opens_nothing_from_the_next_request_on() -> None:
    issued = issue()
    Api(issued.secret).get("areas/").ok()
    revoked = api_of().post(f"keys/{issued.key.prefix}/revoke/").ok()
    assert revoked["revoked_at"]
    Api(issued.secret).get("areas/").problem(401, "invalid-credential")
    assert api_of().post(f"keys/{issued.key.prefix}/revoke/").ok()["revoked_at"] == revoked["revoked_at"]


def test_a_replaced_key_goes_on_for_the_overlap() -> None:
    issued = issue(addresses=["127.0.0.0/8"])
    made = api_of().post(f"keys/{issued.key.prefix}/rotate/", {"overlap_hours": 1}).ok(201)
    assert made["replaces"] == issued.key.prefix
    assert made["addresses"] == ["127.0.0.0/8"]
    for secret in (issued.secret, made["secret"]):
        Api(secret).get("areas/").ok()
    now = clock.now()
    assert api_keys.authenticate_key(issued.secret, now + timedelta(minutes=59)) is not None
    assert api_keys.authenticate_key(issued.secret, now + timedelta(minutes=61)) is None
    api_of().post(f"keys/{issued.key.prefix}/rotate/").problem(409, "in-use")


def test_a_thousand_requests_across_a_replacement_all_succeed() -> None:
    issued = issue(rate=0)
    now, statuses = Api(issued.secret), set()
    for number in range(1000):
        if number == 500:
            created = Api(api_keys.rotate_key(key=issued.key, by=BY, now=clock.now()).secret)
        # Half of the clients have the new one at once, the others a while later.
        late = number < 500 or (number % 2 == 0 and number < 900)
        statuses.add((now if late else created).get("me/").status)
    assert statuses == {200}


def test_a_key_opens_only_from_its_addresses() -> None:
    inside, outside = issue(addresses=["127.0.0.1/32"]), issue(addresses=["10.0.0.0/8"])
    Api(inside.secret).get("areas/").ok()
    Api(outside.secret).get("areas/").problem(403, "address-not-allowed")


@pytest.mark.parametrize(
    ("address", "open_"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("11.0.0.1", False), ("", False), ("unix", False), ("::1", False)],
)
def test_addresses(address: str, open_: bool) -> None:
    from kpitracker.lib.http.ip_networks import is_in_networks, parse_networks

    assert is_in_networks(address, ["10.0.0.0/8", "2001:db8::/32"]) is open_
    assert is_in_networks(address, parse_networks(["::ffff:10.0.0.0/104"], "")) is open_


def test_an_old_pepper_still_opens_and_is_replaced_when_it_does(settings: LazySettings) -> None:
    settings.KEY_PEPPER = "first pepper"
    issued = issue()
    before = ApiKey.objects.get().digest
    settings.KEY_PEPPER, settings.OLD_KEY_PEPPERS = "second pepper", ["first pepper"]
    Api(issued.secret).get("areas/").ok()
    assert ApiKey.objects.get().digest != before
    settings.OLD_KEY_PEPPERS = []
    Api(issued.secret).get("areas/").ok()
    settings.KEY_PEPPER = "third pepper"
    Api(issued.secret).get("areas/").problem(401, "invalid-credential")


def test_a_key_from_before_peppers_had_names_opens(settings: LazySettings) -> None:
    issued = issue()
    ApiKey.objects.update(pepper="")
    Api(issued.secret).get("areas/").ok()
    ApiKey.objects.update(pepper="")
    settings.OLD_KEY_PEPPERS, settings.KEY_PEPPER = [settings.KEY_PEPPER], "second pepper"
    Api(issued.secret).get("areas/").ok()
    assert ApiKey.objects.get().pepper != ""


def test_what_an_owner_should_look_at() -> None:
    now = clock.now()
    old = issue(now=now - timedelta(100), expires_at=now + timedelta(20)).key
    assert api_keys.key_warnings(old, now) == ["key-expires-soon", "key-unused"]
    used = issue()
    api_keys.record_exposure(token=used.secret, by=Actor("stranger"), now=now)
    api_keys.record_exposure(token="kpi_unknown1_" + "x" * 40, by=Actor("stranger"), now=now)
    me = Api(used.secret).get("me/").ok()
    assert [warning["slug"] for warning in me["warnings"]] == ["key-exposed"]
    assert AuditEntry.objects.filter(verb="exposed").count() == 1


def test_issuing_replacing_and_revoking_are_on_record() -> None:
    issued = issue(scopes=sorted(ALL_SCOPES))
    api_keys.rotate_key(key=issued.key, by=BY, now=clock.now())
    api_keys.revoke_key(key=issued.key, by=BY, now=clock.now())
    of_key = AuditEntry.objects.filter(label=issued.key.prefix).order_by("pk")
    assert [entry.verb for entry in of_key] == ["issued", "rotated", "revoked"]
