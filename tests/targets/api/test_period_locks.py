"""Closed periods of a plan refuse changes, unless somebody gave leave, for a reason and until a moment."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from indicators.models import Revision
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db


def figure(period: str, value: str = "5", **values: str) -> dict[str, str]:
    return {"indicator": "sales", "area": "city", "period": period, "value": value, **values}


def locked(through: str = "2024-06-30") -> Api:
    factories.world()
    factories.indicator("doubled", formula="2 * sales")
    api = api_of()
    api.post("measurements/", figure("2024-01")).ok(201)
    close(api, through).ok()
    return api


def close(api: Api, through: str) -> Any:
    tag = api.get("plans/plan/").headers["ETag"]
    return api.patch("plans/plan/", {"locked_through": through}, If_Match=tag)


def leave(api: Api, **values: str) -> Any:
    until = (clock.now() + timedelta(hours=1)).isoformat()
    return api.post("plans/plan/exceptions/", {"reason": "books reopened", "until": until, **values})


@pytest.mark.parametrize(
    ("period", "status"),
    [
        pytest.param("2024-06", 409, id="a month that is closed"),
        pytest.param("2024-01/2024-06", 409, id="a half-year that is closed"),
        pytest.param("2024-07", 201, id="a month that is open"),
        pytest.param("2024", 201, id="the year, which is not over for the lock"),
        pytest.param("2023-12", 409, id="a month before the plan, by which growth is measured"),
    ],
)
def test_figures(period: str, status: int) -> None:
    answer = locked().post("measurements/", figure(period))
    assert answer.status == status
    assert status == 201 or answer.slug == "period-locked"


def patch(api: Api, path: str, **values: Any) -> Any:
    return api.patch(path, values, If_Match="*")


@pytest.mark.database
def test_a_plan_with_closed_periods_keeps_its_own() -> None:
    api = locked()
    for period in ("2025", "2024-01/2025-01", "2023"):
        patch(api, "plans/plan/", period=period).problem(409, "period-locked")
    patch(api, "plans/plan/", period="2024", name="Another name").ok()


TARGET = "targets/plan:sales:city/"
CHANGES = {
    "an amendment announced today": lambda api: api.post(
        f"{TARGET}amendments/", {"lower": "1", "announced": clock.today().isoformat()}
    ),
    "a weight": lambda api: patch(api, TARGET, weight="9"),
    "a new target": lambda api: api.post(
        "targets/", {"plan": "plan", "indicator": "doubled", "goal": "at_least", "lower": "1"}
    ),
    "a target taken away": lambda api: api.delete(TARGET, If_Match="*"),
    "another day on which it is due": lambda api: patch(api, "indicators/sales/", due_days=200),
}


@pytest.mark.parametrize("change", CHANGES)
def test_of_a_plan_that_is_closed_nothing_changes_without_leave(change: str) -> None:
    api = locked("2024-12-31")
    CHANGES[change](api).problem(409, "period-locked")
    leave(api).ok(201)
    answer = CHANGES[change](api)
    assert answer.status in (200, 201, 204) or answer.slug == "in-use"


def test_what_does_not_touch_the_judgement_stays_free() -> None:
    api = locked("2024-12-31")
    patch(api, "indicators/sales/", name="Another name", note="x").ok()


def test_growth_of_a_closed_year_is_not_moved_by_the_year_before() -> None:
    factories.area()
    factories.indicator()
    factories.indicator("growth", formula="yoy(sales)", kind="rate")
    factories.plan()
    factories.target("growth", lower=1)
    api = api_of()
    close(api, "2024-12-31").ok()
    api.post("measurements/", figure("2023")).problem(409, "period-locked")


def test_a_target_that_one_may_not_see_closes_nothing_for_him() -> None:
    factories.world()
    factories.department("other")
    factories.indicator("public", department="other")
    factories.indicator("secret", formula="2 * public", department="statistics", restricted=True)
    factories.target("secret")
    close(api_of(), "2024-12-31").ok()
    other = api_of("other", scopes=["read", "figures:write"])
    other.post("measurements/", {**figure("2024-01"), "indicator": "public"}).ok(201)
    api_of().post("measurements/", {**figure("2024-02"), "indicator": "public"}).problem(409, "period-locked")


def test_a_correction_is_refused_and_the_same_again_is_not() -> None:
    api = locked()
    api.post("measurements/", figure("2024-01", "6")).problem(409, "period-locked")
    assert api.post("measurements/", figure("2024-01", "5")).ok(200)["outcome"] == "unchanged"
    assert Revision.objects.count() == 1


def test_series_of_other_plans_stay_open() -> None:
    api = locked()
    factories.indicator("other")
    api.post("measurements/", {**figure("2024-01"), "indicator": "other"}).ok(201)


def test_what_targets_are_computed_from_is_closed_with_them() -> None:
    factories.area()
    factories.indicator()
    factories.indicator("doubled", formula="2 * sales")
    factories.plan()
    factories.target("doubled")
    api = api_of()
    close(api, "2024-12-31").ok()
    api.post("measurements/", figure("2024-03")).problem(409, "period-locked")


def test_an_amendment_of_the_closed_time_is_refused() -> None:
    api = locked()
    path = "targets/plan:sales:city/amendments/"
    api.post(path, {"lower": "1", "announced": "2024-06-30"}).problem(409, "period-locked")
    api.post(path, {"lower": "1", "announced": "2024-07-01"}).ok(201)


def test_what_counts_on_every_day_is_refused_once_all_is_closed() -> None:
    api = locked("2024-12-31")
    tag = api.get("targets/plan:sales:city/").headers["ETag"]
    api.patch("targets/plan:sales:city/", {"weight": "9"}, If_Match=tag).problem(409, "period-locked")


def test_leave_opens_until_its_end() -> None:
    api = locked()
    granted = leave(api).ok(201)
    assert granted["created_by"].startswith("key ")
    api.post("measurements/", figure("2024-02")).ok(201)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        api.post("measurements/", figure("2024-03")).problem(409, "period-locked")
    assert [row["reason"] for row in api.rows("plans/plan/exceptions/")] == ["books reopened"]
    assert AuditEntry.objects.filter(kind="targets.lockexception").count() == 1


def test_leave_for_one_indicator_opens_no_other() -> None:
    api = locked()
    leave(api, indicator="doubled").ok(201)
    api.post("measurements/", figure("2024-02")).problem(409, "period-locked")


@pytest.mark.parametrize(
    ("values", "slug"),
    [
        pytest.param({"reason": " "}, "required", id="no reason"),
        pytest.param({"until": "2020-01-01T00:00:00Z"}, "invalid-date", id="an end in the past"),
        pytest.param({"until": "soon"}, "invalid-date", id="an end in words"),
    ],
)
def test_leave_that_is_not_given(values: dict[str, str], slug: str) -> None:
    leave(locked(), **values).problem(400, slug)


def test_a_lock_moves_forward_only() -> None:
    api = locked()
    close(api, "2024-05-31").problem(409, "period-locked")
    close(api, "2024-09-30").ok()


def test_only_the_owner_gives_leave() -> None:
    api = locked()
    factories.department("other")
    until = (clock.now() + timedelta(hours=1)).isoformat()
    stranger = api_of("other")
    stranger.post("plans/plan/exceptions/", {"reason": "a", "until": until}).problem(403, "not-your-plan")
    assert api.rows("plans/plan/exceptions/") == []
