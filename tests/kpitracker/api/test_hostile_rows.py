"""The bad inputs one by one, by the number of their row, and the exact answer to each.

What only bytes on the wire can say (lengths, chunks, cut bodies) stands in tests/kpitracker/run/test_hostile_wire.py.
"""

import json
import re
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from indicators.models import Measurement, Revision
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Scope
from kpitracker.lib.signals import credential_exposed
from targets.models import Alert
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import administrator
from tests.support import Answer, Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FIGURE = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5"}
FIGURES, AREAS = "measurements/", "areas/"
KEY = "kpi_abcd2345_" + "s" * 40
HUGE = "9" * 20


@pytest.fixture(scope="module", autouse=True)
def api(shared_rows: Callable[[], AbstractContextManager[None]]) -> Api:
    with shared_rows():
        return make_world()


def make_world() -> Api:
    factories.world()
    return api_of()


def figure(**change: Any) -> bytes:
    return json.dumps(FIGURE | change).encode()


def value(raw: bytes) -> bytes:
    return figure(value="VALUE").replace(b'"VALUE"', raw)


def many(keys: int, *more: str) -> bytes:
    """An object of so many made-up keys, of which some come twice."""
    names = [*(f"{number:x}" for number in range(keys)), *more, *more]
    return ("{" + ",".join(f'"{name}":1' for name in names) + "}").encode()


def bad(row: int, sentence: str, status: int, slug: str, raw: bytes, pointer: str = "") -> Any:
    """One body posted as a figure."""
    return pytest.param(raw, status, slug, pointer, id=f"row {row:02}: {sentence}")


@pytest.mark.parametrize(
    ("raw", "status", "slug", "pointer"),
    [
        bad(3, "an id of its own choice", 400, "unknown-field", figure(id=1), "/id"),
        bad(3, "a department posted along", 400, "unknown-field", figure(department="x"), "/department"),
        bad(3, "an author posted along", 400, "unknown-field", figure(created_by="x"), "/created_by"),
        bad(3, "a variance posted along", 400, "unknown-field", figure(variance="1"), "/variance"),
        bad(3, "ninety thousand names that are no fields", 400, "unknown-field", many(90_000)),
        bad(5, "NaN", 400, "invalid-number", value(b"NaN"), "/value"),
        bad(5, "Infinity", 400, "invalid-number", value(b"Infinity"), "/value"),
        bad(5, "minus Infinity", 400, "invalid-number", value(b"-Infinity"), "/value"),
        bad(5, "NaN as text", 400, "invalid-number", value(b'"NaN"'), "/value"),
        bad(5, "an exponent of 400", 400, "invalid-number", value(b"1e400"), "/value"),
        bad(5, "an exponent of a million", 400, "invalid-number", value(b"1e1000000"), "/value"),
        bad(5, "five thousand digits", 400, "invalid-number", value(b"9" * 5000), "/value"),
        bad(5, "an underscore", 400, "invalid-number", value(b'"1_000"'), "/value"),
        bad(5, "Arabic-Indic digits", 400, "invalid-number", value('"١٢"'.encode()), "/value"),
        bad(5, "true", 400, "invalid-number", value(b"true"), "/value"),
        bad(5, "spaces around", 400, "invalid-number", value(b'" 12 "'), "/value"),
        bad(5, "thirteen decimals", 400, "invalid-number", value(b"0." + b"1" * 13), "/value"),
        bad(5, "NaN where a text belongs", 400, "invalid-type", figure(note=float("nan")), "/note"),
        bad(5, "Infinity where a code belongs", 400, "invalid-type", figure(area=float("inf")), "/area"),
        bad(6, "nested a thousand deep", 400, "malformed-json", b"[" * 1000 + b"]" * 1000),
        bad(6, "nested a hundred thousand deep", 400, "malformed-json", b"[" * 100_000),
        bad(6, "objects nested ten thousand deep", 400, "malformed-json", b'{"a":' * 10_000),
        bad(7, "a text over 64 KB", 413, "too-large", figure(note="x" * 65_537), "/note"),
        bad(7, "a text over 64 KB beside other faults", 413, "too-large", figure(x=1, note="ạ" * 30_000), "/note"),
        bad(11, "NUL in a text", 400, "invalid-text", figure(note="a\0"), "/note"),
        bad(11, "half a character in a text", 400, "invalid-text", figure(source="\ud800"), "/source"),
        bad(11, "an escape code in a text", 400, "invalid-text", figure(note="\x1b[2J"), "/note"),
        bad(11, "NUL in a key", 400, "invalid-text", b'{"a\\u0000b": 1}'),
        bad(11, "half a character in a key", 400, "invalid-text", b'{"\\ud800": 1}'),
        bad(11, "a control character in a key deep inside", 400, "invalid-text", b'{"a": [{"\\u0007": 1}]}'),
        bad(
            11,
            "thirty thousand marks on one letter",
            400,
            "invalid-text",
            figure(note="\u0301\u0323" * 15_000),
            "/note",
        ),
        bad(12, "a key given twice after a hundred thousand", 400, "malformed-json", many(100_000, "last")),
        bad(12, "a key given twice", 400, "malformed-json", figure()[:-1] + b', "value": "6"}'),
        bad(12, "a byte order mark", 400, "malformed-json", b"\xef\xbb\xbf" + figure()),
        bad(12, "UTF-16", 400, "malformed-json", figure().decode().encode("utf-16")),
        bad(12, "bytes that are not UTF-8", 400, "malformed-json", figure(note="X").replace(b"X", b"\xc3\x28")),
        bad(12, "a character in more bytes than it needs", 400, "malformed-json", b'{"\xc0\xaf": 1}'),
    ],
)
def test_bodies(api: Api, raw: bytes, status: int, slug: str, pointer: str) -> None:
    answer = api.call("POST", FIGURES, raw=raw)

    answer.problem(status, slug)
    assert not pointer or (pointer, slug) in answer.pointers
    assert not Measurement.objects.exists()
    assert not Revision.objects.exists()


def asked(row: int, sentence: str, status: int, slug: str, *paths: str) -> list[Any]:
    """Addresses that are read."""
    return [pytest.param(path, status, slug, id=f"row {row:02}: {sentence}: {path[:50]}") for path in paths]


INTEGERS = [f"{AREAS}?page_size={HUGE}", f"{AREAS}?page_size=1{HUGE}", f"{AREAS}?cursor={HUGE}"]
NUMBERED = [f"statuses/?updated_after={HUGE}", f"targets/plan:sales:city/status/?version={HUGE}"]
DAYS = [f"{FIGURES}?period={HUGE}", f"{FIGURES}?period_start__gte={HUGE}", f"{AREAS}?parent__isnull={HUGE}"]


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        *asked(4, "a field behind a relation", 400, "unknown-parameter", f"{AREAS}?dept__token=a"),
        *asked(4, "a word of the ORM", 400, "unknown-parameter", f"{AREAS}?_connector=OR", f"{AREAS}?_negated=1"),
        *asked(4, "a misspelt filter", 400, "unknown-parameter", f"{AREAS}?serach=x", f"{AREAS}?Code=x"),
        *asked(4, "one given twice", 400, "unknown-parameter", f"{AREAS}?code=a&code=b"),
        *asked(4, "a hidden order", 400, "unknown-parameter", f"{AREAS}?ordering=department__key_hash"),
        *asked(11, "NUL in a value", 400, "invalid-parameter", f"{AREAS}?search=a%00", f"{FIGURES}?area=%00"),
        *asked(11, "NUL in a list", 400, "invalid-parameter", f"{AREAS}?code__in=a,%00"),
        *asked(11, "NUL in a name", 400, "invalid-parameter", f"{AREAS}?%00=1", f"{AREAS}?code%00=1"),
        *asked(11, "an escape code", 400, "invalid-parameter", f"{AREAS}?code=%1b[2J", f"{AREAS}?search=%c2%9b"),
        *asked(11, "bytes that are not UTF-8", 400, "invalid-parameter", f"{AREAS}?search=%ff", f"{AREAS}?%ed%a0%80=1"),
        *asked(11, "NUL in a path", 404, "not-found", "areas/%00/", "targets/a%00b/status/", "%00"),
        *asked(11, "an escape code in a path", 404, "not-found", "areas/%1b[2J/", "plans/a%0aERROR/scorecard/"),
        *asked(22, "a huge number", 400, "invalid-parameter", *INTEGERS, *NUMBERED, *DAYS),
        *asked(22, "a huge number in a path", 404, "not-found", f"areas/{HUGE}/", f"alerts/{HUGE}/", f"targets/{HUGE}"),
        *asked(
            19, "in the query", 400, "credential-in-url", f"{AREAS}?token={KEY}", f"{AREAS}?{KEY}", f"nowhere?a={KEY}"
        ),
        *asked(19, "escaped", 400, "credential-in-url", f"{AREAS}?a=kpi%5F{KEY[4:]}", f"{AREAS}?a=kpi%255F{KEY[4:]}"),
        *asked(19, "in the path", 400, "credential-in-url", f"areas/{KEY}/", f"/api/{KEY}", f"schema/?lang={KEY}"),
        *asked(19, "among others", 400, "credential-in-url", f"{AREAS}?a=Bearer+{KEY}&b=x", f"docs/?next=/{KEY}/"),
    ],
)
def test_addresses(api: Api, path: str, status: int, slug: str) -> None:
    answer = api.get(path)

    answer.problem(status, slug)
    assert b"kpi_abcd" not in answer.raw


@pytest.mark.parametrize(
    ("tag", "status", "slug"),
    [
        pytest.param(None, 428, "precondition-required", id="row 14: a change without If-Match"),
        pytest.param('"stale"', 412, "precondition-failed", id="row 14: a change with a stale If-Match"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_changes_of_what_was_not_read(api: Api, method: str, tag: str | None, status: int, slug: str) -> None:
    headers: dict[str, Any] = {"If_Match": tag} if tag else {}

    api.call(method, "areas/city/", {"code": "city", "name": "Another"}, **headers).problem(status, slug)
    assert api.get("areas/city/").ok()["name"] == "City"


@pytest.mark.parametrize(
    ("headers", "status", "slug"),
    [
        pytest.param({"Content_Encoding": "gzip"}, 415, "unsupported-encoding", id="row 10: a zipped body"),
        pytest.param(
            {"Content_Type": "application/x-www-form-urlencoded"}, 415, "unsupported-media-type", id="row 25: a form"
        ),
        pytest.param(
            {"Content_Type": "multipart/form-data; boundary=x"}, 415, "unsupported-media-type", id="row 25: many parts"
        ),
        pytest.param({"Content_Type": "text/plain"}, 415, "unsupported-media-type", id="row 25: plain text"),
        pytest.param({"Content_Type": ""}, 415, "unsupported-media-type", id="row 25: of no kind"),
    ],
)
def test_bodies_of_another_kind(api: Api, headers: dict[str, str], status: int, slug: str) -> None:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    api.post(FIGURES, FIGURE, **sent).problem(status, slug)
    assert not Measurement.objects.exists()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X" * 200])
def test_row_25_a_method_that_is_not_served(api: Api, method: str) -> None:
    answer = api.call(method, FIGURES, FIGURE)

    answer.problem(405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_row_25_a_method_override_is_ignored(api: Api, header: str) -> None:
    assert api.post(FIGURES, FIGURE, **{header: "DELETE"}).ok(201)["outcome"] == "created"


@pytest.mark.parametrize("slash", ["", "/"])
def test_row_21_a_figure_posted_in_either_spelling_is_stored(api: Api, slash: str) -> None:
    api.post(f"measurements{slash}", FIGURE).ok(201)
    assert Revision.objects.count() == 1


@pytest.mark.parametrize("path", [f"/api/v1/areas/?a={KEY}", f"/api/v1/areas/{KEY}/", f"/api/nowhere/{KEY}"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "TRACE"])
def test_row_19_a_key_in_an_address_is_told_on_before_anybody_is_asked_who_they_are(method: str, path: str) -> None:
    notified = []

    def listen(token: str, **_: Any) -> None:
        notified.append(token)
        raise RuntimeError("a listener that fails changes no answer")

    credential_exposed.connect(listen)
    try:
        answer = Api().call(method, path)
    finally:
        credential_exposed.disconnect(listen)

    answer.problem(400, "credential-in-url")
    assert notified == [KEY]


def test_row_19_what_only_resembles_a_key_is_none(api: Api) -> None:
    api.get("areas/?search=kpi_abcd2345").ok()
    api.get("areas/?search=kpi_short_x").ok()


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
@pytest.mark.parametrize("path", ["/api/v1/areas", "/api/v1/areas/", "/api/v1/docs/", "/api/nowhere"])
@override_settings(HTTPS_REQUIRED=True, SECURE_SSL_REDIRECT=True, TRUSTED_PROXIES=["127.0.0.1"])
def test_row_21_plain_http_is_refused_never_redirected(method: str, path: str) -> None:
    Api().call(method, path, {}).problem(403, "https-required")
    answer = Api().client.generic(method, path, headers={"Forwarded": "for=192.0.2.1;proto=https"})
    assert answer.status_code in (200, 401, 404, 405, 411)


@override_settings(HTTPS_REQUIRED=True, SECURE_SSL_REDIRECT=True)
def test_row_21_pages_lead_to_https_and_probes_of_health_are_answered() -> None:
    client = Client()

    page = client.get("/admin/login/")
    assert (page.status_code, page.headers["Location"]) == (301, "https://testserver/admin/login/")
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        pytest.param("application/json", "application/problem+json", id="row 24: a program"),
        pytest.param("*/*", "application/problem+json", id="row 24: a program that takes anything"),
        pytest.param("text/html,*/*;q=0.8", "text/html; charset=utf-8", id="row 24: a browser"),
    ],
)
@pytest.mark.parametrize("path", ["/admin/login/", "/i18n/setlang/", "/admin/indicators/area/add/"])
def test_a_form_without_its_token(accept: str, kind: str, path: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(path, {"username": "x"}, headers={"Accept": accept})

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, kind)
    if kind == "application/problem+json":
        assert answer.json()["type"] == "/problems/csrf-failed"
    else:
        assert "Biểu mẫu" in answer.text
        assert "The form" in answer.text


def test_row_24_a_session_opens_no_door_of_the_api(api: Api) -> None:
    client = administrator()

    for method in ("GET", "POST"):
        answer = client.generic(method, "/api/v1/areas/", "{}", content_type="application/json")
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/invalid-credential")


def test_row_26_line_ends_and_markup_in_a_text_come_back_as_they_were(api: Api) -> None:
    note = "first\r\nERROR forged <script>alert(1)</script>"

    answer = api.post(FIGURES, {**FIGURE, "note": note})
    assert answer.ok(201)["note"] == note
    assert b"\n" not in answer.raw


def secret_world() -> None:
    """A restricted indicator of one department, with all that hangs on it, and another department."""
    factories.department("other")
    factories.indicator("secret", department="statistics", restricted=True)
    factories.target("secret")
    factories.figure("secret", "2024", 900)
    assess.process_series_changes(now=clock.now())


def other() -> Api:
    """Who keeps the catalogue sees everything; another department has everything but that."""
    return api_of("other", scopes=sorted(ALL_SCOPES - {Scope.ADMIN}))


def masked(answer: Answer, *names: str) -> bytes:
    """The bytes but for the request's id, and for the name that was asked for."""
    body = re.sub(rb'"request_id":"[^"]*"', b"", answer.raw)
    for name in names:
        body = body.replace(name.encode(), b"<name>")
    return body


HIDDEN = ["indicators/{}/", "indicators/{}/series/", "targets/plan:{}:city/", "targets/plan:{}:city/status/"]


@pytest.mark.parametrize("path", [*HIDDEN, "targets/plan:{}:city/history/", "targets/plan:{}:city/amendments/"])
def test_row_01_what_is_restricted_is_as_if_it_were_not_there(path: str) -> None:
    secret_world()
    stranger = other()

    hidden, free = stranger.get(path.format("secret")), stranger.get(path.format("nought"))

    hidden.problem(404, "not-found")
    assert masked(hidden) == masked(free)
    api_of("statistics").get(path.format("secret")).ok()


def test_row_01_an_alert_of_a_restricted_target_cannot_be_read_by_its_id() -> None:
    secret_world()
    alert = Alert.objects.get(target__indicator__code="secret")
    free = f"alerts/{uuid.uuid4()}/"

    hidden = other().get(f"alerts/{alert.pk}/")

    hidden.problem(404, "not-found")
    assert masked(hidden) == masked(other().get(free))
    api_of("statistics").get(f"alerts/{alert.pk}/").ok()


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_row_01_what_is_restricted_cannot_be_changed(method: str) -> None:
    secret_world()
    other().call(method, "targets/plan:secret:city/", {}, If_Match="*").problem(404, "not-found")


def test_row_02_a_figure_of_another_departments_indicator() -> None:
    secret_world()
    stranger = other()

    stranger.post(FIGURES, FIGURE).problem(403, "not-your-indicator")
    hidden = stranger.post(FIGURES, {**FIGURE, "indicator": "secret"})
    free = stranger.post(FIGURES, {**FIGURE, "indicator": "nought"})

    hidden.problem(422, "unknown-indicator")
    assert masked(hidden, "secret") == masked(free, "nought")
    assert Revision.objects.count() == 1


@pytest.mark.parametrize(
    ("key", "body", "status", "slug"),
    [
        pytest.param("used", FIGURE | {"value": "6"}, 422, "idempotency-key-reused", id="row 13: for another body"),
        pytest.param("a,b", FIGURE, 400, "invalid-idempotency-key", id="row 13: two headers"),
        pytest.param("a" * 256, FIGURE, 400, "invalid-idempotency-key", id="row 13: over 255 characters"),
        pytest.param("", FIGURE, 400, "invalid-idempotency-key", id="row 13: an empty one"),
        pytest.param(KEY, FIGURE, 400, "invalid-idempotency-key", id="row 13: a key of the service"),
        pytest.param(f"x {KEY}", FIGURE, 400, "invalid-idempotency-key", id="row 13: one with a key of the service"),
    ],
)
def test_idempotency_keys(api: Api, key: str, body: dict[str, str], status: int, slug: str) -> None:
    api.post(FIGURES, FIGURE, Idempotency_Key="used").ok(201)

    api.post(FIGURES, body, Idempotency_Key=key).problem(status, slug)
    assert Revision.objects.count() == 1


def test_row_18_whatever_is_wrong_with_a_key_the_bytes_are_the_same() -> None:
    now, long_ago = clock.now(), clock.now() - timedelta(days=2)
    good, revoked = issue(), issue()
    api_keys.revoke_key(key=revoked.key, by=factories.BY, now=now)
    expired = issue(now=long_ago, expires_at=long_ago + timedelta(days=1))
    wrong = good.secret[:-1] + ("a" if good.secret[-1] != "a" else "b")

    answers = [
        Api(secret).get(AREAS) for secret in (None, wrong, KEY, "nonsense", expired.secret, revoked.secret)
    ]  # fmt: skip

    for answer in answers:
        answer.problem(401, "invalid-credential")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert len({masked(answer) for answer in answers}) == 1
    Api(good.secret).get(AREAS).ok()


def issue(**values: Any) -> api_keys.IssuedKey:
    return api_keys.issue_key(**{"scopes": ["read"], "by": factories.BY, "now": clock.now(), **values})


def test_row_19_a_valid_key_in_an_address_is_flagged_to_its_owner() -> None:
    issued = issue()
    Api().get(f"{AREAS}?key={issued.secret}").problem(400, "credential-in-url")

    me = Api(issued.secret).get("me/").ok()
    assert [warning["slug"] for warning in me["warnings"]] == ["key-exposed"]


def test_row_20_a_key_from_elsewhere_or_without_the_scope() -> None:
    Api(issue(addresses=["192.0.2.0/24"]).secret).get(AREAS).problem(403, "address-not-allowed")
    Api(issue().secret).post(AREAS, {"code": "a", "name": "A"}).problem(403, "insufficient-scope")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X_Forwarded_For", "Forwarded", "X-Real-IP", "Client-IP"])
def test_row_20_an_address_is_not_believed_from_anybody(header: str) -> None:
    secret = issue(addresses=["192.0.2.0/24"]).secret
    message = {header: "for=192.0.2.1" if header == "Forwarded" else "192.0.2.1"}

    Api(secret).get(AREAS, **message).problem(403, "address-not-allowed")
    with override_settings(TRUSTED_PROXIES=["127.0.0.1/32"]):
        assert (Api(secret).get(AREAS, **message).status == 200) == (header == "Forwarded")


@pytest.mark.parametrize(
    ("limits", "method", "headers", "status"),
    [
        pytest.param({}, "POST", {}, 403, id="without the scope"),
        pytest.param({"addresses": ["192.0.2.0/24"]}, "GET", {}, 403, id="from elsewhere"),
        pytest.param({}, "GET", {"Accept": "image/png"}, 406, id="for what is not served"),
        pytest.param({}, "PROPFIND", {}, 403, id="by a method that is not served"),
    ],
)
def test_row_23_what_is_refused_counts(
    limits: dict[str, Any], method: str, headers: dict[str, Any], status: int
) -> None:
    api = Api(issue(rate=3, **limits).secret)

    answers = [api.call(method, AREAS, {}, **headers) for _ in range(12)]

    assert [answer.status for answer in answers] == [status] * 3 + [429] * 9
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_row_23_over_the_rate() -> None:
    api = Api(issue(rate=3).secret)
    for _ in range(3):
        api.get(AREAS).ok()

    refused = api.get(AREAS)
    refused.problem(429, "rate-limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
