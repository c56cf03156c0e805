"""The bad inputs that only bytes on the wire can say, by the number of their row, asked of the real web server."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from indicators.models import Measurement, Revision
from tests import databases, factories, processes
from tests.fault_proxy import FaultProxy
from tests.processes import Running
from tests.raw_http import NOTHING, request, send
from tests.support import api_of

pytestmark = pytest.mark.process

FIGURES = "/api/v1/measurements/"
FIGURE = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5", "note": "x" * 200}
LIMIT = 1024 * 1024


@dataclass
class Served:
    """A server with one figure's world, a key, and a look into its database from outside."""

    web: Running
    key: str
    look: Callable[[], Any]

    def post(self, body: bytes, *headers: str, path: str = FIGURES, length: int | None = None) -> bytes:
        announced = f"Content-Length: {len(body) if length is None else length}"
        return request("POST", path, body, self.key, announced, *headers)

    def stored(self) -> tuple[int, int]:
        """Figures and revisions."""
        with self.look():
            return Measurement.objects.count(), Revision.objects.count()


@pytest.fixture(scope="module")
def served(django_db_setup: None, django_db_blocker: Any, broker: str) -> Iterator[Served]:
    """One server for the module: its world stands outside of tests' transactions and is taken back at the end."""
    with django_db_blocker.unblock():
        assert "test" in str(connection.settings_dict["NAME"]), "No test that was selected asked for the database."
        factories.world()
        key = api_of().headers["Authorization"]
        try:
            with processes.web_server(broker) as web:
                yield Served(web, f"Authorization: {key}", django_db_blocker.unblock)
                assert "Traceback" not in web.text()
                assert key.partition(" ")[2] not in web.text()
        finally:
            databases.restore()


def figure(**change: Any) -> bytes:
    return json.dumps(FIGURE | change).encode()


def padded(length: int) -> bytes:
    return figure(period="1999-01").ljust(length)


def row(number: int, sentence: str, status: int, slug: str, body: bytes, *headers: str, **more: Any) -> Any:
    return pytest.param(body, headers, more, status, slug, id=f"row {number:02}: {sentence}")


CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    ("body", "headers", "more", "status", "slug"),
    [
        row(7, "a body one byte over the limit", 413, "too-large", padded(LIMIT + 1)),
        row(7, "a body announced with 900 MB", 413, "too-large", b"{}", length=900_000_000),
        row(7, "a body announced with more than any number holds", 413, "too-large", b"{}", length=10**18),
        row(7, "a text over 64 KB", 413, "too-large", figure(note="x" * 65_537)),
        row(9, "a body shorter than announced", 400, "incomplete-body", figure(), length=1000),
        row(9, "nothing of what was announced", 400, "incomplete-body", b"", length=10),
        row(10, "a zipped body", 415, "unsupported-encoding", b"\x1f\x8b" + b"\0" * 20, "Content-Encoding: gzip"),
        row(10, "a plain body that says it is zipped", 415, "unsupported-encoding", figure(), "Content-Encoding: br"),
        row(12, "a key given twice", 400, "malformed-json", b'{"value": "1", "value": "2"}'),
        row(12, "a byte order mark", 400, "malformed-json", b"\xef\xbb\xbf" + figure()),
        row(12, "UTF-16", 400, "malformed-json", figure().decode().encode("utf-16")),
        row(12, "bytes that are not UTF-8", 400, "malformed-json", b'{"note": "\xff"}'),
        row(6, "brackets up to the limit", 400, "malformed-json", b"[" * LIMIT),
        row(5, "digits up to the limit", 400, "invalid-number", figure().replace(b'"5"', b"9" * (LIMIT - 500))),
        row(12, "a text never closed up to the limit", 400, "malformed-json", b'"' + b"\\" * (LIMIT - 1)),
        row(
            3, "names up to the limit", 400, "unknown-field", b"{%s}" % b",".join(b'"%x":1' % n for n in range(80_000))
        ),
        row(12, "names up to the limit, one twice", 400, "malformed-json", b'{%s"0":1}' % (b'"0":1,' * 170_000)),
    ],
)
def test_bodies(served: Served, body: bytes, headers: tuple[str, ...], more: Any, status: int, slug: str) -> None:
    before = served.stored()

    answer = send(served.web.url, served.post(body, *headers, **more), cut=slug == "incomplete-body")

    assert (answer.status, answer.problem) == (status, f"/problems/{slug}")
    assert served.stored() == before


@pytest.mark.parametrize("announced", [(CHUNKED,), (), (CHUNKED, "Content-Encoding: gzip")], ids=str)
def test_row_08_a_body_of_unknown_length(served: Served, announced: tuple[str, ...]) -> None:
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(figure()), figure())
    answer = send(served.web.url, request("POST", FIGURES, body if announced else b"", served.key, *announced))

    assert (answer.status, answer.problem) == (411, "/problems/length-required")
    assert served.stored() == (0, 0) or served.stored()[0] == served.stored()[1]


@pytest.mark.parametrize(
    "lengths",
    [
        pytest.param(("Content-Length: 5", "Content-Length: 300"), id="row 08: two lengths"),
        pytest.param(("Content-Length: 300", CHUNKED), id="row 08: a length and chunks"),
        pytest.param(("Content-Length: -1",), id="row 08: a length below zero"),
        pytest.param(("Content-Length: +300",), id="row 08: a length with its sign"),
        pytest.param(("Content-Length: 0x12c",), id="row 08: a length in another notation"),
        pytest.param(("Transfer-Encoding: gzip, chunked",), id="row 08: zipped chunks"),
        pytest.param(("Transfer-Encoding: x",), id="row 08: an unknown way to send"),
    ],
)
def test_lengths_that_two_readers_could_understand_differently(served: Served, lengths: tuple[str, ...]) -> None:
    before = served.stored()
    raw = request("POST", FIGURES, figure(period="1998-01"), served.key, *lengths)

    assert send(served.web.url, raw, cut=True).status in (0, 400, 411)
    assert served.stored() == before


def test_row_07_a_body_of_exactly_the_limit_is_taken(served: Served) -> None:
    answer = send(served.web.url, served.post(padded(LIMIT)))

    assert answer.status in (200, 201), answer.body


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_row_21_both_spellings_take_a_figure_without_a_redirect(served: Served, slash: str, scheme: str) -> None:
    period = {"http": 1990, "https": 1991}[scheme] + len(slash) * 2
    path = f"{scheme}://127.0.0.1{FIGURES.rstrip('/')}{slash}"
    raw = served.post(figure(period=str(period) + "-01"), path=path)

    assert send(served.web.url, raw).status == 201


@pytest.mark.parametrize(
    "path", ["//api/v1/measurements/", "/api//v1/measurements/", "/api/v1/../v1/measurements", "/API/v1/areas/"]
)
def test_row_21_no_other_spelling_is_answered_with_a_redirect(served: Served, path: str) -> None:
    assert send(served.web.url, served.post(figure(), path=path)).status in (400, 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "PROPFIND", "FIGURE", "X" * 500])
def test_row_25_a_method_that_is_not_served(served: Served, method: str) -> None:
    raw = request(method, FIGURES, b"{}", served.key, "Content-Length: 2")

    answer = send(served.web.url, raw)
    if answer != NOTHING and answer.headers.get("content-type"):
        assert (answer.status, answer.problem) == (405, "/problems/method-not-allowed")
        assert "post" in answer.headers["allow"]
    else:
        # What the server itself takes for no method at all.
        assert answer.status in (0, 400, 405, 501)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
def test_row_25_a_body_of_another_kind(served: Served, kind: str) -> None:
    raw = served.post(figure()).replace(b"Content-Type: application/json", f"Content-Type: {kind}".encode())

    answer = send(served.web.url, raw)
    assert (answer.status, answer.problem) == (415, "/problems/unsupported-media-type")


@pytest.mark.parametrize("query", [b"search=\xc4\x91", b"search=\xff", b"search=%00", b"search=%ff", b"%00=1"])
def test_row_11_bytes_in_a_query(served: Served, query: bytes) -> None:
    raw = request("GET", "/api/v1/areas/?QUERY", b"", served.key).replace(b"QUERY", query)

    assert send(served.web.url, raw).status in (400, 200 if query == b"search=\xc4\x91" else 400)


@pytest.mark.parametrize(
    "header",
    ["User-Agent: \x1b[2Jx\tERROR forged", "X-Request-ID: a\x0bERROR forged", "X-Request-ID: a%0aERROR forged"],
)
def test_row_26_no_header_writes_a_line_of_the_log(served: Served, header: str) -> None:
    send(served.web.url, request("GET", "/api/v1/areas/%0d%0aERROR%20forged/?a=%0aERROR%20forged", b"", header))

    lines = served.web.text().splitlines()
    assert not any(line.startswith("ERROR") or "ERROR forged" in line for line in lines), lines


def test_row_09_an_upload_cut_anywhere_stores_nothing(served: Served) -> None:
    whole = figure(period="1997-01")
    before = served.stored()
    assert len(whole) > 200

    for end in range(len(whole) - 200, len(whole)):
        answer = send(served.web.url, served.post(whole[:end], length=len(whole)), cut=True)
        assert answer == NOTHING or answer.status == 400, (end, answer)
        assert served.stored() == before
    assert send(served.web.url, served.post(whole)).status == 201


def test_answers_that_are_lost_store_no_figure_twice(served: Served) -> None:
    before, posts = served.stored(), 300
    with FaultProxy(served.web.url, every=0.3) as proxy:
        for number in range(posts):
            body = figure(period=f"{2000 + number // 12}-{number % 12 + 1:02}")
            while (answer := send(proxy.url, served.post(body, "Connection: close"))) == NOTHING:
                pass
            assert answer.status in (200, 201), answer.body

    assert proxy.killed >= posts // 5
    assert served.stored() == (before[0] + posts, before[1] + posts)


@pytest.mark.django_db
def test_nothing_of_all_that_is_left_for_other_tests() -> None:
    # Also what makes the test database be there when this module runs alone.
    assert not Measurement.objects.exists()
