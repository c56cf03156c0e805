"""Reading figures and series, as of any day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def api() -> Api:
    factories.world()
    factories.figure("sales", "2024-01", 100, published="2024-02-01")
    factories.figure("sales", "2024-02", 110, published="2024-03-01", stage="estimate")
    factories.figure("sales", "2024-02", 120, published="2024-06-01", stage="official")
    factories.figure("sales", "2024-03", 130, published=None)
    return api_of()


def seen(rows: list[dict[str, object]]) -> list[tuple[object, object]]:
    return sorted((row["period"], row["value"]) for row in rows)


def test_the_list_shows_current_revisions(api: Api) -> None:
    assert seen(api.rows("measurements/")) == [("2024-01", "100"), ("2024-02", "120"), ("2024-03", "130")]
    assert all(row["current"] for row in api.rows("measurements/"))


def test_history_shows_all_of_them(api: Api) -> None:
    rows = api.rows("measurements/?include_history=true&page_size=2")
    assert [row["value"] for row in rows] == ["100", "110", "120", "130"]


def test_as_of_a_day_only_what_was_published_by_then(api: Api) -> None:
    assert seen(api.rows("measurements/?as_of=2024-05-01")) == [("2024-01", "100"), ("2024-02", "110")]
    assert seen(api.rows("measurements/?as_of=2024-02-15")) == [("2024-01", "100")]
    assert api.rows("measurements/?as_of=2024-01-31") == []


def test_a_filter_looks_at_what_is_in_force_not_at_what_was(api: Api) -> None:
    assert api.rows("measurements/?as_of=2024-07-01&stage=estimate") == []
    assert seen(api.rows("measurements/?as_of=2024-07-01&stage=official")) == [("2024-02", "120")]


def test_recorded_by_shows_what_the_system_knew(api: Api) -> None:
    before = (timezone.now() - timedelta(hours=1)).isoformat()
    assert api.get(f"measurements/?recorded_by={before.replace('+', '%2B')}").ok()["results"] == []
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    assert len(api.rows(f"measurements/?recorded_by={later.replace('+', '%2B')}")) == 3


@pytest.mark.parametrize(
    ("query", "values"),
    [
        pytest.param("indicator=sales", ["100", "120", "130"], id="by indicator"),
        pytest.param("indicator=nothing", [], id="by an indicator that does not exist"),
        pytest.param("area=city&period=2024-01/2024-01", ["100"], id="by period in another spelling"),
        pytest.param("period_end__gte=2024-02-29", ["120", "130"], id="by end"),
        pytest.param("published__isnull=true", ["130"], id="undated ones"),
        pytest.param("published__lte=2024-03-01", ["100"], id="by day of publication"),
        pytest.param("stage__in=official,preliminary", ["120"], id="by stages"),
        pytest.param("department=statistics", ["100", "120", "130"], id="by who posted"),
        pytest.param("ordering=-period_end", ["130", "120", "100"], id="latest first"),
    ],
)
def test_filters(api: Api, query: str, values: list[str]) -> None:
    assert [row["value"] for row in api.rows(f"measurements/?{query}")] == values


@pytest.mark.parametrize(
    "query",
    ["as_of=2999-01-01", "as_of=2024-1-1", "as_of=today", "recorded_by=2024-01-01", "include_history=yes", "period=x",
     "period_end__gte=2024-13-01"],
)  # fmt: skip
def test_bad_questions(api: Api, query: str) -> None:
    api.get(f"measurements/?{query}").problem(400, "invalid-parameter")


class TestSeries:
    def test_figures_in_order_with_their_revision_counts(self, api: Api) -> None:
        rows = api.get("indicators/sales/series/").ok()["results"]
        assert [(row["period"], row["value"], row["revisions"]) for row in rows] == [
            ("2024-01", "100", 1),
            ("2024-02", "120", 2),
            ("2024-03", "130", 1),
        ]
        assert not any(row["computed"] for row in rows)

    def test_from_and_to_take_days_and_periods(self, api: Api) -> None:
        rows = api.get("indicators/sales/series/?from=2024-02&to=2024-02-29&as_of=2024-04-01").ok()["results"]
        # The later revision was not known then, so that it is not counted either.
        assert [(row["period"], row["value"], row["revisions"]) for row in rows] == [("2024-02", "110", 1)]

    def test_a_formula_is_computed_over_the_periods_of_its_inputs(self, api: Api) -> None:
        factories.figure("sales", "2023-01", 80, published="2023-02-01")
        factories.indicator("growth", formula="yoy(sales)", kind="rate")
        rows = api.get("indicators/growth/series/").ok()["results"]
        assert [(row["period"], row["value"], row["computed"]) for row in rows] == [("2024-01", "25", True)]

    def test_unknown_indicators_and_areas(self, api: Api) -> None:
        api.get("indicators/nothing/series/").problem(404, "not-found")
        api.get("indicators/sales/series/?area=nothing").problem(422, "unknown-area")
