"""The broker is emptied or killed at any moment: every alert that is due comes with the next sweep, once.

In every run each of the four moments once emptied and once killed; with `EXAMPLES=full` twenty.
"""

import time
from collections.abc import Callable, Iterator
from itertools import count, islice, product
from pathlib import Path

import pytest
from redis import Redis

from tests import example_counts
from tests.flows import breach_data
from tests.flows.sql import ids, number, url_of
from tests.flows.test_crashes_lose_no_alert import WEBHOOKS, caller_of
from tests.flows.test_kills_lose_nothing import Caller
from tests.flows.webhook_listener import Listener
from tests.kpitracker.run.starting import Start, kill, migrated_start
from tests.processes import DEADLINE, wait_until

pytestmark = pytest.mark.process

SWEEP = 1.0  # seconds
MOMENTS, TOGETHER = example_counts.amount(8, 8, full=20), 20
TARGETS = MOMENTS * (TOGETHER + 3) // 4 + TOGETHER


@pytest.fixture
def start(django_db_setup: None, tmp_path: Path) -> Iterator[Start]:
    with migrated_start(tmp_path / "data", WEBHOOK_ALLOWED_HOSTS="127.0.0.0/8", SWEEP_SECONDS=str(SWEEP)) as start:
        yield start


class Round:
    """One moment at which the broker is hit, and the figures around it."""

    def __init__(self, start: Start, caller: Caller, listener: Listener, numbers: Iterator[int]) -> None:
        self.start, self.caller, self.listener, self.numbers = start, caller, listener, numbers

    def post(self, figures: int = 1) -> None:
        rows = [breach_data.breach(value) for value in islice(self.numbers, figures)]
        self.caller.send("measurements/batch/", rows, key=f"figures from {rows[0]['indicator']} {rows[0]['area']}")

    def hit(self, how: str) -> None:
        if how == "killed":
            kill(self.start.programs()["broker"])
        else:
            with Redis(unix_socket_path=str(self.start.folder / "broker.sock")) as broker:
                assert broker.flushall()

    def jobs_taken(self) -> int:
        return (self.start.folder / "logs" / "worker.log").read_text(errors="replace").count(" received")

    def before_the_figure(self, how: str) -> None:
        self.hit(how)
        self.post()

    def after_the_answer(self, how: str) -> None:
        self.post()
        self.hit(how)

    def while_it_is_judged(self, how: str) -> None:
        """Or in the moment before or after: it takes a tenth of a second."""
        taken = self.jobs_taken()
        self.post(TOGETHER)
        wait_until(lambda: self.jobs_taken() > taken, "a job to judge by")
        self.hit(how)

    def while_a_message_is_held(self, how: str) -> None:
        self.listener.at_next(how)
        self.post()


def test_every_alert_comes_with_a_sweep(start: Start) -> None:
    slowest: dict[tuple[str, str], float] = {}
    hits: list[Callable[[str], None]] = []
    with Listener([], lambda how: hits[0](how), share=0) as listener:
        numbers = count()
        round_ = Round(start, caller_of(start, TARGETS, listener.url), listener, numbers)
        hits.append(round_.hit)
        moments = [
            round_.before_the_figure,
            round_.after_the_answer,
            round_.while_it_is_judged,
            round_.while_a_message_is_held,
        ]
        for moment, how in islice(product(moments * 3, ["flushed", "killed"]), MOMENTS):
            began, expected = time.monotonic(), len(listener.different)
            moment(how)
            expected += TOGETHER if moment == round_.while_it_is_judged else 1
            assert listener.wait_for(expected, DEADLINE), f"{how} {moment.__name__}"
            seen = how, moment.__name__
            slowest[seen] = max(slowest.get(seen, 0), time.monotonic() - began)
            wait_until(start.complete, f"everything after {seen}; there are {start.programs()}")
        url, posted = url_of(start), next(numbers)
        wait_until(lambda: number(url, f"SELECT count(*) {WEBHOOKS} AND state = 'sent'") == posted, "all noted as sent")
    print(
        f"{posted} breaches; slowest, in seconds: { {' '.join(key): round(value, 1) for key, value in slowest.items()} }"
    )
    assert listener.errors == []
    assert number(url, "SELECT count(*) FROM targets_alert") == posted
    assert number(url, "SELECT count(DISTINCT target_id) FROM targets_alert") == posted
    assert listener.different == ids(url, f"SELECT id {WEBHOOKS}")
    assert (len(listener.accepted), listener.repeats) == (posted, 0)
