"""Numbers are shown with the decimals of their indicator, and with as many places as it takes to see that they differ."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import override

from indicators.domain.rounding import shown_places
from kpitracker.lib import clock
from targets.domain.alerting import NotificationReason
from targets.models import Target
from targets.services.assessment import assess
from targets.services.evaluation import explanations
from targets.services.evaluation.evaluate import evaluate_target
from targets.services.notifications.notify import build_snapshot
from targets.services.text import alert_facts, explanation_report, formatting, status_sentence
from tests import factories
from tests.admin_support import administrator

PLACES: list[Any] = [
    pytest.param(["7.17"], 2, [], 4, id="a computed number: two more"),
    pytest.param(["9500", "9994.5205", "-494.5205"], 2, [], 2, id="beside a large number: none more, for all of them"),
    pytest.param(["31666666.666667"], 0, [], 0, id="a large whole number"),
    pytest.param(["1000"], 2, [], 2, id="exactly 1,000 is large"),
    pytest.param(["999.99"], 2, [], 4, id="just below is not"),
    pytest.param(["-1000"], 0, [], 0, id="a large negative number"),
    pytest.param(["7.49999"], 2, ["7.5"], 5, id="almost an edge"),
    pytest.param(["1199.6"], 0, ["1200"], 1, id="almost an edge that is large"),
    pytest.param(["7.5"], 2, ["7.5"], 4, id="on the edge"),
    pytest.param(["1200.04", "1200", "0.04"], 1, [], 2, id="two that differ"),
    pytest.param(["5000", "0.004"], 2, [], 3, id="what is not zero is not shown as zero"),
    pytest.param(["0.0000004"], 2, [], 4, id="less than the API knows"),
    pytest.param([], 3, [], 5, id="no number"),
]


@pytest.mark.parametrize(("numbers", "decimals", "beside", "places"), PLACES)
def test_places_of_computed_numbers(numbers: list[str], decimals: int, beside: list[str], places: int) -> None:
    assert shown_places(map(Decimal, numbers), decimals, beside=map(Decimal, beside)) == places


@pytest.mark.parametrize(
    ("values", "decimals", "shown"),
    [
        pytest.param(["4.0008"], 2, ["4"], id="to the decimals of the indicator"),
        pytest.param(["4.0008", "4.0012"], 2, ["4.0008", "4.0012"], id="two revisions that differ behind them"),
        pytest.param(["4.128", "4.131"], 2, ["4.128", "4.131"], id="two that would become one"),
        pytest.param(["4.12", "4.13"], 2, ["4.12", "4.13"], id="two that differ within them"),
        pytest.param(["1234.5"], 0, ["1,235"], id="half up"),
    ],
)
def test_figures_in_messages(values: list[str], decimals: int, shown: list[str]) -> None:
    with override("en"):
        assert formatting.format_figures(values, decimals) == shown


@pytest.fixture
def target() -> Target:
    factories.area()
    factories.department()
    factories.indicator("sales", unit="tons", decimals=2, department="statistics")
    factories.plan()
    made = factories.target(lower=13678, department="statistics")
    factories.figure("sales", "2024-01/2024-09", "9500.126", published="2024-10-05")
    assess.process_series_changes(now=clock.now())
    return made


@pytest.mark.django_db
def test_sentence_message_list_and_explanation_show_the_same(target: Target) -> None:
    evaluated = evaluate_target(target=target, as_of=date(2024, 10, 9), today=date(2024, 10, 9))
    with override("en"):
        document = explanations.status_document(evaluated)
        context = alert_facts.message_context(build_snapshot(evaluated, "", NotificationReason.FIRST))
        sentence, report = status_sentence.explain_status(document), explanation_report.build_report(evaluated)
    assert (document["actual"], document["expected"]["lower"]) == ("9500.126", "10239.814208")
    assert (context["actual"], context["expected"]) == ("9,500.13 tons", "10,239.81 tons")
    assert (context["variance"], context["figures"][0].split(": ")[1].split(" (")[0]) == (
        "−739.69 tons",
        "9,500.13 tons",
    )
    for shown in ("9,500.13 tons", "10,239.81 tons", "739.69 tons"):
        assert shown in sentence
    assert "= −739.69 tons\n" in report


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "actual"), [("en", "9,500.13 tons"), ("vi", "9.500,13 tons")])
def test_lists_of_the_admin_show_the_decimals_of_the_indicator(target: Target, language: str, actual: str) -> None:
    page = administrator().get(reverse("admin:targets_assessment_changelist"), headers={"Accept-Language": language})
    assert actual in page.content.decode()
    assert "9500" not in page.content.decode().replace(actual, "")
