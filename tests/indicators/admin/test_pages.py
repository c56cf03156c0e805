"""Every page of the admin opens, with rows and without."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from kpitracker.lib import clock
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import administrator

pytestmark = pytest.mark.django_db

MODELS = [pytest.param(model, id=model._meta.label_lower) for model in admin.site._registry]


@pytest.fixture(scope="module")
def rows(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    with shared_rows():
        make_world()


def make_world() -> None:
    factories.world()
    factories.figure("sales", "2024-01", 50)
    factories.figure("sales", "2024-01", 40)
    assess.process_series_changes(now=clock.now())


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("model", MODELS)
# What a list asks of the database is the same in each language.
@pytest.mark.parametrize("language", [pytest.param("en", marks=pytest.mark.database), "vi"])
def test_lists_and_rows_open(model: Any, language: str) -> None:
    client = administrator()
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    listed = client.get(reverse(f"{name}_changelist"), headers={"Accept-Language": language})
    assert listed.status_code == 200
    if row := model._default_manager.first():
        opened = client.get(reverse(f"{name}_change", args=[row.pk]), headers={"Accept-Language": language})
        assert opened.status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_forms_for_new_rows_open_where_rows_are_made_by_hand(model: Any) -> None:
    client = administrator()
    site = admin.site._registry[model]
    answer = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"))
    made_by_hand = site.has_add_permission(answer.wsgi_request)
    assert answer.status_code == (200 if made_by_hand else 403)


def test_the_start_page_opens() -> None:
    assert administrator().get("/admin/").status_code == 200


@pytest.mark.usefixtures("rows")
def test_what_the_look_says_is_vietnamese_too() -> None:
    client = administrator()
    for page, english in (
        ("indicators_area_changelist", ["Type to search", "Filters", "Search apps", "More actions", "Select all rows"]),
        ("indicators_holiday_changelist", ["No results found", "This page yielded", "Reset filters"]),
        ("targets_action_add", ["Select value"]),
    ):
        address = reverse(f"admin:{page}")
        shown = client.get(address, headers={"Accept-Language": "vi"}).content.decode()
        assert not [value for value in english if value in shown]


def test_pages_name_their_icon() -> None:
    assert 'href="/static/indicators/flag.svg"' in administrator().get(reverse("admin:index")).content.decode()
