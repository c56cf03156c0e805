"""What is refused, and what is only doubted, before a target is saved."""

from collections.abc import Sequence

import pytest

from indicators.domain.terms import IndicatorTerms
from targets.domain.terms import Milestone, TargetTerms
from targets.domain.terms_validation import find_problems, find_warnings
from tests.indicators.domain.builders import computed, indicator

from .builders import milestone, target

FLOW, STOCK, RATE = indicator(), indicator("last"), indicator("none", kind="rate")
MARCH = milestone("2024-03-31", "1")


@pytest.mark.parametrize(
    ("terms", "of", "refusals"),
    [
        pytest.param(target(), FLOW, ["/lower required"], id="at least without lower"),
        pytest.param(target("1", goal="at_most"), FLOW, ["/upper required"], id="at most without upper"),
        pytest.param(target(goal="within"), FLOW, ["/lower required", "/upper required"], id="within without both"),
        pytest.param(target("1", goal=None), FLOW, ["/goal required"], id="no goal"),
        pytest.param(target("2", "1"), FLOW, ["/upper invalid-band"], id="lower above upper"),
        pytest.param(target("1", profile="path"), STOCK, ["/baseline required"], id="a path without a baseline"),
        pytest.param(
            target("1", profile="path", baseline="0"), FLOW, ["/profile invalid-profile"], id="the path of a flow"
        ),
        pytest.param(target("1", profile="seasonal"), STOCK, ["/profile invalid-profile"], id="the season of a stock"),
        pytest.param(
            target("1", profile="seasonal"), computed("f", "x"), ["/profile invalid-profile"], id="or of a formula"
        ),
        pytest.param(target("1", profile="milestones"), FLOW, ["/milestones required"], id="milestones without any"),
        pytest.param(target("2", "1", profile="path"), STOCK, ["/upper invalid-band", "/baseline required"], id="two"),
        pytest.param(
            target("1", qualitative=True), FLOW, ["/lower invalid-band"], id="a number in a target without one"
        ),
        pytest.param(
            target(None, "0", milestones=[MARCH], qualitative=True, goal=None),
            FLOW,
            ["/upper invalid-band", "/milestones invalid-band"],
            id="zero is a number, and so are milestones",
        ),
    ],
)
def test_refused(terms: TargetTerms, of: IndicatorTerms, refusals: list[str]) -> None:
    assert [f"{problem.pointer} {problem.slug}" for problem in find_problems(terms, of)] == refusals


@pytest.mark.parametrize(
    ("milestones", "refusals"),
    [
        pytest.param([milestone("2023-12-31", "1")], ["/0/date invalid-milestone"], id="before the first day"),
        pytest.param([milestone("2024-12-31", "1")], ["/0/date invalid-milestone"], id="on the last day"),
        pytest.param([MARCH, milestone("2025-01-01", "1")], ["/1/date invalid-milestone"], id="behind it"),
        pytest.param([MARCH, MARCH], ["/1/date invalid-milestone"], id="two on a day"),
        pytest.param([milestone("2024-03-31", "2", "1")], ["/0/upper invalid-band"], id="lower above upper"),
        pytest.param([milestone("2024-03-31", None, "1")], [" required"], id="none names the required edge"),
    ],
)
def test_refused_milestones(milestones: Sequence[Milestone], refusals: list[str]) -> None:
    result = find_problems(target("1", milestones=milestones), FLOW)
    assert [f"{row.pointer.removeprefix('/milestones')} {row.slug}" for row in result] == refusals


def test_within_needs_milestones_of_both_edges() -> None:
    both = [MARCH, milestone("2024-06-30", None, "1")]
    assert find_problems(target("1", "2", goal="within", milestones=both), FLOW) == []
    [only] = find_problems(target("1", "2", goal="within", milestones=both[:1]), FLOW)
    assert only.detail == "at least one milestone must have the upper edge"


@pytest.mark.parametrize(
    ("terms", "of"),
    [
        pytest.param(target("1"), FLOW, id="an edge is enough"),
        pytest.param(target("0"), FLOW, id="zero is an edge"),
        pytest.param(target("-5", "-5"), FLOW, id="a band of no width below zero"),
        pytest.param(target("1", "2", upper_open=True), FLOW, id="an open ambition"),
        pytest.param(target("1", profile="path", baseline="0"), computed("f", "x"), id="the path of a formula"),
        pytest.param(target("1", profile="path", baseline="0"), RATE, id="the path of a rate"),
        pytest.param(target("1", profile="flat"), FLOW, id="a flat flow"),
        pytest.param(target("1", milestones=[milestone("2024-01-01", "1")]), FLOW, id="a milestone on the first day"),
        pytest.param(target("1", milestones=[milestone("2024-12-30", "1")]), FLOW, id="a milestone before the last"),
        pytest.param(target("1", milestones=[MARCH], profile="even"), FLOW, id="milestones beside another profile"),
        pytest.param(target(goal=None, qualitative=True), FLOW, id="a target without a number"),
    ],
)
def test_accepted(terms: TargetTerms, of: IndicatorTerms) -> None:
    assert find_problems(terms, of) == []


MID_MONTH = "2024-08-13/2024-12-31"


@pytest.mark.parametrize(
    ("terms", "of", "doubts"),
    [
        pytest.param(target("1"), FLOW, [], id="a flow over a year"),
        pytest.param(target("1", period=MID_MONTH), FLOW, ["/period start-not-reported"], id="months from mid-month"),
        pytest.param(target("1", period=MID_MONTH), indicator(frequency="day"), [], id="days from mid-month"),
        pytest.param(
            target("1", period="2024-02/2024-12"),
            indicator(frequency="quarter"),
            ["/period start-not-reported"],
            id="quarters from February",
        ),
        pytest.param(target("1", period="2024-H2"), indicator(frequency="quarter"), [], id="quarters of a half"),
        pytest.param(
            target("1", period="2024-04/2025-03"),
            indicator(frequency="half"),
            ["/period start-not-reported"],
            id="halves from April",
        ),
        pytest.param(target("1", period="2024-04/2025-03"), indicator(frequency="year"), [], id="a fiscal year"),
        pytest.param(target("1"), STOCK, ["/profile flat-while-growing"], id="a disbursement rate judged flat"),
        pytest.param(target("1", profile="even"), STOCK, [], id="judged by the days"),
        pytest.param(target("1", baseline="0"), STOCK, [], id="judged by its path"),
        pytest.param(target("1", milestones=[MARCH]), STOCK, [], id="judged by milestones"),
        pytest.param(
            target("1", baseline="0", profile="flat"), STOCK, ["/profile flat-while-growing"], id="flat by choice"
        ),
        pytest.param(target(None, "5", goal="at_most"), indicator("last", kind="rank"), [], id="a rank at most"),
        pytest.param(
            target("5", profile="even"),
            indicator("last", kind="rank"),
            ["/goal worse-rank-promised"],
            id="a rank at least",
        ),
        pytest.param(target("3", "5", goal="within"), indicator("last", kind="rank"), [], id="a rank within"),
        pytest.param(target("1"), indicator("last", kind="yes_no"), [], id="what is done or not is never behind"),
        pytest.param(target("1"), RATE, [], id="a rate that does not add up"),
        pytest.param(target(goal=None, qualitative=True, period=MID_MONTH), STOCK, [], id="a target without a number"),
    ],
)
def test_doubted(terms: TargetTerms, of: IndicatorTerms, doubts: list[str]) -> None:
    assert [f"{warning.pointer} {warning.slug}" for warning in find_warnings(terms, of)] == doubts


def test_a_finding_says_what_it_is_about() -> None:
    [finding] = find_warnings(target("1", period=MID_MONTH), FLOW)
    assert finding.detail == "no figure of frequency month can begin on 2024-08-13"
    [finding] = find_problems(target(), FLOW)
    assert finding.detail == "this goal needs its lower edge"
