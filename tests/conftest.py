"""What all tests share: a quiet world (one zone, no network) and, for those that ask, real servers."""

import gc
import os
import time

os.environ["TZ"] = "UTC"
time.tzset()

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import transaction
from redis import Redis

from kpitracker.env import broker_socket
from tests import databases, example_counts, processes
from tests.launcher.redis import redis_at
from tests.processes import Running
from tests.settings import LANE

_connect = socket.socket.connect


def _local_only(self: socket.socket, address: Any) -> None:
    """Refuse every connection that would leave this machine: a test that needs one is wrong."""
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise AssertionError(f"A test may not connect to {address}.")
    _connect(self, address)


socket.socket.connect = _local_only  # type: ignore[method-assign, assignment]


def pytest_configure() -> None:
    example_counts.load_profile()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other database, and begin with what starts whole services.

    Such tests mostly wait: begun first, in one process, they leave the cores to the others; at the end, where
    pytest-django puts them, the cores would wait as well.
    """
    other_database = [item for item in items if (mark := item.get_closest_marker("only_on")) and LANE not in mark.args]
    if other_database:
        config.hook.pytest_deselected(items=other_database)
        items[:] = [item for item in items if item not in other_database]
    items.sort(key=lambda item: item.get_closest_marker("process") is None)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking through it for garbage again and again takes a tenth of a run."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """In the process that started all others, which have ended."""
    if not hasattr(config, "workerinput"):
        databases.forget(databases.TEMPLATE)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Instead of pytest-django's, which would run all migrations in every process."""
    with django_db_blocker.unblock():
        databases.make()
    yield
    with django_db_blocker.unblock():
        databases.forget(databases.OWN)


@pytest.fixture(scope="module")
def shared_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Rows made once for a module: `with shared_rows(): make them`. Each test is taken back to them."""
    with django_db_blocker.unblock(), transaction.atomic():
        with django_db_blocker.block():
            yield django_db_blocker.unblock
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The URL of a real Redis server, for this test process: that of `make test`, else one that starts now."""
    if "TEST_REDIS_URL" in os.environ:
        yield os.environ["REDIS_URL"]
        return
    # Where the settings look for it.
    with redis_at(broker_socket()) as server:
        yield server.url


@pytest.fixture
def redis_url(broker: str) -> str:
    """The same, with nothing in it."""
    with Redis.from_url(broker) as client:
        client.flushdb()
    return broker


@pytest.fixture
def celery_worker_process(transactional_db: None, redis_url: str) -> Iterator[Running]:
    """A Celery worker in processes of its own, on the test database; it is ready."""
    with processes.celery_worker(redis_url) as worker:
        yield worker


@pytest.fixture
def live_web(transactional_db: None, redis_url: str) -> Iterator[Running]:
    """The real web server on the test database, at `.url`; it answers."""
    with processes.web_server(redis_url) as web:
        yield web
