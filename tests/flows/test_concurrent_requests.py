"""Several callers at the same moment, through threads of one process, on the real database."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from indicators.models import Measurement, Revision, SeriesChange
from kpitracker.lib import clock
from targets.models import Alert, Assessment, Delivery
from targets.services.assessment import assess
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What `count` threads get that start together; an exception is a result, too."""
    gate = threading.Barrier(count)
    results: list[Any] = [None] * count

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = work(number)
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_same_new_figure_posted_by_twenty_is_stored_once() -> None:
    factories.world()
    results = at_once(20, lambda _: factories.figure("sales", "2024-01", 5).outcome.value)
    assert sorted(results) == ["created"] + ["unchanged"] * 19
    assert (Measurement.objects.count(), Revision.objects.count()) == (1, 1)


def test_different_contents_of_one_figure_become_numbered_revisions() -> None:
    factories.world()
    results = at_once(12, lambda number: factories.figure("sales", "2024-01", number).revision.number)
    assert sorted(results) == list(range(1, 13))
    current = Measurement.objects.get()
    assert current.revision == current.revisions == 12
    assert current.value == Revision.objects.get(number=12).value


def test_marks_are_looked_at_once_and_one_alert_is_opened() -> None:
    factories.world()
    for month in range(1, 13):
        factories.figure("sales", f"2024-{month:02}", 5)
    results = at_once(6, lambda _: assess.process_series_changes(now=clock.now()))
    while assess.process_series_changes(now=clock.now()):
        pass
    assert not [error for error in results if isinstance(error, Exception)]
    assert not SeriesChange.objects.exists()
    assert Assessment.objects.get().status == "missed"
    assert (Alert.objects.count(), Delivery.objects.count()) == (1, 1)


def test_a_figure_that_comes_while_marks_are_looked_at_is_not_forgotten() -> None:
    factories.world()

    def work(number: int) -> int:
        if number % 2:
            return assess.process_series_changes(now=clock.now())
        factories.figure("sales", f"2024-{number // 2 + 1:02}", 100)
        return 0

    at_once(24, work)
    while assess.process_series_changes(now=clock.now()):
        pass
    row = Assessment.objects.get()
    assert (row.status, str(row.actual)) == ("met", "1200")
