"""Twenty clients that send the same at the same moment, with one Idempotency-Key."""

import json
import threading
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from indicators.models import Revision
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, system_actor
from kpitracker.lib.models import AuditEntry, IdempotencyRecord
from targets.models import LockException
from targets.services.planning import period_locks
from tests import factories
from tests.flows.test_concurrent_requests import at_once
from tests.processes import DEADLINE, Running
from tests.support import api_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

MANY = 20
FIGURE = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5"}


def leave() -> dict[str, str]:
    """Something that, unlike a figure, has nothing of its own by which a second one could be told."""
    return {"reason": "books reopened", "until": (clock.now() + timedelta(hours=1)).isoformat()}


def test_the_real_server_stores_one_figure_and_gives_everybody_the_same_answer(live_web: Running) -> None:
    factories.world()
    secret = api_keys.issue_key(scopes=sorted(ALL_SCOPES), by=system_actor("tests"), now=clock.now(), rate=0).secret
    headers = {
        "Authorization": f"Bearer {secret}", "Content-Type": "application/json", "Idempotency-Key": "one"
    }  # fmt: skip

    def post(_: int) -> tuple[int, bytes, str | None]:
        request = urllib.request.Request(f"{live_web.url}/api/v1/measurements/", json.dumps(FIGURE).encode(), headers)
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return answer.status, answer.read(), answer.headers["Idempotent-Replay"]

    answers = at_once(MANY, post)

    assert Revision.objects.count() == 1
    assert AuditEntry.objects.filter(verb="recorded").count() == 1
    assert {answer[:2] for answer in answers} == {answers[0][:2]}
    assert answers[0][0] == 201
    assert sorted(answer[2] or "" for answer in answers) == ["", *["true"] * (MANY - 1)]


def test_what_nothing_else_protects_is_done_once_too() -> None:
    factories.world()
    body = leave()
    apis = [api_of() for _ in range(MANY)]
    answers = at_once(MANY, lambda n: apis[n].post("plans/plan/exceptions/", body, Idempotency_Key="one"))

    assert LockException.objects.count() == 1
    assert {(answer.status, answer.raw) for answer in answers} == {(201, answers[0].raw)}


def test_the_control_looks_first_and_stores_more() -> None:
    """The naive order, kept to show that the test above could fail."""
    target = factories.world()
    body, together = leave(), threading.Barrier(MANY, timeout=DEADLINE)

    def check_then_insert(do: Callable[[], Any]) -> None:
        existing = IdempotencyRecord.objects.filter(owner="control", key="one").exists()
        together.wait()
        if not existing:
            with transaction.atomic():
                do()
                record = IdempotencyRecord(owner="control", key="one", fingerprint="")
                IdempotencyRecord.objects.bulk_create([record], ignore_conflicts=True)

    def grant() -> Any:
        until = clock.now() + timedelta(hours=1)
        return period_locks.grant_exception(
            plan=target.plan, by=factories.BY, now=clock.now(), reason=body["reason"], until=until
        )

    at_once(MANY, lambda _: check_then_insert(grant))

    assert LockException.objects.count() > 1


def test_a_twin_that_would_wait_too_long_is_told_to_come_back() -> None:
    """On PostgreSQL after two seconds; on SQLite writers queue anyway, and it gets the answer when its turn comes."""
    from django.db import connection

    factories.world()
    api, started, may_end = api_of(), threading.Event(), threading.Event()

    def first() -> None:
        from kpitracker.lib.db.locks_and_triggers import insert_or_ignore

        with transaction.atomic():
            insert_or_ignore(IdempotencyRecord(owner="organisation", key="one", fingerprint="x"))
            started.set()
            may_end.wait(DEADLINE)
            transaction.set_rollback(True)

    def second() -> Any:
        started.wait(DEADLINE)
        if connection.vendor == "sqlite":
            may_end.set()
        try:
            return api.post("measurements/", FIGURE, Idempotency_Key="one")
        finally:
            may_end.set()

    _, answer = at_once(2, lambda number: (first, second)[number]())

    if connection.vendor == "postgresql":
        answer.problem(409, "idempotency-in-progress")
        assert answer.headers["Retry-After"] == "2"
    else:
        answer.ok(201)
