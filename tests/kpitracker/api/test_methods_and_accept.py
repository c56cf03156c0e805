"""Every route answers OPTIONS, and no route ends in 500 for a format that the caller accepts."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

ID = "01900000-0000-7000-8000-000000000000"
PLACES = {"code": "city", "identifier": "plan:sales:city", "number": "1", "day": "2024-09-02", "prefix": "abcdefgh"}
ACCEPTED = {
    "nothing said": None, "everything": "*/*", "JSON": "application/json", "a family": "application/*", "CSV": "text/csv",
    "a workbook": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "lines": "application/x-ndjson",
    "a page": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "bytes": "application/octet-stream", "YAML": "application/yaml",
    "an image": "image/png", "a problem": "application/problem+json",
}  # fmt: skip


def paths(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Every path of version 1, with values for its parameters."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from paths(pattern, path)
        elif isinstance(pattern, URLPattern) and path.startswith("api/v1/"):
            path = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", path).replace("^", "").replace("$", "")
            path = path.replace("plans/<code>", "plans/plan").replace("indicators/<code>", "indicators/sales")
            yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: PLACES.get(match[1], ID), path)


PATHS = sorted(set(paths(get_resolver())))


@pytest.fixture(scope="module")
def secret(shared_rows: Callable[[], AbstractContextManager[None]]) -> str:
    with shared_rows():
        factories.world()
        factories.figure("sales", "2024-01", 100)
        return api_of().headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def api(secret: str) -> Api:
    return Api(secret)


def headers(accepted: str | None) -> dict[str, Any]:
    return {} if accepted is None else {"Accept": accepted}


def test_there_are_many_routes() -> None:
    assert len(PATHS) > 60


@pytest.mark.parametrize("path", PATHS)
def test_options_names_the_methods_whatever_is_accepted(api: Api, path: str) -> None:
    for name in ("nothing said", "everything", "CSV", "a page"):
        accepted = ACCEPTED[name]
        answer = api.call("OPTIONS", path, **headers(accepted))
        assert answer.status in ({200} if accepted is None or "*/*" in accepted else {200, 406}), (name, answer.raw)
        if answer.status == 200:
            assert "OPTIONS" in answer.headers["Allow"]


@pytest.mark.parametrize("path", PATHS)
def test_no_accepted_format_ends_in_an_internal_error(api: Api, path: str) -> None:
    requests = [("GET", name) for name in ACCEPTED]
    requests += [(method, "everything") for method in ("HEAD", "POST", "PUT", "PATCH", "DELETE")]
    statuses = {
        (method, name): api.call(
            method, path, None if method in ("GET", "HEAD") else {}, If_Match="*", **headers(ACCEPTED[name])
        ).status
        for method, name in requests
    }
    assert {request: status for request, status in statuses.items() if status >= 500} == {}


def test_the_workbook_comes_as_bytes_to_callers_that_know_no_other_file(api: Api) -> None:
    types = {
        accepted: api.get("measurements/template/?plan=plan", **headers(accepted)).headers["Content-Type"]
        for accepted in ("*/*", "application/json", "application/octet-stream")
    }
    workbook = ACCEPTED["a workbook"]
    assert types == {
        "*/*": workbook,
        "application/json": workbook,
        "application/octet-stream": "application/octet-stream",
    }
