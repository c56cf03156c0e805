"""The parts of an indicator in its form: offered, stored, shown again, and refused at their field."""

import pytest
from django.urls import reverse

from indicators.models import Indicator
from indicators.services.catalogue import indicators
from kpitracker.lib import clock
from tests import factories
from tests.admin_support import administrator, client_of, errors, person, submit

pytestmark = pytest.mark.django_db

FIELDS = {
    "name": "Tổng",
    "kind": "level",
    "decimals": "2",
    "frequency": "month",
    "due_days": "10",
    "due_unit": "days",
    "accumulation": "sum",
}


@pytest.fixture
def total() -> Indicator:
    for code in ("farms", "industry"):
        factories.indicator(code)
    factories.indicator("prices", accumulation="mean")
    factories.indicator("in-people", unit="người")
    return factories.indicator("total")


def page_of(indicator: Indicator) -> str:
    return reverse("admin:indicators_indicator_change", args=[indicator.pk])


def ids_of(*codes: str) -> list[int]:
    return list(Indicator.objects.filter(code__in=codes).values_list("pk", flat=True))


def test_parts_are_stored_and_shown_again(total: Indicator) -> None:
    client = administrator()
    assert submit(client, page_of(total), {**FIELDS, "parts": ids_of("farms", "industry")}).status_code == 302
    assert [part.code for part in total.parts.order_by("code")] == ["farms", "industry"]
    page = client.get(page_of(total))
    assert sorted(part.code for part in page.context["adminform"].form.initial["parts"]) == ["farms", "industry"]
    assert "Indicators that add up to this one" in page.content.decode()
    assert submit(client, page_of(total), {**FIELDS, "parts": []}).status_code == 302
    assert not total.parts.exists()


def test_an_indicator_is_added_with_parts(total: Indicator) -> None:
    fields = {**FIELDS, "code": "new", "parts": ids_of("farms")}
    assert submit(administrator(), reverse("admin:indicators_indicator_add"), fields).status_code == 302
    assert Indicator.objects.get(code="new").parts.get().code == "farms"


@pytest.mark.parametrize("code", ["in-people", "total", "prices"], ids=["another unit", "itself", "an average"])
def test_what_cannot_be_a_part_is_refused_at_its_field(total: Indicator, code: str) -> None:
    answer = submit(administrator(), page_of(total), {**FIELDS, "parts": ids_of(code)})
    assert set(errors(answer)) == {"parts"}
    assert not total.parts.exists()


def test_only_indicators_that_are_added_up_are_offered(total: Indicator) -> None:
    query = {"app_label": "indicators", "model_name": "indicator", "field_name": "parts"}
    answer = administrator().get(reverse("admin:autocomplete"), query)
    texts = " ".join(row["text"] for row in answer.json()["results"])
    assert "farms" in texts.lower()
    assert "prices" not in texts.lower()


def test_who_only_reads_sees_the_parts_that_are_not_restricted(total: Indicator) -> None:
    factories.department("a")
    factories.department("b")
    by, now = factories.BY, clock.now()
    indicators.update_indicator(indicator=total, by=by, now=now, parts=["farms", "industry"], department="b")
    secret = Indicator.objects.get(code="industry")
    indicators.update_indicator(indicator=secret, by=by, now=now, restricted=True, department="a")
    page = client_of(person("reader", "viewer", "b")).get(page_of(total)).content.decode()
    assert "Farms" in page
    assert "Industry" not in page
