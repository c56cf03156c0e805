"""The real web server in front of the real application: what arrives, and how it is refused."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from indicators.models import Area
from tests import databases, factories, processes
from tests.raw_http import request, send
from tests.support import api_of

pytestmark = pytest.mark.process


@dataclass
class Web:
    """A server with three areas, and the header that names a key."""

    url: str
    key: str


@pytest.fixture(scope="module")
def web(django_db_setup: None, django_db_blocker: Any, broker: str) -> Iterator[Web]:
    """One server for the module: nothing here writes. Its world is taken back at the end."""
    with django_db_blocker.unblock():
        assert "test" in str(connection.settings_dict["NAME"]), "No test that was selected asked for the database."
        try:
            for number in range(3):
                factories.area(f"area-{number}", name="Tỉnh " * 50)
            key = api_of().headers["Authorization"]
            with processes.web_server(broker) as running:
                yield Web(running.url, f"Authorization: {key}")
                assert "Traceback" not in running.text()
        finally:
            databases.restore()


def test_bodies_that_would_be_misread_are_refused(web: Web) -> None:
    chunked = request("POST", "/api/v1/measurements/", b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked")
    assert refusal(web, chunked) == (411, "/problems/length-required")

    unknown = request("POST", "/api/v1/measurements/")
    assert refusal(web, unknown) == (411, "/problems/length-required")

    short = request("POST", "/api/v1/measurements/", b"{}", "Content-Length: 100")
    assert refusal(web, short, cut=True) == (400, "/problems/incomplete-body")

    zipped = request("POST", "/api/v1/measurements/", b"{}", "Content-Length: 2", "Content-Encoding: gzip")
    assert refusal(web, zipped) == (415, "/problems/unsupported-encoding")

    started = time.monotonic()
    huge = request("POST", "/api/v1/measurements/", b"{}", "Content-Length: 900000000")
    assert refusal(web, huge) == (413, "/problems/too-large")
    assert time.monotonic() - started < 60


def refusal(web: Web, raw: bytes, *, cut: bool = False) -> tuple[int, str]:
    answer = send(web.url, raw, cut=cut)
    return answer.status, answer.problem


def test_every_spelling_of_a_path_is_answered_without_a_redirect(web: Web) -> None:
    spellings = ["targets", "targets/", "targets/A:2026", "targets/A%3A2026/", "targets/A%3a2026"]
    written = [send(web.url, request("POST", f"/api/v1/{path}", b"{}", "Content-Length: 2")) for path in spellings]
    read = [send(web.url, request("GET", f"/api/v1/{path}")) for path in spellings]

    assert {answer.status for answer in read} == {401}
    assert {answer.status for answer in written} <= {401, 405}


@pytest.mark.parametrize("path", ["/api/v1/targets/%C4%90%E1%BA%A1t/", "/api/v1/targets/%FF/", "/%0A%00/", "/api/v1/%"])
def test_no_path_is_an_error_of_ours(web: Web, path: str) -> None:
    assert send(web.url, request("GET", path)).status in (400, 401, 404)


def test_the_callers_request_id_comes_back(web: Web) -> None:
    answer = send(web.url, request("GET", "/api/v1/targets/", b"", "X-Request-ID: report-7"))

    assert answer.headers["x-request-id"] == "report-7"
    assert json.loads(answer.body)["request_id"] == "report-7"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_arrives_whole_with_its_length(web: Web, form: str) -> None:
    answer = send(web.url, request("GET", f"/api/v1/areas/?format={form}", b"", web.key))

    assert answer.status == 200
    assert "transfer-encoding" not in answer.headers
    assert len(answer.body) == int(answer.headers["content-length"]) > 500
    tag = f"If-None-Match: {answer.headers['etag']}"
    second = send(web.url, request("GET", f"/api/v1/areas/?format={form}", b"", web.key, tag), head_only=True)
    assert second.status == 304


@pytest.mark.django_db
def test_nothing_of_all_that_is_left_for_other_tests() -> None:
    # Also what makes the test database be there when this module runs alone.
    assert not Area.objects.exists()
