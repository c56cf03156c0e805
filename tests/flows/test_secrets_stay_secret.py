"""After a thousand requests, good and bad, a key stands nowhere: not in the database, the logs or the broker."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from redis import Redis

from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, system_actor
from tests import factories
from tests.processes import DEADLINE, Running

pytestmark = pytest.mark.process

REQUESTS = 1000
FIGURE = {"indicator": "sales", "area": "city", "value": "5"}


def dump() -> str:
    """Every value of every table."""
    rows = [str(list(row)) for model in apps.get_models() for row in model._base_manager.values_list()]
    assert len(rows) > REQUESTS / 10
    return "\n".join(rows)


def remembered(url: str) -> str:
    """Every key of the broker with its content."""
    with Redis.from_url(url) as client:
        names = list(client.scan_iter())
        assert names, "the rate of the key is counted there"
        return " ".join(f"{name!r} {client.dump(name)!r}" for name in names)


@pytest.mark.django_db(transaction=True)
def test_no_copy_of_a_key_is_left_anywhere(live_web: Running, redis_url: str) -> None:
    factories.world()
    issued = api_keys.issue_key(scopes=sorted(ALL_SCOPES), by=system_actor("tests"), now=clock.now(), rate=100_000)
    stranger = f"kpi_{'z' * 8}_{'y' * 40}"
    connection = http.client.HTTPConnection(urlsplit(live_web.url).netloc, timeout=DEADLINE)
    statuses = set()
    for number in range(REQUESTS):
        secret = stranger if number % 7 == 3 else issued.secret
        path, method, body = "measurements/", "POST", json.dumps({**FIGURE, "period": f"2024-{number % 12 + 1:02}"})
        if number % 5 == 1:
            path, method, body = f"areas/?token={secret}", "GET", ""
        elif number % 5 == 2:
            path, method, body = "plans/plan/scorecard/", "GET", ""
        elif number % 5 == 3:
            body = '{"broken": '
        headers = {
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        }
        connection.request(method, f"/api/v1/{path}", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert secret not in text
        statuses.add(answer.status)
    connection.close()

    assert {200, 201, 400, 401} <= statuses
    for secret in (issued.secret, stranger):
        hidden = secret.rpartition("_")[2]
        assert hidden not in dump()
        assert hidden not in live_web.text()
        assert hidden not in remembered(redis_url)
    assert issued.key.prefix in dump()
