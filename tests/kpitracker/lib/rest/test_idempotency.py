"""Idempotency-Key on POST: the first answer again, once done."""

from datetime import timedelta
from typing import Any

import pytest

from indicators.models import Area, Revision
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry, IdempotencyRecord
from kpitracker.lib.rest import idempotency
from kpitracker.lib.rest.idempotency import delete_expired
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FIGURE = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5"}


def post(api: Api, body: Any = FIGURE, key: str = "one", path: str = "measurements/") -> Answer:
    return api.post(path, body, Idempotency_Key=key)


def test_the_first_answer_comes_again() -> None:
    factories.world()
    api = api_of()
    first, second = post(api), post(api)
    assert (first.status, second.status) == (201, 201)
    assert first.raw == second.raw
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == "true"
    assert Revision.objects.count() == 1


def test_headers_of_the_answer_come_again() -> None:
    api = api_of()
    first, second = (post(api, {"code": "a", "name": "A"}, path="areas/") for _ in range(2))
    assert first.headers["ETag"] == second.headers["ETag"]
    assert AuditEntry.objects.filter(kind="indicators.area").count() == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("measurements/", {**FIGURE, "value": "6"}, id="another body"),
        pytest.param("areas/", FIGURE, id="another path"),
    ],
)
def test_a_key_used_for_something_else_is_refused(path: str, body: Any) -> None:
    factories.world()
    api = api_of()
    post(api).ok(201)
    post(api, body, path=path).problem(422, "idempotency-key-reused")
    assert Revision.objects.count() == 1


def test_both_spellings_of_a_path_are_one_request() -> None:
    factories.world()
    api = api_of()
    post(api).ok(201)
    assert post(api, path="measurements").headers["Idempotent-Replay"] == "true"


def test_keys_belong_to_the_department() -> None:
    factories.world()
    factories.department("other")
    own, colleague, other = api_of("statistics"), api_of("statistics"), api_of("other")
    post(own).ok(201)
    assert post(colleague).headers["Idempotent-Replay"] == "true"
    post(other).problem(403, "not-your-indicator")


def test_who_may_not_write_gets_no_stored_answer() -> None:
    factories.world()
    post(api_of("statistics")).ok(201)
    post(api_of("statistics", scopes=["read"])).problem(403, "insufficient-scope")
    post(Api()).problem(401, "invalid-credential")


def test_a_refused_request_may_be_mended_under_its_key() -> None:
    factories.world()
    api = api_of()
    post(api, {**FIGURE, "value": "five"}).problem(400, "invalid-number")
    post(api, {**FIGURE, "indicator": "nothing"}).problem(422, "unknown-indicator")
    assert not IdempotencyRecord.objects.exists()
    post(api).ok(201)


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("", id="empty"),
        pytest.param("a,b", id="two headers, as the server joins them"),
        pytest.param("a" * 256, id="256 characters"),
        pytest.param("é", id="not ASCII"),
        pytest.param("a\tb", id="a control character"),
        pytest.param(" ", id="a space"),
    ],
)
def test_keys_that_are_none(key: str) -> None:
    factories.world()
    post(api_of(), key=key).problem(400, "invalid-idempotency-key")
    assert not Revision.objects.exists()


@pytest.mark.parametrize("key", ["a", "a" * 255, "7b1f0d2e-0000-4000-8000-1234567890ab", 'with space "and" quotes'])
def test_keys_that_are_some(key: str) -> None:
    factories.world()
    api = api_of()
    post(api, key=key).ok(201)
    assert post(api, key=key).headers["Idempotent-Replay"] == "true"


def test_a_failure_after_the_write_takes_key_and_write_back(monkeypatch: pytest.MonkeyPatch) -> None:

    def fail(*_: Any) -> None:
        raise RuntimeError("after the write, before the answer is stored")

    api = api_of()
    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "_store_response", fail)
        post(api, {"code": "a", "name": "A"}, path="areas/").problem(500, "internal-error")
    assert not Area.objects.exists()
    post(api, {"code": "a", "name": "A"}, path="areas/").ok(201)


def test_keys_are_kept_for_thirty_days() -> None:
    factories.world()
    post(api_of()).ok(201)
    assert delete_expired(now=clock.now() + timedelta(days=29)) == 0
    assert delete_expired(now=clock.now() + timedelta(days=31)) == 1
