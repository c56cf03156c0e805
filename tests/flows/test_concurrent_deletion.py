"""What is true when it is checked and no longer at the commit, and who waits for whom."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from indicators.models import ApiKey, Area, FormulaInput, Indicator, ReportingDuty
from indicators.services.catalogue import areas, departments
from kpitracker.lib import clock
from kpitracker.lib.models import CommitSequence
from targets.models import Delivery, Plan
from targets.services.assessment import assess
from tests import factories
from tests.processes import DEADLINE
from tests.support import Answer, Api, api_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


class Running(threading.Thread):
    """Work beside this thread, on a connection of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self.work, self.result = work, None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.work()
        finally:
            connections.close_all()

    def end(self) -> Any:
        self.join(30)
        return self.result


@contextmanager
def beside(work: Callable[[], Any]) -> Iterator[None]:
    """A transaction of somebody else, who has done this and commits when the block ends."""
    done, end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            work()
            done.set()
            end.wait(DEADLINE)

    other = Running(hold)
    assert done.wait(DEADLINE)
    try:
        yield
    finally:
        end.set()
        other.end()


def wait_for_waiting(count: int) -> None:
    """Until so many wait for a lock. On SQLite all wait at one gate, before they have read anything."""
    until = time.monotonic() + DEADLINE
    while connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= count:
                return
        assert time.monotonic() < until
        time.sleep(0.01)


def answer_of(work: Callable[[Api], Answer], meanwhile: Callable[[], Any]) -> Answer:
    api = api_of()
    with beside(meanwhile):
        posting = Running(lambda: work(api))
        wait_for_waiting(1)
    answer: Answer = posting.end()
    return answer


@pytest.mark.parametrize(
    ("path", "body", "slug"),
    [
        pytest.param(
            "reporting/duties/",
            {"indicator": "sales", "area": "town", "department": "statistics"},
            "unknown-area",
            id="a duty",
        ),
        pytest.param(
            "plans/", {"code": "p", "name": "P", "period": "2024", "area": "town"}, "unknown-area", id="a plan"
        ),
        pytest.param("areas/", {"code": "p", "name": "P", "parent": "town"}, "unknown-area", id="a part of it"),
        pytest.param(
            "targets/",
            {"plan": "plan", "indicator": "sales", "area": "town", "goal": "at_least", "lower": "1"},
            "unknown-area",
            id="a target",
        ),
    ],
)
def test_what_is_deleted_while_it_is_referred_to(path: str, body: dict[str, str], slug: str) -> None:
    factories.world()
    town = factories.area("town", parent="city")

    answer = answer_of(lambda api: api.post(path, body), lambda: areas.delete_area(area=town, by=factories.BY))

    answer.problem(422, slug)
    assert not Area.objects.filter(code__in=["town", "p"]).exists()
    assert not ReportingDuty.objects.exists()
    assert Plan.objects.count() == 1


def test_a_department_that_is_deleted_while_it_gets_a_key() -> None:
    missing = factories.department("gone")

    answer = answer_of(
        lambda api: api.post("keys/", {"scopes": ["read"], "department": "gone"}),
        lambda: departments.delete_department(department=missing, by=factories.BY),
    )

    answer.problem(422, "unknown-department")
    assert not ApiKey.objects.exclude(department=None).exists()


def test_what_is_deleted_while_a_change_comes_to_refer_to_it() -> None:
    factories.world()
    missing = factories.department("gone")

    answer = answer_of(
        lambda api: api.patch("indicators/sales/", {"department": "gone"}, If_Match="*"),
        lambda: departments.delete_department(department=missing, by=factories.BY),
    )

    answer.problem(422, "unknown-department")
    assert Indicator.objects.get().department != missing


def test_a_reference_that_breaks_at_the_commit_is_a_conflict() -> None:
    factories.world()
    api = api_of()
    broken = "INSERT INTO indicators_formulainput (indicator_id, input_id) VALUES (998, 999);"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"CREATE TRIGGER broken AFTER INSERT ON indicators_area BEGIN {broken} END")
        else:
            cursor.execute(
                f"CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {broken} RETURN NULL; END $$"
            )
            cursor.execute("CREATE TRIGGER broken AFTER INSERT ON indicators_area EXECUTE FUNCTION broken()")

    api.post("areas/", {"code": "town", "name": "Town"}).problem(409, "in-use")

    assert not Area.objects.filter(code="town").exists()
    assert not FormulaInput.objects.exists()


def test_a_formula_and_what_it_reads_are_changed_at_once() -> None:
    factories.world()
    factories.indicator("x", formula="2 * sales")
    factories.indicator("f", formula="3 * x")
    api = api_of()

    with beside(lambda: CommitSequence.lock("structure")):
        reader = Running(lambda: api.patch("indicators/f/", {"formula": "4 * x"}, If_Match="*"))
        wait_for_waiting(1)
        read = Running(lambda: api.patch("indicators/x/", {"formula": "5 * sales"}, If_Match="*"))
        wait_for_waiting(2)

    assert [reader.end().status, read.end().status] == [200, 200]
    assert set(Indicator.objects.exclude(formula="").values_list("formula", flat=True)) == {"4 * x", "5 * sales"}


def test_a_webhook_that_is_deleted_while_it_comes_to_be_told() -> None:
    factories.world()
    hook = factories.webhook()
    factories.figure("sales", "2024", 900)

    answer = answer_of(
        lambda api: api.delete(f"webhooks/{hook.pk}/", If_Match="*"),
        lambda: assess.process_series_changes(now=clock.now()),
    )

    answer.problem(409, "in-use")
    assert Delivery.objects.filter(webhook=hook).exists()
