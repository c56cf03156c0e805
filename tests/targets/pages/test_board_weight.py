"""A board of 200 targets: queries, bytes of the first visit, and processor time beside the scorecard's JSON."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import assess
from tests.admin_support import client_of, person
from tests.support import api_of

pytestmark = pytest.mark.django_db

BOARD = "/?plan=plan"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(assess, "AREAS", 20)
    assess.world(200)
    return client_of(person("lan"))


def processor_time(work: Callable[[], Any]) -> float:
    """Seconds, the least of three."""
    seconds = []
    for _ in range(3):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


def test_200_targets_are_shown_with_few_queries_and_bytes(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    headers = {"Accept-Language": "vi"}
    client.get(BOARD, headers=headers)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(BOARD, headers=headers)
        statements = [query["sql"][:150] for query in queries.captured_queries]
    page = answer.content.decode()
    assert page.count('class="name"') == 200
    files = re.findall(r'(?:src|href)="(/static/[^"]*)"', page)
    first_visit = len(answer.content) + sum(len(client.get(file).getvalue()) for file in files)
    api = api_of()
    json = processor_time(lambda: api.get("plans/plan/scorecard/").ok())
    board = processor_time(lambda: client.get(BOARD, headers=headers))
    with capsys.disabled():
        print(
            f"\n200 targets: {len(statements)} queries, {len(answer.content):,} bytes of HTML, {first_visit:,} at the first "
            f"visit, {board / json:.1f} times the processor time of the scorecard's JSON"
        )
    assert len(statements) <= 15, statements
    assert len(answer.content) <= 120_000
    assert first_visit <= 250_000
