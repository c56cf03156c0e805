"""Golden cases through the API: catalogue, figures and target are posted, the status is read.

One of each kind in every run, all of them in `make test-all`; tests/targets/domain/test_golden.py judges all of them.
"""

import json
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests.cases.golden import Golden, case_parameters
from tests.support import Api, api_of
from tests.targets.recompute.answers import answered
from tests.targets.recompute.evaluator import recompute

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# What the API does not take (stage-regression): tests/indicators/api/test_forecasts.py.
REFUSED = frozenset({"posted without a stage, then called a forecast: nothing is in force"})


def build(api: Api, case: Golden) -> str:
    """Posts what the case describes; the id of its target."""
    raw = case.raw
    api.post("areas/", {"code": "place", "name": "Place"}).ok(201)
    stored = [i for i in raw["indicators"] if not i.get("formula")]
    for indicator in stored + [i for i in raw["indicators"] if i.get("formula")]:
        breaks = [{"day": day, "note": "a new base year"} for day in indicator.get("breaks", ())]
        api.post("indicators/", {"name": indicator["code"], **indicator, "breaks": breaks}).ok(201)
    for figures in rounds(raw["figures"]):
        report = api.post("measurements/batch/", figures).ok()
        assert report["created"] + report["revised"] == len(figures)
    period = raw["target"]["period"]
    api.post("plans/", {"code": "plan", "name": "Plan", "period": period}).ok(201)
    posted = {"plan": "plan", "announced": "2000-01-01", **raw["target"]}
    return str(api.post("targets/", posted).ok(201)["id"])


def rounds(figures: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Batches in none of which a figure is posted twice for one day: of such a pair the last one counts."""
    while figures:
        batch: dict[tuple[str, ...], dict[str, Any]] = {}
        later = []
        for figure in figures:
            missing = {"missing_reason": "not_available"} if figure["value"] is None else {}
            place = figure["indicator"], figure["period"], figure["published"]
            if place in batch:
                later.append(figure)
            else:
                batch[place] = {**figure, **missing}
        yield list(batch.values())
        figures = later


def six(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def flattened(status: dict[str, Any]) -> dict[str, Any]:
    """The answer in the words of the cases."""
    numbers = {
        "actual": status["actual"],
        "expected_lower": status["expected"]["lower"],
        "expected_upper": status["expected"]["upper"],
        "variance": status["variance"],
        "variance_percent": status["variance_percent"],
        "shortfall": status["shortfall"],
        "required_lower": status["required"]["lower"],
        "required_upper": status["required"]["upper"],
    }
    return {
        **{name: six(value) for name, value in numbers.items()},
        "status": status["status"],
        "covered_through": status["covered_through"],
        "profile_used": status["expected"]["profile"],
        "partial": status["partial"],
        "expected_through": status["freshness"]["expected_through"],
        "next_due": status["freshness"]["next_due"],
        "overdue": status["freshness"]["overdue"],
    }


def cases_by_kind() -> Iterator[Any]:
    """Of each goal and way to add up one case that runs always."""
    kinds = set()
    for parameter in case_parameters():
        case = parameter.values[0]
        if case.name in REFUSED:
            continue
        indicator = case.raw["indicators"][0]
        kind = case.raw["target"]["goal"], (indicator.get("formula") and "formula") or indicator.get("accumulation")
        long = [pytest.mark.long] if kind in kinds else []
        yield pytest.param(case, id=case.name, marks=[*parameter.marks, *long])
        kinds.add(kind)


@pytest.mark.parametrize("case", list(cases_by_kind()))
def test_the_api_judges_as_the_independent_evaluator(case: Golden) -> None:
    api = api_of()
    identifier = build(api, case)
    answer = api.get(f"targets/{identifier}/status/?as_of={case.as_of}").ok()
    result = flattened(answer)
    requested = {
        name: six(value) if isinstance(result[name], Decimal) else value for name, value in case.expected.items()
    }
    assert {name: result[name] for name in requested} == requested
    explained = answer["explanation"]
    assert answered(answer, explained["indicators"][0]["decimals"], recompute(json.dumps(explained))) == answer
