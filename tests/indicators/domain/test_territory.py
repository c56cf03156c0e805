"""Like with like: the spans of an area before other areas merged into it, beside spans from after the merger."""

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.regions import AreaNode, AreaTree
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.domain.terms import IndicatorTerms
from indicators.domain.territory import Territory, find_predecessors
from indicators.domain.value_resolver import ValueResolver

from .builders import computed, figure, indicator

JUNE_30, JULY_1 = date(2025, 6, 30), date(2025, 7, 1)
CITY, NORTH, EAST, OLD = 1, 2, 3, 4
TREE = (
    AreaNode(CITY, "city"),
    AreaNode(NORTH, "north", valid_to=JUNE_30, successor=CITY),
    AreaNode(EAST, "east", valid_to=JUNE_30, successor=CITY),
    AreaNode(OLD, "old", valid_to=date(2020, 12, 31), successor=EAST),
)
Posted = Mapping[str, Mapping[str, str]]


def resolver(posted: Posted, *terms: IndicatorTerms, nodes: Sequence[AreaNode] = TREE) -> ValueResolver:
    """Of the city; posted: by area the values by period, of the indicator x."""
    tree, ids = AreaTree(nodes), {node.code: node.id for node in nodes}
    figures: dict[int, dict[str, list[Figure]]] = {
        ids[area]: {"x": [figure(span, value) for span, value in values.items()]} for area, values in posted.items()
    }
    territory = Territory("city", tree.node(CITY).valid_from, find_predecessors(tree, CITY), figures)
    return ValueResolver(terms or (indicator(),), figures.get(CITY, {}), territory=territory)


def value(posted: Posted, span: str, of: str = "x", *terms: IndicatorTerms) -> str | None:
    result = resolver(posted, *terms).value(of, Period.parse(span))
    return None if result is None else to_plain_string(round_half_up(result, 6))


EIGHT = "2024-01/2024-08"
NOW = {"2025-01/2025-08": "690"}
OTHERS = {"north": {EIGHT: "150"}, "east": {EIGHT: "100"}}


@pytest.mark.parametrize(
    ("posted", "span", "growth"),
    [
        pytest.param({"city": {EIGHT: "350", **NOW}, **OTHERS}, "2025-01/2025-08", "15", id="like with like"),
        pytest.param(
            {"city": {EIGHT: "350", **NOW}, "north": {EIGHT: "150"}}, "2025-01/2025-08", None, id="one is missing"
        ),
        pytest.param({"city": {EIGHT: "350", **NOW}}, "2025-01/2025-08", None, id="never old territory with new"),
        pytest.param(
            {"city": {"2024-05": "100", "2025-05": "110"}}, "2025-05", "10", id="before the merger by its own figures"
        ),
        pytest.param(
            {"city": {"2025-08": "100", "2026-08": "120"}}, "2026-08", "20", id="after the merger by its own figures"
        ),
        pytest.param(
            {
                "city": {"2024-H1": "200", "2024-07/2024-08": "150", **NOW},
                "north": {"2024-01/2024-06": "90", "2024-07": "30", "2024-08": "30"},
                "east": {EIGHT: "100"},
            },
            "2025-01/2025-08",
            "15",
            id="each area by its own tiling",
        ),
        pytest.param(
            {
                "city": {EIGHT: "350", "2025-H1": "300", "2025-07/2025-08": "190"},
                "north": {EIGHT: "150", "2025-H1": "120"},
                "east": {EIGHT: "100", "2025-H1": "80"},
            },
            "2025-01/2025-08",
            "15",
            id="the spans before the merger in the sum, too",
        ),
        pytest.param(
            {
                "city": {"2024-09/2024-12": "1", "2024": "401", EIGHT: "350", "2025": "750", "2025-01/2025-08": "690"},
                "north": {"2024": "160", EIGHT: "150"},
                "east": {"2024": "119", EIGHT: "100"},
            },
            "2025-09/2025-12",
            "-25",
            id="differences of sums",
        ),
    ],
)
def test_growth_across_a_merger(posted: Posted, span: str, growth: str | None) -> None:
    assert value(posted, span, "g", indicator(), computed("g", "yoy(x)")) == growth


@pytest.mark.parametrize(
    ("accumulation", "kind", "growth"),
    [
        pytest.param("last", "level", "10", id="stocks are added"),
        pytest.param("last", "count", "10", id="counts are added"),
        pytest.param("last", "rate", None, id="rates are not added: no growth"),
        pytest.param("last", "rank", None, id="nor are ranks"),
        pytest.param("mean", "level", None, id="nor are averages"),
        pytest.param("none", "index", None, id="nor are indices"),
    ],
)
def test_what_is_added(accumulation: str, kind: str, growth: str | None) -> None:
    posted = {"city": {"2024-08": "60", "2025-08": "110"}, "north": {"2024-08": "30"}, "east": {"2024-08": "10"}}
    terms = indicator(accumulation, kind=kind), computed("g", "yoy(x)")
    assert value(posted, "2025-08", "g", *terms) == growth


def test_what_is_not_added_has_growth_on_each_side() -> None:
    posted = {"city": {"2024-05": "100", "2025-05": "110", "2025-08": "200", "2026-08": "210"}}
    terms = indicator("last", kind="rate"), computed("g", "yoy(x)")
    assert [value(posted, span, "g", *terms) for span in ("2025-05", "2026-08")] == ["10", "5"]


def test_areas_that_merged_into_those_that_merged_count_too() -> None:
    posted = {"city": {"2019": "1", "2020": "1", "2025-08": "1"}, "north": {"2019": "2", "2021": "2"}}
    posted |= {"east": {"2019": "4", "2021": "4"}, "old": {"2019": "8"}}
    beside = resolver(posted).beside(date(2025, 8, 31)).series("x")
    assert beside.value(Period.parse("2019")) == 15
    assert beside.value(Period.parse("2020")) is None
    assert beside.value(Period.parse("2021")) is None


def test_the_figures_behind_a_sum_are_named() -> None:
    posted = {"city": {EIGHT: "350", **NOW}, **OTHERS}
    explained = resolver(posted, indicator(), computed("g", "yoy(x)")).explain("g", Period.parse("2025-01/2025-08"))
    assert explained.formula == "(690 / 600 - 1) * 100"
    parts = [(part.area, str(part.figure.value)) for source in explained.figures for part in source.figure.parts]
    assert parts == [("city", "350"), ("east", "100"), ("north", "150")]


NEW = (AreaNode(CITY, "city", valid_from=JULY_1), *TREE[1:])


@pytest.mark.parametrize(
    ("own", "total"),
    [
        pytest.param({"2025-08": "9"}, "250", id="a new code begins with what its predecessors reported"),
        pytest.param({"2025-08": "9", EIGHT: "260"}, "260", id="restated for the new territory nothing is added"),
        pytest.param(
            {"2025-08": "9", "2024-H1": "200", "2024-07": "31", "2024-08": "32"},
            "263",
            id="restated in several figures nothing is added",
        ),
        pytest.param(
            {"2025-08": "9", "2024-H1": "200"}, "250", id="restated in part only it begins with its predecessors"
        ),
    ],
)
def test_an_area_that_did_not_exist(own: dict[str, str], total: str) -> None:
    beside = resolver({"city": own, **OTHERS}, nodes=NEW).beside(date(2025, 8, 31))
    assert beside.series("x").value(Period.parse(EIGHT)) == int(total)


def test_a_new_area_has_a_whole_year() -> None:
    """Half a year of the three old areas, and half a year of the new one."""
    posted = {"city": {"2025-H2": "350"}, "north": {"2025-H1": "150"}, "east": {"2025-H1": "195.6"}}
    assert resolver(posted, nodes=NEW).value("x", Period.parse("2025")) == figure("2025", "695.6").value


# East began in 2021 with what was old; the city was new in 2023 and was joined by the island in July 2025.
TWICE = (
    AreaNode(CITY, "city", valid_from=date(2023, 1, 1)),
    AreaNode(NORTH, "north", valid_to=date(2022, 12, 31), successor=CITY),
    AreaNode(EAST, "east", valid_to=JUNE_30, successor=CITY),
    AreaNode(OLD, "old", valid_to=date(2020, 12, 31), successor=EAST),
)
# East ended half a year before the city that follows it began.
LATE = (
    AreaNode(CITY, "city", valid_from=JULY_1),
    AreaNode(NORTH, "north", valid_to=JUNE_30, successor=CITY),
    AreaNode(EAST, "east", valid_to=date(2024, 12, 31), successor=CITY),
)
PIECES = [
    pytest.param(
        {"city": {"2024-Q1": "1", "2024-Q2": "2"}, "north": {"2024-01/2024-05": "3", "2024-06": "4"}, "east": {"2024-01/2024-02": "5", "2024-03/2024-06": "6"}},
        TREE, "2024-H1", "21", id="what no area reported in one figure",
    ),
    pytest.param(
        {"city": {"2024-Q1": "1", "2024-04/2024-12": "2"}, "north": {"2024-01/2024-05": "3", "2024-06/2024-12": "4"}, "east": {"2024": "5"}},
        TREE, "2024", "15", id="what one area reported in one figure",
    ),
    pytest.param({"city": {"2024-Q1": "1"}, "north": {"2024-H1": "3"}, "east": {"2024-H1": "5"}}, TREE, "2024-H1", None, id="not what one did not report"),
    pytest.param(
        {"city": {"2020-H2": "1", "2021-H1": "2"}, "north": {"2020-07/2021-06": "4"}, "east": {"2020-H2": "8", "2021-H1": "16"}, "old": {"2020-H2": "32"}},
        TREE, "2020-07/2021-06", None, id="old and new territory of a predecessor are not put together",
    ),
    pytest.param(
        {"city": {"2020-H2": "1", "2021-H1": "2"}, "north": {"2020-H2": "1", "2021-H1": "3"}, "east": {"2020-H2": "8", "2021-H1": "16"}, "old": {"2020-H2": "32"}},
        TREE, "2020-07/2021-06", "63", id="unless each half is known of all",
    ),
    pytest.param(
        {"city": {"2020-07/2021-06": "1"}, "north": {"2020-07/2021-06": "3"}, "east": {"2020-07/2021-06": "16"}},
        TREE, "2020-07/2021-06", "20", id="a figure that ends after a merger speaks of the new territory",
    ),
    pytest.param(
        {"city": {"2022": "10", "2024": "20"}, "north": {"2022": "3"}, "east": {"2022": "5", "2024": "7"}},
        TWICE, "2024", "27", id="joined twice: since the first merger",
    ),
    pytest.param(
        {"city": {"2024": "20"}, "north": {"2022": "3"}, "east": {"2022": "5", "2024": "7"}},
        TWICE, "2022", "8", id="joined twice: before the first, when there was no city",
    ),
    pytest.param(
        {"city": {"2022": "10", "2024": "20"}, "north": {"2022": "3"}, "east": {"2022": "5"}},
        TWICE, "2022", "15", id="joined twice: restated by the city for its first merger",
    ),
    pytest.param(
        {"north": {"2024": "3", "2025-H1": "4"}, "east": {"2024": "5"}},
        LATE, "2024", "8", id="ended before its successor began: until then it is added",
    ),
    pytest.param(
        {"north": {"2024": "3", "2025-H1": "4"}, "east": {"2024": "5"}},
        LATE, "2025-H1", None, id="ended before its successor began: missing in between",
    ),
    pytest.param(
        {"north": {"2024-H2": "3", "2025-H1": "4"}, "east": {"2024-H2": "5"}},
        LATE, "2024-07/2025-06", None, id="ended before its successor began: missing in a span into the time between",
    ),
    pytest.param(
        {"city": {"2025-H1": "9"}, "north": {"2025-H1": "4"}},
        LATE, "2025-H1", "9", id="ended before its successor began: unless the new area restated it",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("posted", "nodes", "span", "total"), PIECES)
def test_the_territory_of_today_before(posted: Posted, nodes: Sequence[AreaNode], span: str, total: str | None) -> None:
    """A value, and the lookups that find a day by whether there is one."""
    series = resolver(posted, nodes=nodes).beside(date(2025, 8, 31)).series("x")
    period = Period.parse(span)
    assert series.value(period) == (None if total is None else int(total))
    assert series.has_value(period) is (total is not None)
    assert (series.longest_covered(period) == period) is (total is not None)
    assert (series.figures(period) == []) is (total is None)


amounts = st.lists(st.integers(0, 999), min_size=12, max_size=12)


@given(amounts, amounts, amounts, st.integers(7, 12))
def test_growth_is_that_of_one_area_that_always_was(
    city: list[int], north: list[int], east: list[int], month: int
) -> None:
    """Posted by month before the merger by each area, after it by the city for all: as if there had been one area."""

    def rows(year: int, values: Sequence[int], months: range) -> dict[str, str]:
        return {f"{year}-{number:02d}": str(values[number - 1]) for number in months}

    whole = [sum(values) for values in zip(city, north, east, strict=True)]
    first, second = range(1, 7), range(7, 13)
    posted = {
        name: rows(2024, values, range(1, 13)) | rows(2025, values, first)
        for name, values in (("city", city), ("north", north), ("east", east))
    }
    posted["city"] |= rows(2025, [2 * each for each in whole], second)
    one = {"city": rows(2024, whole, range(1, 13)) | rows(2025, whole, first)}
    one["city"] |= rows(2025, [2 * each for each in whole], second)
    terms = indicator(), computed("g", "yoy(x)")
    span = Period.parse(f"2025-01/2025-{month:02d}")
    alone = resolver(one, *terms, nodes=[TREE[0]])
    assert resolver(posted, *terms).value("g", span) == alone.value("g", span)
