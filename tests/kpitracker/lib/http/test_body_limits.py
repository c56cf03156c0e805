"""Bodies that WSGI would hand over as something else than what was sent are refused."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from kpitracker.lib.http.request_guard import RequestGuardMiddleware

FIGURE = b'{"value": "1"}'


def send(
    method: str = "POST",
    path: str = "/api/v1/measurements/",
    body: bytes = FIGURE,
    stream: BytesIO | None = None,
    **meta: str | None,
) -> HttpResponse:
    """The answer of the guard and, if it let the body pass, of a view that repeats what it received."""
    request = RequestFactory().generic(method, path)
    changes = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": stream or BytesIO(body)} | meta
    request = WSGIRequest({name: value for name, value in (request.META | changes).items() if value is not None})

    def repeat(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.body, headers={"X-Passed": "yes"})

    return RequestGuardMiddleware(repeat)(request)


def refusal(response: HttpResponse) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, json.loads(response.content)["type"]


def passed(response: HttpResponse) -> bool:
    return response.headers.get("X-Passed") == "yes"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_whole_plain_body_passes_unchanged(method: str) -> None:
    response = send(method)

    assert passed(response)
    assert response.content == FIGURE


def test_an_announced_empty_body_passes() -> None:
    assert passed(send(body=b""))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("length", [None, "", "abc", "-1", "٣"])
def test_a_body_of_unknown_length_is_refused(method: str, length: str | None) -> None:
    assert refusal(send(method, CONTENT_LENGTH=length)) == (411, "/problems/length-required")


@pytest.mark.parametrize("length", [None, str(len(FIGURE))])
def test_a_chunked_body_is_refused_since_it_would_arrive_empty(length: str | None) -> None:
    response = send(CONTENT_LENGTH=length, HTTP_TRANSFER_ENCODING="chunked")

    assert refusal(response) == (411, "/problems/length-required")


class Unread(BytesIO):
    def read(self, *args: Any) -> bytes:
        raise AssertionError("the body was read")


@override_settings(DEFAULT_BODY_LIMIT=100)
def test_a_body_over_the_limit_is_refused_before_any_of_it_is_read() -> None:
    response = send(CONTENT_LENGTH="101", stream=Unread())

    assert refusal(response) == (413, "/problems/too-large")


@override_settings(DEFAULT_BODY_LIMIT=100)
def test_a_body_of_exactly_the_limit_passes() -> None:
    assert passed(send(body=b"x" * 100))


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip"])
def test_a_compressed_body_is_refused(encoding: str) -> None:
    assert refusal(send(HTTP_CONTENT_ENCODING=encoding)) == (415, "/problems/unsupported-encoding")


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_a_body_that_says_it_is_not_compressed_passes(encoding: str) -> None:
    assert passed(send(HTTP_CONTENT_ENCODING=encoding))


@pytest.mark.parametrize("arrived", [b"", FIGURE])
def test_a_body_shorter_than_announced_is_refused_even_if_it_could_be_parsed(arrived: bytes) -> None:
    assert refusal(send(body=arrived, CONTENT_LENGTH="100")) == (400, "/problems/incomplete-body")


class Cut(BytesIO):
    def read(self, *args: Any) -> bytes:
        raise ConnectionResetError("the line was cut")


def test_a_line_cut_while_reading_is_an_incomplete_body() -> None:
    response = send(CONTENT_LENGTH="100", stream=Cut())

    assert refusal(response) == (400, "/problems/incomplete-body")


@pytest.mark.parametrize(
    "method, path", [("GET", "/api/v1/measurements/"), ("DELETE", "/api/v1/keys/x/"), ("POST", "/admin/login/")]
)
def test_what_carries_no_body_of_the_api_is_not_looked_at(method: str, path: str) -> None:
    assert passed(send(method, path, body=b"", CONTENT_LENGTH=None))
