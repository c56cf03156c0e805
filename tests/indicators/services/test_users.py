"""People are invited, changed and kept out by services, and each of it stands in the audit."""

from collections.abc import Callable
from typing import Any

import pytest

from indicators.domain.roles import ROLES, Role
from indicators.models import AccountEmail, User
from indicators.services.access import user_accounts
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Actor, system_actor
from kpitracker.lib.errors import DomainError
from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.admin_support import person

pytestmark = pytest.mark.django_db

BY = system_actor("tests")


def invite(username: str = "lan", email: str = "lan@example.org", by: Actor = BY, **values: Any) -> User:
    return user_accounts.invite_user(by=by, now=clock.now(), username=username, email=email, **values)


def refused(work: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(DomainError) as error:
        work()
    return error.value.slug, error.value.items[0].pointer if error.value.items else ""


@pytest.mark.parametrize(
    "role, scopes",
    [
        ("viewer", {"read"}),
        ("officer", {"read", "figures:write", "figures:history", "alerts:write"}),
        ("planner", {"read", "plans:write", "alerts:write"}),
        ("administrator", set(ALL_SCOPES)),
    ],
)
def test_a_role_is_its_scopes(role: str, scopes: set[str]) -> None:
    department = factories.department()
    user = person("lan", role, "statistics")
    actor = user.as_actor("10.0.0.1")
    assert set(actor.scopes) == scopes
    assert (actor.name, actor.department, actor.address, actor.person) == (
        "admin lan",
        department.pk,
        "10.0.0.1",
        user.pk,
    )


def test_every_role_has_its_words() -> None:
    assert set(ROLES) == set(Role)


def test_a_superuser_is_an_administrator_whatever_his_row_says() -> None:
    user = User.objects.create_superuser("root", role="viewer")
    assert user.as_actor().scopes == ALL_SCOPES
    assert User.objects.create_superuser("other").role == "administrator"


def test_an_invitation_is_a_person_a_letter_and_an_audit_row() -> None:
    user = invite(role="officer")
    assert not user.has_usable_password()
    letter = AccountEmail.objects.get()
    assert (letter.user, letter.kind, letter.state, letter.requested_by) == (user, "invitation", "pending", "tests")
    noted = AuditEntry.objects.get(kind="indicators.user")
    assert (noted.verb, noted.label, noted.after["role"]) == ("invited", "lan", "officer")
    assert "password" not in noted.after


@pytest.mark.parametrize(
    "values, slug, pointer",
    [
        pytest.param({"email": ""}, "required", "/email", id="no address"),
        pytest.param({"email": "nobody"}, "invalid-email", "/email", id="what is no address"),
        pytest.param({"email": "HOA@example.org"}, "already-exists", "/email", id="the address of somebody else"),
        pytest.param({"username": "HOA"}, "already-exists", "/username", id="a name that is taken"),
        pytest.param({"username": "a b"}, "invalid-type", "/username", id="a name with a space"),
        pytest.param({"role": "king"}, "invalid-choice", "/role", id="an unknown role"),
    ],
)
def test_nobody_is_invited_with(values: dict[str, Any], slug: str, pointer: str) -> None:
    person("hoa")
    assert refused(lambda: invite(**{"username": "lan", **values})) == (slug, pointer)
    assert AccountEmail.objects.count() == 1


def test_the_address_of_somebody_who_left_is_free_until_he_comes_back() -> None:
    missing = user_accounts.deactivate_user(user=person("hoa", email="post@example.org"), by=BY)
    invite(email="post@example.org")
    assert refused(lambda: user_accounts.reactivate_user(user=missing, by=BY)) == ("already-exists", "/email")


def test_a_change_says_what_was_and_what_is() -> None:
    user = person("lan")
    user_accounts.update_user(user=user, by=BY, role="officer", first_name="Lan")
    noted = AuditEntry.objects.filter(verb="changed").get()
    assert (noted.before, noted.after) == (
        {"first_name": "", "role": "viewer"},
        {"first_name": "Lan", "role": "officer"},
    )


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_let_people_in_change_and_keep_out(role: str) -> None:
    by, other = person("lan", role).as_actor(), person("hoa")
    for work in (
        lambda: invite("minh", "minh@example.org", by),
        lambda: user_accounts.update_user(user=other, by=by, first_name="x"),
        lambda: user_accounts.deactivate_user(user=other, by=by),
        lambda: user_accounts.reactivate_user(user=other, by=by),
        lambda: user_accounts.resend_invitation(user=other, by=by, now=clock.now()),
    ):
        assert refused(work) == ("forbidden", "")


def test_nobody_raises_his_own_role() -> None:
    user = person("lan")
    by = user.as_actor()._replace(scopes=ALL_SCOPES)
    assert refused(lambda: user_accounts.update_user(user=user, by=by, role="administrator")) == ("forbidden", "/role")


def test_the_last_active_administrator_stays() -> None:
    last, missing = person("lan", "administrator"), person("hoa", "administrator")
    user_accounts.deactivate_user(user=missing, by=BY)
    for work in (
        lambda: user_accounts.deactivate_user(user=last, by=BY),
        lambda: user_accounts.update_user(user=last, by=BY, role="officer"),
    ):
        assert refused(work)[0] == "last-administrator"
    user_accounts.reactivate_user(user=missing, by=BY)
    assert user_accounts.update_user(user=last, by=BY, role="officer").role == "officer"


def test_a_superuser_who_is_demoted_is_none_any_more() -> None:
    person("lan", "administrator")
    root = User.objects.create_superuser("root", email="root@example.org")
    assert not user_accounts.update_user(user=root, by=BY, role="viewer").is_superuser


def test_an_invitation_is_repeated_until_it_was_used() -> None:
    user = invite()
    user_accounts.resend_invitation(user=user, by=BY, now=clock.now())
    assert AccountEmail.objects.filter(user=user).count() == 2
    user.set_password("long enough to be a secret")
    user.save()
    assert refused(lambda: user_accounts.resend_invitation(user=user, by=BY, now=clock.now()))[0] == "in-use"
