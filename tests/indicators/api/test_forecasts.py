"""Forecasts: what is posted about a period long before its end is kept and shown, and refuses to replace what was measured."""

from typing import Any

import pytest

from kpitracker.lib import clock
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def api() -> Api:
    factories.area()
    factories.indicator()
    factories.indicator("opened", kind="yes_no", accumulation="last")
    return api_of()


def body(value: str | None = "1250", **fields: Any) -> dict[str, Any]:
    return {"indicator": "sales", "period": "2024", "value": value, "published": "2024-07-05", **fields}


def by_batch(api: Api, figure: dict[str, Any]) -> tuple[str, str]:
    """The verdict of a batch of one row: its outcome, or the pointer and slug of its error."""
    answer = api.post("measurements/batch/?verbose=true&atomic=false", [figure]).ok()
    if answer["errors"]:
        return answer["errors"][0]["pointer"], answer["errors"][0]["slug"]
    return "", str(answer["results"][0]["outcome"])


def by_post(api: Api, figure: dict[str, Any]) -> tuple[str, str]:
    answer = api.post("measurements/", figure)
    return ("", str(answer.json["outcome"])) if answer.status < 300 else answer.pointers[0]


@pytest.mark.parametrize("post", [by_post, by_batch])
@pytest.mark.parametrize(
    ("before", "figure", "verdict"),
    [
        pytest.param(None, body(stage="forecast"), ("", "created"), id="a forecast"),
        pytest.param(body(), body("1300", stage="forecast"), ("", "revised"), id="after one that is none by its stage"),
        pytest.param(
            body(published="2025-01-10"), body(stage="forecast", published="2025-01-11"), ("/stage", "stage-regression"),
            id="after a measured figure of no stage",
        ),
        pytest.param(
            body(published="2025-01-10", stage="estimate"), body(stage="forecast", published="2025-01-11"),
            ("/stage", "stage-regression"), id="after an estimate",
        ),
        pytest.param(
            body(stage="official"), body("1300", published="2024-08-01"), ("/stage", "stage-regression"),
            id="by its day, after an official figure",
        ),
        pytest.param(
            body(stage="preliminary"), body("1200", published="2025-01-10", stage="estimate"), ("", "revised"),
            id="an estimate after a forecast that called itself preliminary",
        ),
        pytest.param(
            body(published="unknown"), body("1300", published="unknown", stage="forecast"), ("/stage", "stage-regression"),
            id="undated, after an undated figure",
        ),
        pytest.param(body(), body(published="2024-08-01"), ("", "unchanged"), id="foreseen again"),
        pytest.param(body(), body(published="2025-01-10"), ("", "revised"), id="measured as it was foreseen"),
        pytest.param(
            body(stage="forecast"), body(published="2025-01-10", stage="forecast"), ("", "unchanged"),
            id="foreseen again, after the end",
        ),
        pytest.param(
            None, body("1", indicator="opened", stage="forecast"), ("/stage", "invalid-stage"), id="of a yes or no",
        ),
        pytest.param(None, body("1", indicator="opened"), ("", "created"), id="a yes, long before the end"),
        pytest.param(None, body("0", indicator="opened"), ("", "created"), id="a no"),
        pytest.param(None, body("1.0", indicator="opened"), ("", "created"), id="a yes with a zero behind the point"),
        pytest.param(None, body("7", indicator="opened"), ("/value", "invalid-number"), id="seven is no yes"),
        pytest.param(None, body("0.5", indicator="opened"), ("/value", "invalid-number"), id="half a yes"),
        pytest.param(None, body("-1", indicator="opened"), ("/value", "invalid-number"), id="minus one is no no"),
        pytest.param(
            None, body(None, indicator="opened", missing_reason="not_available"), ("", "created"), id="neither yes nor no",
        ),
    ],
)  # fmt: skip
def test_what_is_taken(api: Api, post: Any, before: Any, figure: dict[str, Any], verdict: tuple[str, str]) -> None:
    if before is not None:
        api.post("measurements/", before).ok(201)
    assert post(api, figure) == verdict


def test_what_does_not_fit_the_indicator_is_422(api: Api) -> None:
    api.post("measurements/", body("1", indicator="opened", stage="forecast")).problem(422, "invalid-stage")
    api.post("measurements/", body("7", indicator="opened")).problem(422, "invalid-number")


@pytest.mark.parametrize(
    ("figure", "is_forecast", "warnings"),
    [
        pytest.param(body(), True, ["counts-as-forecast"], id="by its day"),
        pytest.param(body(stage="forecast"), True, [], id="by its stage: it says so itself"),
        pytest.param(body(stage="official"), False, [], id="official"),
        pytest.param(body(published="2024-11-29"), True, ["counts-as-forecast"], id="29 November"),
        pytest.param(body(published="2024-11-30"), False, [], id="30 November"),
    ],
)
def test_it_is_marked_wherever_it_is_shown(
    api: Api, figure: dict[str, Any], is_forecast: bool, warnings: list[str]
) -> None:
    posted = api.post("measurements/", figure).ok(201)
    rows = [
        posted,
        *api.rows("measurements/?indicator=sales"),
        *api.rows(f"measurements/{posted['id']}/history/"),
        *api.get("indicators/sales/series/").ok()["results"],
    ]
    assert [row["is_forecast"] for row in rows] == [is_forecast] * 4
    assert [[warning["slug"] for warning in row["warnings"]] for row in rows] == [warnings] * 4
    factories.indicator("orders")
    batch = api.post("measurements/batch/?verbose=true&dry_run=true", [{**figure, "indicator": "orders"}]).ok()
    assert [warning["slug"] for warning in batch["results"][0]["warnings"]] == warnings


def test_the_forecasts_are_listed_by_their_stage(api: Api) -> None:
    api.post("measurements/", body(stage="forecast")).ok(201)
    api.post("measurements/", body(period="2023", stage="estimate")).ok(201)
    assert [row["period"] for row in api.rows("measurements/?stage=forecast")] == ["2024"]


def test_an_undated_figure_is_measured_by_the_day_it_was_recorded(api: Api) -> None:
    """A closed year was over when it was recorded; the year after next was not."""
    later = str(clock.today().year + 2)
    answers = [api.post("measurements/", body(period=period, published="unknown")) for period in ("2023", later)]
    assert [answer.ok(201)["is_forecast"] for answer in answers] == [False, True]


def test_a_forecast_is_no_input_of_a_formula(api: Api) -> None:
    factories.indicator("growth", formula="yoy(sales)", kind="rate")
    for period, published in {"2023": "2024-01-05", "2024": "2024-07-05"}.items():
        api.post("measurements/", body(period=period, published=published)).ok(201)
    assert api.get("indicators/growth/series/").ok()["results"] == []
    api.post("measurements/", body("1375", published="2025-01-05")).ok(201)
    assert [row["value"] for row in api.get("indicators/growth/series/").ok()["results"]] == ["10"]


def test_a_forecast_is_no_part_of_a_sum_over_areas(api: Api) -> None:
    factories.area("north", parent="city")
    factories.area("south", parent="city")
    factories.indicator("jobs", regional="sum", kind="count")
    figure = {"indicator": "jobs", "value": "5", "period": "2024"}
    for area, published in {"north": "2025-01-05", "south": "2024-07-05", "city": "2024-07-05"}.items():
        api.post("measurements/", {**figure, "area": area, "published": published}).ok(201)
    rows = api.get("indicators/jobs/series/?area=city").ok()["results"]
    assert [(row["value"], row["is_forecast"], row["computed"]) for row in rows] == [
        ("5", True, False),
        (None, False, True),
    ]
    assert rows[1]["completeness"] == {"reported": 1, "expected": 2, "missing": ["south"]}
