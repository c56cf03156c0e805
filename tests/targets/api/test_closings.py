"""Closing a plan: its scorecard is frozen, can be read for ever, and compared with what is known since."""

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from indicators.domain.periods import Period
from indicators.models import Area, Indicator, Revision
from targets.models import Closing, Plan, Target
from targets.services.planning import period_locks, targets
from targets.services.reports import closings, scorecards
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

CLOSING = "plans/plan/closings/"
BODY = {"as_of": "2025-01-06", "reason": "Year's end"}


@pytest.fixture
def api() -> Api:
    factories.world()
    factories.figure("sales", "2024-01/2024-11", 1100, published="2024-12-05", stage="estimate")
    factories.figure("sales", "2024", 1190, published="2025-01-05", stage="estimate")
    return api_of()


def reopened(api: Api, number: int = 1) -> dict[str, Any]:
    body: dict[str, Any] = api.get(f"{CLOSING}{number}/").ok()
    return body


def later(number: int) -> None:
    """Revisions after the closing, with leave."""
    for n in range(number):
        factories.figure("sales", "2024", 1200 + n, published="2025-02-01")


def leave() -> None:
    plan = Plan.objects.get()
    until = timezone.now() + timedelta(hours=1)
    period_locks.grant_exception(plan=plan, by=factories.BY, now=timezone.now(), reason="books", until=until)


@pytest.mark.database
def test_a_frozen_scorecard_is_the_scorecard_of_that_day(api: Api) -> None:
    made = api.post(CLOSING, BODY).ok(201)
    assert (made["number"], made["as_of"], made["reason"], made["whole"]) == (1, "2025-01-06", "Year's end", True)
    closed = reopened(api)
    content = json.loads(closed["content"])
    card = api.get("plans/plan/scorecard/?as_of=2025-01-06").ok()
    assert (content["totals"], content["by_section"]) == (card["totals"], card["by_section"])
    assert [row["status"] for row in content["targets"]] == ["missed"]
    assert [figure["value"] for figure in content["targets"][0]["explanation"]["figures"]] == ["1190"]
    assert closed["sha256"] == made["sha256"] == hashlib.sha256(closed["content"].encode()).hexdigest()


def test_after_fifty_revisions_it_is_as_it_was_and_they_are_told(api: Api) -> None:
    before = api.post(CLOSING, BODY).ok(201)
    first = reopened(api)
    leave()
    factories.indicator("other")
    factories.figure("other", "2024", 5, published="2025-02-01")
    factories.figure("sales", "2025-01", 90, published="2025-02-01")
    later(50)
    assert reopened(api) == first
    assert api.rows(CLOSING) == [before]
    compared = api.get(f"{CLOSING}1/comparison/").ok()
    assert [(f["period"], f["value"]) for f in compared["figures"]] == [("2024", str(1200 + n)) for n in range(50)]
    assert [f["revision"] for f in compared["figures"]] == list(range(2, 52))
    assert [f["current"] for f in compared["figures"]] == [False] * 49 + [True]
    assert compared["targets"] == [
        {
            "target": "plan:sales:city",
            "before": {"version": 1, "state": "adopted", "status": "missed", "actual": "1190", "variance": "-10"},
            "after": {"version": 1, "state": "adopted", "status": "met", "actual": "1249", "variance": "49"},
        }
    ]
    assert (compared["before"]["counts"]["missed"], compared["after"]["counts"]["met"]) == (1, 1)


def test_of_the_day_itself_what_was_said_later_of_it_is_told(api: Api) -> None:
    api.post(CLOSING, BODY).ok(201)
    leave()
    factories.figure("sales", "2024", 1300, published="2025-02-01")
    on_the_day = api.get(f"{CLOSING}1/comparison/?as_of=2025-01-06").ok()
    assert (on_the_day["targets"], len(on_the_day["figures"])) == ([], 1)
    factories.figure("sales", "2024", 1150, published="2025-01-06")
    assert [row["after"]["actual"] for row in api.get(f"{CLOSING}1/comparison/?as_of=2025-01-06").ok()["targets"]] == [
        "1150"
    ]


def test_of_a_sum_over_areas_what_was_said_later_of_a_part_is_told(api: Api) -> None:
    city = Area.objects.get(code="city")
    for code in ("a", "b"):
        factories.area(code, parent=city)
    factories.indicator("jobs", regional="sum")
    factories.target("jobs", lower=100)
    for code, value in (("a", 40), ("b", 50)):
        factories.figure("jobs", "2024", value, area=code, published="2025-01-05")
    api.post(CLOSING, BODY).ok(201)
    leave()
    factories.figure("jobs", "2024", 70, area="a", published="2025-02-01")
    factories.figure("sales", "2024", 7, area="a", published="2025-02-01")
    compared = api.get(f"{CLOSING}1/comparison/").ok()
    assert [(row["target"], row["after"]["actual"]) for row in compared["targets"]] == [("plan:jobs:city", "120")]
    assert [(f["indicator"], f["area"], f["value"]) for f in compared["figures"]] == [("jobs", "a", "70")]


def test_amendments_since_are_told(api: Api) -> None:
    api.post(CLOSING, BODY | {"as_of": "2024-12-06"}).ok(201)
    target = Target.objects.get()
    targets.amend_target(
        target=target, by=factories.BY, now=timezone.now(), announced=date(2024, 12, 20), lower=1100, reason="Floods"
    )
    compared = api.get(f"{CLOSING}1/comparison/").ok()
    assert [(row["version"], row["announced"], row["reason"]) for row in compared["amendments"]] == [
        (2, "2024-12-20", "Floods")
    ]
    assert compared["figures"] == []


def test_each_closing_has_the_next_number(api: Api) -> None:
    for number in (1, 2, 3):
        assert api.post(CLOSING, BODY).ok(201)["number"] == number
    assert [row["number"] for row in api.rows(CLOSING)] == [1, 2, 3]
    api.get(f"{CLOSING}4/").problem(404, "not-found")


LOCKED = {
    "before the end of the plan nothing is locked": ("2024-12-30", None),
    "on its last day all of it is": ("2024-12-31", "2024-12-31"),
    "after its end, too": ("2025-02-01", "2024-12-31"),
}


@pytest.mark.parametrize(("day", "locked"), LOCKED.values(), ids=LOCKED)
def test_from_its_end_on_the_plan_is_closed(api: Api, day: str, locked: str | None) -> None:
    api.post(CLOSING, BODY | {"as_of": day}).ok(201)
    assert api.get("plans/plan/").ok()["locked_through"] == locked


REFUSED = {
    "a day to come": ({"as_of": "2999-01-01"}, 400, "invalid-date"),
    "no reason": ({"reason": ""}, 400, "required"),
    "a reason of spaces": ({"reason": "  "}, 400, "required"),
    "a number of one's own": ({"number": 7}, 400, "unknown-field"),
}


@pytest.mark.parametrize(("given", "status", "slug"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(api: Api, given: dict[str, Any], status: int, slug: str) -> None:
    api.post(CLOSING, BODY | given).problem(status, slug)
    assert not Closing.objects.exists()


def test_another_department_closes_nothing(api: Api) -> None:
    factories.department("health")
    api_of("health").post(CLOSING, BODY).problem(403, "not-your-plan")


def test_the_database_refuses_to_change_or_remove_it(api: Api) -> None:
    api.post(CLOSING, BODY).ok(201)
    for attempt in (lambda: Closing.objects.update(content="{}"), lambda: Closing.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_content_that_was_changed_is_not_read(api: Api) -> None:
    api.post(CLOSING, BODY).ok(201)
    closing = Closing.objects.get()
    closing.content = closing.content.replace("1190", "1290")
    with pytest.raises(RuntimeError, match="does not match its digest"):
        closings.visible_closing(closing, factories.BY)


class TestWhatIsHidden:
    @pytest.fixture(autouse=True)
    def hidden(self, api: Api) -> None:
        factories.department("health")
        factories.indicator("secret", department="health", restricted=True)
        factories.target("secret")
        factories.figure("secret", "2024", 7, published="2025-01-05")
        api.post(CLOSING, BODY).ok(201)

    def test_whoever_may_not_see_it_reads_a_card_without_it(self, api: Api) -> None:
        whole, part = reopened(api), reopened(api_of("statistics"))
        content = json.loads(part["content"])
        assert [row["indicator"] for row in content["targets"]] == ["sales"]
        assert content["totals"]["targets"] == 1
        assert "secret" not in json.dumps(part)
        assert (whole["whole"], part["whole"]) == (True, False)
        assert part["sha256"] == hashlib.sha256(part["content"].encode()).hexdigest() != whole["sha256"]

    def test_nor_is_he_told_what_was_said_since(self, api: Api) -> None:
        leave()
        factories.figure("secret", "2024", 8, published="2025-02-01")
        hers, his = (entry.get(f"{CLOSING}1/comparison/").ok() for entry in (api, api_of("statistics")))
        assert [f["indicator"] for f in hers["figures"]] == ["secret"]
        assert (his["figures"], his["targets"]) == ([], [])


def test_what_was_recorded_just_before_is_no_news(api: Api) -> None:
    """Nor is it lost: of two revisions of the last hour the one that the closing had not seen yet is told."""
    closing = closings.close_plan(
        plan=Plan.objects.get(), by=factories.BY, now=timezone.now(), reason="x", as_of=date(2024, 12, 30)
    )
    unseen = Revision.objects.order_by("pk").first()
    assert unseen is not None
    closing.recent["revisions"].remove(unseen.pk.hex)
    notified = closings.compare_closing(closing, by=factories.BY, as_of=date(2024, 12, 30), today=date(2025, 3, 1))
    assert [f["period"] for f in notified["figures"]] == [
        str(Period(unseen.measurement.period_start, unseen.measurement.period_end))
    ]


class TestPartsOfAScorecard:
    @pytest.fixture(autouse=True)
    def branches(self, api: Api) -> None:
        factories.department("below", parent="statistics")
        factories.indicator("jobs", department="below")
        factories.target("jobs", section="people")

    def card(self, api: Api, query: str) -> dict[str, Any]:
        body: dict[str, Any] = api.get(f"plans/plan/scorecard/?as_of=2025-01-06&{query}").ok()
        return body

    def test_of_a_department_with_those_below_it(self, api: Api) -> None:
        both, one = self.card(api, "department_tree=statistics"), self.card(api, "department=below")
        assert [len(card["targets"]) for card in (both, one)] == [2, 1]
        rows = {row["department"]: row for row in both["by_department"]}
        assert (rows["statistics"]["targets"], rows["statistics"]["including_subdepartments"]["targets"]) == (1, 2)
        assert rows["below"]["including_subdepartments"]["targets"] == 1

    def test_of_a_section(self, api: Api) -> None:
        assert [row["indicator"] for row in self.card(api, "section=people")["targets"]] == ["jobs"]

    def test_an_unknown_department_is_refused(self, api: Api) -> None:
        api.get("plans/plan/scorecard/?department=nobody").problem(422, "unknown-department")

    def test_what_changed_since_a_day(self, api: Api) -> None:
        card = self.card(api, "changed_since=2024-12-10")
        assert [(row["target"], row["before"]["status"], row["after"]["status"]) for row in card["changes"]] == [
            ("plan:sales:city", "on_track", "missed")
        ]
        assert "changes" not in self.card(api, "section=people")
        assert self.card(api, "changed_since=2025-01-06")["changes"] == []

    def test_what_was_not_announced_then_was_not_there(self, api: Api) -> None:
        changes = self.card(api, "changed_since=2023-01-01")["changes"]
        assert [row["before"] for row in changes] == [None, None]

    def test_a_day_after_the_one_asked_for_is_refused(self, api: Api) -> None:
        api.get("plans/plan/scorecard/?as_of=2025-01-06&changed_since=2025-01-07").problem(400, "invalid-parameter")


def test_it_can_be_judged_again_from_what_was_recorded_by_then(api: Api) -> None:
    made = closings.close_plan(
        plan=Plan.objects.get(), by=factories.BY, now=timezone.now(), reason="x", as_of=date(2025, 1, 6)
    )
    leave()
    later(3)
    question = scorecards.ScorecardQuery(
        made.plan, made.as_of, date(2026, 1, 1), factories.BY, recorded_by=made.recorded_by
    )
    second = [scorecard.payload for scorecard in scorecards.evaluate_plan(question)]
    frozen = json.loads(made.content)["targets"]
    assert [{name: row[name] for name in body} for row, body in zip(frozen, second, strict=True)] == second
    assert Indicator.objects.count() == 1


def test_an_amendment_says_what_it_changes_today(api: Api) -> None:
    path = "targets/plan:sales:city/amendments/"
    changed = api.post(path, {"lower": "1150", "announced": "2024-12-20"}).ok(201)["changed"]
    assert [(row["before"]["status"], row["after"]["status"]) for row in changed] == [("missed", "met")]
    assert [(row["before"]["version"], row["after"]["version"]) for row in changed] == [(1, 2)]
    assert api.post(path, {"announced": "2199-12-20", "lower": "5"}).ok(201)["changed"] == []
