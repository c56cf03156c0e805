"""What stands beside the actual of an area that others joined: like with like, or nothing."""

from collections.abc import Mapping
from datetime import date

import pytest

from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.regions import AreaNode, AreaTree
from indicators.domain.terms import IndicatorTerms
from indicators.domain.territory import Territory, find_predecessors
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import AssessmentResult, assess
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import computed, day, figure, indicator

from .builders import target

CITY, PROVINCE = 1, 2
LAST_YEAR = {"2024-H1": "30", "2024": "50"}
THIS_YEAR = {"2025-01/2025-09": "90"}
POSTED = {"city": LAST_YEAR | {"2024-01/2024-09": "40"} | THIS_YEAR}
BOTH = POSTED | {"province": {"2024-01/2024-09": "20", "2024": "25"}}


def judged(
    posted: Mapping[str, Mapping[str, str]],
    *of: IndicatorTerms,
    terms: TargetTerms | None = None,
    began: str | None = None,
) -> AssessmentResult:
    """The target of 2025 of a city that a province joined on 1 July 2025, as of October."""
    nodes = (
        AreaNode(CITY, "city", valid_from=day(began) if began else None),
        AreaNode(PROVINCE, "province", valid_to=date(2025, 6, 30), successor=CITY),
    )
    ids = {node.code: node.id for node in nodes}
    figures: dict[int, dict[str, list[Figure]]] = {
        ids[area]: {"x": [figure(span, value) for span, value in values.items()]} for area, values in posted.items()
    }
    territory = Territory("city", nodes[0].valid_from, find_predecessors(AreaTree(nodes), CITY), figures)
    book = ValueResolver(of, figures[CITY], territory=territory)
    return assess(
        terms=terms or target("100", period="2025"), indicator=of[-1].code, resolver=book, as_of=day("2025-10-10")
    )


RATE = indicator("last", kind="rate")
YEARS = [
    pytest.param(POSTED, [RATE], None, 0, id="a rate: the old city is another"),
    pytest.param(BOTH, [RATE], None, 0, id="a rate: those of two areas are not added"),
    pytest.param(POSTED, [RATE], "2025-07-01", 1, id="a rate that a new city restated"),
    pytest.param(POSTED, [indicator("none", kind="rate")], None, 0, id="posted growth"),
    pytest.param(POSTED, [indicator("mean", kind="index")], None, 0, id="an average"),
    pytest.param(POSTED, [indicator("sum", kind="share")], None, 0, id="shares that are summed"),
    pytest.param(POSTED, [RATE, computed("f", "2 * x")], None, 0, id="a formula over a rate"),
    pytest.param(POSTED, [indicator("last")], None, 0, id="a stock whose province is missing"),
    pytest.param(BOTH, [indicator("last")], None, 1, id="a stock of both areas"),
    pytest.param(POSTED, [indicator()], None, 0, id="a flow whose province is missing"),
    pytest.param(BOTH, [indicator()], None, 1, id="a flow of both areas"),
    pytest.param(BOTH, [indicator(), computed("f", "2 * x")], None, 1, id="a formula over a flow of both areas"),
]


@pytest.mark.parametrize(("posted", "of", "began", "years"), YEARS)
def test_the_earlier_years_of_an_outlook_are_of_the_same_territory(
    posted: Mapping[str, Mapping[str, str]], of: list[IndicatorTerms], began: str | None, years: int
) -> None:
    result = judged(posted, *of, began=began)
    assert result.actual is not None
    assert len(result.outlook.years) == years


@pytest.mark.parametrize(
    ("posted", "kind", "fallback", "expected"),
    [
        pytest.param(BOTH, "level", False, "80", id="60 of 75 of both areas"),
        pytest.param(POSTED, "level", True, None, id="not the season of the old city"),
        pytest.param(POSTED, "share", True, None, id="nor that of what is not added"),
    ],
)
def test_the_season_is_that_of_the_same_territory(
    posted: Mapping[str, Mapping[str, str]], kind: str, fallback: bool, expected: str | None
) -> None:
    terms = target("100", period="2025", profile="seasonal")
    result = judged(posted, indicator(kind=kind), terms=terms)
    assert result.fallback is fallback
    assert expected is None or str(result.expected_lower) == f"{expected}.000000000000"


def test_no_line_begins_at_a_figure_of_the_old_territory() -> None:
    """The year from July 2026 on: that before it lies after the merger, the figure before that does not."""
    posted = {"city": {"2025-06": "10", "2025-12": "20", "2026-06": "40", "2026-12": "50"}}
    terms = target("100", period="2026-07/2027-06", baseline="40")
    (year,) = judged(posted, RATE, terms=terms).outlook.years
    assert (year.period, year.start) == (Period.parse("2025-07/2026-06"), None)
