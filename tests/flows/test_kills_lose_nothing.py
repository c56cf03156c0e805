"""Every process of a real start is killed in turn, and a figure is posted while it is down."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

import pytest

from kpitracker.env import ROOT
from tests.kpitracker.run.starting import Start, kill, migrated_start
from tests.mailbox import message_ids
from tests.processes import wait_until

pytestmark = [pytest.mark.process, pytest.mark.database]

FIGURE = {"indicator": "sales", "area": "city", "period": "2024"}


class Caller:
    """An integration that tries again until it is answered, as every client of a service must."""

    def __init__(self, start: Start, secret: str) -> None:
        self.url, self.secret = f"http://127.0.0.1:{start.port}/api/v1/", secret
        self.tries = 0

    def once(self, path: str, body: Any, key: str) -> Any:
        self.tries += 1
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=60) as answer:
            return json.load(answer)

    def send(self, path: str, body: Any = None, key: str = "") -> Any:
        """`key`: with it every try is the same one to the service."""
        answers: list[Any] = []

        def answered() -> bool:
            try:
                answers.append(self.once(path, body, key))
            except urllib.error.HTTPError as error:
                if error.code not in (409, 503):
                    raise  # 409: the first try is still at work.
            except (OSError, HTTPException):
                pass  # Nobody is there yet.
            return bool(answers)

        wait_until(answered, f"an answer to {path}")
        return answers[0]

    def status(self) -> str:
        return str(self.send("statuses/")["results"][0]["status"])


@pytest.fixture(scope="module")
def start(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with migrated_start(tmp_path_factory.mktemp("kills") / "data") as start:
        yield start


@pytest.fixture(scope="module")
def caller(start: Start) -> Caller:
    command = [
        sys.executable,
        "manage.py",
        "issue_key",
        "--scopes",
        "read,figures:write,plans:write,admin",
        "--rate",
        "0",
    ]
    issued = subprocess.run(command, cwd=ROOT, env=start.environment, capture_output=True, text=True, check=True)
    caller = Caller(start, issued.stdout.strip())
    caller.send("areas/", {"code": "city", "name": "City"})
    caller.send("departments/", {"code": "office", "name": "Office", "email": "office@example.org"})
    caller.send("indicators/", {"code": "sales", "name": "Sales", "accumulation": "sum", "department": "office"})
    caller.send("plans/", {"code": "plan", "name": "Plan", "period": "2024"})
    caller.send("targets/", {"plan": "plan", "indicator": "sales", "goal": "at_least", "lower": 1200})
    caller.send("measurements/", {**FIGURE, "value": 1300})
    wait_until(lambda: caller.status() == "exceeded", "the first status")
    return caller


def mails(start: Start) -> set[str]:
    # A message whose sender was killed may be written twice, under one id: the reader's program shows it once.
    return message_ids(start.folder / "emails")


KILLED = ["web child", "web", "broker", "worker child", "worker", "beat", "supervisor"]


@pytest.mark.parametrize(("round_", "program"), list(enumerate(KILLED)), ids=KILLED)
def test_the_figure_the_status_and_the_mail_all_come(start: Start, caller: Caller, round_: int, program: str) -> None:
    notified = len(mails(start))
    kill(start.programs()[program])
    if program == "supervisor":
        # All programs end with it, and systemd starts the service again.
        start.process.wait()
        start.launch()
    # Not waited for: the figure comes while the process is down, or while it starts.
    answer = caller.send("measurements/", {**FIGURE, "value": 900 - round_})
    assert answer["outcome"] in ("revised", "unchanged")  # unchanged: the answer to an earlier try was lost

    wait_until(lambda: caller.status() == "missed", f"the status after {program} was killed")
    wait_until(lambda: len(mails(start)) == notified + 1, f"the e-mail after {program} was killed")
    wait_until(start.complete, f"everything after {program} was killed; there are {start.programs()}")

    caller.send("measurements/", {**FIGURE, "value": 1301 + round_})
    wait_until(lambda: caller.status() == "exceeded", "the recovery")
    wait_until(lambda: len(mails(start)) == notified + 2, "the e-mail that it is over")


def test_nothing_came_twice(start: Start, caller: Caller) -> None:
    rounds, odd = divmod(len(mails(start)), 2)
    assert not odd
    values = [row["value"] for row in caller.send("measurements/?include_history=true")["results"]]
    assert len(values) == len(set(values)) == 1 + 2 * rounds
    alerts = caller.send("alerts/")["results"]
    assert [alert["state"] for alert in alerts] == ["resolved"] * rounds
    history = caller.send("targets/plan:sales:city/history/")["results"]
    assert [row["to"] for row in history] == ["no_data", "exceeded", *["missed", "exceeded"] * rounds]
