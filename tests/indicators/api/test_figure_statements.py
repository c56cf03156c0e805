"""How many statements one posted figure costs. A savepoint counts, BEGIN and COMMIT do not."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.support import api_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
FIGURE = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5"}
# SQLite has no statement that writes several tables: the figure, its revision, the audit entry and the mark are four.
MOST = {"postgresql": 8, "sqlite": 11}


def counted(queries: CaptureQueriesContext) -> list[str]:
    statements = [query["sql"].strip() for query in queries.captured_queries]
    return [sql for sql in statements if not re.match(r"BEGIN|COMMIT", sql)]


@pytest.fixture
def post() -> Any:
    """Posts a revision of a figure that is known and read by a target, after others have made everything warm."""
    factories.world()
    api = api_of("statistics", scopes=["read", "figures:write"])
    numbers = iter(range(100))

    def post(**values: Any) -> list[str]:
        number = next(numbers)
        with CaptureQueriesContext(connection) as queries:
            api.post("measurements/", {**FIGURE, "value": str(number), **values}, Idempotency_Key=f"k{number}").ok(201)
        return counted(queries)

    post()
    post()
    return post


def test_a_new_revision_of_a_known_figure(post: Any) -> None:
    statements = post()
    assert len(statements) <= MOST[connection.vendor], "\n".join(statements)
    assert not [sql for sql in statements if sql.startswith(("SAVEPOINT", "RELEASE"))]


def test_their_number_does_not_grow_with_what_is_stored(post: Any) -> None:
    few = len(post())
    for month in range(2, 13):
        factories.figure("sales", f"2024-{month:02}", month)
    for number in range(5):
        factories.plan(f"plan-{number}")
        factories.target(plan=f"plan-{number}")
        factories.indicator(f"parts-{number}", formula="sales * 2")
    for _ in range(5):
        post()
    assert len(post()) == few


def test_the_first_of_a_new_figure(post: Any) -> None:
    assert len(post(period="2024-03")) <= MOST[connection.vendor]


def test_an_error_undoes_key_and_figure_without_a_savepoint(post: Any) -> None:
    api = api_of("statistics", scopes=["read", "figures:write"])
    entries = AuditEntry.objects.count()
    body = {**FIGURE, "published": clock.today().replace(year=2999).isoformat()}
    api.post("measurements/", body, Idempotency_Key="wrong").problem(400, "invalid-date")
    assert AuditEntry.objects.count() == entries
    api.post("measurements/", {**FIGURE, "value": "77"}, Idempotency_Key="wrong").ok(201)
