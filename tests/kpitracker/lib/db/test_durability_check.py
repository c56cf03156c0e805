"""A database that could forget what it acknowledged is refused at the start, in words that name the setting."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from kpitracker.env import ROOT
from kpitracker.lib.db.durability_check import DURABLE, check_durability, durability_errors, read_settings
from tests.kpitracker.run.starting import environment_of
from tests.processes import database_url, free_port

pytestmark = pytest.mark.database

GOOD = {
    "sqlite": {"journal_mode": "wal", "synchronous": "2"},
    "postgresql": {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"},
}
# The setting of each that a single connection may weaken.
WEAKER = {
    "sqlite": ("synchronous", "PRAGMA synchronous = %s"),
    "postgresql": ("synchronous_commit", "SET synchronous_commit = %s"),
}


@pytest.mark.parametrize(
    ("vendor", "change"),
    [
        pytest.param("sqlite", {"journal_mode": "delete"}, id="SQLite without WAL"),
        pytest.param("sqlite", {"journal_mode": "memory"}, id="SQLite in memory"),
        pytest.param("sqlite", {"synchronous": "1"}, id="SQLite that flushes now and then"),
        pytest.param("sqlite", {"synchronous": "0"}, id="SQLite that never flushes"),
        pytest.param("postgresql", {"fsync": "off"}, id="PostgreSQL that never flushes"),
        pytest.param("postgresql", {"full_page_writes": "off"}, id="PostgreSQL that cannot mend a torn page"),
        pytest.param("postgresql", {"synchronous_commit": "off"}, id="PostgreSQL that acknowledges before it flushes"),
    ],
)
def test_refused(vendor: str, change: dict[str, str]) -> None:
    name, value = next(iter(change.items()))

    assert [error.msg for error in durability_errors(vendor, GOOD[vendor] | change)] == [
        f"The database runs with {name}={value}."
    ]


@pytest.mark.parametrize(
    ("vendor", "change"),
    [
        pytest.param("sqlite", {}, id="SQLite as we open it"),
        pytest.param("sqlite", {"synchronous": "3"}, id="SQLite that flushes its folder too"),
        pytest.param("postgresql", {}, id="PostgreSQL as it comes"),
        pytest.param("postgresql", {"synchronous_commit": "local"}, id="PostgreSQL that waits for its own disk only"),
        pytest.param("postgresql", {"synchronous_commit": "remote_apply"}, id="PostgreSQL that waits for others too"),
    ],
)
def test_taken(vendor: str, change: dict[str, str]) -> None:
    assert durability_errors(vendor, GOOD[vendor] | change) == []


@pytest.fixture
def checked(transactional_db: None, settings: LazySettings) -> Iterator[None]:
    """The check as a service has it; the tests' own PostgreSQL does not flush and could not run otherwise."""
    settings.UNSAFE_DATABASE = False
    yield
    connection.close()


def weaken(value: str) -> str:
    name, statement = WEAKER[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement % value)
    return name


def test_the_database_is_asked_what_it_does(checked: None) -> None:
    weaken("on" if connection.vendor == "postgresql" else "FULL")
    result = read_settings("default")

    assert set(result) == set(DURABLE[connection.vendor])
    assert WEAKER[connection.vendor][0] not in str(check_durability(["default"]))


def test_a_weaker_connection_is_refused_by_name(checked: None) -> None:
    name = weaken("off")

    assert name in str(check_durability(["default"]))
    with pytest.raises(SystemCheckError, match=f"{name}=(off|0)"):
        call_command("check", databases=["default"])


def test_it_is_looked_at_only_where_the_database_may_be_asked(checked: None) -> None:
    weaken("off")
    assert check_durability(None) == []


def test_a_start_on_such_a_database_ends_before_anything_is_made(transactional_db: None, tmp_path: Path) -> None:
    weak = {"UNSAFE_DATABASE": "no", "PGOPTIONS": "-c synchronous_commit=off", "DATABASE_URL": database_url()}
    if connection.vendor == "sqlite":
        # Ours opens every file durably, so a database in memory is what is left.
        weak["DATABASE_URL"] = "sqlite://:memory:"
    environment = environment_of(tmp_path, free_port()) | {"DJANGO_SETTINGS_MODULE": "kpitracker.settings"} | weak
    command = [sys.executable, "-m", "kpitracker.run"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done.stderr
    assert "kpitracker does not start" in done.stderr
    assert ("synchronous_commit=off" if os.environ.get("TEST_LANE") == "postgresql" else "=memory") in done.stderr
