"""The arithmetic with the numbers put in."""

from decimal import Decimal

import pytest

from indicators.domain.periods import Period
from indicators.domain.rounding import round_half_up
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import book, computed, figure, indicator, months

from .builders import assessed, milestone, target

LAST_YEAR = [figure("2023-01/2023-03", "20"), figure("2023", "200")]


@pytest.mark.parametrize(
    ("terms", "accumulation", "formula"),
    [
        pytest.param(
            target("366"),
            "sum",
            "actual = 30 + 40 = 70; expected lower = 366 * 60 / 366 = 60; variance = 70 - 60 = 10; "
            "tolerance = 5 / 100 * 60 = 3",
            id="even",
        ),
        pytest.param(
            target(None, "60", goal="at_most"),
            "mean",
            "actual = (30 * 1 + 40 * 1) / 2 = 35; expected upper = 60; "
            "variance = 35 - 60 = -25; tolerance = 5 / 100 * 60 = 3",
            id="flat",
        ),
        pytest.param(
            target("100", baseline="-83", tolerance="2"),
            "last",
            "actual = 40; expected lower = -83 + (100 - (-83)) * 60 / 366 = -53; variance = 40 - (-53) = 93; "
            "tolerance = 2",
            id="path, absolute tolerance",
        ),
        pytest.param(
            target("100", baseline="-83"),
            "last",
            "actual = 40; expected lower = -83 + (100 - (-83)) * 60 / 366 = -53; variance = 40 - (-53) = 93; "
            "tolerance = 10 / 100 * |100 - (-83)| = 18.3",
            id="path",
        ),
        pytest.param(
            target("100", milestones=[milestone("2024-01-31", "31"), milestone("2024-03-31", "91")]),
            "sum",
            "actual = 30 + 40 = 70; expected lower = 31 + (91 - 31) * 29 / 60 = 60; variance = 70 - 60 = 10; "
            "tolerance = 5 / 100 * 60 = 3",
            id="milestones",
        ),
        pytest.param(
            target("50", "80", goal="within", profile="flat"),
            "sum",
            "actual = 30 + 40 = 70; expected lower = 50; expected upper = 80",
            id="inside a band",
        ),
    ],
)
def test_the_equations(terms: TargetTerms, accumulation: str, formula: str) -> None:
    assert assessed(terms, months(2024, [30, 40]), of=accumulation).formula == formula


def test_a_season_is_spelled_with_last_year() -> None:
    result = assessed(target("500", profile="seasonal"), [figure("2024-01/2024-03", "40"), *LAST_YEAR])
    assert "expected lower = 500 * 20 / 200 = 50" in result.formula
    assert [str(used.figure.period) for used in result.figures] == ["2023-Q1", "2023", "2024-Q1"]


def test_a_milestone_that_holds_until_its_day_is_a_number() -> None:
    result = assessed(target("9", milestones=[milestone("2024-06-30", "7")]), months(2024, [8]), of="mean")
    assert "expected lower = 7;" in result.formula


def test_a_formula_is_spelled_with_the_numbers_of_its_inputs() -> None:
    posted = [*months(2023, [10, 10]), *months(2024, [12, 10])]
    result = assessed(target("10"), posted, of=computed("g", "yoy(x)"), others=[indicator()])
    assert result.formula.startswith("actual = ((12 + 10) / (10 + 10) - 1) * 100 = 10; expected lower = 10;")


@pytest.mark.parametrize("profile", ["even", "flat", "seasonal"])
def test_every_equation_holds(profile: str) -> None:
    posted = [*months(2024, [7, 5, 3]), *months(2023, [1, 1, 1]), figure("2023", "9")]
    result = assessed(target("70", profile=profile), posted)
    for equation in result.formula.split("; "):
        _, *sides = equation.split(" = ")
        values = [worked_out(side) for side in sides]
        assert all(round_half_up(value, 9) == round_half_up(values[0], 9) for value in values)


def worked_out(text: str) -> Decimal:
    existing = book(indicator(), computed("f", f"{text} + 0 * x"), x=[figure("2024", "0")])
    value = existing.value("f", Period.parse("2024"))
    assert value is not None
    return value


def test_figures_of_a_final_result_leave_last_year_out() -> None:
    posted = [*months(2024, [1] * 12), *LAST_YEAR]
    result = assessed(target("9", profile="seasonal"), posted)
    assert {used.figure.start.year for used in result.figures} == {2024}


@pytest.mark.parametrize(
    ("stages", "provisional"),
    [
        pytest.param(["official", "official"], False, id="all official"),
        pytest.param(["official", "preliminary"], True, id="one is preliminary"),
        pytest.param(["official", ""], True, id="one does not say"),
    ],
)
def test_provisional_unless_every_figure_is_official(stages: list[str], provisional: bool) -> None:
    posted = [
        figure(f"2024-0{place}", "1", stage=stage, published="2024-03-05")
        for place, stage in enumerate(stages, start=1)
    ]
    assert assessed(target("9"), posted).provisional is provisional
