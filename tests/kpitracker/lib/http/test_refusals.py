"""Who is sent away leaves a line with address and name or key, and is counted; an access log by setting."""

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from indicators.models import ApiKey
from kpitracker.lib import clock
from kpitracker.lib.http import refusals
from kpitracker.lib.logs import OneLineFormatter
from tests import factories
from tests.admin_support import PASSWORD, client_of, person
from tests.support import api_of

pytestmark = pytest.mark.django_db

ADDRESS = "203.0.113.5"
FORWARDED = {"Forwarded": f"for={ADDRESS};proto=https"}


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1/32"]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[str], list[str]]:
    """The lines of a logger, as they stand in the file."""
    caplog.set_level(logging.INFO)

    def lines_of(name: str) -> list[str]:
        return [OneLineFormatter().format(record) for record in caplog.records if record.name == name]

    return lines_of


def log_in(name: str, password: str = "wrong") -> Any:  # noqa: S107
    headers = {"Accept": "text/html"} | FORWARDED
    return Client(headers=headers).post("/admin/login/", {"username": name, "password": password})


def key_header(change: Callable[[ApiKey], object] | None = None, **options: Any) -> str:
    header = str(api_of(**options).headers["Authorization"])
    if change:
        key = ApiKey.objects.get()
        change(key)
        key.save()
    return header


def get_targets(header: str = "", path: str = "/api/v1/targets/") -> Any:
    authorization = {"Authorization": header} if header else {}
    return Client(headers=FORWARDED | authorization).get(path)


def revoke(key: ApiKey) -> None:
    key.revoked_at = clock.now()


def expire(key: ApiKey) -> None:
    key.created_at, key.expires_at = clock.now() - timedelta(days=9), clock.now() - timedelta(days=1)


def bind_to_another_network(key: ApiKey) -> None:
    key.addresses = ["10.0.0.0/8"]


def post_without_a_form_token() -> Any:
    client = Client(enforce_csrf_checks=True, headers=FORWARDED | {"Accept": "text/html"})
    return client.post("/admin/login/", {"username": "lan", "password": PASSWORD})


def open_a_page_of_others() -> Any:
    viewer = client_of(person("lan", role="viewer"))
    return viewer.get("/admin/indicators/user/", headers=FORWARDED)


PREFIX = "key='[a-z0-9]{8}'"
# sentence, request, status, kind, and what the line says
REFUSED: list[tuple[str, Callable[[], Any], int, str, str]] = [
    ("a wrong password", lambda: (person("lan"), log_in("lan"))[1], 200, "login-failed", "name='lan'"),
    ("an unknown name", lambda: log_in("mallory"), 200, "login-failed", "name='mallory'"),
    ("a name that would forge a line", lambda: log_in("x'\n2026 INFO ok"), 200, "login-failed", r"x'\\n2026 INFO ok"),
    ("the longest name", lambda: log_in("y" * 150), 200, "login-failed", "name='y{150}'"),
    ("no key", get_targets, 401, "key-refused", "key=''"),
    ("an unknown key", lambda: get_targets("Bearer kpi_abcdefgh_x"), 401, "key-refused", "key='abcdefgh'"),
    ("another way to log in", lambda: get_targets("Basic bGFuOmxhbg=="), 401, "key-refused", "key=''"),
    ("a key that is none", lambda: get_targets("Bearer secret"), 401, "key-refused", "key=''"),
    ("a revoked key", lambda: get_targets(key_header(revoke)), 401, "key-refused", PREFIX),
    ("an expired key", lambda: get_targets(key_header(expire)), 401, "key-refused", PREFIX),
    ("a key from elsewhere", lambda: get_targets(key_header(bind_to_another_network)), 403, "forbidden", PREFIX),
    ("a key without the scope", lambda: get_targets(key_header(scopes=["figures:write"])), 403, "forbidden", PREFIX),
    ("no key for the metrics", lambda: get_targets(path="/metrics"), 401, "key-refused", "path=/metrics"),
    ("a form without its token", post_without_a_form_token, 403, "forbidden", "path=/admin/login/"),
    ("a page of others", open_a_page_of_others, 403, "forbidden", "name='lan'"),
]


@pytest.mark.parametrize(
    "request_it, status, kind, words", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_refused_caller_leaves_one_line_and_is_counted(
    request_it: Callable[[], Any], status: int, kind: str, words: str, lines: Callable[[str], list[str]]
) -> None:
    before = refusals.count_refusals()

    answer = request_it()

    assert answer.status_code == status
    (line,) = lines("kpitracker.refusals")
    assert re.search(rf" WARNING kpitracker\.refusals (\[\w+\] )?{kind} name=", line), line
    assert re.search(words, line), line
    assert line.endswith(f" address={ADDRESS}")
    counted = {name: count - before[name] for name, count in refusals.count_refusals().items()}
    assert counted == {name: int(name == kind) for name in refusals.KINDS}


def test_no_line_holds_a_secret(lines: Callable[[str], list[str]]) -> None:
    header = key_header(revoke)
    secret = header.rpartition("_")[2]
    person("lan")

    get_targets(header)
    log_in("lan", "a-guess-that-may-be-right-elsewhere")

    written = "\n".join(lines("kpitracker.refusals"))
    assert secret not in written
    assert "a-guess" not in written


def test_a_lock_out_is_named_and_metrics_count_it(lines: Callable[[str], list[str]]) -> None:
    person("lan")
    before = refusals.count_refusals()["login-locked"]

    answers = [log_in("lan") for _ in range(11)]

    assert [answer.status_code for answer in answers[-2:]] == [429, 429]
    locked = [line for line in lines("kpitracker.refusals") if " login-locked " in line]
    assert len(locked) == 2
    assert all("name='lan'" in line and line.endswith(f"address={ADDRESS}") for line in locked)
    text = Client().get("/metrics", headers=api_of().headers).content.decode()
    assert f'kpitracker_refusals_total{{kind="login-locked"}} {before + 2:.1f}' in text


def test_what_is_allowed_leaves_no_line(lines: Callable[[str], list[str]]) -> None:
    person("lan")

    assert log_in("lan", PASSWORD).status_code == 302
    assert get_targets(key_header()).status_code == 200
    assert lines("kpitracker.refusals") == []
    assert lines("kpitracker.access") == []


def test_the_access_log_has_a_line_for_each_request(lines: Callable[[str], list[str]], settings: Any) -> None:
    settings.ACCESS_LOG = True
    factories.world()
    header = key_header()
    prefix = ApiKey.objects.get().prefix

    get_targets(header, "/api/v1/indicators/?search=b%C3%AD+m%E1%BA%ADt")
    get_targets(path="/answer/the-secret-of-a-link/")
    get_targets(path="/admin/password/MQ/c0ffee-token/")
    get_targets(path="/health/live")
    get_targets(path="/a%20b%0Ac/")

    shown = [
        re.sub(r" \d+ ms ", " 1 ms ", line.partition("kpitracker.access ")[2]) for line in lines("kpitracker.access")
    ]
    paths = [line.split()[1:3] for line in shown]
    assert paths == [
        ["/api/v1/indicators/", "200"],
        ["/answer/***", "404"],
        ["/admin/password/***", "200"],
        ["/health/live", "200"],
        ["/a%20b%0Ac/", "404"],
    ]
    assert re.fullmatch(rf"GET /api/v1/indicators/ 200 \d+ B 1 ms name='' key='{prefix}' address={ADDRESS}", shown[0])
    assert all(line.endswith(f"address={ADDRESS}") for line in shown)
