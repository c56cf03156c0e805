"""While another program writes and does not end, readers and probes of the real web server are answered."""

import sqlite3
import threading
from http.client import HTTPConnection
from typing import Any

import pytest
from django.db import connection

from indicators.models import Import, Revision
from tasks import wakeup
from tests import factories, processes
from tests.processes import Running, wait_until
from tests.support import api_of

pytestmark = [pytest.mark.process, pytest.mark.only_on("sqlite")]

POSTERS = 40
# Of each of the two processes one thread is first in the queue and two more may wait behind it (WEB_THREADS less two).
WAITING = 2 * 3


def send(web: Running, method: str, path: str, key: str, body: str = "") -> tuple[int, dict[str, str]]:
    host, port = web.url.removeprefix("http://").split(":")
    client = HTTPConnection(host, int(port), timeout=120)
    try:
        headers = {"Authorization": key, "Content-Type": "application/json"}
        client.request(method, path, body or None, headers)
        answer = client.getresponse()
        answer.read()
        return answer.status, dict(answer.getheaders())
    finally:
        client.close()


def test_posters_that_wait_leave_threads_to_readers_and_probes(live_web: Running) -> None:
    factories.world()
    key = str(api_of().headers["Authorization"])
    answers: dict[int, tuple[int, dict[str, str]]] = {}

    def post(number: int) -> None:
        body = f'{{"indicator": "sales", "period": "{2000 + number}", "value": "1"}}'
        answers[number] = send(live_web, "POST", "/api/v1/measurements/", key, body)

    plain = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    plain.execute("BEGIN IMMEDIATE")
    posters = [threading.Thread(target=post, args=(number,)) for number in range(POSTERS)]
    for poster in posters:
        poster.start()
    # Some are sent away while the writer goes on; the others still wait for it.
    wait_until(lambda: len(answers) >= POSTERS - WAITING, "posters that are sent away")
    refused = dict(answers)
    # These answers arrive before the writer ends: no one of them waits for it.
    probes = [send(live_web, "GET", path, key)[0] for path in ("/health/live", "/api/v1/indicators/") for _ in range(4)]
    ready = send(live_web, "GET", "/health/ready", key)[0]
    plain.execute("ROLLBACK")
    for poster in posters:
        poster.join()
    plain.close()

    assert probes == [200] * 8
    assert ready in (200, 503)
    assert {status for status, _ in refused.values()} == {503}
    assert all(int(headers["Retry-After"]) > 0 for _, headers in map(with_title_case, refused.values()))
    # What had waited is stored.
    assert 201 in {answers[number][0] for number in set(answers) - set(refused)}


def with_title_case(answer: tuple[int, dict[str, str]]) -> tuple[int, dict[str, Any]]:
    status, headers = answer
    return status, {name.title(): value for name, value in headers.items()}


ROWS = 30_000


def csv_of(rows: int) -> str:
    lines = [
        f"sales,city,{1900 + row % 100}-{row // 100 % 12 + 1:02},{row},20{row // 1200:02}-01-15" for row in range(rows)
    ]
    return "\n".join(["indicator,area,period,value,published", *lines])


def test_figures_are_posted_between_the_slices_of_an_atomic_import(live_web: Running, redis_url: str) -> None:
    factories.world()
    key = str(api_of().headers["Authorization"])
    media = {"Content-Type": "text/csv", "Prefer": "respond-async"}
    api_of().call("POST", "measurements/batch/", raw=csv_of(ROWS).encode(), **media).ok(202)
    batch, posts, probes = Import.objects.get(), list[tuple[int, int]](), set[int]()
    with processes.celery_worker(redis_url):
        wakeup.request_task("tasks.imports.run_imports")
        wait_until(lambda: rows_done(batch) > 0, "the first slice")
        while (done := rows_done(batch)) < ROWS:
            body = f'{{"indicator": "sales", "period": "{2050 + len(posts) % 100}-{len(posts) // 100 + 1:02}", "value": "1"}}'
            status, _ = send(live_web, "POST", "/api/v1/measurements/", key, body)
            posts.append((status, done))
            probes.add(send(live_web, "GET", "/health/live", key)[0])
        wait_until(lambda: not Import.objects.filter(pk=batch.pk, state__in=Import.OPEN).exists(), "the commit")
    # Posts were answered between the slices, long before the commit.
    assert {status for status, _ in posts} == {201}, posts
    assert len({done for _, done in posts}) >= 3, posts
    assert probes == {200}
    batch.refresh_from_db()
    assert (batch.state, batch.created + batch.revised) == ("done", ROWS)
    assert Revision.objects.count() == ROWS + len(posts)


def rows_done(batch: Import) -> int:
    batch.refresh_from_db()
    return batch.rows_done
