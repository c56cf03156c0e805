"""The rules that give a status, in their order."""

from collections.abc import Sequence

import pytest

from indicators.domain.figures import Figure
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import computed, figure, indicator, months

from .builders import assessed, milestone, target

AT_MOST = target(None, "4", goal="at_most")
CEILING = target("4", "4.5", goal="at_most")
WITHIN = target("95", "100", goal="within")
GROWTH = target("7.5", "8")


@pytest.mark.parametrize(
    ("terms", "actual", "status", "rule"),
    [
        pytest.param(GROWTH, "7.49", "missed", "final-below-lower", id="growth 7.5-8: below"),
        pytest.param(GROWTH, "7.5", "met", "final-met", id="growth 7.5-8: at the lower edge"),
        pytest.param(GROWTH, "8", "met", "final-met", id="growth 7.5-8: at the upper edge"),
        pytest.param(GROWTH, "8.01", "exceeded", "final-beyond-ambition", id="growth 7.5-8: above"),
        pytest.param(target("10", lower_open=True), "10", "missed", "final-on-the-edge", id="over ten: ten"),
        pytest.param(target("10", lower_open=True), "10.1", "met", "final-met", id="over ten: ten and a bit"),
        pytest.param(target("10"), "10.5", "met", "final-met", id="at least ten: five percent more"),
        pytest.param(target("10"), "10.51", "exceeded", "final-beyond-tolerance", id="at least ten: more than that"),
        pytest.param(target("10", "10"), "10.51", "exceeded", "final-beyond-tolerance", id="no ambition in one edge"),
        pytest.param(target("10", tolerance="2"), "12", "met", "final-met", id="at least ten: within its tolerance"),
        pytest.param(target("10", upper="8"), "9", "missed", "final-below-lower", id="an edge below is no ambition"),
        pytest.param(AT_MOST, "4.01", "missed", "final-above-upper", id="at most four: above"),
        pytest.param(AT_MOST, "4", "met", "final-met", id="at most four: four"),
        pytest.param(AT_MOST, "3.8", "met", "final-met", id="at most four: five percent less"),
        pytest.param(AT_MOST, "3.79", "exceeded", "final-beyond-tolerance", id="at most four: less than that"),
        pytest.param(AT_MOST._replace(upper_open=True), "4", "missed", "final-on-the-edge", id="below four: four"),
        pytest.param(CEILING, "4", "met", "final-met", id="a ceiling of 4-4.5: its ambition"),
        pytest.param(CEILING, "3.99", "exceeded", "final-beyond-ambition", id="a ceiling of 4-4.5: under it"),
        pytest.param(CEILING._replace(lower_open=True), "4", "met", "final-met", id="an ambition is never open"),
        pytest.param(GROWTH._replace(upper_open=True), "8", "met", "final-met", id="nor is the other one"),
        pytest.param(WITHIN, "95", "met", "final-met", id="within: on the lower edge"),
        pytest.param(WITHIN, "100", "met", "final-met", id="within: on the upper edge"),
        pytest.param(WITHIN, "94.9", "missed", "final-below-lower", id="within: below"),
        pytest.param(WITHIN, "100.1", "missed", "final-above-upper", id="within: above"),
        pytest.param(WITHIN._replace(lower_open=True), "95", "missed", "final-on-the-edge", id="within, open below"),
        pytest.param(WITHIN._replace(upper_open=True), "100", "missed", "final-on-the-edge", id="within, open above"),
        pytest.param(WITHIN._replace(upper_open=True), "95", "met", "final-met", id="the closed edge of an open band"),
        pytest.param(target("-5"), "-5", "met", "final-met", id="a loss no worse than five"),
        pytest.param(target("-5"), "-6", "missed", "final-below-lower", id="a loss that is worse"),
        pytest.param(target("0"), "0.01", "exceeded", "final-beyond-tolerance", id="zero has no relative tolerance"),
    ],
)
def test_final(terms: TargetTerms, actual: str, status: str, rule: str) -> None:
    result = assessed(terms, [figure("2024", actual)], of="mean", as_of="2025-02-01")
    assert (result.status, result.rule, result.final) == (status, rule, True)


@pytest.mark.parametrize(
    ("qualifier", "lower_open", "status", "rule"),
    [
        pytest.param("more_than", True, "met", "final-met", id="more than an open edge is enough"),
        pytest.param("nearly", False, "missed", "final-below-lower", id="nearly is not enough"),
        pytest.param("less_than", False, "missed", "final-below-lower", id="less than is not enough"),
        pytest.param("about", False, "met", "final-met", id="about is taken as it stands"),
        pytest.param("about", True, "missed", "final-on-the-edge", id="about an open edge is on it"),
    ],
)
def test_final_of_a_qualified_figure(qualifier: str, lower_open: bool, status: str, rule: str) -> None:
    terms = target("10", lower_open=lower_open)
    result = assessed(terms, [figure("2024", "10", qualifier=qualifier)], as_of="2025-02-01")
    assert (result.status, result.rule) == (status, rule)


@pytest.mark.parametrize(
    ("kind", "terms", "actual", "status"),
    [
        pytest.param("rank", target(None, "5", goal="at_most"), "1", "met", id="first of the top five is met"),
        pytest.param("rank", target("3", "5", goal="at_most"), "2", "exceeded", id="unless an ambition was named"),
        pytest.param("rank", target(None, "5", goal="at_most"), "6", "missed", id="sixth is not in the top five"),
        pytest.param("yes_no", target("1"), "1", "met", id="done"),
        pytest.param("yes_no", target("1"), "0", "missed", id="not done"),
    ],
)
def test_final_of_ranks_and_tasks(kind: str, terms: TargetTerms, actual: str, status: str) -> None:
    result = assessed(terms, [figure("2024", actual)], of=indicator("last", kind=kind), as_of="2025-02-01")
    assert result.status == status


EARLY = [
    pytest.param(target("3"), [1, 2], "met", "early-reached", id="a sum reached its edge"),
    pytest.param(target("3", "4"), [1, 3], "met", "early-reached", id="a sum reached its ambition"),
    pytest.param(target("3", "4"), [1, 4], "exceeded", "early-beyond-ambition", id="a sum passed its ambition"),
    pytest.param(target("3"), [2, 2], "exceeded", "early-beyond-tolerance", id="a sum passed its edge by far"),
    pytest.param(target("3", lower_open=True), [1, 2], "on_track", "as-expected", id="an open edge must be passed"),
    pytest.param(target("3", lower_open=True), [1, "2.1"], "met", "early-reached", id="an open edge was passed"),
    pytest.param(target(None, "3", goal="at_most"), [1, 3], "missed", "early-above-upper", id="a ceiling broke"),
    pytest.param(target(None, "3", goal="at_most"), [1, 2], "off_track", "beyond-tolerance", id="a ceiling reached"),
    pytest.param(
        target(None, "3", goal="at_most", upper_open=True), [1, 2], "missed", "early-above-upper", id="an open ceiling"
    ),
    pytest.param(target("1", "3", goal="within"), [1, 3], "missed", "early-above-upper", id="a band was left above"),
    pytest.param(target("1", "9", goal="within"), [1, 0], "on_track", "as-expected", id="a band is not met early"),
    pytest.param(target("3"), [-1, 4], "on_track", "as-expected", id="nothing is certain of flows that can fall"),
]


@pytest.mark.parametrize(("terms", "values", "status", "rule"), EARLY)
def test_early(terms: TargetTerms, values: list[str | int], status: str, rule: str) -> None:
    result = assessed(terms, months(2024, values))
    assert (result.status, result.rule, result.final) == (status, rule, False)


@pytest.mark.parametrize("accumulation", ["mean", "last", "none"])
def test_only_sums_are_early(accumulation: str) -> None:
    assert assessed(target("3"), [figure("2024-01/2024-02", "9")], of=accumulation).status == "on_track"


@pytest.mark.parametrize(
    ("goal", "actual", "status", "rule"),
    [
        pytest.param("at_least", "1", "met", "early-done", id="done in March"),
        pytest.param("at_least", "0", "on_track", "not-done-yet", id="not done yet"),
        pytest.param("at_most", "1", "off_track", "beyond-tolerance", id="done what was to be left undone"),
        pytest.param("at_most", "0", "on_track", "as-expected", id="left undone so far"),
    ],
)
def test_tasks_on_the_way(goal: str, actual: str, status: str, rule: str) -> None:
    terms = target("1") if goal == "at_least" else target(None, "0", goal="at_most")
    result = assessed(terms, [figure("2024-03", actual)], of=indicator("last", kind="yes_no"))
    assert (result.status, result.rule) == (status, rule)


@pytest.mark.parametrize(
    ("terms", "actual", "status", "rule"),
    [
        pytest.param(GROWTH, "7.5", "on_track", "as-expected", id="on the expected edge"),
        pytest.param(GROWTH, "7.125", "at_risk", "within-tolerance", id="behind by the tolerance"),
        pytest.param(GROWTH, "7.12", "off_track", "beyond-tolerance", id="behind by more"),
        pytest.param(GROWTH._replace(lower_open=True), "7.5", "at_risk", "on-the-edge", id="on an open edge"),
        pytest.param(GROWTH._replace(upper_open=True), "8", "on_track", "as-expected", id="on an open ambition"),
        pytest.param(AT_MOST, "4.2", "at_risk", "within-tolerance", id="over a ceiling by the tolerance"),
        pytest.param(AT_MOST, "4.21", "off_track", "beyond-tolerance", id="over a ceiling by more"),
        pytest.param(WITHIN, "94", "at_risk", "within-tolerance", id="below a band"),
        pytest.param(WITHIN, "106", "off_track", "beyond-tolerance", id="far above a band"),
        pytest.param(target("8", tolerance="0"), "7.999999", "off_track", "beyond-tolerance", id="no tolerance"),
    ],
)
def test_on_the_way(terms: TargetTerms, actual: str, status: str, rule: str) -> None:
    result = assessed(terms, [figure("2024-01/2024-03", actual)], of="none")
    assert (result.status, result.rule) == (status, rule)


@pytest.mark.parametrize(
    ("qualifier", "terms", "status"),
    [
        pytest.param("more_than", GROWTH._replace(lower_open=True), "on_track", id="more than an open edge"),
        pytest.param("nearly", GROWTH, "at_risk", id="nearly is behind by less than any tolerance"),
        pytest.param("nearly", target("7.5", tolerance="0"), "off_track", id="but by more than none"),
    ],
)
def test_on_the_way_of_a_qualified_figure(qualifier: str, terms: TargetTerms, status: str) -> None:
    posted = [figure("2024-01/2024-03", "7.5", qualifier=qualifier)]
    assert assessed(terms, posted, of="none").status == status


SLOW_YEAR = [figure("2023-01/2023-03", "10"), figure("2023", "100")]
SLOWER_YEAR = [figure("2022-01/2022-03", "5"), figure("2022", "100")]
SLOWEST_YEAR = [figure("2019-01/2019-03", "4"), figure("2019", "100")]
LONG_AGO = [figure("2018-01/2018-03", "1"), figure("2018", "100")]


@pytest.mark.parametrize(
    ("actual", "years", "status"),
    [
        pytest.param("20", SLOW_YEAR, "on_track", id="as last year"),
        pytest.param("19", SLOW_YEAR, "at_risk", id="a little behind last year"),
        pytest.param("10", SLOW_YEAR, "off_track", id="far behind the only year there is"),
        pytest.param("10", SLOW_YEAR + SLOWER_YEAR, "at_risk", id="as in the slowest of two years"),
        pytest.param("9.9", SLOW_YEAR + SLOWER_YEAR, "off_track", id="behind both"),
        pytest.param("8", SLOW_YEAR + SLOWEST_YEAR, "at_risk", id="as in the fifth year before"),
        pytest.param("7", SLOW_YEAR + LONG_AGO, "off_track", id="the sixth year before does not count"),
        pytest.param("9.9", SLOWER_YEAR + LONG_AGO, "off_track", id="without last year there is no season"),
    ],
)
def test_the_most_lenient_season(actual: str, years: Sequence[Figure], status: str) -> None:
    result = assessed(target("200", profile="seasonal"), [figure("2024-01/2024-03", actual), *years])
    assert result.status == status


def test_the_most_lenient_season_of_a_ceiling_and_of_a_band() -> None:
    ceiling = target(None, "100", goal="at_most", profile="seasonal")
    assert assessed(ceiling, [figure("2024-01/2024-03", "10.6"), *SLOW_YEAR, *SLOWER_YEAR]).status == "off_track"
    fast = [figure("2022-01/2022-03", "30"), figure("2022", "100")]
    result = assessed(ceiling, [figure("2024-01/2024-03", "30"), *SLOW_YEAR, *fast])
    assert (result.status, result.rule) == ("at_risk", "season-lenient")
    band = target("90", "100", goal="within", profile="seasonal")
    assert assessed(band, [figure("2024-01/2024-03", "20"), *SLOW_YEAR, *fast]).rule == "season-lenient"
    assert assessed(band, [figure("2024-01/2024-03", "31"), *SLOW_YEAR, *fast]).status == "off_track"


@pytest.mark.parametrize(
    ("as_of", "posted", "status", "rule"),
    [
        pytest.param("2024-02-10", [], "not_due", "not-due", id="nothing, and nothing was due"),
        pytest.param("2024-02-11", [], "no_data", "nothing-reported", id="nothing, though January was due"),
        pytest.param("2025-01-10", [1], "off_track", "beyond-tolerance", id="on the last due day"),
        pytest.param("2025-01-11", [1], "no_data", "result-never-came", id="behind the last due day"),
        pytest.param("2025-01-11", [100], "exceeded", "early-beyond-tolerance", id="unless it was reached before"),
        pytest.param("2025-01-11", [1] * 12, "missed", "final-below-lower", id="unless all of it came"),
    ],
)
def test_what_is_due(as_of: str, posted: list[str | int], status: str, rule: str) -> None:
    result = assessed(target("50"), months(2024, posted), as_of=as_of)
    assert (result.status, result.rule) == (status, rule)


def test_a_partial_result_is_never_final() -> None:
    result = assessed(GROWTH, [figure("2024-Q4", "9")], of="none", as_of="2025-01-05")
    assert (result.final, result.partial, result.status) == (False, True, "on_track")


def test_a_qualitative_target_waits_for_a_judgement() -> None:
    terms = target(goal=None, qualitative=True)
    assert assessed(terms, months(2024, [1]), as_of="2024-02-10").status == "not_due"
    late = assessed(terms, months(2024, [1]), as_of="2024-02-11")
    assert (late.status, late.actual, late.formula) == ("no_data", None, "")


def test_a_formula_is_judged_like_a_figure() -> None:
    posted = [*months(2023, [10, 10]), *months(2024, [12, 10])]
    growth = computed("growth", "yoy(x)")
    result = assessed(target("10"), posted, of=growth, others=[indicator()])
    assert result.actual == 10
    assert result.status == "on_track"


def test_milestones_make_the_expected_edge() -> None:
    terms = target("100", milestones=[milestone("2024-03-31", "50")])
    assert assessed(terms, [figure("2024-Q1", "50")]).status == "on_track"
    assert assessed(terms, [figure("2024-Q1", "47")]).status == "off_track"
