"""From posting to answer: what was ever seen, the year before, percent of the target, and the alert about a pace."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from indicators.models import Indicator
from targets.models import AlertRule, Target
from targets.services.evaluation import evaluate
from targets.services.text import explanation_report
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# 2023: 40 in May, 5 in every other month. 1,200 are asked for in 2024.
LAST_YEAR = [5, 10, 15, 20, 60, 65, 70, 75, 80, 85, 90, 95]
THIS_YEAR = [50, 110, 200]
STATUS = "targets/plan:sales:city/status/?as_of=2024-04-20"


@pytest.fixture
def api() -> Api:
    factories.world()
    for year, values in ((2023, LAST_YEAR), (2024, THIS_YEAR)):
        for month, value in enumerate(values, 1):
            span = f"{year}-01/{year}-{month:02}"
            factories.figure("sales", span, value, published="2024-01-20" if year == 2023 else "2024-04-15")
    AlertRule.objects.filter(code="pace-out-of-reach").update(active=True)
    return api_of()


def test_cumulative_figures_show_their_best_month_everywhere(api: Api) -> None:
    expected: dict[str, Any] = {
        "required": {
            "lower": "111.111111", "upper": None, "per": "month", "assumes": None, "best_seen": "90",
            "best_seen_period": "2024-03", "periods_seen": 15, "out_of_reach": True,
        },
        "same_period": {"period": "2023-Q1", "value": "15", "change": "1233.333333", "unit": "percent", "reason": None},
        "percent_of_target": "16.666667",
    }  # fmt: skip
    rows = [
        api.get(STATUS).ok(),
        api.get("plans/plan/scorecard/?as_of=2024-04-20").ok()["targets"][0],
    ]
    for row in rows:
        assert {name: row[name] for name in expected} == expected
    required = rows[0]["explanation"]["required"]
    assert required == {
        "periods_left": 9, "periods_seen": 15, "best_seen": [{"edge": "lower", "value": "90", "period": "2024-03"}],
    }  # fmt: skip
    equations = {row["name"]: row["expression"] for row in rows[0]["explanation"]["arithmetic"]}
    assert equations["percent_of_target"] == "200 / 1200 * 100"
    assert equations["same_period_change"] == "(200 / 15 - 1) * 100"
    listed = {row["period"] for row in [*rows[0]["explanation"]["figures"], *rows[0]["explanation"]["other_figures"]]}
    assert {"2023-Q1", "2024-01/2024-02", "2024-Q1"} <= listed


def test_a_trial_says_what_is_more_than_ever_seen(api: Api) -> None:
    messages = api.post("alert-rules/pace-out-of-reach/trial/", {"plan": "plan"}).ok()["messages"]
    opened = [row for row in messages if row["reason"] == "first"]
    assert [row["day"] for row in opened] == ["2024-04-15"]
    assert "More is needed than ever seen: 111.1" in opened[0]["message"]
    assert "a month; the most was 90" in opened[0]["message"]
    assert "in March 2024." in opened[0]["message"]


def test_the_report_says_it_too(api: Api) -> None:
    evaluation = evaluate.evaluate_target(target=Target.objects.get(), as_of=date(2024, 4, 20), today=date(2024, 4, 20))
    with translation.override("en"):
        report = explanation_report.build_report(evaluation)
    assert "the most ever seen was 90, in March 2024" in report
    assert "More is needed than ever seen" in report
    assert "16.67 % of the target" in report
    assert "a year before (the first quarter of 2023): 15" in report


def test_percents_of_an_indicator_without_decimals_have_two(api: Api) -> None:
    Indicator.objects.update(decimals=0)
    evaluation = evaluate.evaluate_target(target=Target.objects.get(), as_of=date(2024, 4, 20), today=date(2024, 4, 20))
    with translation.override("en"):
        report = explanation_report.build_report(evaluation)
    assert "percent of the target = 200 / 1,200 × 100 = 16.67" in report
    assert "change since = (200 / 15 − 1) × 100 = 1,233.33" in report
