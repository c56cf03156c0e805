"""Two beats, two workers and two sweepers on one database: each breach is told once, and no message is sent twice."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from targets.models import Alert, Delivery
from tests.example_counts import amount
from tests.flows import breach_data
from tests.flows.webhook_listener import Listener
from tests.processes import DEADLINE, Running, running, wait_until
from tests.settings import FOLDER

pytestmark = [pytest.mark.process, pytest.mark.database]

BREACHES = amount(30, 30, full=100)
# Seconds. Without a pause four programs would leave no processor to the test itself.
PAUSE = "0.3"
ALLOWED = "127.0.0.0/8"


@pytest.fixture
def all_twice(transactional_db: None, redis_url: str, settings: Any) -> Iterator[dict[str, Running]]:
    settings.WEBHOOK_ALLOWED_HOSTS = [ALLOWED]
    celery = ["celery", "-A", "kpitracker.celery:app"]
    commands = {
        "worker": [
            *celery,
            "worker",
            "--concurrency",
            "2",
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
        ],
        "beat": [*celery, "beat", "--loglevel", "INFO"],
        "sweeper": ["tests.flows.sweep_loop", PAUSE],
    }
    variables = {"REDIS_URL": redis_url, "WEBHOOK_ALLOWED_HOSTS": ALLOWED, "SWEEP_SECONDS": PAUSE}
    with ExitStack() as stack:
        started = {}
        for what, command in commands.items():
            for value in ("one", "two"):
                name = f"{what} {value}"
                schedule = ["--schedule", str(FOLDER / f"{name}.schedule")] if what == "beat" else []
                started[name] = stack.enter_context(running(name, [*command, *schedule], **variables))
        yield started


def at_work(started: dict[str, Running]) -> bool:
    """Each of them has done something."""
    words = {"worker": " succeeded in ", "beat": "Sending due task", "sweeper": "marks processed"}
    return all(words[name.split()[0]] in row.text() for name, row in started.items())


def test_each_breach_is_told_once(all_twice: dict[str, Running]) -> None:
    with Listener([], lambda _: None, share=0) as listener:
        breach_data.make(BREACHES, listener.url)
        wait_until(lambda: at_work(all_twice), "all six at work")
        for number in range(BREACHES):
            breach_data.happen(number)
        assert listener.wait_for(BREACHES, DEADLINE)
        # Whoever would send one again does it now: each of the sweepers goes round twice more.
        rounds = {name: row.text().count("marks processed") for name, row in all_twice.items() if "sweeper" in name}
        wait_until(
            lambda: all(all_twice[name].text().count("marks processed") > seen + 1 for name, seen in rounds.items()),
            "two more sweeps of each",
        )
    sweeps = [row.text().count("marks processed") for name, row in all_twice.items() if "sweeper" in name]
    jobs = [row.text().count(" succeeded in ") for name, row in all_twice.items() if "worker" in name]
    print(f"{BREACHES} breaches, {sweeps} sweeps, {jobs} jobs, {listener.repeats} raw repeats")
    messages = Delivery.objects.filter(channel="webhook")
    assert Alert.objects.count() == Alert.objects.values("target").distinct().count() == BREACHES
    assert set(messages.values_list("state", "attempts")) == {("sent", 1)}
    assert listener.different == set(messages.values_list("pk", flat=True))
    assert (len(listener.accepted), listener.repeats) == (BREACHES, 0)
    assert not any(words in row.text() for row in all_twice.values() for words in ("Traceback", "raised unexpected"))
