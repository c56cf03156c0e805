"""Closing a plan by a small form, and reading what was frozen."""

import pytest
from django.urls import reverse

from targets.models import Closing, Plan
from tests import factories
from tests.admin_support import administrator, client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plan() -> Plan:
    factories.area()
    factories.department()
    factories.department("other")
    factories.indicator(department="statistics")
    made = factories.plan(department="statistics")
    factories.target()
    factories.figure("sales", "2024", 1190, published="2025-01-05")
    return made


def close_page() -> str:
    return reverse("admin:targets_plan_close_plan", args=[Plan.objects.get().pk])


def frozen_page() -> str:
    return reverse("admin:targets_closing_change", args=[Closing.objects.get().pk])


def test_a_plan_is_closed_by_a_small_form_and_read_on_the_next_page() -> None:
    client = client_of(person("planner", "planner", "statistics"))
    page = client.get(reverse("admin:targets_plan_change", args=[Plan.objects.get().pk])).content.decode()
    assert close_page() in page
    form = client.get(close_page()).content.decode()
    assert "Close and freeze the scorecard: " in form
    assert "admin/DateTimeShortcuts" in form
    response = client.post(close_page(), {"as_of": "2025-01-06", "reason": "Year's end"}, follow=True)
    assert response.redirect_chain == [(frozen_page(), 302)]
    closing = Closing.objects.get()
    assert (closing.number, closing.closed_by, Plan.objects.get().locked_through) == (
        1,
        "admin planner",
        Plan.objects.get().period_end,
    )
    shown = response.content.decode()
    assert closing.digest in shown
    for cell in ("Sales", "missed (provisional)", "1,190", "−10", "1,190 in 2024, promised at least 1,200, 10 short"):
        assert f">{cell}</" in shown, cell


@pytest.mark.parametrize("given", [{"reason": ""}, {"reason": " "}, {"reason": "x", "as_of": "2199-01-01"}])
def test_what_is_wrong_is_told_on_the_form(given: dict[str, str]) -> None:
    response = administrator().post(close_page(), given)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not Closing.objects.exists()


@pytest.mark.parametrize(
    ("role", "department", "status"),
    [
        pytest.param("viewer", "statistics", 403, id="a viewer does not"),
        pytest.param("officer", "statistics", 403, id="nor does an officer"),
        pytest.param("planner", "statistics", 302, id="a planner closes his own"),
        pytest.param("planner", "other", 403, id="and no other"),
        pytest.param("administrator", "statistics", 302, id="an administrator does"),
    ],
)
def test_who_may(role: str, department: str, status: int) -> None:
    client = client_of(person("lan", role, department))
    assert client.post(close_page(), {"as_of": "2025-01-06", "reason": "x"}).status_code == status
    assert Closing.objects.exists() is (status == 302)


def test_what_somebody_may_not_see_is_not_on_his_page() -> None:
    factories.indicator("secret", department="other", restricted=True)
    factories.target("secret")
    administrator().post(close_page(), {"as_of": "2025-01-06", "reason": "x"})
    shown = client_of(person("lan", "viewer", "statistics")).get(frozen_page()).content.decode()
    assert ">Sales</td>" in shown
    assert "Secret" not in shown
    assert "secret" not in shown
    assert Closing.objects.get().digest not in shown
