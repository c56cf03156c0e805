"""The check that holds every answer of an API test against the OpenAPI document finds what is not in it."""

import pytest

from tests.openapi_contract import assert_documented

PROBLEM = b'{"type": "/problems/not-found", "title": "t", "status": 404, "detail": "d", "request_id": null}'


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        pytest.param("GET", "/api/v1/areas/", 200, b'{"results": [], "next": null}', id="an empty list"),
        pytest.param("GET", "/api/v1/areas", 200, b'{"results": [], "next": null}', id="a path without its last slash"),
        pytest.param("GET", "/api/v1/areas/?page_size=1", 304, b"", id="nothing new"),
        pytest.param("PATCH", "/api/v1/reporting/due/", 405, b"{}", id="a method that the document does not have"),
        pytest.param("GET", "/api/v1/nowhere/", 418, b"", id="a path that is none"),
    ],
)
def test_what_is_documented_passes(method: str, path: str, status: int, body: bytes) -> None:
    assert_documented(method, path, status, "application/json", body)


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        pytest.param("GET", "/api/v1/areas/", 418, b"", id="a status"),
        pytest.param("GET", "/api/v1/areas/", 200, b'{"results": []}', id="a field that is missing"),
        pytest.param("GET", "/api/v1/areas/", 200, b'{"results": [], "next": 5}', id="a number for a text"),
        pytest.param("GET", "/api/v1/areas/", 200, b'{"results": [{}], "next": null}', id="a row without its fields"),
        pytest.param("GET", "/api/v1/me/", 200, b"[]", id="a list for an object"),
    ],
)
def test_what_is_not_documented_fails(method: str, path: str, status: int, body: bytes) -> None:
    with pytest.raises(AssertionError, match=r"make schema"):
        assert_documented(method, path, status, "application/json", body)


def test_problems_are_held_against_their_schema() -> None:
    assert_documented("GET", "/api/v1/areas/x/", 404, "application/problem+json", PROBLEM)
    with pytest.raises(AssertionError):
        assert_documented("GET", "/api/v1/areas/x/", 404, "application/problem+json", PROBLEM.replace(b"not-f", b"f"))
