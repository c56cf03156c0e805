"""The real web server in front of the real application: what arrives, and how it is refused."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.processes import Running

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> str:
        assert self.headers["content-type"] == "application/problem+json"
        return str(json.loads(self.body)["type"])


def send(web: Running, raw: bytes, *, cut: bool = False) -> Answer:
    """The answer to bytes as they are; `cut` ends our side of the line after them."""
    address = urlsplit(web.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as line:
        line.sendall(raw)
        if cut:
            line.shutdown(socket.SHUT_WR)
        received = b""
        while b"\r\n\r\n" not in received:
            part = line.recv(65536)
            assert part, f"The line was closed after {received!r}"
            received += part
        head, _, body = received.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        headers = dict(one.lower().split(": ", 1) for one in rest)
        while len(body) < int(headers.get("content-length", 0)):
            body += line.recv(65536)
    return Answer(int(first.split()[1]), headers, body)


def request(method: str, path: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture
def web(live_web: Running) -> Iterator[Running]:
    yield live_web
    assert "Traceback" not in live_web.text()


def test_bodies_that_would_be_misread_are_refused(web: Running) -> None:
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
    assert time.monotonic() - started < 10


def refusal(web: Running, raw: bytes, *, cut: bool = False) -> tuple[int, str]:
    answer = send(web, raw, cut=cut)
    return answer.status, answer.problem


def test_every_spelling_of_a_path_is_answered_without_a_redirect(web: Running) -> None:
    spellings = ["targets", "targets/", "targets/A:2026", "targets/A%3A2026/", "targets/A%3a2026"]
    written = [send(web, request("POST", f"/api/v1/{path}", b"{}", "Content-Length: 2")) for path in spellings]
    read = [send(web, request("GET", f"/api/v1/{path}")) for path in spellings]

    assert {answer.status for answer in read} == {401}
    assert {answer.status for answer in written} <= {401, 405}


@pytest.mark.parametrize("path", ["/api/v1/targets/%C4%90%E1%BA%A1t/", "/api/v1/targets/%FF/", "/%0A%00/", "/api/v1/%"])
def test_no_path_is_an_error_of_ours(web: Running, path: str) -> None:
    assert send(web, request("GET", path)).status in (400, 401, 404)


def test_the_callers_request_id_comes_back(web: Running) -> None:
    answer = send(web, request("GET", "/api/v1/targets/", b"", "X-Request-ID: report-7"))

    assert answer.headers["x-request-id"] == "report-7"
    assert json.loads(answer.body)["request_id"] == "report-7"
