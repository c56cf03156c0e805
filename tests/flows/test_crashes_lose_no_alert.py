"""Workers and web servers are killed while messages are under way: every alert is told, under one id, and none is lost.

In every run 120 targets and 8 kills; with `EXAMPLES=full` 2,000 and 50. A killed sender holds its message for a minute
(its lease), and a message whose first sender was killed and whose second try was refused waits five: of the short run
these are brought nearer in the database, once all kills are over and nothing is on its way; in the full run everything
comes by itself.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kpitracker.env import ROOT
from kpitracker.lib import clock
from kpitracker.run.programs import JOB_PROCESSES
from targets.models import Delivery
from targets.services.assessment import assess
from targets.services.notifications.outbox import LEASE
from tests import example_counts, processes
from tests.flows import breach_data, webhook_listener
from tests.flows.sql import asked, ids, number, url_of
from tests.flows.test_kills_lose_nothing import Caller
from tests.flows.webhook_listener import Listener
from tests.kpitracker.run.starting import Start, kill, migrated_start
from tests.processes import wait_until

pytestmark = [pytest.mark.process, pytest.mark.long]

TARGETS, KILLS = example_counts.amount(120, 120, full=2000), example_counts.amount(8, 8, full=50)
# By two posters, who are so many figures ahead of the receiver at most: so kills meet requests as well as messages.
BATCH, AHEAD = 10, example_counts.amount(60, 60, full=200)
KILLED = ["worker child", "web child", "worker", "web"]
WAIT = 1200.0  # seconds: the longest that a message may have to wait, and some
WEBHOOKS = "FROM targets_delivery WHERE channel = 'webhook'"


@pytest.fixture
def start(django_db_setup: None, tmp_path: Path) -> Iterator[Start]:
    with migrated_start(tmp_path / "data", WEBHOOK_ALLOWED_HOSTS="127.0.0.0/8") as start:
        yield start


def caller_of(start: Start, count: int, url: str) -> Caller:
    command = [sys.executable, "-m", "tests.flows.breach_data", str(count), url]
    made = subprocess.run(command, cwd=ROOT, env=start.environment, capture_output=True, text=True, check=True)
    return Caller(start, made.stdout.strip())


def post_all(caller: Caller, listener: Listener) -> None:
    """Half of the figures one by one, half in batches, from both ends at once."""
    half = TARGETS // 2

    def singles() -> None:
        for value in range(half):
            assert listener.wait_for(2 * value - AHEAD, WAIT)
            caller.send("measurements/", breach_data.breach(value), key=f"single {value}")

    def batches() -> None:
        for first in range(half, TARGETS, BATCH):
            assert listener.wait_for(2 * (first - half) - AHEAD, WAIT)
            rows = [breach_data.breach(value) for value in range(first, first + BATCH)]
            caller.send("measurements/batch/", rows, key=f"batch {first}")

    threads = [threading.Thread(target=value) for value in (singles, batches)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def hasten(url: str, killed: datetime) -> None:
    """Open messages that nobody is sending are due at once: those refused, and those claimed before the last kill."""
    before = (killed + LEASE).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    past = "UPDATE targets_delivery SET due_at = '2024-01-01 00:00:00' WHERE channel = 'webhook' AND "
    asked(url, f"{past} (state = 'pending' OR state = 'sending' AND due_at < '{before}') RETURNING id")


def finish(url: str, listener: Listener, killed: datetime) -> None:
    if example_counts.GIVEN != "full":
        wait_until(lambda: listener.killed_all, "the last kill")
        # What is sent in the meantime needs no help: then only those are left that wait.
        waiting = f"SELECT count(*) {WEBHOOKS} AND state IN ('pending', 'sending') AND attempts = 0"
        wait_until(lambda: not listener.held and not number(url, waiting), "a first try of all")
        hasten(url, killed)
    wait_until(lambda: number(url, f"SELECT count(*) {WEBHOOKS} AND state = 'sent'") >= TARGETS, "all sent", WAIT)


def test_every_alert_is_told_under_one_id(start: Start) -> None:
    kills, last, url = Counter[str](), list[datetime](), url_of(start)

    def killing(program: str) -> None:
        wait_until(lambda: program in start.programs(), f"a {program} to kill")
        kill(start.programs()[program])
        kills[program] += 1
        last.append(clock.now())

    with Listener(webhook_listener.plan(KILLED, KILLS, TARGETS), killing) as listener:
        caller = caller_of(start, TARGETS, listener.url)
        began = time.monotonic()
        post_all(caller, listener)
        posted = time.monotonic() - began
        wait_until(lambda: listener.killed_all, "the last kill", WAIT)
        finish(url, listener, last[-1])
        seconds = time.monotonic() - began
    print(
        f"{TARGETS} breaches, {dict(kills)} killed, {listener.refusals} refused, {listener.repeats} raw repeats, "
        f"{caller.tries} requests; posted after {posted:.0f} s, all sent after {seconds:.0f} s"
    )
    assert listener.errors == []
    assert sum(kills.values()) == KILLS
    # What was acknowledged is stored, once.
    assert number(url, "SELECT count(*) FROM indicators_measurement") == TARGETS
    assert number(url, "SELECT count(*) FROM indicators_revision") == TARGETS
    # One alert for each breach, one message about each alert, each of them taken.
    assert number(url, "SELECT count(*) FROM targets_alert") == TARGETS
    assert number(url, "SELECT count(DISTINCT target_id) FROM targets_alert") == TARGETS
    assert number(url, f"SELECT count(*) {WEBHOOKS}") == TARGETS
    assert number(url, f"SELECT count(DISTINCT alert_id) {WEBHOOKS} AND state = 'sent'") == TARGETS
    assert listener.different == ids(url, f"SELECT id {WEBHOOKS}")
    # Twice only what was under way in a worker that was killed.
    assert listener.repeats <= JOB_PROCESSES * (kills["worker"] + kills["worker child"])


@pytest.mark.django_db(transaction=True)
def test_who_marks_before_he_sends_loses_some(settings: Any) -> None:
    """The same receiver and the same kills find it: no proof that could not fail."""
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.0/8"]
    senders = list["subprocess.Popen[bytes]"]()

    def begin() -> None:
        command = [sys.executable, "-m", "tests.flows.faulty_sender", processes.database_url()]
        senders.append(subprocess.Popen(command, cwd=ROOT))

    def killing(_: str) -> None:
        os.kill(senders[-1].pid, signal.SIGKILL)
        senders[-1].wait()
        begin()

    count = 60
    with Listener(webhook_listener.plan(["sender"], 8, count), killing) as listener:
        breach_data.make(count, listener.url)
        for value in range(count):
            breach_data.happen(value)
        while assess.process_series_changes(now=clock.now()):
            pass
        begin()
        try:
            wait_until(lambda: senders[-1].poll() not in (None, -signal.SIGKILL), "an end of the sender")
        finally:
            senders[-1].kill()
            senders[-1].wait()
    messages = set(Delivery.objects.filter(channel="webhook", state="sent").values_list("pk", flat=True))
    lost = messages - listener.different
    print(f"{len(messages)} marked as sent, {len(lost)} of them lost")
    assert (len(messages), listener.errors) == (count, [])
    assert len(lost) >= 1
