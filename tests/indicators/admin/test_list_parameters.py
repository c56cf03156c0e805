"""Lists of the admin take the parameters of their filters, search and pages; about every other column nothing is told.

Each column and relation of each model is asked for, as the parameter of a list: once with a value that some row has,
once with one that no row has. Where the answers differ, the row is not hidden.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.db.models import ForeignObjectRel, Model
from django.test import Client, RequestFactory

from indicators.models import AccountEmail, Department, Indicator, User
from kpitracker.lib.admin.list_parameters import accepted_parameters
from targets.models import Closing, Plan
from tests import hidden_rows
from tests.admin_support import client_of

pytestmark = pytest.mark.django_db
PAGES = sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label_lower)
LABELS = [model._meta.label_lower for model, _ in PAGES]
# What no row has, by what the column takes.
UNUSED_ID, UNUSED_UUID, UNUSED_TEXT = "987654321", str(UUID(int=7, version=4)), "no-row-has-this"


@pytest.fixture(scope="module", autouse=True)
def rows(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    with shared_rows():
        hidden_rows.build()
        for code in ("b", None):
            hidden_rows.people_of(code)


def page_of(label: str) -> Any:
    return next(page for model, page in PAGES if model._meta.label_lower == label)


def fields_of(model: type[Model]) -> dict[str, Any]:
    """Every column and relation of the model, in both directions, by the name that look-ups use."""
    fields = model._meta.get_fields(include_hidden=True)
    return {field.name: field for field in fields if not field.name.endswith("+")}


def paths_of(model: type[Model], depth: int) -> Iterator[tuple[str, Any]]:
    """The columns and relations of the model, and with `depth` those of the models that it is related to."""
    for name, field in fields_of(model).items():
        yield name, field
        if depth and field.related_model:
            yield from ((f"{name}__{path}", inner) for path, inner in paths_of(field.related_model, depth - 1))


def operators_of(field: Any) -> list[str]:
    """Every look-up and transform that the column takes; of a relation those of its ids."""
    column = field.target_field if field.is_relation and not isinstance(field, ForeignObjectRel) else field
    return ["", *sorted(column.get_lookups() if hasattr(column, "get_lookups") else ["in", "isnull"])]


def values_of(model: type[Model], path: str) -> tuple[str, str]:
    """A value of some row, the first of all, and one that no row has."""
    value = model._base_manager.exclude(**{f"{path}__isnull": True}).values_list(path, flat=True).order_by("pk").first()
    if isinstance(value, UUID):
        return str(value), UNUSED_UUID
    if isinstance(value, bool) or value is None:
        return "1", "0"
    return str(value), UNUSED_ID if isinstance(value, int) else UNUSED_TEXT


def ask(page: Any, user: User, name: str, value: str) -> tuple[int, str]:
    """The answer of the list, without what was asked for."""
    request: Any = RequestFactory().get("/", {name: value})
    request.user, request.session = user, {}
    request._messages = FallbackStorage(request)
    response = page.changelist_view(request)
    if hasattr(response, "render"):
        response.render()
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    return response.status_code, body.replace(f"{name}={value}", "").replace(f'{name}" value="{value}"', "")


def differences(label: str, roles: list[User], *, depth: int, few: bool) -> tuple[list[str], int]:
    """The questions whose answers tell something, and how many were asked."""
    page, telling, asked = page_of(label), [], 0
    for path, field in paths_of(page.model, depth):
        used, unused = values_of(page.model, path)
        operators = ("", "isnull" if field.is_relation else "regex") if few else operators_of(field)
        for user in roles:
            for operator in operators:
                name, asked = f"{path}__{operator}".removesuffix("__"), asked + 1
                if name in _accepted(page, user):
                    continue
                answers = {ask(page, user, name, value) for value in (used, unused)}
                if len(answers) != 1 or answers.pop()[0] != 400:
                    telling.append(f"{user}: {name}")
    return telling, asked


@cache
def _accepted_names(label: str, user: int) -> frozenset[str]:
    request: Any = RequestFactory().get("/")
    request.user, request.session = User.objects.get(pk=user), {}
    return accepted_parameters(page_of(label), request)


def _accepted(page: Any, user: User) -> frozenset[str]:
    return _accepted_names(page.opts.label_lower, user.pk)


@pytest.mark.parametrize("label", LABELS)
def test_no_column_or_relation_tells_anything(label: str) -> None:
    roles = list(User.objects.filter(username__in=["viewer-b", "administrator-b"]))
    telling, asked = differences(label, roles, depth=0, few=True)
    assert telling == []
    assert asked >= 4 * len(page_of(label).model._meta.fields)


@pytest.mark.long
@pytest.mark.parametrize("label", LABELS)
def test_no_column_of_related_rows_tells_anything_with_any_operator(label: str) -> None:
    roles = list(User.objects.filter(username__regex=r"^(viewer|officer|planner|administrator)-(b|all)$"))
    assert len(roles) == 8
    telling, asked = differences(label, roles, depth=1, few=False)
    assert telling == []
    assert asked > 100


@pytest.mark.parametrize("role", hidden_rows.ROLES)
def test_filters_tell_no_id_that_is_hidden_from_one_that_does_not_exist(role: str) -> None:
    user, telling = User.objects.get(username=f"{role}-b"), []
    for model, page in PAGES:
        if not page.has_view_permission(_request(user)):
            continue
        for name in sorted(_accepted(page, user)):
            path, _, operator = name.partition("__id__")
            if operator != "exact":
                continue
            field = next(field for name, field in paths_of(model, depth=1) if name == path)
            rows: Any = field.related_model._default_manager.all()
            seen = rows.visible_to(user.as_actor()).values("pk")
            hidden = rows.exclude(pk__in=seen).order_by("pk").first()
            if hidden is None:
                continue
            used, unused = str(hidden.pk), UNUSED_UUID if isinstance(hidden.pk, UUID) else UNUSED_ID
            if ask(page, user, name, used) != ask(page, user, name, unused):
                telling.append(f"{model.__name__}: {name}")
    assert telling == []


def _request(user: User) -> Any:
    request: Any = RequestFactory().get("/")
    request.user = user
    return request


class TestSeen:
    """The doors that were found open, through the whole stack, and those that stay open."""

    def client(self, username: str) -> Client:
        return client_of(User.objects.get(username=username))

    def test_a_viewer_reads_no_scorecard_that_was_closed(self) -> None:
        client = self.client("viewer-b")
        assert "secret" in Closing.objects.get().content
        for value in ("plan:secret:city", "plan:nothing:city"):
            assert client.get("/admin/targets/closing/", {"content__contains": value}).status_code == 400

    @pytest.mark.parametrize("path", ["user/?password__regex=^pbkdf2", "apikey/?digest__regex=^a"])
    def test_an_administrator_reads_no_digest(self, path: str) -> None:
        assert self.client("administrator-b").get(f"/admin/indicators/{path}").status_code == 400

    @pytest.mark.parametrize(
        "path", ["indicators/department/?indicators", "targets/plan/?targets", "indicators/area/?measurements"]
    )
    def test_hidden_rows_cannot_be_counted_by_their_ids(self, path: str) -> None:
        number = Indicator.objects.get(code="secret").pk
        assert self.client("viewer-b").get(f"/admin/{path}={number}").status_code == 400

    def test_the_page_names_the_filters_in_both_languages(self) -> None:
        client = self.client("viewer-b")
        page = client.get("/admin/indicators/area/?name__contains=x", headers={"Accept": "text/html"})
        assert page.status_code == 400
        assert "name__contains is not a parameter of this list" in page.content.decode()
        assert "Danh sách này không có tham số name__contains" in page.content.decode()
        problem = client.get("/admin/indicators/area/?name__contains=x").json()
        assert problem["type"] == "/problems/unknown-parameter"

    def test_what_comes_with_control_characters_is_refused(self) -> None:
        assert self.client("viewer-b").get("/admin/indicators/area/?kind__exact=%00").status_code == 400

    @pytest.mark.parametrize(
        "path",
        [
            "indicators/area/?kind__exact=city", "indicators/area/?q=thanh", "indicators/area/?o=-1.2&p=0&all=",
            "indicators/holiday/?day__year=2024&day__month=1", "indicators/area/?_facets=True&_popup=1",
            "targets/comment/?created_at__gte=2024-01-01%2000:00:00%2B00:00", "targets/plan/?department__id__exact=1",
            "indicators/measurement/?published_from=2024-01-01&published_to=", "targets/alert/?message=x",
            "indicators/area/?e=1",
        ],
    )  # fmt: skip
    def test_what_the_page_offers_is_taken(self, path: str) -> None:
        assert self.client("viewer-b").get(f"/admin/{path}").status_code == 200


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("key", ["x", "7" * 40, "-1", UNUSED_UUID, UNUSED_ID, "\0"])
def test_actions_on_rows_that_do_not_exist_fail_with_a_sentence(label: str, key: str) -> None:
    page, user = page_of(label), User.objects.get(username="administrator-all")
    request, client = _request(user), client_of(user)
    path = f"/admin/{label.replace('.', '/')}/"
    for action in page.get_actions(request):
        response = client.post(path, {"action": action, "_selected_action": key, "index": "0"})
        assert response.status_code in (200, 302), (action, key)


def test_the_world_has_what_is_to_be_hidden() -> None:
    assert Plan.objects.get().targets.filter(indicator__restricted=True).exists()
    assert AccountEmail.objects.exists()
    assert Department.objects.get(code="a").contacts.count() == 0
