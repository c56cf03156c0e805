"""The forms of the back office say what to write, with examples; pages lead to what belongs to their row."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from indicators.models import Indicator, Measurement
from targets.models import Alert, Target
from tests import factories
from tests.admin_support import client_of, person
from tests.indicators.admin.test_access import make_rows

pytestmark = pytest.mark.django_db

FORMS = sorted(
    {
        "indicators.area", "indicators.department", "indicators.indicator", "indicators.reportingduty",
        "indicators.measurement", "indicators.contact", "indicators.user", "indicators.apikey", "indicators.holiday",
        "targets.plan", "targets.target", "targets.action", "targets.alertrule", "targets.silence", "targets.webhook",
        "targets.lockexception",
    }
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def rows(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    with shared_rows():
        make_rows()


@pytest.fixture
def keeper() -> Client:
    return client_of(person("keeper", "administrator"))


def help_texts(client: Client, label: str, language: str) -> dict[str, str]:
    path = reverse(f"admin:{label.replace('.', '_')}_add")
    answer: Any = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    fields = answer.context["adminform"].form.fields
    return {name: str(field.help_text).strip() for name, field in fields.items() if not field.widget.is_hidden}


@pytest.mark.parametrize("label", FORMS)
def test_each_field_says_what_to_write_in_both_languages(keeper: Client, label: str) -> None:
    english, vietnamese = (help_texts(keeper, label, language) for language in ("en", "vi"))
    assert english.keys() == vietnamese.keys()
    assert [name for name, shown in english.items() if not shown] == []
    # An example alone may be the same.
    assert [name for name, shown in english.items() if shown == vietnamese[name]] == []


def related(client: Client, row: Any) -> dict[str, str]:
    path = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    page = client.get(path).content.decode()
    [nav] = re.findall(r'<nav[^>]*aria-label="See also">(.*?)</nav>', page, re.DOTALL)
    return {name: address.replace("&amp;", "&") for address, name in re.findall(r'href="([^"]*)">([^<]*)<', nav)}


LINKS: dict[str, tuple[Any, dict[str, int | None]]] = {
    "an indicator": (Indicator, {"Figures": 1, "Targets": 1, "Alerts": 1}),
    "a target": (Target, {"Indicator": None, "Figures": 1, "Alerts": 1, "Assessments": 1}),
    "a figure": (Measurement, {"Indicator": None, "Targets": 1, "Alerts": 1}),
    "an alert": (Alert, {"Target": None, "Indicator": None, "Figures": 1}),
}


@pytest.mark.parametrize(("model", "expected"), LINKS.values(), ids=LINKS)
def test_a_page_leads_to_what_belongs_to_its_row(keeper: Client, model: Any, expected: dict[str, int | None]) -> None:
    # Rows of another indicator are in none of the lists.
    factories.indicator("other", department="statistics")
    factories.target("other")
    factories.figure("other", "2024-01", 5)
    row = model.objects.order_by("pk").first()
    links = related(keeper, row)
    assert list(links) == list(expected)
    for name, address in links.items():
        answer: Any = keeper.get(address)
        assert answer.status_code == 200, name
        count = expected[name]
        assert count is None or answer.context["cl"].result_count == count, name


def test_a_new_row_has_no_links(keeper: Client) -> None:
    assert "See also" not in keeper.get(reverse("admin:indicators_indicator_add")).content.decode()
    assert len(admin.site._registry) > len(FORMS)
