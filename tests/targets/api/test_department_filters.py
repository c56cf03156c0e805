"""`department` is exactly that department, `department_tree` that one and all below it, wherever it is asked."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from indicators.services.catalogue import reporting_duties
from kpitracker.env import ROOT
from kpitracker.lib import clock
from targets.services.alerting import silences
from targets.services.assessment import assess
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi-v1.json").read_text())
TREE = {
    "city-hall": ["city-hall", "education", "schools"],
    "education": ["education", "schools"],
    "schools": ["schools"],
}
# Where the answers show whose rows they are; the other routes are asked in tests of their own.
PLACES = [
    "indicators/", "reporting/duties/", "measurements/", "plans/", "targets/", "statuses/", "actions/", "silences/", "alerts/",
    "reporting/due/", "reporting/completeness/", "plans/{code}/scorecard/", "measurements/template/",
]  # fmt: skip


def routes_by_department() -> list[str]:
    return [
        path.removeprefix("/api/v1/")
        for path, methods in DOCUMENT["paths"].items()
        if {"department", "department_tree"} & {entry["name"] for entry in methods.get("get", {}).get("parameters", ())}
    ]


def test_every_route_that_takes_one_takes_the_other() -> None:
    routes = routes_by_department()
    # The rows of a back-test name no department: tests/targets/api/test_backtest.py.
    assert sorted(routes) == sorted([*PLACES, "plans/{code}/backtest/"])
    for path in routes:
        parameters = DOCUMENT["paths"][f"/api/v1/{path}"]["get"]["parameters"]
        descriptions = {
            entry["name"]: entry["description"] for entry in parameters if entry["name"].startswith("department")
        }
        assert descriptions == {
            "department": "Exactly this department.",
            "department_tree": "This department and all below it.",
        }


@pytest.fixture(scope="module")
def secret(shared_rows: Callable[[], AbstractContextManager[None]]) -> str:
    with shared_rows():
        factories.area()
        parent = None
        for code in TREE:
            factories.department(code, parent=parent, email=f"{code}@example.org")
            parent = code
        for code in TREE:
            factories.indicator(code, department=code)
            factories.plan(f"plan-{code}", department=code)
            target = factories.target(code, plan=f"plan-{code}")
            factories.target(code, plan="plan-city-hall", section="s") if code != "city-hall" else None
            factories.action(target, "2024-09-30", department=code)
            reporting_duties.create_duty(by=factories.BY, indicator=code, area="city", department=code)
            api_of(code).post("measurements/", {"indicator": code, "period": "2024", "value": "1"}).ok(201)
            silences.create_silence(
                by=factories.BY,
                now=clock.now(),
                department=code,
                ends_at=clock.now() + timedelta(days=1),
                reason="Audit",
            )
        assess.process_series_changes(now=clock.now())
        return api_of().headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def api(secret: str) -> Api:
    return Api(secret)


def departments_of(api: Api, path: str, query: str) -> list[str]:
    """Whose rows are answered."""
    if path == "plans/{code}/scorecard/":
        rows = api.get(f"plans/plan-city-hall/scorecard/?{query}").ok()["targets"]
    else:
        since = "&since=2023-01-01" if path == "reporting/due/" else ""
        rows = api.rows(f"{path}?{query}{since}")
    owners = {row.get("department") or row.get("indicator") or row["target"].split(":")[1] for row in rows}
    return sorted(owners)


@pytest.mark.parametrize("path", [path for path in PLACES if path != "measurements/template/"])
@pytest.mark.parametrize("code", TREE)
def test_exactly_one_or_with_all_below(api: Api, path: str, code: str) -> None:
    assert departments_of(api, path, f"department={code}") == [code]
    assert departments_of(api, path, f"department_tree={code}") == TREE[code]
    both = departments_of(api, path, f"department=education&department_tree={code}")
    assert both == (["education"] if code != "schools" else [])


@pytest.mark.parametrize("code", TREE)
def test_the_workbook_asks_exactly_one_or_with_all_below(api: Api, code: str) -> None:
    def sizes(query: str) -> int:
        return len(api.get(f"measurements/template/?plan=plan-city-hall&{query}").raw)

    assert sizes(f"department={code}") <= sizes(f"department_tree={code}")
    if code == "city-hall":
        assert sizes(f"department={code}") < sizes(f"department_tree={code}")


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("name", ["department", "department_tree"])
def test_a_department_that_does_not_exist_has_no_rows_or_is_named(api: Api, path: str, name: str) -> None:
    place = path.replace("{code}", "plan-city-hall") + ("?plan=plan-city-hall&" if "template" in path else "?")
    answer = api.get(f"{place}{name}=nowhere")
    if re.search("reporting/(due|completeness)|scorecard|template", path):
        assert answer.problem(422, "unknown-department")["errors"][0]["pointer"] == f"?{name}"
    else:
        assert answer.ok()["results"] == []
