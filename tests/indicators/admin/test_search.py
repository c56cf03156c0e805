"""Every search finds Vietnamese words however they are typed: each list of the admin, and each `search=` of the API."""

import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import get_resolver

from indicators.models import User
from indicators.services.access import api_keys
from indicators.services.batches import imports
from indicators.services.catalogue import holidays
from kpitracker.lib import clock
from kpitracker.lib.db.search import split_words
from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.rest.filters import view_filters
from targets.models import Target
from targets.services.alerting import rules
from tests import factories, hidden_rows
from tests.admin_support import client_of, person
from tests.project.test_access import routes
from tests.support import api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SPELLINGS = {
    "composed letters": unicodedata.normalize("NFC", "việc làm"),
    "decomposed letters": unicodedata.normalize("NFD", "việc làm"),
    "without diacritics": "viec lam",
    "capital letters": "VIỆC LÀM",
    "capital decomposed letters with blanks": unicodedata.normalize("NFD", "  Việc   LÀM "),
    "the words the other way round": "làm viec",
}
LABELS = sorted(model._meta.label_lower for model in admin.site._registry)
PATHS = sorted(
    path
    for path, pattern in routes(get_resolver())
    if path.startswith("api/v1/")
    and getattr(pattern.callback, "actions", {}).get("get") == "list"
    and "search" in view_filters(pattern.callback.cls)  # type: ignore[attr-defined]
)


@pytest.fixture(scope="module", autouse=True)
def rows(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    """In every list a row about `việc làm`, some of them stored as decomposed letters."""
    with shared_rows():
        hidden_rows.build()
        by, now, name = factories.BY, clock.now(), unicodedata.normalize("NFD", "Quỹ Việc làm")
        factories.area("fund", name=name, parent="city")
        factories.department("fund", name=name)
        factories.contact("fund@example.org", name=name, department="fund")
        factories.webhook(name=name)
        rules.create_rule(by=by, code="fund", name=name, statuses=["missed"])
        api_keys.issue_key(by=by, now=now, scopes=["read"], name=name)
        holidays.create_holiday(by=by, now=now, day=date(2024, 6, 1), name=name)
        imports.queue_import(pk=uuid7(), file_format="csv", by=by, now=now, size=1, file_name=f"{name}.csv")
        person("lan", last_name=name)
        person("root", "administrator")


def found_in_list(client: Client, label: str, term: str) -> list[Any]:
    page = client.get(f"/admin/{label.replace('.', '/')}/", {"q": term})
    assert page.status_code == 200
    return sorted(row.pk for row in page.context["cl"].result_list)


@pytest.mark.parametrize("label", LABELS)
def test_every_list_finds_every_spelling(label: str) -> None:
    client = client_of(User.objects.get(username="root"))
    expected = found_in_list(client, label, "viec lam")
    assert expected, "nothing is found"
    assert {spelling: found_in_list(client, label, term) for spelling, term in SPELLINGS.items()} == dict.fromkeys(
        SPELLINGS, expected
    )
    assert found_in_list(client, label, "viec khong-co-tu-nay") == []


@pytest.mark.parametrize("path", PATHS)
def test_every_search_of_the_api_finds_every_spelling(path: str) -> None:
    api = api_of()
    if path == "api/v1/actions/":
        factories.action(Target.objects.all()[0], "2024-09-30", text="Tạo việc làm")
    results = {spelling: ids(api.rows(f"/{path}?search={term}")) for spelling, term in SPELLINGS.items()}
    assert results == dict.fromkeys(SPELLINGS, results["without diacritics"])
    assert results["without diacritics"]
    assert api.rows(f"/{path}?search=viec khong-co-tu-nay") == []


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row.get("code") or row["id"] for row in rows)


def test_the_api_searches_more_than_one_list() -> None:
    assert len(PATHS) >= 5


@pytest.mark.parametrize("term", ["%", "_", "'", "\\", "a" * 5000, " ".join(map(str, range(90))), "\u0302"])
def test_no_text_breaks_a_search(term: str) -> None:
    client = client_of(User.objects.get(username="root"))
    for label in ("lib.auditentry", "targets.target", "targets.delivery"):
        found_in_list(client, label, term)


def test_a_word_counts_once() -> None:
    assert split_words("Việc viec VIỆC làm") == ["viec", "lam"]
