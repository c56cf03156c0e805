"""What the parts of a whole contributed to its growth, and that nothing is lost or spread."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.figures import Figure
from indicators.domain.missing_values import MissingSlug, MissingValue
from indicators.domain.periods import Period
from indicators.domain.rounding import to_plain_string
from indicators.domain.value_resolver import ValueResolver
from targets.domain.contributions import (
    Breakdown,
    PartChange,
    break_down_growth,
    compare_with_year_before,
    find_missing_points,
)
from tests.indicators.domain.builders import figure, indicator

from .builders import number, target

GAP = MissingValue(MissingSlug.GAP, "farms")


def part(key: str, value: str | None, base: str | None, reason: MissingValue | None = None) -> PartChange:
    return PartChange(key, number(value), number(base), reason)


def broken_down(growth: str, base: str, *parts: PartChange, edge: str | None = "8", places: int = 6) -> Breakdown:
    terms = target(edge) if edge else target(None, None, qualitative=True)
    missing = find_missing_points(terms, Decimal(growth))
    return break_down_growth(Decimal(growth), Decimal(base), parts, missing, places)


def texts(*numbers: Decimal | None) -> tuple[str | None, ...]:
    return tuple(None if decimal is None else to_plain_string(decimal) for decimal in numbers)


def rows_of(breakdown: Breakdown) -> list[tuple[str | None, ...]]:
    """Key, points, growth, share and points more of each part, then of the rest."""
    rows = [(row.part.key, *texts(row.points, row.growth, row.share, row.more)) for row in breakdown.parts]
    rest = breakdown.not_explained
    return [*rows, ("rest", *texts(rest.points, rest.share, rest.more))]


@pytest.mark.parametrize(
    ("breakdown", "rows"),
    [
        pytest.param(
            broken_down("6", "200", part("farms", "42", "40"), part("industry", "110", "100")),
            [
                ("industry", "5", "10", "0.5", "1"),
                ("farms", "1", "5", "0.2", "0.4"),
                ("rest", "0", "0.3", "0.6"),
            ],
            id="the largest first, and what is left of growth, share and missing points",
        ),
        pytest.param(
            broken_down("6", "200", part("a", "124", "100"), part("b", "88", "100")),
            [("a", "12", "24", "0.5", "1"), ("b", "-6", "-12", "0.5", "1"), ("rest", "0", "0", "0")],
            id="a part that shrinks pulls down",
        ),
        pytest.param(
            broken_down("10", "100", part("a", "55", "50"), part("b", "55", "50")),
            [("a", "5", "10", "0.5", "0"), ("b", "5", "10", "0.5", "0"), ("rest", "0", "0", "0")],
            id="nothing more is needed where the edge is reached",
        ),
        pytest.param(
            broken_down(
                "10", "100", part("farms", "60", "50", GAP), part("tax", None, "5", GAP), part("new", "3", None)
            ),
            [
                ("farms", None, None, None, None),
                ("new", None, None, None, None),
                ("tax", None, None, None, None),
                ("rest", "10", "1", "0"),
            ],
            id="a part without a value stands in the rest",
        ),
        pytest.param(
            broken_down(
                "1", "300", part("a", "101", "100"), part("b", "101", "100"), part("c", "101", "100"), places=2
            ),
            [
                ("a", "0.33", "1", "0.33", "2.33"),
                ("b", "0.33", "1", "0.33", "2.33"),
                ("c", "0.33", "1", "0.33", "2.33"),
                ("rest", "0.01", "0.01", "0.01"),
            ],
            id="what rounding leaves over is in the rest",
        ),
        pytest.param(
            broken_down("5", "100", part("loss", "-2", "-4"), part("nothing", "3", "0")),
            [("nothing", "3", None, "0", "0"), ("loss", "2", None, "-0.04", "-0.12"), ("rest", "0", "1.04", "3.12")],
            id="a part that was nothing, or a loss, has no growth of its own",
        ),
        pytest.param(
            broken_down("5", "100", part("a", "55", "50"), edge=None),
            [("a", "5", "10", "0.5", None), ("rest", "0", "0.5", None)],
            id="without an edge nothing is missing",
        ),
        pytest.param(broken_down("5", "100"), [("rest", "5", "1", "3")], id="no parts at all"),
    ],
)
def test_contributions(breakdown: Breakdown, rows: list[tuple[str | None, ...]]) -> None:
    assert rows_of(breakdown) == rows


@pytest.mark.parametrize(
    ("terms", "growth", "missing"),
    [
        pytest.param(target("8"), "6", ("8", "2"), id="at least: up to the lower edge"),
        pytest.param(target("8", "10"), "9", ("8", "0"), id="at least: the ambition is not required"),
        pytest.param(target(None, "4", goal="at_most"), "6", ("4", "-2"), id="at most: down to the upper edge"),
        pytest.param(target(None, "4", goal="at_most"), "3", ("4", "0"), id="at most: below it"),
        pytest.param(target("2", "4", goal="within"), "1", ("2", "1"), id="within: from below"),
        pytest.param(target("2", "4", goal="within"), "5", ("4", "-1"), id="within: from above"),
        pytest.param(target("2", "4", goal="within"), "3", (None, "0"), id="within: inside"),
    ],
)
def test_points_to_the_required_edge(terms: object, growth: str, missing: tuple[str | None, ...]) -> None:
    assert texts(*find_missing_points(terms, Decimal(growth))) == missing  # type: ignore[arg-type]


amounts = st.decimals(-1000, 1000, places=2)


@given(
    base=st.decimals(1, 1000, places=2),
    growth=st.decimals(-100, 300, places=4),
    parts=st.lists(st.tuples(amounts, amounts), max_size=8),
    edge=st.integers(-5, 20),
    places=st.integers(0, 12),
)
def test_parts_and_rest_are_the_growth_exactly(
    base: Decimal, growth: Decimal, parts: list[tuple[Decimal, Decimal]], edge: int, places: int
) -> None:
    changes = [PartChange(str(position), *values) for position, values in enumerate(parts)]
    missing = find_missing_points(target(str(edge)), growth)
    result = break_down_growth(growth, base, changes, missing, places)
    rest = result.not_explained
    assert sum(row.points or 0 for row in result.parts) + rest.points == result.growth
    assert sum(row.share or 0 for row in result.parts) + rest.share == 1
    assert rest.more is not None
    assert sum(row.more or 0 for row in result.parts) + rest.more == result.more
    assert [row.points for row in result.parts] == sorted((row.points for row in result.parts), reverse=True)  # type: ignore[type-var]
    # Where the parts are the whole and nothing is rounded away, nothing is left.
    whole_base = sum((change.base or Decimal(0) for change in changes), Decimal(0))
    if whole_base > 0:
        whole = sum((change.value or Decimal(0) for change in changes), Decimal(0))
        exact = break_down_growth((whole / whole_base - 1) * 100, whole_base, changes, missing, 6)
        assert abs(exact.not_explained.points) <= Decimal("0.0000005") * (len(changes) + 1)


def change_of(*figures: Figure, breaks: tuple[date, ...] = ()) -> PartChange:
    resolver = ValueResolver([indicator(code="farms")._replace(breaks=breaks)], {"farms": figures})
    return compare_with_year_before(resolver, "farms", "farms", Period.parse("2024-H1"))


NOW, BEFORE = figure("2024-H1", "12"), figure("2023-H1", "10")


@pytest.mark.parametrize(
    ("change", "values", "reason"),
    [
        pytest.param(change_of(NOW, BEFORE), ("12", "10"), None, id="both known"),
        pytest.param(
            change_of(figure("2024-Q1", "5"), figure("2024-Q2", "7"), BEFORE), ("12", "10"), None, id="added up"
        ),
        pytest.param(change_of(BEFORE), (None, "10"), ("nothing-reported", "2024-H1"), id="nothing was reported"),
        pytest.param(
            change_of(figure("2024-Q2", "7"), BEFORE), (None, "10"), ("gap", "2024-Q1"), id="a quarter is missing"
        ),
        pytest.param(change_of(NOW), ("12", None), ("base-missing", "2023-H1"), id="not a year before"),
        pytest.param(
            change_of(NOW, BEFORE, breaks=(date(2024, 1, 1),)), ("12", "10"), ("series-break", "2024-H1"), id="a break"
        ),
    ],
)
def test_why_a_part_has_no_contribution(
    change: PartChange, values: tuple[str | None, ...], reason: tuple[str, str] | None
) -> None:
    assert texts(change.value, change.base) == values
    assert (change.reason and (change.reason.slug, str(change.reason.period))) == reason
