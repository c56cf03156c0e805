"""People at the same moment: one is first, the rules hold, and no letter goes out twice."""

from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from indicators.models import AccountEmail, Area, User
from indicators.services.access import passwords, user_accounts
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.admin.optimistic_lock import VERSION_FIELD
from kpitracker.lib.errors import Conflict
from kpitracker.lib.models import AuditEntry
from tasks.account_emails import send_due_emails
from tests import factories
from tests.admin_support import client_of, person
from tests.flows.test_concurrent_requests import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

BY = system_actor("tests")


def test_of_eight_who_save_one_form_one_is_first_and_the_others_are_told() -> None:
    area = factories.area(name="First")
    path = reverse("admin:indicators_area_change", args=[area.pk])
    clients = [client_of(person(f"p{number}", "administrator")) for number in range(8)]

    def save(number: int) -> Any:
        return clients[number].post(path, {"name": f"by {number}", "kind": "city", VERSION_FIELD: "1"}).status_code

    assert sorted(at_once(8, save)) == [200] * 7 + [302]
    assert Area.objects.get().row_version == 2
    assert AuditEntry.objects.filter(kind="indicators.area", verb="changed").count() == 1


def test_of_six_administrators_who_put_each_other_out_one_is_left() -> None:
    users = [person(f"p{number}", "administrator") for number in range(6)]
    results = at_once(6, lambda number: user_accounts.deactivate_user(user=users[number], by=BY))
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert User.objects.administrators().count() == 1


def test_ten_who_forget_at_once_get_three_letters() -> None:
    person("lan", email="lan@example.org")
    ask = lambda _: passwords.request_reset(email="lan@example.org", address="", now=clock.now())  # noqa: E731
    assert at_once(10, ask) == [None] * 10
    assert AccountEmail.objects.filter(kind="reset").count() == 3


def test_one_address_is_given_to_one_of_six() -> None:
    def invite(number: int) -> Any:
        return user_accounts.invite_user(by=BY, now=clock.now(), username=f"p{number}", email="lan@example.org")

    results = at_once(6, invite)
    assert sum(isinstance(result, User) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 5
    assert (User.objects.count(), AccountEmail.objects.count()) == (1, 1)


def test_twelve_letters_and_four_workers_are_twelve_mails() -> None:
    for number in range(12):
        person(f"p{number}")
    mail.outbox = []
    assert sum(at_once(4, lambda _: send_due_emails())) == 12
    assert len(mail.outbox) == 12
    assert {letter.attempts for letter in AccountEmail.objects.all()} == {1}
