"""The root of the API lists every address where a caller can start."""

from collections.abc import Callable

import pytest

from kpitracker.lib.actor import Scope
from tests import factories
from tests.openapi_contract import DOCUMENT
from tests.support import Answer, Api, api_of

pytestmark = pytest.mark.django_db


def documented_starts() -> set[str]:
    """The paths of the OpenAPI document that answer GET and have no code or id in them."""
    paths = {path for path, methods in DOCUMENT["paths"].items() if "get" in methods and "{" not in path}
    return {path.removeprefix("/api/v1/").rstrip("/") for path in paths} - {""}


def test_every_resource_is_listed_with_a_url_that_answers() -> None:
    factories.area()
    factories.department("a")
    factories.plan(department="a")
    api = api_of()
    resources = api.get("").ok()
    # The document and its pages are not part of the document.
    assert set(resources) == documented_starts() | {"docs", "schema"}
    for name, url in resources.items():
        assert url == f"http://testserver/api/v1/{name}/"
        query = "?plan=plan" if name.endswith("template") else ""
        assert api.client.get(url + query, headers=api.headers).status_code == 200, name


@pytest.mark.parametrize("scope", Scope)
def test_a_key_of_one_scope_reads_it(scope: Scope) -> None:
    assert "measurements" in api_of(scopes=[scope]).get("").ok()


@pytest.mark.parametrize(
    ("ask", "status", "slug"),
    [
        pytest.param(lambda _: Api().get(""), 401, "invalid-credential", id="without a key"),
        pytest.param(lambda api: api.get("?plan=a"), 400, "unknown-parameter", id="with a parameter"),
        pytest.param(lambda api: api.post(""), 405, "method-not-allowed", id="by POST"),
    ],
)
def test_refused(ask: Callable[[Api], Answer], status: int, slug: str) -> None:
    ask(api_of()).problem(status, slug)


def test_the_path_works_without_the_last_slash() -> None:
    assert api_of().get("/api/v1").status == 200
