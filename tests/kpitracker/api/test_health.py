"""Whether it is ready, and what whoever watches is told."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from indicators.models import ApiKey
from kpitracker.api import health
from kpitracker.lib import clock
from targets.services.assessment import assess
from targets.services.monitoring import service_state
from targets.services.notifications import pause
from tasks import heartbeat, sweep
from tests import factories, processes
from tests.flows.sql import connect
from tests.support import Api, api_of
from tests.webhook_receivers import Receiver, answering

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def looked_at_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_CACHE_SECONDS", -1.0)


def ask(client: Client) -> tuple[int, str, dict[str, str]]:
    answer = client.get("/health/ready")
    return answer.status_code, answer.json()["status"], answer.json()["checks"]


def test_before_the_first_sweep_it_is_not_ready_and_after_it_is(client: Client) -> None:
    status, word, checks = ask(client)
    assert (status, word, checks["sweep"]) == (503, "unavailable", "stale")
    sweep.run_sweep()
    status, _, checks = ask(client)
    assert (status, checks["sweep"], checks["database"], checks["migrations"]) == (200, "ok", "ok", "ok")


def test_when_the_sweep_stays_out_for_three_minutes_it_is_not_ready(client: Client) -> None:
    service_state.record_sweep(now=clock.now() - service_state.STALE_AFTER - timedelta(seconds=1))
    assert ask(client)[:2] == (503, "unavailable")
    service_state.record_sweep(now=clock.now() - timedelta(seconds=170))
    assert ask(client)[0] == 200


def test_without_the_broker_it_is_slower_and_says_so(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    sweep.run_sweep()
    status, word, checks = ask(client)
    assert (status, word, checks["broker"]) == (200, "degraded", "down")


def test_while_delivery_is_held_it_says_so(client: Client) -> None:
    sweep.run_sweep()
    pause.pause_delivery(by=factories.BY)
    status, word, checks = ask(client)
    assert (status, word, checks["delivery"]) == (200, "degraded", "paused")


def test_a_sweep_that_left_something_out_is_none(client: Client, settings: Any) -> None:
    settings.ACTION_REMINDER_DAYS = None  # no number of days: reminding fails
    sweep.run_sweep()
    assert ask(client)[2]["sweep"] == "stale"


@contextmanager
def another_writer() -> Iterator[None]:
    """Another program is in the middle of a write, for as long as the block lasts."""
    if connection.vendor == "sqlite":
        plain = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        plain.execute("BEGIN IMMEDIATE")
        yield
        plain.close()
        return
    with connect(processes.database_url()) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM lib_commitsequence WHERE name = 'ready' FOR UPDATE")
        yield
        other.execute("ROLLBACK")


class TestBusy:
    """Another program writes on and on: the answers arrive before it ends."""

    pytestmark = pytest.mark.django_db(transaction=True)

    def test_it_says_busy_and_when_no_writer_had_a_turn_for_long_unavailable(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sweep.run_sweep()
        ask(client)
        with another_writer():
            status, word, checks = ask(client)
            assert (status, word, checks["database"]) == (200, "degraded", "busy")
            monkeypatch.setattr(health._cache, "stored_at", time.monotonic() - 21)
            status, word, checks = ask(client)
            assert (status, word, checks["database"]) == (503, "unavailable", "down")
        assert ask(client)[2]["database"] == "ok"

    def test_a_reader_with_a_key_is_served(self) -> None:
        factories.world()
        api = api_of()
        with another_writer():
            assert len(api.rows("indicators/")) == 1
        # Its use is noted by the next request.
        assert ApiKey.objects.get().last_used_at is None or connection.vendor == "postgresql"
        api.rows("indicators/")
        assert ApiKey.objects.get().last_used_at is not None


def test_production_whose_mail_goes_to_files_says_so(client: Client, settings: Any) -> None:
    sweep.run_sweep()
    settings.PRODUCTION = True
    status, word, checks = ask(client)
    assert (status, word, checks["mail"]) == (200, "degraded", "files")
    settings.MAIL_IN_FILES = False
    assert ask(client)[2]["mail"] == "ok"


def test_strangers_learn_no_version_and_no_name_of_a_host(client: Client) -> None:
    answer = client.get("/health/ready")
    assert set(answer.json()) == {"status", "checks", "sweep_age_seconds"}
    assert "Server" not in answer
    assert answer["Cache-Control"].startswith("max-age=0")


def test_metrics_need_a_key_of_the_whole_organisation() -> None:
    factories.department("a")
    assert Client().get("/metrics").status_code == 401
    assert metrics(api_of("a"))[0] == 403
    assert metrics(api_of(scopes=["figures:write"]))[0] == 403


def metrics(api: Api) -> tuple[int, str]:
    answer = Client().get("/metrics", headers=api.headers)
    return answer.status_code, answer.content.decode()


def test_metrics_say_what_waits_and_how_old_it_is() -> None:
    factories.world()
    service_state.record_sweep(now=clock.now() - timedelta(seconds=100))
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    factories.figure("sales", "2024", 901)
    status, message = metrics(api_of())
    assert status == 200
    result = dict(line.rsplit(" ", 1) for line in message.splitlines() if not line.startswith("#"))
    assert 100 <= float(result["kpitracker_sweep_age_seconds"]) < 160
    assert result["kpitracker_marks"] == "1.0"
    assert result['kpitracker_deliveries{channel="email",state="pending"}'] == "1.0"
    assert result['kpitracker_alerts{severity="critical"}'] == "1.0"
    assert result["kpitracker_delivery_paused"] == "0.0"


def test_a_sign_of_life_goes_out_once_a_minute_and_stops_with_the_sweep(settings: Any) -> None:
    with Receiver() as outside:
        settings.HEARTBEAT_URL = outside.url
        now = clock.now()
        moments = [now + timedelta(seconds=seconds) for seconds in (0, 10, 59, 60, 61, 125)]
        assert [heartbeat.send_heartbeat(now=moment) for moment in moments] == [True, False, False, True, False, True]
        assert len(outside.received) == 3


def test_whoever_does_not_take_it_stops_nothing(settings: Any) -> None:
    with Receiver() as outside:
        outside.answer = answering(500)
        settings.HEARTBEAT_URL = outside.url
        assert not heartbeat.send_heartbeat(now=clock.now())
    assert not heartbeat.send_heartbeat(now=clock.now() + timedelta(minutes=2))
    assert service_state.sweep_age(clock.now() + timedelta(minutes=2)) == pytest.approx(0, abs=5)
