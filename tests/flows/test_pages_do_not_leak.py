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

from tests.admin_support import client_of, person
from tests.flows import test_restricted_data_does_not_leak as restricted

pytestmark = pytest.mark.django_db

TAGS = re.compile(r"<script.*?</script>|<style.*?</style>|<[^>]*>", re.DOTALL)
OWN_WORK = ("/my-work/", "/departments/", "/departments/b/")
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
    yield "board", words_of(client.get(reverse("start")), mask)
    for path in ("/plans/", "/plans/plan/", "/plans/plan/year/", "/plans/plan/closings/1/", *OWN_WORK):
        yield path, words_of(client.get(path), mask)
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
            results.append(dict(texts_of_pages(client_of(person("lan", role, "b")))))
            transaction.set_rollback(True)
    first, second = results
    assert len(first) > 30
    assert [
        (name, first.get(name), second.get(name)) for name in {**first, **second} if first.get(name) != second.get(name)
    ] == []
