"""Warnings of many series at once: the database names the suspect ones, and the others are not loaded."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.domain.periods import Period
from indicators.models import Area, Indicator
from indicators.services.figures.figure_changes import FigureChange
from indicators.services.figures.plausibility import find_warnings
from kpitracker.lib import clock
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MONTHS = {f"2023-{month:02}": str(95 + month) for month in range(7, 13)}
SCALE, PARTS = ["unusual-scale"], ["parts-differ"]
# What is stored, what is posted, how the indicator differs from a monthly level that adds up, and the warnings.
CASES: dict[str, tuple[Mapping[str, str], Mapping[str, str | None], dict[str, Any], list[str]]] = {
    "nothing stored": ({}, {"2024-01": "100"}, {}, []),
    "one of the usual size": (MONTHS, {"2024-01": "120"}, {}, []),
    "a thousand times": (MONTHS, {"2024-01": "100000"}, {}, SCALE),
    "a thousand times below zero": (MONTHS, {"2024-01": "-100000"}, {}, SCALE),
    "a thousandth": (MONTHS, {"2024-01": "0.1"}, {}, SCALE),
    "just below the limit": (MONTHS, {"2024-01": "6400"}, {}, []),
    "above the limit": (MONTHS, {"2024-01": "7500"}, {}, SCALE),
    "zero": (MONTHS, {"2024-01": "0"}, {}, []),
    "zeros before": (dict.fromkeys(MONTHS, "0"), {"2024-01": "100000"}, {}, []),
    "some zeros before": ({**MONTHS, "2023-12": "0"}, {"2024-01": "100000"}, {}, SCALE),
    "no value": (MONTHS, {"2024-01": None}, {}, []),
    "a rate": (MONTHS, {"2024-01": "100000"}, {"kind": "rate", "accumulation": "none"}, []),
    "a stock": (MONTHS, {"2024-01": "100000"}, {"accumulation": "last"}, SCALE),
    "a stock of quarters and months": (MONTHS, {"2023-Q4": "100"}, {"accumulation": "last"}, []),
    "a year whose months add up to more": (MONTHS, {"2023-07/2023-12": "500"}, {}, PARTS),
    "a half-year that is its months": (MONTHS, {"2023-07/2023-12": "627"}, {}, []),
    "a month of a posted quarter": (
        {"2024-01": "30", "2024-02": "30", "2024-Q1": "100"}, {"2024-03": "30"}, {}, PARTS
    ),
    "a mean": ({"2024-01": "30", "2024-02": "30", "2024-Q1": "40"}, {"2024-03": "30"}, {"accumulation": "mean"}, PARTS),
    "its own figure of another scale": ({**MONTHS, "2024-01": "100000"}, {"2024-01": "101"}, {}, []),
    "two of one batch": ({}, {"2024-01": "1", "2024-02": "1.1", "2024-03": "1000"}, {}, SCALE),
    "neighbours a year away": ({"2022-12": "10", "2023-01": "11"}, {"2024-01": "10000"}, {}, SCALE),
    "neighbours long ago": ({"2019-12": "10", "2020-01": "11"}, {"2024-01": "10000"}, {}, []),
    "neighbours after it": ({"2024-05": "10", "2024-06": "11"}, {"2024-01": "10000"}, {}, SCALE),
    "days and a month": (
        {"2024-01-01": "1", "2024-01-02/2024-01-31": "30"}, {"2024-01": "40"}, {"frequency": "month"}, PARTS
    ),
}  # fmt: skip


@pytest.fixture
def changes() -> list[tuple[str, FigureChange]]:
    """The changes of all cases, each with its case; each case is an indicator of its own."""
    factories.area()
    city = Area.objects.get(code="city").pk
    changes = []
    for number, (case, (stored, posted, values, _)) in enumerate(CASES.items()):
        factories.indicator(f"case-{number}", **values)
        indicator = Indicator.objects.get(code=f"case-{number}")
        for period, value in stored.items():
            factories.figure(indicator.code, period, value)
        for period, posted_value in posted.items():
            number_or_none = None if posted_value is None else Decimal(posted_value)
            changes.append((case, FigureChange(indicator, city, Period.parse(period), number_or_none)))
    return changes


def test_many_series_warn_as_each_alone(changes: list[tuple[str, FigureChange]]) -> None:
    today = clock.today()
    expected = {case: warnings for case, (*_, warnings) in CASES.items()}
    together = find_warnings([change for _, change in changes], today)
    assert {
        case: [item.slug for place, (of, _) in enumerate(changes) if of == case for item in together.get(place, ())]
        for case in CASES
    } == expected
    for case in CASES:
        alone = find_warnings([change for of, change in changes if of == case], today)
        assert [item.slug for items in alone.values() for item in items] == expected[case], case


def test_series_without_suspicion_are_not_loaded(changes: list[tuple[str, FigureChange]]) -> None:
    usual = changes[0][1]._replace(period=Period.parse("2024-01"), value=Decimal(100))
    with CaptureQueriesContext(connection) as queries:
        assert find_warnings([usual._replace(area=area) for area in range(1, 30)], date(2024, 3, 1)) == {}
    near = [query["sql"] for query in queries.captured_queries if '"period_start" >= ' in query["sql"]]
    assert ["MIN(" in sql for sql in near] == [True]
