"""Sums over areas, and areas that merge: one rule a row."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.choices import Accumulation, IndicatorKind
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.regions import AreaNode, AreaTree, RegionalSums, is_summable, sum_reason
from tests.indicators.domain.builders import day, figure

# Two regions of a country; on 1 July 2025 c merges into b, and e is new.
COUNTRY, NORTH, SOUTH, A, B, C, D, E = range(1, 9)
PLACES = [
    AreaNode(COUNTRY, "country"),
    AreaNode(NORTH, "north", COUNTRY),
    AreaNode(SOUTH, "south", COUNTRY),
    AreaNode(A, "a", NORTH),
    AreaNode(B, "b", SOUTH),
    AreaNode(C, "c", SOUTH, valid_to=day("2025-06-30"), successor=B),
    AreaNode(D, "d", SOUTH),
    AreaNode(E, "e", NORTH, valid_from=day("2025-07-01")),
]
TREE = AreaTree(PLACES)
Posted = dict[int, list[Figure]]


def posted(text: str, accumulation: str = "sum") -> RegionalSums:
    """`a 2024 5; b 2024 7`: figures by area."""
    ids = {place.code: place.id for place in PLACES}
    results: Posted = {}
    for code, period, value in (row.split() for row in text.split("; ")):
        results.setdefault(ids[code], []).append(figure(period, None if value == "none" else value))
    return RegionalSums(TREE, Accumulation(accumulation), results)


def value(sums: RegionalSums, area: int, period: str) -> str | None:
    body = sums.figures(area).get(Period.parse(period))
    return None if body is None else str(body.value)


@pytest.mark.parametrize(
    ("text", "area", "period", "expected"),
    [
        pytest.param("b 2024-01 5; c 2024-01 7.25; d 2024-01 -1", SOUTH, "2024-01", "11.25", id="parts are added up"),
        pytest.param("a 2024 1; b 2024 2; c 2024 3; d 2024 4", COUNTRY, "2024", "10", id="sums are added up again"),
        pytest.param("a 2024 1; south 2024 9", COUNTRY, "2024", "10", id="of a posted figure and a sum, too"),
        pytest.param("b 2024 5; c 2024 7", SOUTH, "2024", None, id="one part missing is no sum"),
        pytest.param("b 2024 5; c 2024 7; d 2024 none", SOUTH, "2024", None, id="nor one without a value"),
        pytest.param("b 2024 5; c 2024 7; d 2024-01 1", SOUTH, "2024", None, id="nor one of another span"),
        pytest.param("south 2024 9; b 2024 1; c 2024 2; d 2024 3", SOUTH, "2024", "9", id="what is posted wins"),
        pytest.param("south 2024 none; b 2024 1; c 2024 2; d 2024 3", SOUTH, "2024", "6",
                     id="what is posted without a value does not"),
        pytest.param("south 2024-H1 4; south 2024-H2 5; b 2024 1; c 2024 2; d 2024 3", SOUTH, "2024", None,
                     id="nor a sum where posted figures follow each other over the span"),
        pytest.param("b 2025-06 1; c 2025-06 2; d 2025-06 3", SOUTH, "2025-06", "6", id="c counts until it merged"),
        pytest.param("b 2025-07 1; c 2025-07 2; d 2025-07 3", SOUTH, "2025-07", "4", id="and not afterwards"),
        pytest.param("b 2025 1; d 2025 3", SOUTH, "2025", "4", id="of the year of the merger b answers for c"),
        pytest.param("a 2025-06 1", NORTH, "2025-06", "1", id="who was not there yet need not report"),
        pytest.param("a 2025-07 1", NORTH, "2025-07", None, id="who is there must"),
        pytest.param("a 2025 1", NORTH, "2025", None, id="also who came during the span"),
        pytest.param("b 2024 5", B, "2024", "5", id="without parts it is what was posted"),
    ],
)  # fmt: skip
def test_an_area_is_the_sum_of_its_parts(text: str, area: int, period: str, expected: str | None) -> None:
    assert value(posted(text), area, period) == expected


def test_of_a_stock_those_count_that_were_there_on_the_last_day() -> None:
    assert value(posted("b 2025 1; d 2025 3", "last"), SOUTH, "2025") == "4"
    assert value(posted("a 2025-06 1; e 2025-06 9", "last"), NORTH, "2025-06") == "1"


@pytest.mark.parametrize(
    ("text", "area", "period", "expected"),
    [
        pytest.param("b 2024 5; d 2024 7", SOUTH, "2024", (2, 3, ("c",)), id="what is missing is named"),
        pytest.param("a 2024 1; b 2024 5", COUNTRY, "2024", (2, 4, ("c", "d")), id="through the regions"),
        pytest.param("a 2023 1; b 2024 5", COUNTRY, "2024", (1, 4, ("a", "c", "d")),
                     id="by the areas that report elsewhere, also where a region has nothing"),
        pytest.param("b 2024 5", COUNTRY, "2024", (1, 4, ("c", "d", "north")), id="by the region where no part of it does"),
        pytest.param("a 2024 1; b 2024 2; c 2024 3; d 2024 4", COUNTRY, "2024", (4, 4, ()), id="complete"),
        pytest.param("south 2024 9; b 2024 5", SOUTH, "2024", None, id="nothing is asked beside what was posted"),
    ],
)  # fmt: skip
def test_completeness(text: str, area: int, period: str, expected: object) -> None:
    assert posted(text).completeness(area).get(Period.parse(period)) == expected


@pytest.mark.parametrize(
    ("text", "period", "expected"),
    [
        pytest.param("b 2025-06 1; c 2025-06 2", "2025-06", ("3", "before-merge"), id="before it both together"),
        pytest.param("b 2025-07 3; c 2025-07 2", "2025-07", ("3", None), id="after it what is posted"),
        pytest.param("b 2025 3; c 2025 2", "2025", ("3", None), id="over it what is posted"),
        pytest.param("b 2025-06 1", "2025-06", None, id="nothing while a part is missing"),
    ],
)
def test_the_territory_before_and_after_a_merger(text: str, period: str, expected: object) -> None:
    body = posted(text).merged_history(B).get(Period.parse(period))
    assert (body and (str(body.value), sum_reason(body))) == expected


def test_a_sum_is_as_settled_and_as_late_as_its_parts() -> None:
    parts = [
        figure("2024", "1", stage="official", published="2025-01-05", recorded_on="2025-01-05", order=7),
        figure("2024", "2", stage="preliminary", published="2025-02-01", recorded_on="2025-02-03", order=9),
        figure("2024", "3", stage="official", published="2025-01-20", recorded_on="2025-01-21", order=8,
               qualifier="more_than"),
    ]  # fmt: skip
    result = RegionalSums(
        TREE, Accumulation.SUM, dict(zip((B, C, D), ([item] for item in parts), strict=True))
    ).figures(SOUTH)
    (total,) = result.values()
    assert (total.stage, str(total.published), str(total.recorded_on), total.order, total.qualifier) == (
        "preliminary", "2025-02-01", "2025-02-03", 9, "more_than",
    )  # fmt: skip
    assert [(part.area, part.figure) for part in total.parts] == list(zip("bcd", parts, strict=True))


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        pytest.param(("official", ""), "", id="not stated beside official is not stated"),
        pytest.param(("", "estimate"), "estimate", id="an estimate is an estimate"),
        pytest.param(("official", "official"), "official", id="official is official"),
    ],
)
def test_the_least_settled_stage(stages: tuple[str, str], expected: str) -> None:
    tree = AreaTree([AreaNode(1, "whole"), AreaNode(2, "x", 1), AreaNode(3, "y", 1)])
    figures = {pk: [figure("2024", "1", stage=stage)] for pk, stage in enumerate(stages, start=2)}
    (total,) = RegionalSums(tree, Accumulation.SUM, figures).figures(1).values()
    assert total.stage == expected


def test_a_part_of_an_unknown_day_makes_the_day_unknown() -> None:
    figures = {B: [figure("2024", "1", published=None)], C: [figure("2024", "1")], D: [figure("2024", "1")]}
    (total,) = RegionalSums(TREE, Accumulation.SUM, figures).figures(SOUTH).values()
    assert total.published is None


def test_what_adds_up() -> None:
    able = {(kind, how) for kind in IndicatorKind for how in (*Accumulation, None) if is_summable(kind, how)}
    assert able == {(kind, how) for kind in ("level", "count") for how in ("sum", "last")}


def test_areas_that_succeed_each_other_in_a_circle_end_nobody() -> None:
    ended = day("2024-06-30")
    tree = AreaTree([AreaNode(1, "whole"), AreaNode(2, "x", 1, None, ended, 3), AreaNode(3, "y", 1, None, ended, 2)])
    result = tree.expected_to_report(tree.children(1), Period.parse("2024"), Accumulation.SUM)
    assert [row.code for row in result] == ["x", "y"]
    assert [predecessor.code for predecessor in tree.predecessors(2)] == ["y"]


@pytest.mark.parametrize(
    ("posting", "expected"),
    [
        pytest.param([], [COUNTRY], id="it itself while nobody ever did"),
        pytest.param([COUNTRY, A], [COUNTRY], id="it itself where it did"),
        pytest.param([A], [A, E, SOUTH], id="else its parts, those that report and those that should"),
        pytest.param([NORTH, B], [NORTH, B, C, D], id="each region in its own way"),
    ],
)
def test_who_reports_of_an_area(posting: list[int], expected: list[int]) -> None:
    assert TREE.source_areas([COUNTRY], posting) == {COUNTRY: expected}


_amounts = st.decimals(-(10**18) + 1, 10**18 - 1, places=6)


@given(st.lists(_amounts, min_size=3, max_size=3), st.data())
def test_a_sum_is_the_sum_of_its_parts_whatever_the_order_of_posting(
    values: list[Decimal], data: st.DataObject
) -> None:
    rows = list(zip((B, C, D), values, strict=True))
    order = data.draw(st.sampled_from(list(permutations(rows))))
    sums = RegionalSums(TREE, Accumulation.SUM, {area: [figure("2024", str(item))] for area, item in order})
    (total,) = sums.figures(SOUTH).values()
    assert (
        total.numeric_value
        == values[0] + values[1] + values[2]
        == sum(part.figure.numeric_value for part in total.parts)
    )
