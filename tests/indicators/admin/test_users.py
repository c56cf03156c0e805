"""People in the admin: added by a letter, changed by the service, never given a password."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from indicators.models import AccountEmail, User
from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.admin_support import administrator, client_of, errors, person, submit

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("admin:indicators_user_changelist"), reverse("admin:indicators_user_add")
LAN = {"username": "lan", "first_name": "Lan", "last_name": "Trần", "email": "lan@example.org", "role": "officer"}


def path(user: User) -> str:
    return reverse("admin:indicators_user_change", args=[user.pk])


def act(client: Client, action: str, *users: User) -> list[str]:
    data = {"action": action, "_selected_action": [user.pk for user in users]}
    answer = client.post(LIST, data, follow=True)
    return [str(message) for message in answer.context["messages"]]


def test_who_is_added_gets_a_letter_and_a_department() -> None:
    department = factories.department()
    assert submit(administrator(), ADD, {**LAN, "department": department.pk}).status_code == 302
    user = User.objects.get(username="lan")
    assert (user.role, user.department, user.has_usable_password()) == ("officer", department, False)
    assert AccountEmail.objects.get().requested_by == "admin admin"
    assert AuditEntry.objects.filter(verb="invited", actor="admin admin", address="127.0.0.1").count() == 1


@pytest.mark.parametrize(
    "values, field",
    [
        ({"email": ""}, "email"),
        ({"email": "HOA@example.org"}, "email"),
        ({"username": "hoa"}, "username"),
        ({"role": ""}, "role"),
    ],
)
def test_what_is_wrong_stands_at_its_field(values: dict[str, str], field: str) -> None:
    person("hoa")
    assert set(errors(submit(administrator(), ADD, {**LAN, **values}))) == {field}
    assert not User.objects.filter(username="lan").exists()


def test_a_name_and_a_role_are_changed_but_no_user_name_and_no_password() -> None:
    user = person("lan")
    before = user.password
    fields = {**LAN, "username": "other", "password": "x", "is_superuser": "on", "role": "planner"}
    assert submit(administrator(), path(user), fields).status_code == 302
    user.refresh_from_db()
    assert (user.username, user.role, user.first_name, user.is_superuser) == ("lan", "planner", "Lan", False)
    assert user.password == before


def test_the_last_administrator_cannot_demote_himself() -> None:
    user = person("lan", "administrator")
    result = errors(submit(client_of(user), path(user), {**LAN, "role": "viewer"}))
    assert set(result) == {"role"}


def test_actions_let_out_and_in_and_say_what_became_of_each() -> None:
    client, lan = administrator(), person("lan")
    boss = User.objects.get(username="admin")
    assert act(client, "deactivate", lan, boss) == [
        "admin: At least one active administrator must remain.",
        "lan: done.",
    ]
    assert not User.objects.get(username="lan").is_active
    assert act(client, "reactivate", lan) == ["lan: done."]
    assert act(client, "invite_again", lan) == ["lan: lan needs no invitation."]


@pytest.mark.parametrize("role", ["viewer", "officer", "planner"])
def test_others_have_neither_list_nor_actions(role: str) -> None:
    user = person("lan", role)
    answer: Any = client_of(user).post(LIST, {"action": "deactivate", "_selected_action": [user.pk]})
    assert answer.status_code == 403
    assert User.objects.get().is_active


def test_there_are_no_groups() -> None:
    assert not admin.site.is_registered(Group)
