"""What this run of the tests is really connected to."""

import os
import socket

import pytest
from django.db import connection
from redis import Redis

from tests.settings import FOLDER, LANE

pytestmark = pytest.mark.database


@pytest.mark.django_db
def test_the_database_is_the_one_this_run_was_started_for() -> None:
    with connection.cursor() as cursor:
        cursor.execute({"sqlite": "SELECT sqlite_version()", "postgresql": "SELECT version()"}[LANE])
        (answer,) = cursor.fetchone()

    assert connection.vendor == LANE
    assert ("PostgreSQL" in answer) is (LANE == "postgresql")


@pytest.mark.django_db
def test_every_test_process_has_a_database_of_its_own() -> None:
    name = str(connection.settings_dict["NAME"])

    assert "test" in name
    assert os.environ.get("PYTEST_XDIST_WORKER", "") in name


@pytest.mark.django_db(transaction=True)
class TestCommits:
    """Each of the two fails if the other's commit was not taken back."""

    def commit(self) -> None:
        from indicators.models import Area

        assert Area.objects.count() == 0
        Area.objects.create(code="left-over", name="Left over")

    def test_one_does_not_see_the_other(self) -> None:
        self.commit()

    def test_the_other_does_not_see_the_one(self) -> None:
        self.commit()

    def test_what_migrations_made_is_still_there(self) -> None:
        from targets.models import AlertRule

        assert AlertRule.objects.filter(code="status-worrying").exists()


def test_data_lies_in_a_folder_of_this_process_only(settings: object) -> None:
    assert FOLDER == settings.DATA_DIR  # type: ignore[attr-defined]
    assert FOLDER.name == os.environ.get("PYTEST_XDIST_WORKER", "main")


def test_no_test_reaches_the_network() -> None:
    with socket.socket() as outside, pytest.raises(AssertionError, match="may not connect"):
        outside.connect(("192.0.2.1", 80))


def test_the_broker_is_real(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.info("server")["redis_version"]
        assert client.dbsize() == 0
