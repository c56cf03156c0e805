"""Comments in the admin, on the pages of what they are about."""

import pytest
from django.db.models import Model
from django.urls import reverse

from indicators.models import Measurement
from kpitracker.lib import clock
from targets.models import Action, Alert, Comment, Target
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import client_of, errors, person, submit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Target, Measurement, Alert, Action])
def test_it_is_added_and_withdrawn(model: type[Model]) -> None:
    factories.action(factories.world(), "2024-09-30")
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    row = model._default_manager.get()
    page = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    add = f"{reverse('admin:targets_comment_add')}?{model._meta.model_name}={row.pk}"
    officer = client_of(person("lan", "officer", "statistics"))
    assert add in officer.get(page).content.decode()
    requested = officer.get(add)
    assert requested.context["about"]["name"] == ("Sales, City, 2024" if model is Target else str(row))
    form = requested.context["adminform"].form
    about = {str(model._meta.model_name): form.initial[str(model._meta.model_name)]}
    assert set(errors(submit(officer, add, {**about, "text": ""}))) == {"text"}
    assert submit(officer, add, {**about, "text": "Two markets\n<b>closed</b>"})["Location"] == page
    viewer = client_of(person("hoa", "viewer", "statistics"))
    shown = viewer.get(page).content.decode()
    assert "Two markets<br>&lt;b&gt;closed" in shown
    assert (add in shown, viewer.get(add).status_code) == (False, 403)
    listed = reverse("admin:targets_comment_changelist")
    for client, text in ((viewer, "Two markets\n<b>closed</b>"), (officer, "")):
        client.post(listed, {"action": "withdraw", "_selected_action": [Comment.objects.get().pk]})
        assert Comment.objects.get().text == text
    assert "withdrawn" in viewer.get(page).content.decode()


def test_nobody_comments_on_what_he_is_not_shown() -> None:
    factories.world()
    factories.department("tax")
    officer = client_of(person("lan", "officer", "tax"))
    fields = {"target": Target.objects.get().pk, "text": "x"}
    assert set(errors(submit(officer, reverse("admin:targets_comment_add"), fields))) == {"target"}


def test_the_button_of_the_list_says_where_comments_are_added() -> None:
    factories.world()
    page = client_of(person("lan", "officer", "statistics")).get(reverse("admin:targets_comment_add"))
    assert "Open a target, figure, alert or action" in page.content.decode()
