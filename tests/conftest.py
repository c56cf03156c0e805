"""What all tests share: a quiet world (one zone, no network) and, for those that ask, real servers."""

import gc
import os
import time

os.environ["TZ"] = "UTC"
time.tzset()

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from tests import databases, processes
from tests.processes import Running

_connect = socket.socket.connect


def _local_only(self: socket.socket, address: Any) -> None:
    """Refuse every connection that would leave this machine: a test that needs one is wrong."""
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise AssertionError(f"A test may not connect to {address}.")
    _connect(self, address)


socket.socket.connect = _local_only  # type: ignore[method-assign, assignment]


# They start whole services and mostly wait for them: begun first, in one process, they leave the cores to the others;
# at the end, where pytest-django puts them, the cores would wait as well.
WAITING = {
    "test_a_message_that_kills.py",
    "test_broker_flushed.py",
    "test_crashes_lose_no_alert.py",
    "test_environment.py",
    "test_imports_survive_kills.py",
    "test_kills_lose_nothing.py",
    "test_launcher.py",
    "test_start.py",
    "test_two_of_everything.py",
}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in WAITING)


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


@pytest.fixture
def redis_url() -> str:
    """An empty database of a real server, this test process's own."""
    if "TEST_REDIS_URL" not in os.environ:
        pytest.fail("This test needs a Redis server: run it by `make test ARGS=...`, or set TEST_REDIS_URL.")
    url = os.environ["REDIS_URL"]
    with Redis.from_url(url) as client:
        client.flushdb()
    return url


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
