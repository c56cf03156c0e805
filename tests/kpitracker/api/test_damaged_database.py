"""A damaged database: no start, no answer 500, and `/health/ready` says that it is unavailable."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.db import connection, connections
from django.test import Client

from indicators.models import Indicator, Measurement
from kpitracker.api import health
from kpitracker.lib.db import damage
from tasks import sweep
from tests import databases, factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.only_on("sqlite"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def forgetting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(health, "_CACHE_SECONDS", -1.0)
    yield
    damage.forget_damage()


def pages_of(plain: sqlite3.Connection, model: type[Any]) -> list[int]:
    """The first page of a table and of each of its indexes."""
    rows = plain.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name = ?", [model._meta.db_table])
    return [page for (page,) in rows if page]


def spoil(*models: type[Any]) -> None:
    """Write noise over the tables in the file, as a failing disk does."""
    connections.close_all()
    path = Path(databases.OWN)
    plain = sqlite3.connect(path)
    plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = plain.execute("PRAGMA page_size").fetchone()[0]
    pages = [page for model in models for page in pages_of(plain, model)]
    plain.close()
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * size)
            file.write(random.Random(page).randbytes(size))  # noqa: S311


@pytest.fixture
def api() -> Api:
    factories.world()
    factories.figure("sales", "2024", 900)
    sweep.run_sweep()
    return api_of()


def ready() -> tuple[int, str, str]:
    answer = Client().get("/health/ready")
    return answer.status_code, answer.json()["status"], answer.json()["checks"]["database"]


def test_requests_that_meet_the_damage_are_503_and_from_then_on_it_is_unavailable(api: Api) -> None:
    assert ready()[2] == "ok"
    # What the probe itself reads and writes is whole.
    spoil(Indicator)
    assert ready()[2] == "ok"

    api.get("indicators/").problem(503, "storage-unavailable")

    assert ready() == (503, "unavailable", "damaged")
    assert damage.has_damage()


@pytest.mark.parametrize(
    "ask",
    [
        lambda api: api.get("measurements/"),
        lambda api: api.post("measurements/", {"indicator": "sales", "period": "2025", "value": "1"}),
        lambda api: api.post("measurements/batch/", [{"indicator": "sales", "period": "2025", "value": "1"}]),
        lambda api: api.get("measurements/?format=csv"),
    ],
    ids=["reading", "posting", "a batch", "a file"],
)
def test_figures_that_cannot_be_read_or_stored(api: Api, ask: Callable[[Api], Any]) -> None:
    spoil(Measurement)

    answer = ask(api)

    answer.problem(503, "storage-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert ready() == (503, "unavailable", "damaged")


def test_a_page_says_so_instead_of_a_bare_500(api: Api) -> None:
    spoil(Indicator)
    client = Client(headers={"Accept": "text/html"}, raise_request_exception=False)

    answer = client.post("/admin/login/", {"username": "lan", "password": "x"})
    assert answer.status_code == 200

    from indicators.models import User

    spoil(User)
    answer = client.post("/admin/login/", {"username": "lan", "password": "x"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Hiện chưa lưu được" in answer.content.decode()
    assert "Nothing can be stored now" in answer.content.decode()


def test_the_daily_check_finds_damage_that_no_request_has_met(api: Api) -> None:
    assert damage.find_damage("default") is None
    spoil(Indicator)

    assert damage.find_damage("default")
    (error,) = checks.run_checks(tags=["database"], databases=["default"])
    assert error.id == "kpitracker.E003"
    assert str(connection.settings_dict["NAME"]) in error.msg
    assert "Restore it from the backup" in str(error.hint)
