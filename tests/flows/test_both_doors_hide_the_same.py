"""What the API hides from a caller the admin hides from a user with the same scopes, and neither tells that it is there.

First with words that appear nowhere else in everything that A has and others may not see: each user opens every page
that links lead to, and those of all rows; a key with the same scopes asks every route.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from html import unescape

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from indicators.domain.roles import ROLES
from indicators.models import User
from kpitracker.lib.actor import Scope
from targets.models import Plan, Target
from tests import hidden_rows
from tests.admin_support import client_of
from tests.project.test_access import served
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

READERS = ["viewer", "officer", "planner"]
HREF = re.compile(r'href="(/(?:admin|targets|plans|indicators|departments|my-work|public)/[^"#]*)"')
# Pages that do something, or show the texts of the framework only; filters of lists have a test of their own.
SKIPPED = re.compile(r"/admin/(logout|password_change|jsi18n)|[?]")
MAX_PAGES = 400
# An officer of the whole organisation may have to approve: the page shows what waits, and who posted it.
OF_APPROVERS = {"figure that waits", "rejected figure", "who posts for A"}


@pytest.fixture(scope="module")
def world(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    with shared_rows():
        hidden_rows.build()
        for code in ("a", "b", None):
            hidden_rows.people_of(code)


def shown_words(texts: Iterator[str]) -> set[str]:
    """The kinds of canaries in these pages."""
    seen: set[str] = set()
    for text in texts:
        seen |= {kind for kind, word in hidden_rows.CANARIES.items() if word in text}
    return seen


def pages_of(client: Client, *starts: str) -> Iterator[str]:
    """Every page that links lead to from these, or from the first ones; also the pages of every row there is."""
    waiting = list(starts) or ["/", "/admin/", *pages_for_people(), *pages_of_all_rows()]
    opened = set(waiting)
    while waiting:
        path = waiting.pop()
        response = client.get(path, follow=False)
        if response.status_code != 200:
            continue
        content = response.getvalue() if response.streaming else response.content
        text = unescape(content.decode(errors="replace"))
        yield text
        links = {link for link in HREF.findall(text) if not SKIPPED.search(link)} - opened
        opened |= links
        waiting += sorted(links)
        assert len(opened) < MAX_PAGES, sorted(opened)


def pages_for_people() -> list[str]:
    """Also of rows that no link leads to."""
    return [
        *(f"/indicators/{code}/" for code in MODELS["indicators.indicator"]._base_manager.values_list("code", flat=True)),
        *(f"/departments/{code}/" for code in MODELS["indicators.department"]._base_manager.values_list("code", flat=True)),
        *(f"/targets/{name}/" for name in MODELS["targets.target"]._base_manager.values_list("identifier", flat=True)),
        "/my-work/", "/plans/plan/report/", "/plans/plan/year/", "/plans/plan/copy/", "/plans/plan/amend/",
    ]  # fmt: skip


def pages_of_all_rows() -> list[str]:
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=[pk])
        for model in admin.site._registry
        for pk in model._base_manager.values_list("pk", flat=True)
        for view in ("change", "history")
        if model._meta.label_lower != "lib.auditentry"
    ]


# The rows that the parameters of routes name: all of them.
NAMED = {
    "areas": "indicators.area.code", "departments": "indicators.department.code", "plans": "targets.plan.code",
    "indicators": "indicators.indicator.code", "targets": "targets.target.identifier", "alerts": "targets.alert.pk",
    "alert-rules": "targets.alertrule.code", "measurements": "indicators.measurement.pk", "audit": "lib.auditentry.pk",
    "imports": "indicators.import.pk", "actions": "targets.action.pk", "comments": "targets.comment.pk",
    "silences": "targets.silence.pk", "contacts": "indicators.contact.pk", "webhooks": "targets.webhook.pk",
    "reporting/duties": "indicators.reportingduty.uid", "keys": "indicators.apikey.prefix", "holidays": "indicators.holiday.day",
}  # fmt: skip
MODELS = {model._meta.label_lower: model for model in admin.site._registry}


def routes_of_all_rows() -> Iterator[str]:
    for route, methods in served().items():
        if "GET" not in methods or route in ("schema/", "docs/"):
            continue
        if "<" not in route:
            yield f"{route}?plan=plan" if "template" in route else route
            continue
        prefix = route.partition("<")[0].rstrip("/")
        label, _, column = NAMED[prefix.partition("/")[0] if prefix not in NAMED else prefix].rpartition(".")
        for value in MODELS[label]._base_manager.values_list(column, flat=True)[:40]:
            yield re.sub("<number>", "1", re.sub(r"<(?!number)[a-z]+>", str(value), route, count=1))


def answers_to(api: Api) -> Iterator[str]:
    for route in routes_of_all_rows():
        for query in ("", "?include_history=true") if route == "measurements/" else ("",):
            yield api.get(route + query).raw.decode(errors="replace")


def key_like(role: str, department: str | None) -> Api:
    scopes = [scope for scope in ROLES[role].scopes if department is None or scope != Scope.ADMIN]  # type: ignore[index]
    return api_of(department, scopes)


def compare_doors(role: str, department: str | None) -> tuple[set[str], set[str]]:
    user = User.objects.get(username=f"{role}-{department or 'all'}")
    return shown_words(pages_of(client_of(user))), shown_words(answers_to(key_like(role, department)))


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "role", ["viewer", *(pytest.param(role, marks=pytest.mark.long) for role in ("planner", "officer"))]
)
def test_a_user_of_b_sees_nothing_of_what_a_hides_through_either_door(role: str) -> None:
    by_admin, by_api = compare_doors(role, "b")
    assert (by_admin, by_api) == (set(), set())


@pytest.mark.long
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("department", ["a", None])
@pytest.mark.parametrize("role", READERS)
def test_the_admin_shows_no_more_than_the_api(role: str, department: str | None) -> None:
    by_admin, by_api = compare_doors(role, department)
    approves = department is None and role == "officer"
    assert by_admin - by_api - (OF_APPROVERS if approves else set()) == set()


@pytest.mark.usefixtures("world")
def test_public_pages_show_nothing_of_what_is_hidden() -> None:
    """For everyone, also the pages of targets that no public page leads to."""
    Plan.objects.update(public=True)
    identifiers = Target.objects.values_list("identifier", flat=True)
    starts = ["/public/", *(f"/public/plan/targets/{identifier}/" for identifier in identifiers)]
    pages = list(pages_of(Client(), *starts))
    assert 5 <= len(pages) < 2 + len(identifiers)
    assert shown_words(iter(pages)) == set()
    assert not any(
        word in page for page in pages for word in ("Bán nhiều hơn", "Why so late?", "@example.org", "Audit")
    )


@pytest.mark.usefixtures("world")
def test_the_control_those_who_may_see_it_do() -> None:
    """What is looked for is there: the same crawl finds it for a user of A."""
    by_admin, by_api = compare_doors("viewer", "a")
    expected = {"restricted indicator", "figure that waits", "rejected figure", "who posts for A", "import of A"}
    assert (by_admin, by_api) == (expected, expected)


@pytest.mark.long
@pytest.mark.usefixtures("world")
def test_an_administrator_of_b_sees_no_keys_webhooks_addresses_or_acts_of_a() -> None:
    user = User.objects.get(username="administrator-b")
    seen = shown_words(pages_of(client_of(user)))
    assert seen & {"webhook", "address of a contact", "address of a removed contact", "import of A"} == set()
