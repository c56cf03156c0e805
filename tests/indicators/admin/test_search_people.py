"""A list that shows who did something is searched by that name: of the person or the key, however it is typed."""

import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import QuerySet
from django.test import Client

from indicators.models import ApiKey, Area, User
from indicators.services.access import api_keys, user_accounts
from indicators.services.catalogue import areas
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Actor
from kpitracker.lib.models import AuditEntry
from tests import factories, hidden_rows
from tests.admin_support import client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# The lists that show a person, and the column of the stored name.
LISTS = {
    "indicators.accountemail": "requested_by",
    "indicators.approval": "shown_poster",
    "indicators.import": "posted_by",
    "lib.auditentry": "actor",
    "targets.closing": "closed_by",
    "targets.comment": "author",
    "targets.lockexception": "created_by",
    "targets.silence": "author",
}
SPELLINGS = {
    "as it is shown": "Nguyễn Văn Lân",
    "without diacritics": "nguyen van lan",
    "in the other order": "Lân Nguyễn Văn",
    "the family name alone": "nguyen van",
    "the given name alone": "lan",
    "in capital letters": "NGUYỄN VĂN",
    "in decomposed letters": unicodedata.normalize("NFD", "Nguyễn Văn"),
    "the user name": "qz7",
    "the user name with the name": "qz7 nguyen",
}
NOT_FOUND = {"another family name": "tran van lan", "a word too many": "nguyen van lan khong-co-tu-nay"}


@pytest.fixture(scope="module", autouse=True)
def rows(shared_rows: Callable[[], AbstractContextManager[None]]) -> Any:
    """Rows in every list, by people whose names hold none of the words above, and a key."""
    by = Actor("admin founder", None, ALL_SCOPES)
    with pytest.MonkeyPatch.context() as patch, shared_rows():
        patch.setattr(factories, "BY", by)
        hidden_rows.build()
        user_accounts.invite_user(
            by=by, now=clock.now(), username="guest", email="guest@example.org", role="viewer", department=None
        )
        person("founder", "administrator")
        person("root", "administrator")
        yield


def found(label: str, term: str) -> set[Any]:
    client: Client = client_of(User.objects.get(username="root"))
    page = client.get(f"/admin/{label.replace('.', '/')}/", {"q": term, "all": ""})
    assert page.status_code == 200
    return {row.pk for row in page.context["cl"].result_list}


def rows_of(label: str) -> QuerySet[Any]:
    request: Any = type("Request", (), {"user": User.objects.get(username="root"), "META": {}})()
    page = next(page for model, page in admin.site._registry.items() if model._meta.label_lower == label)
    return page.get_queryset(request)


@pytest.fixture
def named(request: pytest.FixtureRequest) -> tuple[str, set[Any]]:
    """A list, and its rows by one person, who is called Nguyễn Văn Lân (qz7) now."""
    label = request.param
    actors = {row.pk: getattr(row, LISTS[label]) or "" for row in rows_of(label)}
    stored = next(name for name in actors.values() if name.startswith("admin "))
    user = User.objects.get(username=stored.removeprefix("admin "))
    user.first_name, user.last_name = "Lân", "Nguyễn Văn"
    user.save(update_fields=["first_name", "last_name"])
    return label, {pk for pk, name in actors.items() if name == stored}


@pytest.mark.parametrize("named", LISTS, indirect=True)
def test_a_list_finds_the_rows_of_a_person(named: tuple[str, set[Any]]) -> None:
    label, expected = named
    spellings = {name: term for name, term in SPELLINGS.items() if "user name" not in name}
    results = {spelling: found(label, term) for spelling, term in spellings.items()}
    assert {spelling: rows >= expected for spelling, rows in results.items()} == dict.fromkeys(spellings, True)
    # The list of account e-mails also finds those to the person.
    assert results["as it is shown"] == expected or label == "indicators.accountemail"
    assert {name: found(label, term) for name, term in NOT_FOUND.items()} == {name: set() for name in NOT_FOUND}


@pytest.mark.parametrize("term", SPELLINGS.values(), ids=SPELLINGS)
def test_the_audit_finds_a_person_by_each_name(term: str) -> None:
    user = person("qz7", "administrator", first_name="Lân", last_name="Nguyễn Văn")
    person("qz8", "administrator", first_name="Nguyễn", last_name="Trần Lân")
    for name in ("qz7", "qz8"):
        areas.create_area(by=User.objects.get(username=name).as_actor(), code=f"area-{name[-1]}", name=name[-1])
    of_person = AuditEntry.objects.filter(actor=user.as_actor().name)
    assert of_person.exists()
    others = AuditEntry.objects.filter(actor="admin qz8")
    result = found("lib.auditentry", term)
    assert result >= set(of_person.values_list("pk", flat=True))
    if term != "lan":
        assert not result & set(others.values_list("pk", flat=True))


@pytest.mark.parametrize("term", ["Cổng dữ liệu", "cong du lieu", "dữ liệu cổng", "PREFIX"])
def test_the_audit_finds_a_key_by_its_name_and_prefix(term: str) -> None:
    issued = api_keys.issue_key(by=factories.BY, now=clock.now(), scopes=["read"], name="Cổng dữ liệu")
    key = ApiKey.objects.get(pk=issued.key.pk)
    areas.create_area(by=Actor(f"key {key.prefix}", None, ALL_SCOPES), code="keyed", name="x")
    expected = AuditEntry.objects.get(kind="indicators.area", object_id=str(Area.objects.get(code="keyed").pk))
    assert expected.pk in found("lib.auditentry", key.prefix if term == "PREFIX" else term)


def test_every_list_that_shows_a_person_is_in_the_table() -> None:
    request: Any = type("Request", (), {"user": User.objects.get(username="root"), "META": {}})()
    pages: dict[Any, Any] = admin.site._registry
    fields = {model._meta.label_lower: page._person_fields(request) for model, page in pages.items()}
    shown = {label: names for label, names in fields.items() if names}
    assert sorted(shown) == sorted(LISTS)
    assert all(LISTS[label] in names for label, names in shown.items())
