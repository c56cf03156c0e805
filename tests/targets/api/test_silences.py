"""Silences by the API: what is not brought to mind, for how long, and who says so."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest

from indicators.domain.calendars import due_day
from indicators.domain.choices import DueUnit
from indicators.services.catalogue import indicators
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from targets.models import Alert, Delivery, Silence
from targets.services.alerting import engine
from targets.services.assessment import assess
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

LATER = (clock.now() + timedelta(days=60)).isoformat()
BODY = {"ends_at": LATER, "reason": "Audit"}
MINE = {"target": "plan:sales:city"}


@pytest.fixture(scope="module")
def api(shared_rows: Callable[[], AbstractContextManager[None]]) -> Api:
    """A target of this year and the next that is off track: one alert, to be brought to mind after five worked days."""
    with shared_rows():
        return make_world()


def make_world() -> Api:
    factories.department("hall")
    factories.department("statistics", parent="hall", email="office@example.org")
    factories.department("health")
    factories.indicator("sales", department="statistics")
    factories.area()
    year = clock.today().year
    factories.plan("plan", f"{year}-01/{year + 1}-12", department="hall")
    factories.target("sales", lower=24 * 1000, section="economy")
    for value in (1300, 900):
        factories.figure("sales", f"{year}-01", value)
        assess.process_series_changes(now=clock.now())
    return api_of()


def after(days: int) -> datetime:
    return clock.start_of_day(due_day(clock.today(), days, DueUnit.WORKING_DAYS)) + timedelta(hours=9)


def events() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("event", flat=True))


@pytest.mark.database
def test_what_it_says_is_shown(api: Api) -> None:
    made = api.post("silences/", {**BODY, "rule": "status-worrying", "department": "hall"}).ok(201)
    assert (made["rule"], made["department"], made["target"], made["section"]) == ("status-worrying", "hall", None, "")
    assert datetime.fromisoformat(made["ends_at"]) == Silence.objects.get().ends_at
    assert api.rows("silences/") == [made]
    assert api.get(f"silences/{made['id']}/").ok() == made
    assert AuditEntry.objects.filter(kind="targets.silence", verb="created").count() == 1


# what is named -> whether the alert is brought to mind all the same
FITTING: dict[str, tuple[dict[str, Any], bool]] = {
    "its rule": ({"rule": "status-worrying"}, False),
    "another rule": ({"rule": "figures-overdue"}, True),
    "its target": (MINE, False),
    "its plan": ({"plan": "plan"}, False),
    "its section": ({"section": "economy"}, False),
    "another section": ({"section": "health"}, True),
    "the department above": ({"department": "hall"}, False),
    "another department": ({"department": "health"}, True),
    "its indicator in its area": ({"indicator": "sales", "area": "city"}, False),
    "its target, by another rule": ({**MINE, "rule": "figures-overdue"}, True),
}


@pytest.mark.parametrize(("named", "reminded"), FITTING.values(), ids=FITTING)
def test_what_is_silent(api: Api, named: dict[str, Any], reminded: bool) -> None:
    api.post("silences/", {**BODY, **named}).ok(201)
    engine.process_due_alerts(now=clock.now())
    engine.process_due_alerts(now=after(5))
    assert events() == ["opened", *["reminder"] * reminded]


def test_its_end_is_told_all_the_same(api: Api) -> None:
    api.post("silences/", {**BODY, **MINE}).ok(201)
    factories.figure("sales", f"{clock.today().year}-01", 1300)
    assess.process_series_changes(now=clock.now())
    assert events() == ["opened", "resolved"]


def test_one_that_is_to_come_is_silent_then(api: Api) -> None:
    api.post("silences/", {**BODY, **MINE, "starts_at": after(7).isoformat()}).ok(201)
    engine.process_due_alerts(now=after(5))
    assert events() == ["opened", "reminder"]
    engine.process_due_alerts(now=after(10))
    assert events() == ["opened", "reminder"]


def test_ended_before_its_time_the_reminder_comes_when_it_would_have(api: Api) -> None:
    made = api.post("silences/", {**BODY, **MINE}).ok(201)
    engine.process_due_alerts(now=clock.now())
    assert Alert.objects.get().next_check_at == Silence.objects.get().ends_at
    assert api.delete(f"silences/{made['id']}/").status == 204
    assert Silence.objects.get().ends_at <= clock.now()
    engine.process_due_alerts(now=clock.now())
    engine.process_due_alerts(now=after(5))
    assert events() == ["opened", "reminder"]
    assert api.rows("silences/?active=true") == []
    assert len(api.rows("silences/?active=false")) == 1
    # Once more changes nothing.
    ends = Silence.objects.get().ends_at
    assert api.delete(f"silences/{made['id']}/").status == 204
    assert Silence.objects.get().ends_at == ends


def test_one_that_has_not_begun_is_taken_back(api: Api) -> None:
    made = api.post("silences/", {**BODY, **MINE, "starts_at": after(7).isoformat()}).ok(201)
    assert api.delete(f"silences/{made['id']}/").status == 204
    assert not Silence.objects.exists()
    assert AuditEntry.objects.filter(kind="targets.silence", verb="deleted").count() == 1


REFUSED: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "nothing is named": ({}, 400, "required", ""),
    "no reason": ({**MINE, "reason": " "}, 400, "required", "/reason"),
    "no end": ({**MINE, "ends_at": None}, 400, "required", "/ends_at"),
    "over already": ({**MINE, "ends_at": "2024-01-01T00:00:00+07:00"}, 400, "invalid-date", "/ends_at"),
    "over before it begins": ({**MINE, "starts_at": "2099-01-01T00:00:00+07:00"}, 400, "invalid-date", "/ends_at"),
    "a rule that there is not": ({"rule": "none"}, 422, "unknown-rule", "/rule"),
    "a target that there is not": ({"target": "none"}, 422, "unknown-target", "/target"),
    "a field that is not known": ({**MINE, "until": LATER}, 400, "unknown-field", "/until"),
}


@pytest.mark.parametrize(("body", "status", "slug", "pointer"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(api: Api, body: dict[str, Any], status: int, slug: str, pointer: str) -> None:
    answer = api.post("silences/", {**BODY, **body})
    answer.problem(status, slug)
    assert (answer.pointers or [("", slug)]) == [(pointer, slug)]
    assert not Silence.objects.exists()


# who, what is named -> whether he may
RIGHTS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "who answers for the target": ("statistics", MINE, True),
    "who is above": ("hall", MINE, True),
    "another department": ("health", MINE, False),
    "the owner, of its plan": ("hall", {"plan": "plan"}, True),
    "who owns no plan": ("statistics", {"plan": "plan"}, False),
    "a department, of itself": ("statistics", {"department": "statistics"}, True),
    "a department, of the one above": ("statistics", {"department": "hall"}, False),
    "a department, of a rule as a whole": ("hall", {"rule": "status-worrying"}, False),
    "a department, of a rule in itself": ("statistics", {"rule": "status-worrying", "department": "statistics"}, True),
}


@pytest.mark.parametrize(("who", "named", "may"), RIGHTS.values(), ids=RIGHTS)
def test_who_may(api: Api, who: str, named: dict[str, Any], may: bool) -> None:
    answer = api_of(who).post("silences/", {**BODY, **named})
    if may:
        assert api_of(who).delete(f"silences/{answer.ok(201)['id']}/").status == 204
        return
    answer.problem(403, "not-your-target")
    made = api.post("silences/", {**BODY, **named}).ok(201)
    api_of(who).delete(f"silences/{made['id']}/").problem(403, "not-your-target")
    assert Silence.objects.get().ends_at > clock.now()


@pytest.mark.parametrize("named", [MINE, {"indicator": "sales"}, {"rule": "own"}], ids=str)
def test_of_what_is_hidden_there_is_none(api: Api, named: dict[str, Any]) -> None:
    api.post("alert-rules/", {"code": "own", "name": "Own", "statuses": ["missed"], "indicator": "sales"}).ok(201)
    made = api.post("silences/", {**BODY, **named}).ok(201)
    of = Alert.objects.get().target.indicator
    indicators.update_indicator(indicator=of, by=factories.BY, now=clock.now(), restricted=True)
    assert api_of("health").rows("silences/") == []
    api_of("health").get(f"silences/{made['id']}/").problem(404, "not-found")
    assert api_of("health").post("silences/", {**BODY, **named}).slug.startswith("unknown-")
    assert len(api_of("statistics").rows("silences/")) == 1
