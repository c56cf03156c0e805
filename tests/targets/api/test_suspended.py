"""Suspended and withdrawn targets: the past stays, nothing is owed, and every list keeps them apart."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from kpitracker.lib import clock
from kpitracker.lib.spreadsheets.reading import Workbook
from targets.catalogue import export
from targets.models import Alert, AlertRule, Delivery, Plan, StatusChange
from targets.services.assessment import assess, daily
from targets.services.reports import year_report
from targets.services.text import alert_messages
from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

ID, KEPT = "plan:sales:city", "plan:jobs:city"
ACT = {"act": "Resolution 7", "reason": "The epidemic", "announced": "2024-07-01"}
SUSPENDED, WITHDRAWN = {"state": "suspended", **ACT}, {"state": "withdrawn", **ACT}
ENDED = [pytest.param(SUSPENDED, id="suspended"), pytest.param(WITHDRAWN, id="withdrawn")]


@pytest.fixture
def api() -> Api:
    """Two targets of 2024: of sales 300 of 1,200 were known in April, of jobs all."""
    factories.world()
    factories.indicator("jobs", department="statistics")
    factories.target("jobs")
    factories.figure("sales", "2024-Q1", 250, published="2024-04-10")
    factories.figure("jobs", "2024-Q1", 300, published="2024-04-10")
    assess.process_series_changes(now=clock.now())
    return api_of()


def amend(api: Api, body: dict[str, Any], target: str = ID) -> Any:
    return api.post(f"targets/{target}/amendments/", body)


def status(api: Api, day: str, query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"targets/{ID}/status/?as_of={day}{query}").ok()
    return answer


@pytest.mark.database
@pytest.mark.parametrize("ending", ENDED)
class TestAnswers:
    def test_the_assessment_of_the_day_before_stays_whatever_is_posted_later(
        self, api: Api, ending: dict[str, Any]
    ) -> None:
        before = status(api, "2024-06-30")
        amend(api, ending).ok(201)
        factories.figure("sales", "2024-07", 900, published="2024-08-10")
        assess.process_series_changes(now=clock.now())
        after = status(api, "2024-12-31")
        kept = ("status", "actual", "covered_through", "expected", "variance", "required", "label")
        assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
        assert (before["state"], after["state"]) == ("adopted", ending["state"])
        assert after["freshness"]["next_due"] is None
        assert after["freshness"]["overdue"] is False
        assert status(api, "2024-06-30") == before
        (row,) = api.rows("statuses/?indicator=sales")
        assert (row["status"], row["actual"], row["state"]) == (before["status"], before["actual"], ending["state"])
        assert api.get(f"targets/{ID}/").ok()["state"] == ending["state"]

    def test_it_leaves_counts_and_score_on_its_day_and_the_row_stays(self, api: Api, ending: dict[str, Any]) -> None:
        before = api.get("plans/plan/scorecard/?as_of=2024-06-30").ok()
        amend(api, ending).ok(201)
        after = api.get("plans/plan/scorecard/?as_of=2024-07-01").ok()
        assert api.get("plans/plan/scorecard/?as_of=2024-06-30").ok()["totals"] == before["totals"]
        counts = {name: after["totals"][name] for name in ("targets", "suspended", "withdrawn")}
        assert counts == {"targets": 1, "suspended": 0, "withdrawn": 0, ending["state"]: 1}
        assert sum(after["totals"]["counts"].values()) == 1
        assert {row["target"]: row["state"] for row in after["targets"]} == {ID: ending["state"], KEPT: "adopted"}

    def test_nothing_is_owed_for_it_and_the_past_stays(self, api: Api, ending: dict[str, Any]) -> None:
        def due(day: str) -> set[str]:
            return {row["indicator"] for row in api.rows(f"reporting/due/?as_of={day}&since=2024-01-01")}

        def completeness(day: str) -> list[dict[str, Any]]:
            return api.rows(f"reporting/completeness/?as_of={day}&from=2024-01-01&to=2024-06-30")

        past, past_due = completeness("2024-06-30"), due("2024-06-30")
        late = [(row["month"], row["missing"]) for row in completeness("2024-12-31")]
        amend(api, ending).ok(201)
        assert (due("2024-06-30"), due("2024-07-01"), due("2024-12-31")) == (past_due, {"jobs"}, {"jobs"})
        assert completeness("2024-06-30") == past
        # In each month one of the two targets is left: what it had reported still counts, what is missing is not owed.
        kept = [(row["month"], row["missing"]) for row in completeness("2024-12-31")]
        assert kept == [(month, missing // 2) for month, missing in late]
        template = Workbook(io.BytesIO(api.get("measurements/template/?plan=plan").raw))
        assert {row[0] for row in template.rows()} >= {"jobs"}
        assert "sales" not in {row[0] for row in template.rows()}

    def test_what_if_changes_nothing_about_it(self, api: Api, ending: dict[str, Any]) -> None:
        amend(api, ending).ok(201)
        figure = {"indicator": "sales", "period": "2024-07", "value": "5000"}
        answer = api.post("plans/plan/what-if/", {"as_of": "2024-12-31", "figures": [figure]}).ok()
        assert answer["changes"] == []
        assert answer["totals"]["targets"] == answer["before"]["targets"] == 1

    def test_no_copy_no_catalogue_and_a_dash_in_the_table_of_the_year(self, api: Api, ending: dict[str, Any]) -> None:
        amend(api, ending).ok(201)
        copy = api.post("plans/plan/copy/", {"code": "next"}).ok(201)
        assert copy["targets"] == ["next:jobs:city"]
        assert [(row["target"], row["field"]) for row in copy["skipped"]] == [(ID, None)]
        book = io.BytesIO()
        export.write_catalogue(book, by=factories.BY, now=clock.now())
        assert {row[1] for row in Workbook(book).rows("targets")} == {"indicator", "jobs"}
        table = year_report.render_year_table(Plan.objects.get(code="plan"), 2024, date(2025, 3, 1))
        (line,) = [line for line in table.splitlines() if line.startswith("| `sales`")]
        cells = [cell.strip() for cell in line.strip("|").split("|")[1:]]
        assert set(cells[6:]) == {"–"}
        assert "–" not in cells[:6]

    def test_a_frozen_scorecard_keeps_it_apart(self, api: Api, ending: dict[str, Any]) -> None:
        amend(api, ending).ok(201)
        api.post("plans/plan/closings/", {"reason": "end", "as_of": "2024-12-31"}).ok(201)
        comparison = api.get("plans/plan/closings/1/comparison/?as_of=2024-12-31").ok()
        assert comparison["before"] == comparison["after"]
        assert comparison["before"][ending["state"]] == 1
        assert comparison["targets"] == []

    def test_the_difference_since_a_day_says_it(self, api: Api, ending: dict[str, Any]) -> None:
        amend(api, ending).ok(201)
        card = api.get("plans/plan/scorecard/?as_of=2024-07-01&changed_since=2024-06-30").ok()
        (change,) = card["changes"]
        assert (change["before"]["state"], change["after"]["state"]) == ("adopted", ending["state"])


REFUSED: list[Any] = [
    pytest.param([], {**SUSPENDED, "act": ""}, 400, "/act", "required", id="a suspension without an act"),
    pytest.param([], {**WITHDRAWN, "reason": " "}, 400, "/reason", "required", id="a withdrawal with an empty reason"),
    pytest.param([], {k: v for k, v in WITHDRAWN.items() if k != "reason"}, 400, "/reason", "required", id="its reason left out"),
    pytest.param([], {k: v for k, v in SUSPENDED.items() if k != "announced"}, 400, "/announced", "required", id="its day left out"),
    pytest.param([], {**SUSPENDED, "announced": "2023-12-08"}, 400, "/announced", "invalid-date", id="from the day of adoption"),
    pytest.param([], {**SUSPENDED, "lower": "5"}, 400, "/lower", "immutable", id="other terms at the same time"),
    pytest.param([WITHDRAWN], {"announced": "2024-09-01"}, 409, "", "target-withdrawn", id="an amendment after a withdrawal"),
    pytest.param([WITHDRAWN], {**SUSPENDED, "announced": "2024-09-01"}, 409, "", "target-withdrawn", id="a suspension after a withdrawal"),
    pytest.param([WITHDRAWN], {"announced": "2024-09-01", "state": "draft"}, 409, "", "target-withdrawn", id="a draft after a withdrawal"),
    pytest.param([SUSPENDED], {"announced": "2024-09-01", "lower": "5"}, 400, "/state", "required", id="an amendment of a suspended target that does not say whether it counts again"),
    pytest.param([SUSPENDED], {"state": "amended", "announced": "2024-09-01", "lower": "5"}, 400, "/state", "required", id="one that says only that it amends"),
    pytest.param([SUSPENDED], {**SUSPENDED, "announced": "2024-09-01"}, 400, "/state", "invalid-choice", id="a suspension of a suspended target"),
    pytest.param([{**SUSPENDED, "announced": "2024-09-01"}], SUSPENDED, 400, "/state", "invalid-choice", id="a suspension before another one"),
]  # fmt: skip


@pytest.mark.parametrize(("earlier", "body", "code", "pointer", "slug"), REFUSED)
def test_refused(api: Api, earlier: list[Any], body: Any, code: int, pointer: str, slug: str) -> None:
    for amendment in earlier:
        amend(api, amendment).ok(201)
    count = len(api.rows(f"targets/{ID}/amendments/"))
    answer = amend(api, body)
    assert answer.status == code, answer.json
    assert answer.slug == slug if code == 409 else (pointer, slug) in answer.pointers
    assert len(api.rows(f"targets/{ID}/amendments/")) == count


ACCEPTED = [
    pytest.param([SUSPENDED], {"state": "adopted", "announced": "2024-09-01"}, "adopted", id="a suspended target is adopted again"),
    pytest.param([SUSPENDED], {"state": "adopted", "announced": "2024-09-01", "lower": "900"}, "adopted", id="under other terms"),
    pytest.param([SUSPENDED], {**WITHDRAWN, "announced": "2024-09-01"}, "withdrawn", id="a suspended target is withdrawn"),
    pytest.param([], {**SUSPENDED, "lower": "1200"}, "suspended", id="the same terms said again"),
]  # fmt: skip


@pytest.mark.parametrize(("earlier", "body", "state"), ACCEPTED)
def test_accepted(api: Api, earlier: list[Any], body: Any, state: str) -> None:
    for amendment in earlier:
        amend(api, amendment).ok(201)
    assert amend(api, body).ok(201)["state"] == state
    factories.figure("sales", "2024-Q2", 500, published="2024-09-02")
    answer = status(api, "2024-09-02")
    assert answer["state"] == state
    assert answer["actual"] == ("750" if state == "adopted" else "250")


@pytest.mark.parametrize("state", ["suspended", "withdrawn"])
@pytest.mark.parametrize("query", ["", "&version=original", "&version=1", "&version=2"])
def test_every_version_that_is_asked_for_is_judged_as_of_the_day_before(api: Api, query: str, state: str) -> None:
    amend(api, {**SUSPENDED, "state": state}).ok(201)
    factories.figure("sales", "2024-07", 900, published="2024-08-10")
    answer = status(api, "2024-12-31", query)
    assert (answer["state"], answer["actual"]) == (state, "250")
    assert (answer["freshness"]["overdue"], answer["freshness"]["next_due"]) == (False, None)


def test_an_act_of_an_earlier_day_keeps_the_terms_of_that_day(api: Api) -> None:
    """What a later act decided was not promised yet on the day of one that is recorded after it."""
    amend(api, {"announced": "2024-09-01", "lower": "900"}).ok(201)
    earlier = amend(api, {"announced": "2024-05-01", "tolerance": "7"}).ok(201)
    assert (earlier["lower"], earlier["tolerance"]) == ("1200", "7")
    lower = {day: status(api, day)["explanation"]["terms"]["lower"] for day in ("2024-06-15", "2024-09-02")}
    assert lower == {"2024-06-15": "1200", "2024-09-02": "900"}


def test_an_amendment_of_a_later_day_ends_no_suspension(api: Api) -> None:
    amend(api, {"announced": "2024-09-01", "lower": "900"}).ok(201)
    amend(api, SUSPENDED).ok(201)
    assert [status(api, day)["state"] for day in ("2024-08-31", "2024-09-02")] == ["suspended", "suspended"]
    amend(api, {"state": "adopted", "announced": "2024-10-01"}).ok(201)
    assert status(api, "2024-10-02")["state"] == "adopted"


def test_before_it_was_recorded_it_was_not_suspended(api: Api) -> None:
    moment = timezone.now().isoformat().replace("+", "%2B")
    amend(api, SUSPENDED).ok(201)
    assert status(api, "2024-12-31", f"&recorded_by={moment}")["state"] == "adopted"


@pytest.mark.parametrize("state", ["suspended", "withdrawn"])
def test_a_new_target_is_neither(api: Api, state: str) -> None:
    factories.plan("other")
    body = {"plan": "other", "indicator": "sales", "goal": "at_least", "lower": "1", "state": state}
    assert ("/state", "invalid-choice") in api.post("targets/", body).pointers


class TestDeletion:
    @pytest.mark.parametrize(
        ("states", "is_deleted"),
        [
            pytest.param(["draft"], True, id="a draft"),
            pytest.param(["draft", "draft"], True, id="a draft that was changed"),
            pytest.param(["adopted"], False, id="an adopted target, also without any result"),
            pytest.param(["draft", "adopted"], False, id="a draft that was adopted"),
            pytest.param(["adopted", "suspended"], False, id="a suspended target"),
            pytest.param(["adopted", "withdrawn"], False, id="a withdrawn target"),
        ],
    )
    def test_only_a_draft_that_was_never_adopted(self, api: Api, states: list[str], is_deleted: bool) -> None:
        factories.plan("other")
        target = factories.target(plan="other", state=states[0])
        for number, state in enumerate(states[1:], 1):
            amend(api, {**ACT, "state": state, "announced": f"2024-0{number}-01"}, target.identifier).ok(201)
        moment = timezone.now().isoformat().replace("+", "%2B")
        answer = api.delete(f"targets/{target.identifier}/", If_Match="*")
        assert answer.status == (204 if is_deleted else 409)
        if not is_deleted:
            assert "withdraw" in answer.problem(409, "in-use")["detail"]
        removed = api.get(f"statuses/?updated_after={moment}").ok()["removed"]
        assert removed == ([target.identifier] if is_deleted else [])


@pytest.mark.database
class TestAlerts:
    """The target is off track, and its department was told."""

    @pytest.fixture(autouse=True)
    def breach(self, api: Api, settings: Any) -> None:
        settings.ALERT_EMAIL = ""
        factories.figure("sales", "2024", 900)
        assess.process_series_changes(now=clock.now())
        assert list(Alert.objects.values_list("target__identifier", "state")) == [(ID, "firing")]

    def sent(self) -> list[tuple[str, str]]:
        return list(Delivery.objects.order_by("pk").values_list("event", "snapshot__closed"))

    @pytest.mark.parametrize("state", ["suspended", "withdrawn"])
    def test_open_alerts_close_with_the_reason_and_it_is_said_once(self, api: Api, state: str) -> None:
        before = len(self.sent())
        amend(api, {**ACT, "state": state, "announced": clock.today().isoformat()}).ok(201)
        factories.figure("sales", "2024", 1)
        assess.process_series_changes(now=clock.now())
        daily.assess_all(now=clock.now())
        (alert,) = api.rows("alerts/")
        assert (alert["state"], alert["resolution_reason"]) == ("resolved", f"target-{state}")
        assert self.sent()[before:] == [("resolved", f"target-{state}")]

    @pytest.mark.parametrize(("state", "word"), [("suspended", "tạm dừng"), ("withdrawn", "bãi bỏ")])
    @pytest.mark.parametrize("announced", [0, 1, 40], ids=["today", "yesterday", "before the figures came"])
    def test_it_is_told_as_suspended_never_by_the_status_of_the_day_before(
        self, api: Api, state: str, word: str, announced: int
    ) -> None:
        StatusChange.objects.all().delete()
        factories.figure("sales", "2024", 5000)
        day = clock.today() - timedelta(days=announced)
        amend(api, {**ACT, "state": state, "announced": day.isoformat()}).ok(201)
        assess.process_series_changes(now=clock.now())
        daily.assess_all(now=clock.now())
        assert StatusChange.objects.count() == 0
        message: Any = Delivery.objects.filter(event="resolved").get()
        with override("en"):
            texts = alert_messages.message_texts(message.snapshot, message.event, message.alert.opened_at)
        assert texts["headline"] == f"Sales: {state} (closed)"
        assert f", 2024: {state}." in texts["short"]
        with override("vi"):
            assert f": {word} (đóng cảnh báo)" in alert_messages.alert_headline(message.snapshot, "resolved")

    def test_taken_up_again_its_change_is_from_the_status_that_was_told_last(self, api: Api) -> None:
        last = StatusChange.objects.filter(target__identifier=ID).latest("pk").after
        yesterday = (clock.today() - timedelta(days=1)).isoformat()
        amend(api, {**SUSPENDED, "announced": yesterday}).ok(201)
        factories.figure("sales", "2024", 5000)
        assess.process_series_changes(now=clock.now())
        amend(api, {"state": "adopted", "announced": clock.today().isoformat()}).ok(201)
        assess.process_series_changes(now=clock.now())
        change = StatusChange.objects.filter(target__identifier=ID).latest("pk")
        assert (change.before, change.after) == (last, "exceeded")

    def test_one_that_is_announced_for_later_closes_them_on_its_day(self, api: Api) -> None:
        tomorrow = clock.now() + timedelta(days=1)
        amend(api, {**SUSPENDED, "announced": clock.local_day(tomorrow).isoformat()}).ok(201)
        assert daily.assess_expired(now=clock.now()) == 0
        assert Alert.objects.get().state == "firing"
        daily.assess_expired(now=tomorrow)
        assert Alert.objects.get().resolution_reason == "target-suspended"

    def test_the_rule_about_amendments_says_it(self, api: Api) -> None:
        AlertRule.objects.filter(code="target-amended").update(active=True)
        amend(api, {**WITHDRAWN, "announced": clock.today().isoformat()}).ok(201)
        (alert,) = api.rows("alerts/?rule=target-amended")
        assert "The target is withdrawn from" in alert["message"]
        assert "(Resolution 7)" in alert["message"]

    def test_taken_up_again_it_may_be_told_of_again(self, api: Api) -> None:
        today = clock.today().isoformat()
        amend(api, {**SUSPENDED, "announced": today}).ok(201)
        amend(api, {"state": "adopted", "announced": today}).ok(201)
        factories.figure("sales", "2024", 800)
        assess.process_series_changes(now=clock.now())
        assert list(Alert.objects.order_by("pk").values_list("state", "episode")) == [("resolved", 1), ("firing", 2)]


@pytest.mark.parametrize(
    ("state", "word", "vietnamese"), [("suspended", "suspended", "tạm dừng"), ("withdrawn", "withdrawn", "bãi bỏ")]
)
@pytest.mark.parametrize("comes", ["before the act", "after the act"])
def test_figures_that_came_on_its_day_are_never_called_missing(
    settings: Any, state: str, word: str, vietnamese: str, comes: str
) -> None:
    """As of the day before nothing was known; who reads that nothing was reported looks for figures that are there."""
    settings.ALERT_EMAIL = ""
    factories.world()
    assess.process_series_changes(now=clock.now())
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    alerts = Alert.objects.filter(target__identifier=ID)
    assert alerts.exists()
    today = clock.today().isoformat()
    if comes == "after the act":
        amend(api_of(), {**ACT, "state": state, "announced": today}).ok(201)
        factories.figure("sales", "2024", 950)
    else:
        factories.figure("sales", "2024", 950)
        amend(api_of(), {**ACT, "state": state, "announced": today}).ok(201)
    assess.process_series_changes(now=clock.now())
    words = (
        "nothing was reported",
        "no data",
        "missing",
        "chưa có báo cáo",
        "còn thiếu",
        "chưa có kết quả:",
        "actual:",
        "đến nay",
    )
    for language, ended, until_then in (
        ("en", word, "until then it had no result"),
        ("vi", vietnamese, "trước đó chưa có kết quả"),
    ):
        with override(language):
            sentence = api_of().get(f"targets/{ID}/status/", Accept_Language=language).ok()["explanation"]["sentence"]
            message: Any = Delivery.objects.filter(event="resolved").latest("pk")
            texts = alert_messages.message_texts(message.snapshot, message.event, message.alert.opened_at)
            mail = render_to_string(f"tasks/alert_{language}.txt", {"words": texts})
            page = render_to_string(f"tasks/alert_{language}.html", {"words": texts})
        assert sentence.startswith(ended)
        assert sentence.endswith(until_then)
        for answer in (sentence, texts["short"], mail, page):
            assert not [claim for claim in words if claim in answer.lower()], answer
