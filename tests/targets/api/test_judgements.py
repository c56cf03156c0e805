"""Verdicts on targets without a number."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpitracker.lib import clock
from targets.models import Alert, Judgement, Plan, StatusChange, Target
from targets.services.assessment import assess
from targets.services.evaluation import evaluate
from targets.services.planning import judgements
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = pytest.mark.django_db

ID = "plan:order:city"


@pytest.fixture
def api() -> Api:
    factories.world()
    factories.indicator("order", name="Order in the streets", frequency="year", department="statistics")
    factories.target("order", qualitative=True, goal="", lower=None)
    return api_of()


def judge(api: Api, status: str, **body: Any) -> Answer:
    return api.post(f"targets/{ID}/judgements/", {"status": status, "reason": f"found {status}", **body})


@pytest.mark.database
def test_the_latest_day_counts_then_the_one_recorded_last(api: Api) -> None:
    before = api.get(f"targets/{ID}/status/?as_of=2024-06-30").ok()
    assert (before["status"], before["explanation"]["judgement"]) == ("not_due", None)
    for status, day in (("on_track", "2024-06-30"), ("at_risk", "2024-03-31"), ("off_track", "2024-06-30")):
        judge(api, status, day=day).ok(201)
    days = {"2024-03-30": "not_due", "2024-03-31": "at_risk", "2024-06-29": "at_risk", "2024-06-30": "off_track"}
    assert {day: api.get(f"targets/{ID}/status/?as_of={day}").ok()["status"] for day in days} == days
    body = api.get(f"targets/{ID}/status/?as_of=2024-07-01").ok()
    assert (body["rule"], body["actual"]) == ("judged", None)
    name = Judgement.objects.latest("recorded_at").judged_by
    assert body["explanation"]["judgement"] == {"day": "2024-06-30", "reason": "found off_track", "by": name}
    rows = api.rows(f"targets/{ID}/judgements/")
    assert [(row["day"], row["status"]) for row in rows] == [
        ("2024-03-31", "at_risk"), ("2024-06-30", "on_track"), ("2024-06-30", "off_track"),
    ]  # fmt: skip


def test_recorded_by_and_version_are_respected(api: Api) -> None:
    moment = clock.now().isoformat().replace("+", "%2B")
    judge(api, "missed", day="2024-06-30").ok(201)
    requested = f"targets/{ID}/status/?as_of=2024-07-01"
    assert api.get(f"{requested}&recorded_by={moment}").ok()["status"] == "not_due"
    assert api.get(f"{requested}&version=original").ok()["status"] == "missed"
    assert api.get("plans/plan/scorecard/?as_of=2024-07-01").ok()["totals"]["counts"]["missed"] == 1


def test_somebody_is_told(api: Api) -> None:
    judge(api, "met").ok(201)
    assess.process_series_changes(now=clock.now())
    judge(api, "missed").ok(201)
    assess.process_series_changes(now=clock.now())
    changes = StatusChange.objects.filter(target__identifier=ID).order_by("pk")
    assert [change.after for change in changes] == ["no_data", "met", "missed"]
    alert = Alert.objects.get()
    assert (alert.status, alert.snapshot["judgement"]["reason"]) == ("missed", "found missed")
    message = api.rows("alerts/")[0]["message"]
    assert "found missed (judged by" in message
    assert "Actual" not in message
    row = next(row for row in api.rows("statuses/") if row["target"] == ID)
    assert (row["status"], row["rule"], row["since"]) == ("missed", "judged", clock.today().isoformat())


TOMORROW = (clock.today() + timedelta(days=2)).isoformat()


@pytest.mark.parametrize(
    "body, status, slug",
    [
        pytest.param({"status": "no_data"}, 400, "invalid-choice", id="what nobody finds"),
        pytest.param({"reason": " "}, 400, "required", id="no reason"),
        pytest.param({"day": TOMORROW}, 400, "invalid-date", id="a day to come"),
    ],
)
def test_refused(api: Api, body: dict[str, str], status: int, slug: str) -> None:
    judge(api, **{"status": "met", **body}).problem(status, slug)
    assert not Judgement.objects.exists()


def test_what_has_a_number_is_judged_by_it(api: Api) -> None:
    answer = api.post("targets/plan:sales:city/judgements/", {"status": "met", "reason": "nice"})
    answer.problem(422, "not-qualitative")


def test_other_departments_do_not_judge_nor_is_what_is_closed_judged_anew(api: Api) -> None:
    factories.department("other")
    judge(api_of("other"), "met").problem(403, "not-your-plan")
    Plan.objects.update(locked_through=date(2024, 6, 30))
    judge(api, "met", day="2024-06-30").problem(409, "period-locked")
    judge(api, "met", day="2024-07-01").ok(201)


def test_a_target_that_was_judged_stays(api: Api) -> None:
    judge(api, "on_track").ok(201)
    api.delete(f"targets/{ID}/", If_Match="*").problem(409, "in-use")


def test_many_are_judged_in_as_many_queries_as_one(api: Api) -> None:
    for number in range(3):
        factories.indicator(f"peace{number}", frequency="year")
        made = factories.target(f"peace{number}", qualitative=True, goal="", lower=None)
        judgements.record_judgement(target=made, by=factories.BY, now=clock.now(), status="met", reason="quiet")
    today, counted = clock.today(), []
    for identifiers in (["plan:peace0:city"], [f"plan:peace{number}:city" for number in range(3)]):
        with CaptureQueriesContext(connection) as queries:
            rows = Target.objects.for_list().filter(identifier__in=identifiers)
            assert {
                row.assessment.status for row in evaluate.evaluate_targets(targets=rows, as_of=today, today=today)
            } == {"met"}
        counted.append(len(queries))
    assert counted[0] == counted[1]
