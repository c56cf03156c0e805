"""What holds of every assessment."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from indicators.domain.choices import Accumulation, IndicatorKind
from indicators.domain.periods import Period
from targets.domain.assessment import AssessmentResult
from targets.domain.choices import Goal, Profile, Status
from tests.cases.golden import Golden, golden_cases
from tests.example_counts import amount
from tests.indicators.domain.builders import figure, indicator

from .builders import assessed, target
from .scenarios import SPANS, Scenario, rivals, scenarios, values
from .test_golden import assessed as assessed_case

many = settings(
    max_examples=amount(200, 100, full=1000, quick=30),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

NUMBERS = [
    "actual",
    "covered_through",
    "expected_lower",
    "expected_upper",
    "variance",
    "variance_percent",
    "shortfall",
    "position",
    "tolerance",
    "required_lower",
    "required_upper",
    "required_per",
    "required_assumes",
    "best_seen",
]


@many
@given(scenarios)
def test_an_assessment_is_whole(scenario: Scenario) -> None:
    result = scenario.assessed()
    if result.actual is None:
        assert {getattr(result, name) for name in NUMBERS} == {None}
        assert result.status in (Status.NOT_DUE, Status.NO_DATA)
        assert (result.partial, result.figures, result.formula) == (False, (), "")
        return
    assert result.shortfall is not None
    assert result.shortfall >= 0
    assert result.covered_through is not None
    assert result.final == (result.covered_through == scenario.target.period.end and not result.partial)
    assert result.figures
    assert len({(used.indicator, used.figure.id) for used in result.figures}) == len(result.figures)
    assert result.formula.startswith("actual = ")
    assert result.provisional == any(used.figure.stage != "official" for used in result.figures)


@many
@given(scenarios)
def test_what_is_final_is_judged_finally(scenario: Scenario) -> None:
    result = scenario.assessed()
    decided = result.status in (Status.MET, Status.EXCEEDED, Status.MISSED)
    assert decided or not result.final
    if result.final:
        assert result.outlook.value == result.outlook.low == result.outlook.high == result.actual
        assert (result.required_lower, result.required_upper) == (None, None)
        early_or_late = scenario._replace(as_of=scenario.as_of + timedelta(days=5000)).assessed()
        assert result.status == early_or_late.status or result.actual != early_or_late.actual


@many
@given(scenarios, st.sampled_from(SPANS), values)
def test_what_is_published_later_changes_nothing(scenario: Scenario, span: Period, value: Decimal) -> None:
    later = figure(str(span), str(value), order=999)._replace(published=scenario.as_of + timedelta(days=1))
    with_later = scenario.with_revisions(*scenario.revisions, later)
    assert with_later.assessed() == scenario.assessed()


@many
@given(scenarios, st.permutations(range(14)))
def test_the_order_of_posting_makes_no_difference(scenario: Scenario, orders: list[int]) -> None:
    reordered = [row._replace(order=order) for order, row in zip(orders, scenario.revisions, strict=False)]
    posted_otherwise = scenario.with_revisions(*reordered).assessed()
    assert without_order(posted_otherwise) == without_order(scenario.assessed())


def without_order(found: AssessmentResult) -> list[object]:
    """Everything but the orders of recording that the figures carry."""
    figures = [(used.indicator, used.figure._replace(order=0)) for used in found.figures]
    names = [*NUMBERS, "status", "rule", "gaps", "milestones", "profile", "overdue", "provisional", "formula"]
    return [figures, *(getattr(found, name) for name in names)]


@pytest.mark.parametrize("case", golden_cases(), ids=lambda case: case.name)
def test_the_order_of_the_rows_makes_no_difference_to_a_golden_case(case: Golden) -> None:
    backwards = case._replace(revisions={code: revision[::-1] for code, revision in case.revisions.items()})
    assert assessed_case(backwards) == assessed_case(case)


GOODNESS = [Status.MISSED, Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK, Status.MET, Status.EXCEEDED]


def goodness(found: AssessmentResult) -> int:
    """no_data says nothing about the value, and gives way to what is certain already."""
    return GOODNESS.index(Status.ON_TRACK if found.status == Status.NO_DATA else found.status)


@settings(many, max_examples=amount(200, 100, full=1000, quick=30))
@given(rivals())
def test_a_better_value_never_has_a_worse_status(pair: tuple[Scenario, Scenario]) -> None:
    least, most = (scenario.assessed() for scenario in pair)
    if least.actual is None:
        return
    if pair[0].indicators[0].kind == IndicatorKind.YES_NO:
        # Anything but no (0) and yes (1) has no meaning there, and so no better or worse.
        assume({least.actual, most.actual} <= {0, 1})
    if pair[0].target.goal == Goal.AT_LEAST:
        assert goodness(least) <= goodness(most)
    elif pair[0].target.goal == Goal.AT_MOST:
        assert goodness(least) >= goodness(most)


@pytest.mark.parametrize("kind", IndicatorKind)
@pytest.mark.parametrize("accumulation", Accumulation)
def test_every_kind_can_be_judged(kind: str, accumulation: str) -> None:
    of = indicator(accumulation, kind=kind)
    result = assessed(target("1"), [figure("2024", "1")], of=of, as_of="2025-01-05")
    assert result.status == Status.MET
    assert result.profile == (Profile.EVEN if accumulation == "sum" else Profile.FLAT)
