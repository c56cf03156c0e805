"""Whether each milestone was reached, by itself."""

from collections.abc import Sequence

import pytest

from targets.domain.terms import Milestone, TargetTerms
from tests.indicators.domain.builders import figure, indicator, months

from .builders import assessed, milestone, target

MARCH = milestone("2024-03-31", "30", "40")


def reached(terms: TargetTerms, spans: dict[str, str], of: str) -> list[bool | None]:
    result = assessed(terms, [figure(span, value) for span, value in spans.items()], of=of)
    return [answer for _, answer in result.milestones]


@pytest.mark.parametrize(
    ("accumulation", "spans", "answer"),
    [
        pytest.param("sum", {"2024-Q1": "30"}, True, id="a flow on its day"),
        pytest.param("sum", {"2024-Q1": "29"}, False, id="a flow behind"),
        pytest.param("sum", {"2024-01": "99"}, None, id="a flow whose day has not come"),
        pytest.param("sum", {"2024-Q1": "29", "2024-04": "9"}, False, id="what comes later does not count"),
        pytest.param("sum", {"2024-01/2024-04": "99"}, None, id="a flow that is not known on the day"),
        pytest.param("sum", {}, None, id="nothing known"),
        pytest.param("mean", {"2024-Q1": "30"}, True, id="an average on its day"),
        pytest.param("last", {"2024-03-26": "31", "2024-04-26": "9"}, True, id="a stock, the latest until then"),
        pytest.param("last", {"2024-03-26": "31"}, None, id="a stock that may still change until then"),
        pytest.param("last", {"2024-04-26": "99"}, None, id="a stock that was not counted until then"),
        pytest.param("none", {"2024-Q1": "31"}, True, id="growth over the quarter"),
    ],
)
def test_a_milestone(accumulation: str, spans: dict[str, str], answer: bool | None) -> None:
    assert reached(target("100", milestones=[MARCH]), spans, accumulation) == [answer]


@pytest.mark.parametrize(
    ("terms", "value", "answer"),
    [
        pytest.param(target("100"), "41", True, id="at least: above its band"),
        pytest.param(target("100", lower_open=True), "30", False, id="at least: on an open edge"),
        pytest.param(target("100", lower_open=True), "30.1", True, id="at least: behind an open edge"),
        pytest.param(target(None, "100", goal="at_most"), "29", True, id="at most: below its band"),
        pytest.param(target(None, "100", goal="at_most"), "41", False, id="at most: above"),
        pytest.param(target(None, "100", goal="at_most", upper_open=True), "40", False, id="at most: on an open edge"),
        pytest.param(target("50", "100", goal="within"), "35", True, id="within: inside"),
        pytest.param(target("50", "100", goal="within"), "41", False, id="within: above"),
        pytest.param(target("50", "100", goal="within"), "29", False, id="within: below"),
    ],
)
def test_a_milestone_by_goal(terms: TargetTerms, value: str, answer: bool) -> None:
    assert reached(terms._replace(milestones=(MARCH,)), {"2024-Q1": value}, "sum") == [answer]


def test_they_come_in_the_order_of_their_days() -> None:
    later = milestone("2024-06-30", "60")
    result = assessed(target("100", milestones=[later, MARCH]), months(2024, [10] * 5), of=indicator())
    assert result.milestones == ((MARCH, True), (later, None))


@pytest.mark.parametrize("milestones", [pytest.param([milestone("2024-03-31", None, "40")], id="no required edge")])
def test_a_milestone_of_the_ambition_only_says_nothing(milestones: Sequence[Milestone]) -> None:
    assert reached(target("100", milestones=milestones), {"2024-Q1": "99"}, "sum") == [None]
