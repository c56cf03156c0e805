"""Who gets in, and what strangers learn."""

from datetime import datetime, timedelta

import pytest

from indicators.models import ApiKey
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = pytest.mark.django_db


def masked(answer: Answer) -> dict[str, object]:
    return {**answer.json, "request_id": None}


def test_wrong_unknown_expired_and_revoked_keys_get_the_same_answer() -> None:
    now = clock.now()
    good = api_keys.issue_key(scopes=["read"], by=system_actor("tests"), now=now)
    expired = api_keys.issue_key(
        scopes=["read"], by=system_actor("tests"), now=now - timedelta(2), expires_at=now - timedelta(1)
    )
    revoked = api_keys.issue_key(scopes=["read"], by=system_actor("tests"), now=now)
    api_keys.revoke_key(key=revoked.key, by=system_actor("tests"), now=now)
    wrong = good.secret[:-1] + ("a" if good.secret[-1] != "a" else "b")
    strangers = [Api(), Api(wrong), Api("kpi_unknown1_" + "x" * 40), Api("nonsense"), Api("é"), Api(expired.secret)]
    answers = [api.get("areas/") for api in [*strangers, Api(revoked.secret)]]
    for answer in answers:
        answer.problem(401, "invalid-credential")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert len({str(masked(answer)) for answer in answers}) == 1
    Api(good.secret).get("areas/").ok()


def test_a_cookie_opens_nothing() -> None:
    from tests.admin_support import administrator

    assert administrator().get("/api/v1/areas/").status_code == 401


def test_the_secret_is_not_kept() -> None:
    issued = api_keys.issue_key(scopes=["read"], by=system_actor("tests"), now=clock.now())
    secret = issued.secret.rpartition("_")[2]
    stored = [str(value) for row in ApiKey.objects.values() for value in row.values()]
    assert not any(secret in value for value in stored)


@pytest.mark.database
def test_who_am_i() -> None:
    factories.department()
    me = api_of("statistics", scopes=["read", "figures:write"]).get("me/").ok()
    assert (me["department"], me["scopes"]) == ("statistics", ["figures:write", "read"])
    assert datetime.fromisoformat(me["expires"]) - clock.now() > timedelta(364)
    assert api_of(scopes=["read"]).get("me/").ok()["department"] is None


def test_no_scope_implies_another() -> None:
    for scope in ("figures:write", "figures:history", "plans:write", "alerts:write", "admin"):
        api_of(scopes=[scope]).get("areas/").problem(403, "insufficient-scope")


def test_over_the_rate_the_answer_says_when_to_come_back() -> None:
    api = api_of(rate=3)
    for _ in range(3):
        api.get("me/").ok()
    refused = api.get("me/")
    refused.problem(429, "rate-limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    api_of(rate=0).get("me/").ok()


@pytest.mark.parametrize("path", ["schema/", "docs/", "/health/live"])
def test_what_holds_no_data_is_open(path: str) -> None:
    from django.test import Client

    assert Client().get(path if path.startswith("/") else f"/api/v1/{path}").status_code == 200


def test_the_language_is_that_of_the_caller_and_slugs_never_change() -> None:
    vietnamese, english = Api(language="vi").get("areas/"), Api(language="en").get("areas/")
    assert (vietnamese.json["title"], english.json["title"]) == ("Khóa không hợp lệ", "No valid key")
    assert vietnamese.slug == english.slug
