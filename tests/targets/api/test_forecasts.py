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
