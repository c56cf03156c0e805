"""What strangers send, and the exact answer."""

import pytest

from indicators.models import Measurement, Revision
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

FIGURE = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5"}


@pytest.fixture
def api() -> Api:
    factories.world()
    return api_of()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"NaN", id="NaN"),
        pytest.param(b"1e400", id="an exponent"),
        pytest.param(b"1e1000000", id="a huge exponent"),
        pytest.param(b'"1_000"', id="an underscore"),
        pytest.param('"١٢"'.encode(), id="Arabic digits"),
        pytest.param(b'" 12 "', id="spaces"),
        pytest.param(b"true", id="true"),
        pytest.param(b"0.1234567", id="seven decimals"),
        pytest.param(b"9" * 5000, id="five thousand digits"),
        pytest.param(b"[1]", id="a list"),
    ],
)
def test_numbers_that_are_none(api: Api, value: bytes) -> None:
    body = b'{"indicator": "sales", "area": "city", "period": "2024-01", "value": ' + value + b"}"
    answer = api.call("POST", "measurements/", raw=body)
    answer.problem(400, "invalid-number")
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "slug"),
    [
        pytest.param("period", "2024-13", "invalid-period", id="a thirteenth month"),
        pytest.param("period", "2024-02/2024-01", "invalid-period", id="a period that runs backwards"),
        pytest.param("period", 2024, "invalid-period", id="a year as number"),
        pytest.param("period", "2024-02-30", "invalid-period", id="a day that is none"),
        pytest.param("published", "yesterday", "invalid-date", id="a day in words"),
        pytest.param("published", "2999-01-01", "invalid-date", id="a day after today"),
        pytest.param("published", 20240101, "invalid-date", id="a day as number"),
        pytest.param("stage", "final", "invalid-choice", id="a stage that is none"),
        pytest.param("qualifier", "around", "invalid-choice", id="a qualifier that is none"),
        pytest.param("note", "a\x00", "invalid-text", id="NUL"),
        pytest.param("source", "\ud800", "invalid-text", id="a lone surrogate"),
        pytest.param("note", {"a": 1}, "invalid-type", id="an object for a text"),
        pytest.param("missing_reason", "not_available", "invalid-choice", id="a value and a reason for none"),
        pytest.param("indicator", ["sales"], "invalid-type", id="a list for a code"),
        pytest.param("recorded_at", "2024-01-01T00:00:00Z", "unknown-field", id="a time that only the system gives"),
        pytest.param("department", "statistics", "unknown-field", id="who posted it"),
    ],
)
def test_bad_fields(api: Api, field: str, value: object, slug: str) -> None:
    answer = api.post("measurements/", {**FIGURE, field: value})
    answer.problem(400, slug)
    assert (f"/{field}", slug) in answer.pointers
    assert not Measurement.objects.exists()


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        pytest.param(b"[" * 100_000, "malformed-json", id="nested a hundred thousand deep"),
        pytest.param(b'{"value": 1, "value": 2}', "malformed-json", id="a key given twice"),
        pytest.param(b"\xef\xbb\xbf{}", "malformed-json", id="a byte order mark"),
        pytest.param(b"[]", "invalid-type", id="a list"),
        pytest.param(b"null", "invalid-type", id="null"),
        pytest.param(b'"text"', "invalid-type", id="a text"),
        pytest.param(b'{"\x00": 1}', "malformed-json", id="NUL in a key"),
        pytest.param(b'{"a\\u0000b": 1}', "invalid-text", id="an escaped NUL in a key"),
        pytest.param(b'{"\\ud800": 1}', "invalid-text", id="half a character in a key"),
    ],
)
def test_bad_bodies(api: Api, body: bytes, slug: str) -> None:
    answer = api.call("POST", "measurements/", raw=body)
    answer.problem(400, slug)


def test_a_figure_without_value_needs_a_reason(api: Api) -> None:
    answer = api.post("measurements/", {**FIGURE, "value": None})
    answer.problem(400, "required")
    assert answer.pointers == [("/value", "required")]


@pytest.mark.parametrize(
    ("media", "status"),
    [
        pytest.param("application/x-www-form-urlencoded", 415, id="a form"),
        pytest.param("text/plain", 415, id="plain text"),
        pytest.param("application/json", 201, id="JSON"),
        pytest.param("application/json; charset=utf-8", 201, id="JSON with its charset"),
    ],
)
def test_media_types(api: Api, media: str, status: int) -> None:
    headers = {"Content-Type": media}
    assert api.post("measurements/", FIGURE, **headers).status == status


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_methods_that_are_not_served(api: Api, method: str) -> None:
    answer = api.call(method, "measurements/", {})
    answer.problem(405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_method_override_is_ignored(api: Api) -> None:
    answer = api.post("measurements/", FIGURE, X_HTTP_Method_Override="DELETE")
    assert answer.ok(201)["outcome"] == "created"


def test_parameters_on_a_post_are_refused(api: Api) -> None:
    api.post("measurements/?dry_run=true", FIGURE).problem(400, "unknown-parameter")


def test_addresses_that_do_not_exist(api: Api) -> None:
    api.get("nothing/").problem(404, "not-found")
    api.get("areas/nothing/").problem(404, "not-found")
    api.get("/api/nowhere").problem(404, "not-found")


def test_people_get_pages(api: Api) -> None:
    for path, status in (("/nowhere", 404), ("/admin/nowhere/", 302)):
        answer = api.client.get(path)
        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith("text/html")


def test_a_name_that_would_be_code_elsewhere_is_stored_as_it_is(api: Api) -> None:
    note = '=HYPERLINK("http://x") <script>alert(1)</script>'
    assert api.post("measurements/", {**FIGURE, "note": note}).ok(201)["note"] == note
