"""Leave to change what a plan has closed, in the admin."""

from typing import Any

import pytest
from django.urls import reverse

from targets.models import LockException, Plan
from tests import factories
from tests.admin_support import administrator, client_of, errors, person, submit

pytestmark = pytest.mark.django_db
ADD = "admin:targets_lockexception_add"


def leave(**values: Any) -> dict[str, Any]:
    return {
        "plan": Plan.objects.get().pk,
        "reason": "books reopened",
        "until_0": "2035-01-01",
        "until_1": "00:00",
        **values,
    }


def test_leave_is_given_with_who_gave_it() -> None:
    factories.world()
    assert submit(administrator(), reverse(ADD), leave()).status_code == 302
    given = LockException.objects.get()
    assert (given.reason, given.created_by) == ("books reopened", "admin admin")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        pytest.param({"reason": " "}, "reason", id="no reason"),
        pytest.param({"until_0": "2020-01-01"}, "until", id="an end in the past"),
    ],
)
def test_faults_stand_at_their_fields(values: dict[str, str], field: str) -> None:
    factories.world()
    assert set(errors(submit(administrator(), reverse(ADD), leave(**values)))) == {field}
    assert not LockException.objects.exists()


def test_leave_for_the_plan_of_another_department_is_not_given() -> None:
    factories.world()
    factories.department("other")
    stranger = client_of(person("lan", "planner", "other"))
    assert set(errors(submit(stranger, reverse(ADD), leave()))) == {"plan"}
    assert not LockException.objects.exists()
