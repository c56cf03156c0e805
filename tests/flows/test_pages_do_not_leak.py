"""Two services that differ in nothing but the restricted rows of A: the pages of a user of B are the same in both."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from targets.models import Plan
from tests.admin_support import client_of, person
from tests.flows import test_restricted_data_does_not_leak as restricted

pytestmark = pytest.mark.django_db

TAGS = re.compile(r"<script.*?</script>|<style.*?</style>|<[^>]*>", re.DOTALL)
OWN_WORK = ("/my-work/", "/departments/", "/departments/b/")
# Also of rows that the user may not see: they answer as if there were none.
INDICATORS = [f"/indicators/{code}/" for code in restricted.INDICATORS]
FILES = [f"/indicators/{code}/values.csv?areas=all" for code in restricted.INDICATORS]
TARGETS = [f"/targets/plan:{code}:{area}/" for code in restricted.INDICATORS for area in ("city", "north")]
PLAN_PAGES = [f"/plans/plan/{page}" for page in ("", "year/", "closings/1/", "report/", "copy/", "amend/")]
BOARDS = ["/?group=area", "/?group=section&sort=name", "/?compare=2024-02-01", "/?as_of=2024-06-30"]
PUBLIC = ["/public/", "/public/plan/", "/public/plan/?group=area", *(f"/public/plan{path}" for path in TARGETS)]
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
        file = client.get(reverse(f"{name}_file", args=["csv"])).getvalue().decode()
        yield f"{model.__name__} as a file", MOMENTS.sub("<time>", mask(file))
        for number, row in enumerate(response.context["cl"].result_list):
            for view in ("change", "history"):
                answer = client.get(reverse(f"{name}_{view}", args=[row.pk]))
                yield f"{model.__name__} {number} {view}", words_of(answer, mask)
    yield "board", words_of(client.get(reverse("start")), mask)
    for path in ("/plans/", *PLAN_PAGES, *OWN_WORK, *INDICATORS, *TARGETS, *BOARDS, *PUBLIC):
        yield path, words_of(client.get(path), mask)
    for path in FILES:
        answer = client.get(path)
        yield path, mask(b"".join(answer).decode()) if answer.status_code == 200 else str(answer.status_code)
    yield "board as a file", mask(client.get(reverse("board-file", args=["csv"])).getvalue().decode())
    yield "owed", words_of(client.get(reverse("admin:targets_assessment_owed")), mask)


def words_of(response: Any, mask: Callable[[str], str]) -> str:
    body = MOMENTS.sub("<time>", mask(unescape(TAGS.sub(" ", response.content.decode()))))
    return f"{response.status_code} {' '.join(re.sub(r'[0-9a-f]{64}', '<digest>', body).split())}"


@pytest.mark.long
@pytest.mark.parametrize("role", ["viewer", "planner"])
def test_pages_are_the_same_whether_a_has_something_to_hide_or_not(role: str) -> None:
    results = []
    for secrets in (True, False):
        with transaction.atomic():
            restricted.build(secrets=secrets)
            Plan.objects.update(public=True)
            results.append(dict(texts_of_pages(client_of(person("lan", role, "b")))))
            transaction.set_rollback(True)
    first, second = results
    assert len(first) > 90
    assert {first[path][:3] for path in ("/indicators/sales/", "/plans/plan/report/", "/public/plan/")} == {"200"}
    assert [
        (name, first.get(name), second.get(name)) for name in {**first, **second} if first.get(name) != second.get(name)
    ] == []
