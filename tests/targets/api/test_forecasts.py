"""A forecast meets nothing, reports nothing and revises nothing: it is shown beside the assessment."""

from datetime import date
from typing import Any

import pytest

from targets.services.reports import reporting
from targets.services.reports.reporting import ReportingQuery
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def api() -> Api:
    """Sales of 2024, at least 1200; half of the year brought 500. On 5 July the department expects 1250."""
    factories.area()
    factories.department()
    factories.indicator(department="statistics", frequency="half", due_days=20)
    factories.plan()
    factories.target()
    return api_of()


def post(api: Api, period: str, value: str, published: str, **fields: Any) -> None:
    body = {"indicator": "sales", "period": period, "value": value, "published": published, **fields}
    api.post("measurements/", body).ok(201)


def status(api: Api, as_of: str) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"targets/plan:sales:city/status/?as_of={as_of}").ok()
    return answer


@pytest.mark.parametrize("stage", ["forecast", "estimate", ""])
def test_it_meets_nothing(api: Api, stage: str) -> None:
    post(api, "2024-H1", "500", "2024-07-01")
    before = status(api, "2024-07-04")
    post(api, "2024", "1250", "2024-07-05", stage=stage)
    after = status(api, "2024-07-05")
    assert (before["status"], before["actual"]) == (after["status"], after["actual"]) == ("off_track", "500")
    assert "1250" not in str(after["explanation"]["figures"])


def test_measured_the_same_number_meets_it(api: Api) -> None:
    post(api, "2024", "1250", "2024-07-05")
    post(api, "2024", "1250", "2025-01-05", stage="estimate")
    assert status(api, "2025-01-04")["actual"] is None
    assert (status(api, "2025-01-05")["actual"], status(api, "2025-01-05")["status"]) == ("1250", "met")


def owed(api: Api, as_of: str) -> list[str]:
    return [row["period"] for row in api.rows(f"reporting/due/?as_of={as_of}")]


def test_its_period_stays_owed_until_it_is_measured(api: Api) -> None:
    post(api, "2024-H1", "500", "2024-07-01")
    post(api, "2024-H2", "750", "2024-07-05")
    assert owed(api, "2025-01-10") == ["2024-H2"]
    post(api, "2024-H2", "700", "2025-01-15")
    assert owed(api, "2025-01-15") == []
    assert owed(api, "2025-01-10") == ["2024-H2"], "known five days later"
    query = ReportingQuery(by=factories.BY, as_of=date(2025, 3, 1), today=date(2025, 3, 1), since=date(2024, 1, 1))
    months = reporting.monthly_completeness(query, date(2024, 1, 1), date(2025, 2, 28))
    assert [(month.on_time, month.late) for month in months] == [(1, 0), (1, 0)], "on time since 15 January, not 5 July"


def test_it_is_not_the_first_figure_of_a_series(api: Api) -> None:
    """A series without a target is asked for from its first figure on; a forecast is none."""
    factories.indicator("jobs", department="statistics", frequency="year", accumulation="last")
    post(api, "2022", "5", "2022-01-10", indicator="jobs")
    assert [row for row in api.rows("reporting/due/?as_of=2024-01-05") if row["indicator"] == "jobs"] == []
    post(api, "2022", "5", "2023-01-10", indicator="jobs")
    assert [row["period"] for row in api.rows("reporting/due/?as_of=2024-01-05") if row["indicator"] == "jobs"] == [
        "2023"
    ]


def test_what_is_supposed_is_no_forecast(api: Api) -> None:
    """What if the year came to 1250? It is judged, though the year is not over; unless it is called a forecast."""
    post(api, "2024-H1", "500", "2024-07-01")
    supposed = {"period": "2024", "value": "1250"}
    for stage, verdict in {"": "met", "forecast": "off_track"}.items():
        body = {"as_of": "2024-07-05", "figures": [{**supposed, "stage": stage}]}
        answer = api.post("targets/plan:sales:city/what-if/", body).ok()
        assert answer["after"]["status"] == verdict


ISSUER = {"source": "Report 12", "published": "2024-07-05"}


@pytest.mark.parametrize(
    ("band", "value", "variance"),
    [
        pytest.param({"goal": "at_least", "lower": "1200"}, "1250", "50", id="above a floor"),
        pytest.param({"goal": "at_least", "lower": "1200", "upper": "1300"}, "1150", "-50", id="below a floor"),
        pytest.param({"goal": "at_most", "upper": "1200"}, "1250", "50", id="above a ceiling"),
        pytest.param({"goal": "at_most", "lower": "1000", "upper": "1200"}, "1150", "-50", id="below a ceiling"),
        pytest.param({"goal": "within", "lower": "1000", "upper": "1200"}, "1150", "0", id="within"),
        pytest.param({"goal": "within", "lower": "1000", "upper": "1200"}, "990", "-10", id="below the band"),
        pytest.param({"goal": "within", "lower": "1000", "upper": "1200"}, "1210", "10", id="above the band"),
    ],
)
def test_it_is_shown_as_the_outlook_of_its_issuer(api: Api, band: dict[str, Any], value: str, variance: str) -> None:
    api.post("plans/", {"code": "other", "name": "Other", "period": "2024"}).ok(201)
    target = {"plan": "other", "indicator": "sales", "area": "city", "announced": "2024-01-01", **band}
    api.post("targets/", target).ok(201)
    post(api, "2024-H1", "500", "2024-07-01")
    post(api, "2024", value, **ISSUER)
    path = "targets/other:sales:city/status/?as_of="
    assert api.get(f"{path}2024-07-04").ok()["outlook"]["issuer"] is None
    assert api.get(f"{path}2024-07-05").ok()["outlook"]["issuer"] == {**ISSUER, "value": value, "variance": variance}
    rows = api.get("plans/other/scorecard/?as_of=2024-07-05").ok()["targets"]
    assert [row["outlook"]["issuer"]["source"] for row in rows] == ["Report 12"]


def test_it_is_shown_while_nothing_else_was_reported_and_not_beside_the_result(api: Api) -> None:
    post(api, "2024", "1250", **ISSUER)
    assert status(api, "2024-07-05")["outlook"] == {
        **dict.fromkeys(("value", "low", "high", "method", "tested", "range_from")),
        "issuer": {**ISSUER, "value": "1250", "variance": "50"},
    }
    post(api, "2024", "1190", "2025-01-05")
    assert status(api, "2025-01-05")["outlook"]["issuer"] is None


def test_of_a_stock_it_is_the_forecast_that_ends_with_the_target(api: Api) -> None:
    factories.indicator("trained", kind="rate", accumulation="last", department="statistics")
    factories.target("trained", lower="80")
    post(api, "2024-12", "82", indicator="trained", **ISSUER)
    answer = api.get("targets/plan:trained:city/status/?as_of=2024-07-05").ok()
    assert answer["outlook"]["issuer"] == {**ISSUER, "value": "82", "variance": "2"}
