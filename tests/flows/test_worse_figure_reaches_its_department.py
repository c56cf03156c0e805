"""A figure is posted to a real server; a real worker judges it; the department gets one e-mail."""

import json
import time
import urllib.request
from email.message import EmailMessage
from typing import Any

import pytest
from django.conf import settings

from indicators.models import Department
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from targets.models import Delivery
from targets.services.assessment import assess
from tests import factories
from tests.mailbox import empty_mailbox, read_mailbox
from tests.processes import DEADLINE, Running, wait_until

pytestmark = [pytest.mark.process, pytest.mark.database]


class Caller:
    """A department's integration, speaking HTTP."""

    def __init__(self, url: str, secret: str) -> None:
        self.url, self.secret = f"{url}/api/v1/", secret

    def send(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=DEADLINE) as answer:
            return json.load(answer)


@pytest.fixture
def department(live_web: Running, celery_worker_process: Running) -> Caller:
    empty_mailbox(settings.EMAIL_FILE_PATH)
    factories.world()
    factories.figure("sales", "2024", 1300)
    while assess.process_series_changes(now=clock.now()):
        pass
    issued = api_keys.issue_key(
        scopes=["read", "figures:write"], by=system_actor("tests"), now=clock.now(), department=Department.objects.get()
    )
    return Caller(live_web.url, issued.secret)


def mails() -> list[EmailMessage]:
    return read_mailbox(settings.EMAIL_FILE_PATH)


@pytest.mark.django_db(transaction=True)
def test_new_status_and_one_message_and_nothing_for_the_same_again(department: Caller) -> None:
    worse = {"indicator": "sales", "area": "city", "period": "2024", "value": "900"}
    assert department.send("statuses/")["results"][0]["status"] == "exceeded"
    posted = time.monotonic()
    assert department.send("measurements/", worse)["outcome"] == "revised"
    wait_until(lambda: department.send("statuses/")["results"][0]["status"] == "missed", "the new status")
    print(f"new status after {time.monotonic() - posted:.2f} s")
    wait_until(lambda: len(mails()) == 1, "one e-mail")
    wait_until(lambda: Delivery.objects.filter(state="sent").count() == 1, "the delivery marked as sent")

    assert department.send("measurements/", worse)["outcome"] == "unchanged"
    other = {**worse, "period": "2024-01", "value": "5"}
    # A figure that changes nothing for the target: when it has been looked at, so has everything before it.
    department.send("measurements/", other)
    from indicators.models import SeriesChange

    wait_until(lambda: not SeriesChange.objects.exists(), "all marks processed")
    assert Delivery.objects.count() == 1
    assert len(mails()) == 1
