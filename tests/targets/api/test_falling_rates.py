"""A disbursement rate counts up from 0: a figure below an earlier one of the same target is marked."""

from typing import Any

import pytest

from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def api() -> Api:
    factories.area()
    factories.plan()
    for code, values in {
        "disbursed": {"kind": "share"},
        "rate": {"kind": "rate"},
        "level": {"kind": "level"},
        "average": {"kind": "share", "accumulation": "mean"},
        "trained": {"kind": "share"},
    }.items():
        factories.indicator(code, **{"accumulation": "last", **values})
        baseline = {} if code == "average" else {"baseline": 40 if code == "trained" else 0}
        factories.target(code, lower=95, **baseline)
    return api_of()


def figure(of: str, period: str, value: str, **values: Any) -> dict[str, Any]:
    return {"indicator": of, "area": "city", "period": period, "value": value, "published": "2025-02-01", **values}


LESS = ["Less than the first 5 months of 2024: 26."]
CASES = {
    "it falls": ("disbursed", "2024-01/2024-06", "25", LESS),
    "a rate falls too": ("rate", "2024-01/2024-06", "25", LESS),
    "posted as a single month": ("disbursed", "2024-06", "25", LESS),
    "it stands still": ("disbursed", "2024-01/2024-06", "26", []),
    "it rises": ("disbursed", "2024-01/2024-06", "27", []),
    "an earlier month above": ("disbursed", "2024-01/2024-04", "27", ["More than the first 5 months of 2024: 26."]),
    "the next year begins again": ("disbursed", "2025-01", "1", []),
    "a level may fall": ("level", "2024-01/2024-06", "25", []),
    "an average may fall": ("average", "2024-01/2024-06", "25", []),
    "what starts from elsewhere may fall": ("trained", "2024-01/2024-06", "25", []),
}


@pytest.mark.parametrize(("of", "period", "value", "expected"), CASES.values(), ids=CASES)
def test_what_falls(api: Api, of: str, period: str, value: str, expected: list[str]) -> None:
    before, after = figure(of, "2024-01/2024-05", "26"), figure(of, period, value)
    together = api.post("measurements/batch/?dry_run=true&verbose=true", [before, after]).ok()["results"][1]
    api.post("measurements/", before).ok(201)
    batch = api.post("measurements/batch/?dry_run=true&verbose=true", [after]).ok()["results"][0]
    single = api.post("measurements/", after).ok(201)
    for answer in (together, batch, single):
        falls = [warning["detail"] for warning in answer["warnings"] if warning["slug"] == "cumulative-falls"]
        assert falls == expected
