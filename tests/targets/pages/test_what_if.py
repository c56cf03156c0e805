"""What if, on the page of a target: the same answer as the API, live and without scripts; nothing is stored."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from indicators.domain.periods import Period
from kpitracker.lib.models.audit import AuditEntry
from targets.models import Target
from targets.services.evaluation.evaluate import evaluate_target
from targets.services.reports.what_if_choices import list_choices, suppose_figures
from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of

pytestmark = pytest.mark.django_db

TARGET = "/targets/plan:sales:city/"
PATH = f"{TARGET}what-if/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client() -> Client:
    """1000 until November; at least 1200 is promised for the year."""
    factories.world()
    factories.figure("sales", "2024-01/2024-11", 1000, published="2024-12-05")
    return client_of(person("lan"))


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


QUESTIONS = [
    pytest.param("figure=200", {"figures": [{"period": "2024-12", "value": "200"}]}, id="a month that makes it"),
    pytest.param("figure=199.9", {"figures": [{"period": "2024-12", "value": "199.9"}]}, id="a month that does not"),
    pytest.param("figure=1,200&until=2024-12-31", {"figures": [{"period": "2024-12", "value": "1200"}]}, id="grouped digits"),
    pytest.param(
        "figure=100&lower=1100", {"figures": [{"period": "2024-12", "value": "100"}], "band": {"lower": "1100"}}, id="another edge"
    ),
    pytest.param(
        "figure=100&lower=", {"figures": [{"period": "2024-12", "value": "100"}]}, id="an empty edge stands as it is"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("query", "body"), QUESTIONS)
def test_the_answer_is_that_of_the_api(client: Client, query: str, body: dict[str, Any]) -> None:
    answer = client.get(f"{PATH}?{query}", headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    after = api_of().post("targets/plan:sales:city/what-if/", body).ok()["after"]
    before = api_of().get("targets/plan:sales:city/status/").ok()
    text = text_of(answer)
    assert f"{after['label']}: {after['explanation']['sentence'].partition(': ')[2]}" in text
    assert f"Without this: {before['label']}: " in text
    bands = {"plan:sales:city": body["band"]} if "band" in body else {}
    figures = [{"indicator": "sales", "area": "city", **row} for row in body["figures"]]
    plan = api_of().post("plans/plan/what-if/", {"figures": figures, "bands": bands}).ok()
    shown = [value or "–" for value in (plan["totals"]["score"], plan["before"]["score"])]
    assert f"Score of the plan then: {shown[0]} of 100; without this {shown[1]}." in text


def test_without_scripts_it_is_a_page_with_the_same_numbers(client: Client) -> None:
    page = client.get(f"{PATH}?figure=200")
    assert page.status_code == 200
    assert "met (provisional): 1,200 in 2024" in text_of(page)
    assert 'name="figure" value="200"' in page.content.decode()
    assert f'href="{TARGET}"' in page.content.decode()


def test_the_page_of_the_target_has_the_form_and_asks_nothing_yet(client: Client) -> None:
    page = client.get(TARGET).content.decode()
    assert 'name="figure" value="90.91"' in page
    assert 'name="lower" value="1200"' in page
    assert re.search(r'<input type="range"[^>]* data-for="what-if-figure" min="\d+" max="\d+" step="\d+" hidden>', page)
    assert 'name="figure"' not in client.get(f"{TARGET}?as_of=2024-12-10").content.decode(), "of today only"


def test_vietnamese_numbers_are_read_as_they_are_written(client: Client) -> None:
    answer = client.get(f"{PATH}?figure=1.200,5", headers=HTMX | {"Accept-Language": "vi"})
    assert "2.200,5" in text_of(answer)


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        pytest.param("figure=many", 400, "A number such as 979000", id="no number"),
        pytest.param("until=2024-11-30", 400, "Select a valid choice", id="a day that is no end"),
        pytest.param("lower=", 200, "Without this", id="nothing supposed"),
        pytest.param("upper=5", 400, "upper", id="an edge that the target does not have"),
        pytest.param("figure=1&tolerance=5", 400, "tolerance", id="an unknown parameter"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(client: Client, query: str, status: int, words: str) -> None:
    for headers in ({}, HTMX):
        answer = client.get(f"{PATH}?{query}", headers=headers)
        assert (answer.status_code, words in text_of(answer)) == (status, True), text_of(answer)


def test_edges_that_contradict_each_other_are_refused_by_the_service(client: Client) -> None:
    factories.indicator("share", kind="share", accumulation="last", unit="%")
    factories.target("share", goal="within", lower=5, upper=8)
    answer = client.get("/targets/plan:share:city/what-if/?lower=9", headers=HTMX)
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"qualitative": True, "goal": "", "lower": None}, id="a target without a number"),
    ],
)
def test_where_nothing_can_be_supposed_there_is_no_form(client: Client, values: dict[str, Any]) -> None:
    factories.indicator("other")
    target = factories.target("other", **values)
    assert client.get(f"/targets/{target.identifier}/what-if/").status_code == 404
    assert "what-if" not in client.get(f"/targets/{target.identifier}/").content.decode().replace("what_if.js", "")


def test_of_a_formula_only_the_edge_is_supposed(client: Client) -> None:
    factories.indicator("double", formula="sales * 2")
    factories.target("double")
    page = client.get("/targets/plan:double:city/what-if/?lower=1900", headers=HTMX)
    assert page.status_code == 200
    assert client.get("/targets/plan:double:city/what-if/?figure=5").status_code == 400


def test_others_see_nothing_and_nothing_is_stored(client: Client) -> None:
    factories.department("b")
    factories.indicator("secret", department="statistics", restricted=True)
    factories.target("secret")
    entries = AuditEntry.objects.count()
    assert client_of(person("hoa", department="b")).get("/targets/plan:secret:city/what-if/").status_code == 404
    client.get(f"{PATH}?figure=200&lower=1100")
    assert AuditEntry.objects.filter(kind__in=["targets.target", "indicators.measurement"]).count() <= entries
    assert Target.objects.get(identifier="plan:sales:city").all_versions[-1].lower == Decimal(1200)


@pytest.mark.parametrize(
    ("values", "posted", "expected"),
    [
        pytest.param({"accumulation": "sum"}, [("2024-01", 90), ("2024-02", 110)], ("100", "2024-03"), id="sums: the average, each month"),
        pytest.param({"accumulation": "mean"}, [("2024-01", 5)], ("5", "2024-02"), id="averages: the last actual, each month"),
        pytest.param({"accumulation": "last"}, [("2024-01", 5)], ("5", "2024-02"), id="stocks: the last actual, each month"),
        pytest.param(
            {"accumulation": "none", "kind": "rate", "unit": "%"}, [("2024-01/2024-02", 7)], ("7", "2024-Q1"),
            id="growth: from the beginning of the year",
        ),
        pytest.param({"accumulation": "sum"}, [], ("100", "2024-01"), id="nothing yet: what is needed"),
    ],
)  # fmt: skip
def test_the_coming_figures_follow_the_kind_of_the_indicator(
    values: dict[str, Any], posted: list[tuple[str, int]], expected: tuple[str, str]
) -> None:
    factories.area()
    factories.plan()
    factories.indicator("x", **values)
    target = factories.target("x")
    for period, value in posted:
        factories.figure("x", period, value, published="2024-03-05")
    day = Period.parse("2024").end
    evaluation = evaluate_target(target=Target.objects.for_list().get(pk=target.pk), as_of=day, today=day)
    choices = list_choices(evaluation)
    assert choices is not None
    assert choices.figure is not None
    supposed = suppose_figures(evaluation, choices.figure.value, day)
    assert (format(choices.figure.value, "f"), str(supposed[0].period)) == expected
    assert choices.figure.least <= choices.figure.value <= choices.figure.greatest
    assert (choices.figure.greatest - choices.figure.least) / choices.figure.step <= 400
