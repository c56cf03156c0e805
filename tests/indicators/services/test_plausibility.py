"""What speaks against figures that are about to be stored."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from indicators.domain.periods import Period
from indicators.models import Area, CheckInput, Indicator
from indicators.services.catalogue import indicators
from indicators.services.figures.figure_changes import FigureChange
from indicators.services.figures.plausibility import find_warnings
from kpitracker.lib import clock
from kpitracker.lib.errors import Conflict, DomainError
from tests import factories
from tests.factories import BY

pytestmark = pytest.mark.django_db

Posts = list[tuple[str, str, str | None]]


@pytest.fixture(autouse=True)
def catalogue() -> None:
    """Sales that add up, their growth as it is published, their ratio to jobs, and what is never doubted."""
    factories.area()
    factories.area("north", parent="city")
    factories.indicator("sales")
    factories.indicator("jobs", accumulation="last")
    factories.indicator("per-job", formula="sales / jobs")
    factories.indicator("growth", accumulation="none", check_formula="yoy(sales)", decimals=1)
    factories.indicator("ratio", accumulation="none", check_formula="2 * per-job", check_tolerance=Decimal(0))
    factories.indicator("rate", accumulation="last", usual_low=Decimal(0), usual_high=Decimal("99.5"))
    factories.indicator("free", accumulation="mean")


def change(of: str, period: str, value: str | None, area: str = "city") -> FigureChange:
    return FigureChange(
        Indicator.objects.get(code=of),
        Area.objects.get(code=area).pk,
        Period.parse(period),
        None if value is None else Decimal(value),
    )


def slugs(posts: Posts, area: str = "city") -> dict[int, list[str]]:
    result = find_warnings([change(*post, area) for post in posts], clock.today())
    return {place: [item.slug for item in items] for place, items in result.items()}


STORED = [
    ("sales", "2023-01/2023-03", "100"), ("sales", "2024-01/2024-02", "80"), ("sales", "2024-01/2024-06", "200"),
    ("sales", "2024-05", None), ("jobs", "2024-01/2024-03", "10"),
]  # fmt: skip
FALLS, DIFFERS, UNUSUAL = ["cumulative-falls"], ["growth-differs"], ["unusual-value"]


@pytest.mark.parametrize(
    ("posts", "expected"),
    [
        pytest.param([("sales", "2024-01/2024-03", "120")], {}, id="between what comes before and after"),
        pytest.param([("sales", "2024-01/2024-03", "79")], {0: FALLS}, id="below what comes before"),
        pytest.param([("sales", "2024-01/2024-03", "201")], {0: FALLS}, id="above what comes after"),
        pytest.param([("sales", "2024-02/2024-03", "1")], {}, id="another first day is another sum"),
        pytest.param([("sales", "2024-01/2024-02", "90")], {}, id="a revision is not compared with itself"),
        pytest.param([("sales", "2024-01/2024-03", None)], {}, id="no value contradicts nothing"),
        pytest.param(
            [("sales", "2024-01/2024-02", "130"), ("sales", "2024-01/2024-03", "120")], {0: FALLS, 1: FALLS},
            id="two of one call contradict each other",
        ),
        pytest.param(
            [("sales", "2024-01/2024-02", None), ("sales", "2024-01/2024-03", "79")], {},
            id="what is withdrawn in the same call is gone",
        ),
        pytest.param([("growth", "2024-01/2024-03", "20")], {}, id="nothing to compute a growth from"),
        pytest.param(
            [("growth", "2024-01/2024-03", "20"), ("sales", "2024-01/2024-03", "120")], {},
            id="growth and level that go together, growth first",
        ),
        pytest.param(
            [("sales", "2024-01/2024-03", "121"), ("growth", "2024-01/2024-03", "20")], {1: DIFFERS},
            id="growth and level that do not",
        ),
        pytest.param(
            [("sales", "2024-01/2024-03", "120.1"), ("growth", "2024-01/2024-03", "20")], {},
            id="a difference within the tolerance",
        ),
        pytest.param(
            [("sales", "2024-01/2024-03", "121"), ("growth", "2024-01/2024-02", "20")], {}, id="another span"
        ),
        pytest.param(
            [("sales", "2024-01/2024-03", "121"), ("sales", "2023-01/2023-03", None), ("growth", "2024-01/2024-03", "20")],
            {}, id="an input that is withdrawn in the same call",
        ),
        pytest.param(
            [("sales", "2024-01/2024-03", "120"), ("ratio", "2024-01/2024-03", "24.000001")], {1: DIFFERS},
            id="through a computed input, exactly",
        ),
        pytest.param([("rate", "2024", "99.5"), ("rate", "2023", "-1")], {1: UNUSUAL}, id="outside what is usual"),
    ],
)  # fmt: skip
def test_doubts(posts: Posts, expected: dict[int, list[str]]) -> None:
    for value in STORED:
        factories.figure(*value)
    assert slugs(posts) == expected


def test_another_area_is_another_series() -> None:
    factories.figure("sales", "2024-01/2024-02", "80")
    assert slugs([("sales", "2024-01/2024-03", "79")], "north") == {}


@pytest.mark.parametrize(
    ("posts", "expected"),
    [
        pytest.param([("sales", "2024-01/2024-03", "79")], "Less than the first 2 months of 2024: 80.", id="what it falls from"),
        pytest.param([("sales", "2024-Q1", "201")], "More than the first 6 months of 2024: 200.", id="what it exceeds"),
        pytest.param(
            [("sales", "2024-Q1", "121"), ("growth", "2024-Q1", "20")], "20 is posted, yoy(sales) gives 21.",
            id="both numbers",
        ),
        pytest.param([("rate", "2024", "100")], "100 is outside what is usual (0 … 99.5).", id="what is usual"),
    ],
)  # fmt: skip
def test_the_texts_name_what_speaks_against_it(posts: Posts, expected: str) -> None:
    for value in STORED:
        factories.figure(*value)
    result = find_warnings([change(*post) for post in posts], clock.today())
    with override("en"):
        assert [str(item.detail) for items in result.values() for item in items] == [expected]


def counted(changes: list[FigureChange]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        find_warnings(changes, clock.today())
    return len(queries)


def test_what_cannot_be_doubted_costs_one_query() -> None:
    """Whether an area of the changes is merged."""
    factories.indicator("place", kind="rank", accumulation="last")
    factories.indicator("pace", kind="rate", accumulation="none")
    assert counted([change("place", "2024-01", "1"), change("pace", "2024", "1"), change("sales", "2024", None)]) == 1
    assert counted([change("free", "2024-01", "1"), change("jobs", "2024", "1")]) == 2


def test_many_cost_as_many_queries_as_few() -> None:
    few = [change(of, "2024-01", "1") for of in ("sales", "growth", "ratio")]
    many = [
        change(of, f"20{year:02}-{month:02}", "1", area)
        for of in ("sales", "growth", "ratio", "jobs")
        for year in range(24)
        for month in range(1, 13)
        for area in ("city", "north")
    ]
    assert counted(few) == counted(many) <= 8


def test_more_first_days_than_a_statement_takes() -> None:
    factories.figure("sales", "2001-02-03/2001-02-05", "5")
    sales, area = Indicator.objects.get(code="sales"), Area.objects.get(code="city").pk
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(6000)]
    changes = [FigureChange(sales, area, Period(day, day), Decimal(7)) for day in days]
    first = days.index(date(2001, 2, 3))
    results = find_warnings(changes, clock.today())
    assert {place: [item.slug for item in items] for place, items in results.items()} == {
        first: ["cumulative-falls", "parts-differ"], first + 1: ["parts-differ"], first + 2: ["parts-differ"],
    }  # fmt: skip


def warned(recorded: Any) -> list[str]:
    return [item.slug for item in recorded.warnings]


def test_a_post_is_stored_with_its_doubts() -> None:
    factories.figure("sales", "2024-01/2024-02", "80")
    recorded = factories.figure("sales", "2024-01/2024-03", "79")
    assert warned(recorded) == FALLS
    assert [warning["slug"] for warning in recorded.revision.warnings] == FALLS
    assert warned(factories.figure("sales", "2024-01/2024-03", "79")) == FALLS  # unchanged: what was stored is told
    assert warned(factories.figure("sales", "2024-01/2024-03", "81")) == []


REFUSED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a check that cannot be read": ("growth", {"check_formula": "yoy("}, "invalid-formula", "/check_formula"),
    "a check by what does not exist": ("growth", {"check_formula": "yoy(x)"}, "unknown-indicator", "/check_formula"),
    "a check by itself": ("growth", {"check_formula": "previous(growth)"}, "formula-cycle", "/check_formula"),
    "a check by what is computed from it": ("sales", {"check_formula": "jobs * per-job"}, "formula-cycle", "/check_formula"),
    "a check of what is computed": ("per-job", {"check_formula": "sales"}, "invalid-formula", "/check_formula"),
    "a formula for what is checked": ("growth", {"formula": "yoy(sales)"}, "invalid-formula", "/check_formula"),
    "a formula that makes a check its own": ("jobs", {"formula": "ratio / 2"}, "formula-cycle", "/formula"),
    "a restricted input of a check": ("jobs", {"restricted": True}, "unprocessable", "/restricted"),
    "less than no tolerance": ("growth", {"check_tolerance": Decimal(-1)}, "invalid-number", "/check_tolerance"),
    "low above high": ("rate", {"usual_low": Decimal(100)}, "invalid-band", "/usual_high"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    code, values, slug, pointer = REFUSED[name]
    with pytest.raises(DomainError) as error:
        indicators.update_indicator(indicator=Indicator.objects.get(code=code), by=BY, now=clock.now(), **values)
    assert [(item.slug, item.pointer) for item in error.value.items] == [(slug, pointer)]


def test_a_check_by_what_is_restricted_is_refused() -> None:
    factories.indicator("secret", restricted=True)
    factories.indicator("derived", formula="secret / sales")
    with pytest.raises(DomainError, match="unprocessable"):
        factories.indicator("other", check_formula="derived")


def test_the_inputs_of_a_check_are_kept_and_do_not_make_it_computed() -> None:
    growth = Indicator.objects.get(code="growth")
    assert CheckInput.objects.get(indicator=growth).input.code == "sales"
    assert growth.pk not in Indicator.objects.readers_of({Indicator.objects.get(code="sales").pk})
    with pytest.raises(Conflict):
        indicators.delete_indicator(indicator=Indicator.objects.get(code="sales"), by=BY)
    indicators.update_indicator(indicator=growth, by=BY, now=clock.now(), check_formula="")
    assert not CheckInput.objects.filter(indicator=growth).exists()
