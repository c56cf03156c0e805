"""Actions in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from targets.models import Action
from tests import factories
from tests.admin_support import administrator, client_of, errors, no_rows, person, submit

pytestmark = pytest.mark.django_db


def page(action: Action) -> str:
    return reverse("admin:targets_action_change", args=[action.pk])


def save(client: Client, action: Action, **fields: str) -> int:
    return int(submit(client, page(action), {**no_rows("deliveries"), **fields}).status_code)


def test_the_responsible_department_says_how_far_it_is_and_nothing_else() -> None:
    target = factories.world()
    factories.department("works")
    action = factories.action(target, "2024-09-30", department="works")
    officer = client_of(person("lan", "officer", "works"))
    shown = officer.get(page(action)).context["adminform"].form.fields
    assert set(shown) == {"state", "closed_day", "outcome", "seen_version"}
    assert save(officer, action, state="done", outcome="Opened", text="Nothing") == 302
    action.refresh_from_db()
    assert (action.state, action.outcome, action.text) == ("done", "Opened", "Build")
    assert save(client_of(person("hoa", "viewer", "works")), action, state="open") == 403


def test_a_planner_asks_for_it_on_its_own_page_or_on_that_of_the_target() -> None:
    target = factories.world()
    client = administrator()
    fields = {"target": target.pk, "text": "Open two markets", "due_day": "2024-09-30"}
    assert set(errors(submit(client, reverse("admin:targets_action_add"), {**fields, "text": " "}))) == {"text"}
    assert submit(client, reverse("admin:targets_action_add"), fields).status_code == 302
    rows = {
        **no_rows("versions", "actions"), "weight": "1", "department": target.department_id, "actions-TOTAL_FORMS": "1",
        "actions-0-text": "Build a road", "actions-0-due_day": "2024-10-31",
    }  # fmt: skip
    path = reverse("admin:targets_target_change", args=[target.pk])
    assert submit(client, path, rows).status_code == 302
    made = Action.objects.order_by("due_day")
    assert [(action.text, action.department.code, action.created_by) for action in made if action.department] == [
        ("Open two markets", "statistics", "admin admin"), ("Build a road", "statistics", "admin admin"),
    ]  # fmt: skip
    for address in (path, reverse("admin:targets_action_changelist")):
        assert "Build a road" in client.get(address).content.decode()
