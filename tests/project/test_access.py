"""The written matrix of docs/access.md: every route and method, asked by every kind of caller.

A route that the table does not have fails, and so does a row that no route has.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from indicators.models import ApiKey, Contact, Department, Import, Measurement, ReportingDuty, User
from indicators.services.access import api_keys
from indicators.services.catalogue import holidays, reporting_duties
from kpitracker.env import ROOT
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Scope
from kpitracker.lib.models import AuditEntry
from targets.models import Action, Alert, Comment, Delivery, Plan, Silence, Target, Webhook
from targets.services.alerting import silences
from targets.services.assessment import assess
from targets.services.notifications import webhooks
from targets.services.reports import closings
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
DEPARTMENT = [Scope.READ, Scope.FIGURES_WRITE, Scope.FIGURES_HISTORY, Scope.PLANS_WRITE, Scope.ALERTS_WRITE]
CALLERS = ("stranger", "A", "B", "reader", "leader", "keeper", "session")
STRANGERS = ("nobody", "wrong", "expired", "revoked")

TOMORROW = (clock.now() + timedelta(days=1)).isoformat()
FIGURE = {"indicator": "secret", "area": "city", "period": "2024-01", "value": "5"}
TARGET = {"plan": "plan", "indicator": "secret", "area": "town", "goal": "at_least", "lower": "5"}
ACTION = {"text": "Build", "due_day": "2024-09-30"}
BODIES: dict[str, Any] = {
    "POST alert-rules/": {"code": "new", "name": "New", "statuses": ["missed"]},
    "PUT alert-rules/<code>/": {"code": "status-worrying", "name": "New", "statuses": ["missed"]},
    "PATCH alert-rules/<code>/": {"name": "New"},
    "POST alerts/<pk>/acknowledge/": {"note": "Floods"},
    "POST alerts/<pk>/resolve/": {"reason": "Counted twice"},
    "POST alerts/<pk>/silence/": {"until": TOMORROW, "reason": "Audit"},
    "POST alert-rules/<code>/trial/": {"plan": "plan"},
    "POST silences/": {"target": "plan:secret:city", "ends_at": TOMORROW, "reason": "Audit"},
    "POST areas/": {"code": "new", "name": "New"},
    "PUT areas/<code>/": {"code": "city", "name": "New"},
    "PATCH areas/<code>/": {"name": "New"},
    "PUT areas/<code>/geometry/": factories.SQUARE,
    "POST departments/": {"code": "new", "name": "New"},
    "PUT departments/<code>/": {"code": "a", "name": "New"},
    "PATCH departments/<code>/": {"name": "New"},
    "POST indicators/": {"code": "new", "name": "New", "accumulation": "sum"},
    "PUT indicators/<code>/": {"code": "secret", "name": "New", "accumulation": "sum"},
    "PATCH indicators/<code>/": {"name": "New"},
    "POST keys/": {"scopes": ["read"]},
    "POST contacts/": {"name": "Desk", "department": "a", "address": "new@example.org"},
    "PATCH contacts/<pk>/": {"name": "New"},
    "POST webhooks/": {"url": "https://example.org/hook"},
    "PATCH webhooks/<pk>/": {"name": "New"},
    "POST measurements/": FIGURE,
    "POST measurements/batch/": [FIGURE],
    "POST measurements/<pk>/withdraw/": {"reason": "Wrong file"},
    "POST plans/": {"code": "new", "name": "New", "period": "2025", "department": "a"},
    "PUT plans/<code>/": {"code": "plan", "name": "New", "period": "2024", "department": "a"},
    "PATCH plans/<code>/": {"name": "New"},
    "POST plans/<code>/closings/": {"reason": "books", "as_of": "2024-05-01"},
    "POST plans/<code>/what-if/": {"figures": [{"indicator": "secret", "period": "2024-12", "value": "1"}]},
    "POST targets/<identifier>/what-if/": {"band": {"lower": "5"}},
    "POST plans/<code>/copy/": {"code": "plan-2025"},
    "POST plans/<code>/exceptions/": {"reason": "books", "until": TOMORROW},
    "POST reporting/duties/": {"indicator": "secret", "area": "city", "department": "a"},
    "PATCH reporting/duties/<uid>/": {"valid_to": "2024-12-31"},
    "POST holidays/": {"day": "2024-09-03", "name": "Nghỉ bù"},
    "PUT holidays/<day>/": {"day": "2024-09-02", "name": "Quốc khánh"},
    "PATCH holidays/<day>/": {"name": "Quốc khánh"},
    "POST targets/": TARGET,
    "PATCH targets/<identifier>/": {"weight": "2"},
    "POST actions/": ACTION | {"target": "plan:secret:city"},
    "POST comments/": {"target": "plan:secret:city", "text": "Why?"},
    "PATCH actions/<pk>/": {"state": "done"},
    "POST targets/<identifier>/actions/": ACTION,
    "POST targets/<identifier>/judgements/": {"status": "met", "reason": "seen"},
    "POST targets/<identifier>/amendments/": {"lower": "5", "announced": "2024-05-01"},
}
# Which one is asked for: A's, and restricted where that exists.
PLACES = {
    "alert-rules/<code>": "alert-rules/status-worrying", "areas/<code>": "areas/city", "departments/<code>": "departments/a", "indicators/<code>": "indicators/secret",
    "holidays/<day>": "holidays/2024-09-02", "measurements/template/": "measurements/template/?plan=plan",
    "closings/<number>": "closings/1",
    "plans/<code>": "plans/plan", "targets/<identifier>/judgements": "targets/plan:order:city/judgements",
    "targets/<identifier>": "targets/plan:secret:city",
}  # fmt: skip
NUMBERED: dict[str, Callable[[], Any]] = {
    "actions/<pk>": lambda: Action.objects.get().pk,
    "comments/<pk>": lambda: Comment.objects.get().pk,
    "deliveries/<delivery>": lambda: Delivery.objects.get(webhook__isnull=False).pk,
    "contacts/<pk>": lambda: Contact.objects.get().pk,
    "webhooks/<pk>": lambda: Webhook.objects.get().pk,
    "silences/<pk>": lambda: Silence.objects.get().pk,
    "alerts/<pk>": lambda: Alert.objects.get().pk,
    "measurements/<pk>": lambda: Measurement.objects.order_by("pk")[0].pk,
    "imports/<pk>": lambda: Import.objects.get().pk,
    "audit/<pk>": lambda: AuditEntry.objects.earliest("pk").pk,
    "duties/<uid>": lambda: ReportingDuty.objects.get().uid,
    "keys/<prefix>": lambda: ApiKey.objects.order_by("pk")[0].prefix,
}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of version 1, in plain spelling."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        else:
            yield (
                re.sub(r"<\w+:", "<", re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", path))
                .replace("^", "")
                .replace("$", ""),
                pattern,
            )


def served() -> dict[str, frozenset[str]]:
    """Which methods each route answers to, as its view says."""
    results = {}
    for path, pattern in routes():
        if path.startswith("api/v1/"):
            view: Any = pattern.callback
            actions = getattr(view, "actions", None)
            methods = actions or [name for name in ("get", "post") if hasattr(view.view_class, name)]
            existing = getattr(getattr(view, "cls", None), "http_method_names", methods)
            allowed = {name.upper() for name in methods if name in existing} & set(METHODS)
            results[path.removeprefix("api/v1/") or "/"] = frozenset(allowed)
    return results


def written() -> dict[str, dict[str, int]]:
    """The table: by method and route, the status for each kind of caller."""
    rows = re.findall(r"^\| `([A-Z]+ [^`]+)` \|(.+)\|$", (ROOT / "docs" / "access.md").read_text(), re.MULTILINE)
    return {row: dict(zip(CALLERS, map(int, cells.split("|")), strict=True)) for row, cells in rows}


def test_every_route_and_method_stands_in_the_table_and_no_other() -> None:
    requested = {f"{method} {path}" for path, methods in served().items() for method in methods}
    assert len(requested) > 40
    assert requested == set(written())


@pytest.fixture
def callers() -> dict[str, Callable[..., int]]:
    factories.area()
    factories.area("town", parent="city")
    factories.shape("city")
    factories.department("a")
    factories.department("b")
    factories.indicator("secret", department="a", restricted=True)
    holidays.create_holiday(by=factories.BY, now=clock.now(), day=date(2024, 9, 2), name="Quốc khánh")
    reporting_duties.create_duty(by=factories.BY, indicator="secret", area="town", department="a")
    factories.plan(department="a")
    factories.action(factories.target("secret"), "2024-09-30")
    factories.comment(target="plan:secret:city")
    factories.indicator("order", department="a", restricted=True)
    factories.target("order", qualitative=True, goal="", lower=None)
    factories.figure("secret", "2023-12", 1)
    factories.figure("secret", "2024", 900)
    assess.process_series_changes(now=clock.now())
    factories.contact(department="a")
    webhooks.ping_webhook(webhook=factories.webhook(department="a"), by=factories.BY, now=clock.now())
    Delivery.objects.filter(channel="webhook").update(state="failed")
    until = clock.now() + timedelta(days=1)
    silences.create_silence(by=factories.BY, now=clock.now(), target="plan:secret:city", ends_at=until, reason="Audit")
    plan = Plan.objects.get()
    closings.close_plan(plan=plan, by=factories.BY, now=clock.now(), reason="books", as_of=date(2024, 5, 1))
    sent = api_of("a").post("measurements/batch/", [FIGURE | {"period": "2024-03"}]).ok()
    assert sent["created"] == 1
    issued = {
        "A": key(DEPARTMENT, "a"),
        "B": key(DEPARTMENT, "b"),
        "reader": key([Scope.READ]),
        "leader": key([Scope.READ, Scope.ALERTS_WRITE]),
        "keeper": key(ALL_SCOPES),
    }
    person = Client(raise_request_exception=False)
    person.force_login(User.objects.create_superuser("admin", password="long enough to be a secret"))
    by_session = Api()
    by_session.client = person
    return {
        **{name: status_for(Api(secret)) for name, secret in issued.items()},
        **{name: status_for(api) for name, api in strangers().items()},
        "session": status_for(by_session),
    }


def key(scopes: Any, department: str | None = None, **values: Any) -> str:
    result = Department.objects.get(code=department) if department else None
    now = values.pop("now", clock.now())
    return api_keys.issue_key(scopes=scopes, by=factories.BY, now=now, department=result, rate=0, **values).secret


def strangers() -> dict[str, Api]:
    long_ago = clock.now() - timedelta(days=2)
    expired = key(ALL_SCOPES, now=long_ago, expires_at=long_ago + timedelta(days=1))
    revoked = key(ALL_SCOPES)
    api_keys.revoke_key(key=ApiKey.objects.get(prefix=revoked.split("_")[1]), by=factories.BY, now=clock.now())
    return {
        "nobody": Api(),
        "wrong": Api(key(ALL_SCOPES)[:-1] + "!"),
        "expired": Api(expired),
        "revoked": Api(revoked),
    }


def place(route: str) -> str:
    if route == "/":
        return ""  # the root of the API
    for pattern, path in PLACES.items():
        route = route.replace(pattern, path)
    for name, result in NUMBERED.items():
        if name in route:
            route = route.replace(name, f"{name.partition('/')[0]}/{result()}")
    return route


def status_for(api: Api) -> Callable[[str, str], int]:
    def ask(method: str, route: str) -> int:
        body = BODIES.get(f"{method} {route}", {} if method in ("POST", "PUT", "PATCH") else None)
        with transaction.atomic():
            answer = api.call(method, place(route), body, If_Match="*").status
            transaction.set_rollback(True)
        return answer

    return ask


def test_every_cell_is_as_written(callers: dict[str, Callable[..., int]]) -> None:
    differing = {
        (row, kind): (status, result)
        for row, cells in written().items()
        for caller, status in cells.items()
        for kind in (STRANGERS if caller == "stranger" else (caller,))
        if (result := callers[kind](*row.split(" "))) != status
    }
    assert differing == {}


def test_what_is_not_served_is_refused_to_everybody(callers: dict[str, Callable[..., int]]) -> None:
    open_to_all = {"schema/", "docs/"}
    differing = {
        (method, route, caller): result
        for route, methods in served().items()
        for method in set(METHODS) - methods
        for caller in ("nobody", "keeper")
        if (result := callers[caller](method, route)) != (405 if caller == "keeper" or route in open_to_all else 401)
    }
    assert differing == {}


def test_a_cell_that_is_wrong_is_found(callers: dict[str, Callable[..., int]]) -> None:
    """The control: what B may not see is not what A sees."""
    assert callers["A"]("GET", "indicators/<code>/") == 200
    assert callers["B"]("GET", "indicators/<code>/") == 404
    assert Target.objects.count() == 2
