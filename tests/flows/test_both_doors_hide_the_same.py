"""What the API hides from a caller the admin hides from a user with the same scopes, and neither tells that it is there.

First with words that appear nowhere else in everything that A has and others may not see: each user opens every page
that links lead to, and those of all rows; a key with the same scopes asks every route. Then with two services that
differ in nothing but the restricted rows of A.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from indicators.domain.roles import ROLES
from indicators.models import Department, User
from kpitracker.lib.actor import Scope
from targets.models import Target
from tests import hidden_rows
from tests.admin_support import client_of, person
from tests.flows import test_restricted_data_does_not_leak as restricted
from tests.project.test_access import served
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

READERS = ["viewer", "officer", "planner"]
HREF = re.compile(r'href="(/admin/[^"#]*)"')
# Pages that do something, or show the texts of the framework only.
SKIPPED = re.compile(r"/admin/(logout|password_change|jsi18n)|[?&](o|_facets|_changelist_filters|e|p)=")
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


def pages_of(client: Client) -> Iterator[str]:
    """Every page that links lead to, and the pages of every row there is."""
    waiting = ["/admin/", *pages_of_all_rows()]
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
    "keys": "indicators.apikey.prefix", "holidays": "indicators.holiday.day",
}  # fmt: skip
MODELS = {model._meta.label_lower: model for model in admin.site._registry}


def routes_of_all_rows() -> Iterator[str]:
    for route, methods in served().items():
        if "GET" not in methods or route in ("schema/", "docs/"):
            continue
        if "<" not in route:
            yield f"{route}?plan=plan" if "template" in route else route
            continue
        label, _, column = NAMED[route.partition("/")[0]].rpartition(".")
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
@pytest.mark.parametrize("role", ["viewer", "planner", pytest.param("officer", marks=pytest.mark.long)])
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
def test_the_control_those_who_may_see_it_do() -> None:
    """What is looked for is there: the same crawl finds it for a user of A."""
    by_admin, by_api = compare_doors("viewer", "a")
    expected = {"restricted indicator", "figure that waits", "rejected figure", "who posts for A", "import of A"}
    assert (by_admin, by_api) == (expected, expected)


@pytest.mark.usefixtures("world")
def test_an_administrator_of_b_sees_no_keys_webhooks_addresses_or_acts_of_a() -> None:
    user = User.objects.get(username="administrator-b")
    seen = shown_words(pages_of(client_of(user)))
    assert seen & {"webhook", "address of a contact", "address of a removed contact", "import of A"} == set()


TAGS = re.compile(r"<script.*?</script>|<style.*?</style>|<[^>]*>", re.DOTALL)
MOMENTS = re.compile(r"\b\d{1,2}(:\d\d){0,2} [ap]\.m\.|\b(noon|midnight)\b|\d\d:\d\d(:\d\d)?")


def texts_of_pages(client: Client) -> Iterator[tuple[str, str]]:
    """The words of each list and of the pages of its rows, in their order; times and ids are left out."""
    mask = restricted.Mask("–")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        response = client.get(reverse(f"{name}_changelist"))
        if response.status_code != 200:
            continue
        yield model.__name__, words_of(response, mask)
        for number, row in enumerate(response.context["cl"].result_list):
            for view in ("change", "history"):
                answer = client.get(reverse(f"{name}_{view}", args=[row.pk]))
                yield f"{model.__name__} {number} {view}", words_of(answer, mask)
    yield "owed", words_of(client.get(reverse("admin:targets_assessment_owed")), mask)


def words_of(response: Any, mask: Callable[[str], str]) -> str:
    body = MOMENTS.sub("<time>", mask(unescape(TAGS.sub(" ", response.content.decode()))))
    return f"{response.status_code} {' '.join(re.sub(r'[0-9a-f]{64}', '<digest>', body).split())}"


@pytest.mark.parametrize("role", ["viewer", pytest.param("planner", marks=pytest.mark.long)])
def test_pages_are_the_same_whether_a_has_something_to_hide_or_not(role: str) -> None:
    results = []
    for secrets in (True, False):
        with transaction.atomic():
            restricted.build(secrets=secrets)
            results.append(dict(texts_of_pages(client_of(person("lan", role, "b")))))
            transaction.set_rollback(True)
    first, second = results
    assert len(first) > 30
    assert [
        (name, first.get(name), second.get(name)) for name in {**first, **second} if first.get(name) != second.get(name)
    ] == []


def test_the_world_has_two_departments() -> None:
    with transaction.atomic():
        restricted.build(secrets=True)
        assert Department.objects.filter(code__in=["a", "b"]).count() == 2
        assert Target.objects.filter(indicator__restricted=True).exists()
        transaction.set_rollback(True)
