"""What is said of past days was known on those days."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from kpitracker.lib import clock
from kpitracker.lib.errors import ValidationProblem
from targets.models import Plan, Target
from targets.services.planning import targets
from targets.services.reports.backtest import BacktestPoint, BacktestQuery, Years, run_backtest
from targets.services.reports.backtest_payloads import backtest_rows, backtest_totals
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = date(2025, 6, 30)


@pytest.fixture(autouse=True)
def plan() -> Plan:
    """A third of each year's sales comes in its first half, and five points of each year's growth in its second."""
    factories.area("city")
    factories.indicator("sales", frequency="quarter")
    factories.indicator("growth", frequency="quarter", accumulation="none", kind="rate")
    plan = factories.plan()
    for of in ("sales", "growth"):
        factories.target(of, lower=100)
        for year, whole in ((2021, 60), (2022, 75), (2023, 90), (2024, 120)):
            rest = 5 if of == "growth" else 2 * whole / 3
            factories.figure(of, f"{year}-H1", int(whole - rest), published=f"{year}-07-20")
            factories.figure(of, str(year), whole, published=f"{year + 1}-01-20")
    return plan


def points(years: Years | None = None, as_of: date = TODAY, **values: Any) -> list[BacktestPoint]:
    ordered = Target.objects.order_by("identifier").for_assessment()
    return run_backtest(ordered, BacktestQuery(as_of=as_of, today=TODAY, years=years, **values))


def said(tested: list[BacktestPoint]) -> list[str]:
    """Target, day, outlook with its method, range, and result."""
    lines = []
    for row in backtest_rows(tested):
        outlook, name = row["outlook"], row["target"].split(":")[1]
        value_range = f" {outlook['low']}–{outlook['high']}" if outlook["low"] else ""
        lines.append(
            f"{name} {row['as_of']} {row['status']}: {outlook['value']} {outlook['method']}{value_range} -> {row['result']}"
        )
    return lines


def test_what_was_said_at_each_end_of_a_quarter_and_what_came() -> None:
    assert said(points()) == [
        "growth 2024-03-31 not_due: None None -> 120",
        "growth 2024-06-30 no_data: None None -> 120",
        "growth 2024-09-30 on_track: 120 drift 120–120 -> 120",
        "growth 2024-12-31 on_track: 120 drift 120–120 -> 120",
        "sales 2024-03-31 not_due: None None -> 120",
        "sales 2024-06-30 no_data: None None -> 120",
        "sales 2024-09-30 off_track: 120 seasonal 120–120 -> 120",
        "sales 2024-12-31 off_track: 120 seasonal 120–120 -> 120",
    ]


def test_the_same_periods_of_other_years_have_no_status() -> None:
    tested = points(Years(2022, 2023))
    assert said([row for row in tested if row.span.target.indicator.code == "sales"]) == [
        "sales 2022-03-31 None: None None -> 75",
        "sales 2022-06-30 None: None None -> 75",
        "sales 2022-09-30 None: 50.414365 even 50.414365–75 -> 75",
        "sales 2022-12-31 None: 50.414365 even 50.414365–75 -> 75",
        "sales 2023-03-31 None: None None -> 90",
        "sales 2023-06-30 None: None None -> 90",
        "sales 2023-09-30 None: 90 seasonal 60.497238–90 -> 90",
        "sales 2023-12-31 None: 90 seasonal 60.497238–90 -> 90",
    ]
    assert {row["version"] for row in backtest_rows(tested)} == {None}


def test_errors_are_summed_up_beside_those_of_plain_methods() -> None:
    totals = backtest_totals(points(Years(2023, 2024)))
    assert [totals[name] for name in ("rows", "without_value", "settled", "without_result", "tested")] == [
        16,
        8,
        0,
        0,
        8,
    ]
    assert [(row["error_unit"], row["method"], row["outlooks"]) for row in totals["errors"]] == [
        ("percent", None, 4),
        ("percent", "seasonal", 4),
        ("points", None, 4),
        ("points", "drift", 4),
    ]
    plain = {(row["error_unit"], row["method"]): row["mean_absolute_error"] for row in totals["plain"]}
    assert plain == {
        ("percent", "stay"): "66.666667",
        ("percent", "even"): "32.87394",
        ("percent", "last_year"): "0",
        ("points", "stay"): "5",
    }
    assert {row["mean_absolute_error_of_outlooks"] for row in totals["plain"]} == {"0"}
    assert (totals["ranges"], totals["inside"], totals["inside_percent"]) == (8, 8, "100")


def amend(**values: Any) -> None:
    for target in Target.objects.all():
        targets.amend_target(target=target, by=factories.BY, now=clock.now(), **values)


LATER_DAY = "2024-10-15"
LATER: dict[str, Callable[[], Any]] = {
    "the figure itself is revised": lambda: factories.figure("sales", "2024-H1", 70, published=LATER_DAY),
    "a longer figure comes": lambda: factories.figure("sales", "2024-01/2024-09", 110, published=LATER_DAY),
    "last year's half is revised": lambda: factories.figure("sales", "2023-H1", 80, published=LATER_DAY),
    "last year's whole is revised": lambda: factories.figure("sales", "2023", 200, published=LATER_DAY),
    "an earlier year becomes known": lambda: factories.figure("growth", "2020", 9, published=LATER_DAY),
    "last year's whole is withdrawn": lambda: factories.figure(
        "sales", "2023", None, published=LATER_DAY, missing_reason="withdrawn"
    ),
    "a figure whose day is not known": lambda: factories.figure("growth", "2024-Q3", 9, published=None),
    "the issuer foresees the year": lambda: factories.figure("sales", "2024", 7, published=LATER_DAY, stage="forecast"),
    "the band is amended": lambda: amend(announced=date(2024, 10, 15), lower=1),
    "the target is suspended": lambda: amend(announced=date(2024, 10, 15), state="suspended", act="1", reason="flood"),
    "the target is withdrawn": lambda: amend(announced=date(2024, 10, 15), state="withdrawn", act="1", reason="flood"),
}


@pytest.mark.parametrize("post", LATER.values(), ids=LATER.keys())
def test_nothing_published_later_changes_what_was_said(post: Callable[[], Any]) -> None:
    before, other_years_before = points(), points(Years(2022, 2023))
    post()
    after, other_years_after = points(), points(Years(2022, 2023))

    def of_days_before(tested: list[BacktestPoint]) -> list[Any]:
        return [(row.span, row.day, row.before) for row in tested if row.day < date.fromisoformat(LATER_DAY)]

    assert len(of_days_before(before)) == 6
    assert of_days_before(after) == of_days_before(before)
    assert of_days_before(other_years_after) == of_days_before(other_years_before)


def test_what_is_published_on_the_day_itself_is_said() -> None:
    factories.figure("sales", "2024-Q1", 30, published="2024-03-31")
    assert said(points())[4] == "sales 2024-03-31 on_track: 181 seasonal 181–181 -> 120"


def test_a_result_counts_from_the_day_on_which_it_is_known() -> None:
    assert {row.result is None for row in points(as_of=date(2025, 1, 19))} == {True}
    assert {row.result is None for row in points(as_of=date(2025, 1, 20))} == {False}
    factories.figure("sales", "2024", 130, published="2025-03-01")
    results = [backtest_rows(points(as_of=day))[-1]["result"] for day in (date(2025, 2, 28), date(2025, 3, 1))]
    assert results == ["120", "130"]


def test_days_to_come_are_left_out() -> None:
    assert {row.day.month for row in points(as_of=date(2024, 6, 30))} == {3, 6}


def test_only_what_had_been_recorded_by_then_is_known() -> None:
    yesterday = datetime.fromisoformat("2024-01-01T00:00:00+00:00") - timedelta(days=1)
    assert points(recorded_by=yesterday) == []


def test_a_target_is_judged_from_its_announcement_until_it_is_suspended() -> None:
    Target.objects.all().delete()
    factories.target("sales", announced=date(2024, 4, 15))
    amend(announced=date(2024, 10, 15), state="suspended", act="1", reason="flood")
    assert [(row.day.month, row.result) for row in points()] == [(6, None), (9, None)]


def test_promises_without_a_number_are_left_out() -> None:
    factories.indicator("quality", accumulation="last")
    factories.target("quality", lower=None, goal="", qualitative=True)
    assert {row.span.target.indicator.code for row in points()} == {"sales", "growth"}


def test_each_period_of_an_indicator_is_tested_once() -> None:
    factories.target("sales", period="2023", plan="plan", lower=80, announced=date(2022, 12, 8))
    factories.target("sales", period="2024-H2", lower=80)
    tested = [row for row in points(Years(2022, 2024)) if row.span.target.indicator.code == "sales"]
    counted = [(str(row.span.period), row.day.isoformat(), row.before.version is not None) for row in tested]
    assert len(set(counted)) == len(counted)
    assert {period: is_own for period, _, is_own in counted} == {
        "2022": False, "2023": True, "2024": True, "2022-H2": False, "2023-H2": False, "2024-H2": True,
    }  # fmt: skip


def test_a_term_of_several_years_has_no_other_years() -> None:
    Target.objects.all().delete()
    factories.target("sales", period="2021/2025", announced=date(2020, 12, 8))
    assert [row.day.year for row in points(Years(2019, 2022))] == [2021] * 4 + [2022] * 4
    assert {row.before.version for row in points()} == {1}


def test_a_ceiling_is_not_late_but_beyond_the_limit() -> None:
    factories.indicator("prices", accumulation="none", kind="rate")
    factories.target("prices", goal="at_most", upper=4)
    factories.figure("prices", "2024-H1", 5, published="2024-06-30")
    with override("en"):
        labels = [row["label"] for row in backtest_rows(points()) if row["indicator"] == "prices"]
    assert labels[1:3] == ["beyond the limit"] * 2


def test_a_long_back_test_is_refused_before_it_begins() -> None:
    ordered = Target.objects.order_by("identifier").for_assessment()
    query = BacktestQuery(TODAY, TODAY, Years(1900, 2024))
    with (
        CaptureQueriesContext(connection) as queries,
        pytest.raises(ValidationProblem, match=r"1000 .* 999"),
    ):
        run_backtest(ordered, query, max_points=999)
    assert len(queries) == 0
    assert len(run_backtest(ordered, query._replace(years=Years(2023, 2024)), max_points=16)) == 16


def test_the_number_of_queries_does_not_depend_on_the_number_of_targets() -> None:
    counts = []
    for code in ("jobs", "exports", "rooms"):
        with CaptureQueriesContext(connection) as queries:
            points(Years(2022, 2024))
        counts.append(len(queries))
        factories.indicator(code)
        factories.target(code)
    assert counts[0] == counts[1] == counts[2]
