"""The life of an alert: told, answered, brought to mind, raised, closed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from indicators.domain.calendars import due_day
from indicators.domain.choices import DueUnit
from indicators.models import Indicator
from indicators.services.catalogue import indicators
from kpitracker.lib import clock
from kpitracker.lib.models.audit import AuditEntry
from targets.models import Alert, AlertRule, Delivery, Silence, Target
from targets.services.alerting import engine, rules
from targets.services.alerting.store import EvaluatedTarget
from targets.services.assessment import assess
from targets.services.evaluation import evaluate
from targets.services.planning import targets
from targets.services.text import alert_messages
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = pytest.mark.django_db

REMIND, ESCALATE = 5, 10  # worked days, as the rule of the house has it


@pytest.fixture
def api() -> Api:
    """A target of this year and the next that is off track by a figure posted now: one alert, told to the office."""
    factories.department("city-hall", email="mayor@example.org")
    factories.department("statistics", parent="city-hall", email="office@example.org")
    factories.indicator("sales", department="statistics")
    factories.area("city")
    year = clock.today().year
    factories.plan("plan", f"{year}-01/{year + 1}-12")
    factories.target("sales", lower=24 * 1000)
    post(1300)
    post(900)
    return api_of()


def post(value: int) -> None:
    """Of January, of which 1000 are asked."""
    factories.figure("sales", f"{clock.today().year}-01", value)
    assess.process_series_changes(now=clock.now())


def alert() -> Alert:
    return Alert.objects.latest("opened_at")


def path(verb: str = "") -> str:
    return f"alerts/{alert().pk}/{verb}"


def after(days: int) -> datetime:
    """The moment in so many worked days from today."""
    day = due_day(clock.today(), days, DueUnit.WORKING_DAYS)
    return clock.start_of_day(day) + timedelta(hours=9)


def told() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("event", "recipient"))


OPENED = ("opened", "office@example.org")


def test_who_was_told_and_what_comes_next_is_shown(api: Api) -> None:
    body = api.get(path()).ok()
    assert [(row["event"], row["recipient"], row["channel"], row["state"]) for row in body["deliveries"]] == [
        (*OPENED, "email", "pending")
    ]
    assert body["next_step"] == "reminder"
    assert body["next_check_at"] == clock.start_of_day(due_day(clock.today(), REMIND, DueUnit.WORKING_DAYS)).isoformat()
    assert (body["last_notified_on"], body["escalation_level"]) == (clock.today().isoformat(), 0)


@pytest.mark.database
def test_without_an_answer_it_is_brought_to_mind_and_then_raised(api: Api) -> None:
    assert engine.process_due_alerts(now=after(REMIND - 1)) == 0
    assert engine.process_due_alerts(now=after(REMIND)) == 1
    assert engine.process_due_alerts(now=after(REMIND)) == 0
    assert told() == [OPENED, ("reminder", "office@example.org")]
    assert engine.process_due_alerts(now=after(ESCALATE)) == 1
    assert told()[2:] == [("escalation", "mayor@example.org")]
    assert alert().escalation_level == 1
    # Nobody is above: it is brought to mind of the one who knows of it last, after twice as long as at first.
    assert engine.process_due_alerts(now=after(ESCALATE + 2 * REMIND)) == 1
    assert told()[3:] == [("reminder", "mayor@example.org")]


def test_its_end_is_told_to_all_who_were_told(api: Api) -> None:
    for days in (REMIND, ESCALATE):
        engine.process_due_alerts(now=after(days))
    post(1300)
    assert told()[3:] == [("resolved", "office@example.org"), ("resolved", "mayor@example.org")]


def test_closed_by_hand_it_is_told_to_all_who_were_told(api: Api) -> None:
    engine.process_due_alerts(now=after(ESCALATE))
    api.post(path("resolve/"), {"reason": "Counted twice"}).ok()
    assert told()[2:] == [("resolved", "office@example.org"), ("resolved", "mayor@example.org")]


def test_who_may_not_see_it_any_more_is_not_told_its_end(api: Api) -> None:
    """The alert goes over to another department, which was never told of it, and the indicator becomes restricted."""
    factories.department("health", email="health@example.org")
    of = Indicator.objects.get()
    indicators.update_indicator(indicator=of, by=factories.BY, now=clock.now(), department="health", restricted=True)
    post(1300)
    assert told() == [OPENED]


def test_why_it_was_closed_is_told(api: Api) -> None:
    api.post(path("resolve/"), {"reason": "Counted <twice>"}).ok()
    facts = Delivery.objects.get(event="resolved").snapshot
    with translation.override("en"):
        assert alert_messages.event_sentence("resolved", facts).endswith(": Counted <twice>")


def test_whoever_answers_is_left_alone_until_the_promised_day_is_over(api: Api) -> None:
    promised_day = due_day(clock.today(), ESCALATE, DueUnit.WORKING_DAYS)
    body = {"note": "Floods; a second shift from June on", "promised_day": promised_day.isoformat()}
    answer = api.post(path("acknowledge/"), body).ok()
    assert (answer["state"], answer["acknowledgement_note"], answer["promised_day"]) == ("acknowledged", *body.values())
    assert answer["acknowledged_by"]
    engine.process_due_alerts(now=after(ESCALATE))
    assert told() == [OPENED]
    assert engine.process_due_alerts(now=after(ESCALATE + 1)) == 1
    assert told() == [OPENED, ("reminder", "office@example.org")]
    assert alert().state == "firing"
    assert AuditEntry.objects.filter(verb="acknowledged", object_id=str(alert().pk)).exists()


def test_what_grows_worse_is_told_anew_after_an_answer() -> None:
    """Of a running year, where at risk may become off track."""
    factories.world()
    factories.plan("running", str(clock.today().year))
    target = factories.target("sales", plan="running")
    first = f"{clock.today().year}-01"
    for value in (100, 98):
        factories.figure("sales", first, value)
        assess.process_series_changes(now=clock.now())
    body = Alert.objects.get(target=target, rule__code="status-worrying")
    api_of().post(f"alerts/{body.pk}/acknowledge/", {"note": "It comes"}).ok()
    factories.figure("sales", first, 50)
    assess.process_series_changes(now=clock.now())
    body.refresh_from_db()
    assert (body.state, body.status, body.message_count) == ("firing", "off_track", 2)


def test_its_end_is_told_even_in_a_silence(api: Api) -> None:
    until = (clock.now() + timedelta(days=90)).isoformat()
    made = api.post(path("silence/"), {"until": until, "reason": "Audit"}).ok(201)
    assert (made["alert"], made["reason"]) == (str(alert().pk), "Audit")
    engine.process_due_alerts(now=after(ESCALATE + REMIND))
    assert told() == [OPENED]
    post(1300)
    assert told() == [OPENED, ("resolved", "office@example.org")]
    assert alert().state == "resolved"


def test_after_a_silence_it_is_brought_to_mind(api: Api) -> None:
    until = after(REMIND + 1)
    api.post(path("silence/"), {"until": until.isoformat(), "reason": "Audit"}).ok(201)
    engine.process_due_alerts(now=until - timedelta(minutes=1))
    assert told() == [OPENED]
    engine.process_due_alerts(now=until + timedelta(minutes=1))
    assert told() == [OPENED, ("reminder", "office@example.org")]


def test_closed_by_hand_it_stays_closed_until_it_breaks_anew(api: Api) -> None:
    body = api.post(path("resolve/"), {"reason": "Counted twice; corrected next month"}).ok()
    assert (body["state"], body["resolution_reason"]) == ("resolved", "Counted twice; corrected next month")
    assert told() == [OPENED, ("resolved", "office@example.org")]
    post(880)
    assert Alert.objects.count() == 1
    post(1300)
    post(880)
    assert list(Alert.objects.order_by("episode").values_list("episode", "state")) == [
        (1, "resolved"),
        (2, "firing"),
    ]


REFUSED: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "no explanation": ("acknowledge/", {}, 400, "required"),
    "a blank one": ("acknowledge/", {"note": "  "}, 400, "required"),
    "a promise for yesterday": (
        "acknowledge/",
        {"note": "x", "promised_day": "2024-01-01"},
        400,
        "invalid-date",
    ),
    "a promise without end": ("acknowledge/", {"note": "x", "promised_day": "9999-12-31"}, 400, "invalid-date"),
    "a promise for longer than a year": (
        "acknowledge/",
        {"note": "x", "promised_day": (clock.today() + timedelta(days=368)).isoformat()},
        400,
        "invalid-date",
    ),
    "a field that is not known": ("acknowledge/", {"note": "x", "by": "me"}, 400, "unknown-field"),
    "no reason for closing": ("resolve/", {}, 400, "required"),
    "a silence that is over": ("silence/", {"until": "2024-01-01T00:00:00+07:00", "reason": "x"}, 400, "invalid-date"),
    "a silence without a reason": ("silence/", {"until": "2099-01-01T00:00:00+07:00", "reason": ""}, 400, "required"),
}


@pytest.mark.parametrize(("verb", "body", "status", "slug"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(api: Api, verb: str, body: dict[str, Any], status: int, slug: str) -> None:
    api.post(path(verb), body).problem(status, slug)
    assert (alert().state, told()) == ("firing", [OPENED])


ANSWERS: dict[str, Callable[[Api], Answer]] = {
    "acknowledge": lambda api: api.post(path("acknowledge/"), {"note": "x"}),
    "resolve": lambda api: api.post(path("resolve/"), {"reason": "x"}),
    "silence": lambda api: api.post(path("silence/"), {"until": "2099-01-01T00:00:00+07:00", "reason": "x"}),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_is_closed_needs_no_answer(api: Api, answer: Callable[[Api], Answer]) -> None:
    post(1300)
    answer(api).problem(409, "alert-not-open")


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_others_do_not_answer_for_a_department(api: Api, answer: Callable[[Api], Answer]) -> None:
    factories.department("health")
    answer(api_of("health")).problem(403, "not-your-target")
    assert (alert().state, Silence.objects.count()) == ("firing", 0)


def test_those_below_and_above_and_who_works_for_it_answer(api: Api) -> None:
    factories.department("health")
    targets.update_target(target=Target.objects.get(), by=factories.BY, now=clock.now(), cooperating=["health"])
    for code in ("health", "statistics", "city-hall"):
        api_of(code).post(path("acknowledge/"), {"note": code}).ok()
    assert alert().acknowledgement_note == "city-hall"


class TestAResultIsKnown:
    """Nothing more can be brought about: the alert is closed instead of its next reminder."""

    @pytest.fixture(autouse=True)
    def missed(self, api: Api) -> None:
        Alert.objects.all().update(state="resolved", resolved_at=clock.now())
        factories.plan("last", "2024")
        factories.target("sales", plan="last")
        for value in (1300, 900):
            factories.figure("sales", "2024", value)
            assess.process_series_changes(now=clock.now())

    def told(self) -> list[str]:
        return [event for event, _ in told()[1:]]

    def test_when_it_would_be_brought_to_mind(self) -> None:
        engine.process_due_alerts(now=after(REMIND - 1))
        assert (alert().state, self.told()) == ("firing", ["opened"])
        engine.process_due_alerts(now=after(REMIND))
        assert (alert().state, alert().next_check_at, self.told()) == ("resolved", None, ["opened", "resolved"])
        assert AuditEntry.objects.filter(verb="resolved", object_id=str(alert().pk), actor="assessment").exists()

    def test_its_closing_says_so(self) -> None:
        engine.process_due_alerts(now=after(REMIND))
        with translation.override("vi"):
            assert alert_messages.event_sentence("resolved", Delivery.objects.latest("pk").snapshot).startswith(
                "Đã có kết quả cuối kỳ"
            )

    def test_after_the_promised_day_where_there_is_one(self, api: Api) -> None:
        promised_day = due_day(clock.today(), ESCALATE, DueUnit.WORKING_DAYS)
        api.post(path("acknowledge/"), {"note": "x", "promised_day": promised_day.isoformat()}).ok()
        engine.process_due_alerts(now=after(ESCALATE))
        assert alert().state == "acknowledged"
        engine.process_due_alerts(now=after(ESCALATE + 1))
        assert (alert().state, self.told()) == ("resolved", ["opened", "resolved"])

    def test_answered_without_a_day_as_if_nobody_had(self, api: Api) -> None:
        api.post(path("acknowledge/"), {"note": "x"}).ok()
        engine.process_due_alerts(now=clock.now())
        assert alert().state == "acknowledged"
        engine.process_due_alerts(now=after(REMIND))
        assert (alert().state, self.told()) == ("resolved", ["opened", "resolved"])

    def test_where_nobody_is_ever_reminded_it_waits_for_an_answer(self) -> None:
        TestRules().rule(remind_days=0, escalate_days=0)
        engine.process_due_alerts(now=after(99))
        assert alert().state == "firing"


class TestRules:
    def rule(self, **values: Any) -> AlertRule:
        body = AlertRule.objects.get(code="status-worrying")
        return rules.change_rule(rule=body, by=factories.BY, **values)

    def test_one_that_is_switched_off_closes_its_alerts(self, api: Api) -> None:
        self.rule(active=False)
        engine.process_due_alerts(now=clock.now())
        assert (alert().state, told()[1:]) == ("resolved", [("resolved", "office@example.org")])

    def test_one_of_another_scope_closes_its_alerts(self, api: Api) -> None:
        factories.department("health")
        self.rule(department="health")
        engine.process_due_alerts(now=clock.now())
        assert alert().state == "resolved"

    def test_of_a_department_it_is_about_all_below(self, api: Api) -> None:
        self.rule(department="city-hall", remind_days=1)
        engine.process_due_alerts(now=clock.now())
        assert alert().state == "firing"

    def test_what_must_hold_for_two_figures_is_told_with_the_second(self, api: Api) -> None:
        self.rule(for_figures=2)
        post(1300)
        post(900)
        held = alert()
        assert (held.state, held.episode, len(told())) == ("pending", 2, 2)
        post(890)
        assert (alert().state, told()[2:]) == ("firing", [OPENED])

    def test_what_ends_before_it_was_told_was_nothing(self, api: Api) -> None:
        self.rule(for_hours=24)
        post(1300)
        post(900)
        post(1300)
        assert [row.state for row in Alert.objects.all()] == ["resolved"]
        assert len(told()) == 2

    def test_what_must_hold_for_a_day_is_told_when_it_has(self, api: Api) -> None:
        self.rule(for_hours=24)
        post(1300)
        post(900)
        assert engine.process_due_alerts(now=clock.now() + timedelta(hours=23)) == 0
        assert engine.process_due_alerts(now=clock.now() + timedelta(hours=25)) == 1
        assert (alert().state, told()[2:]) == ("firing", [OPENED])

    def test_what_flaps_is_one_alert(self, api: Api) -> None:
        self.rule(keep_firing_hours=24)
        for value in (1300, 900, 1300, 880):
            post(value)
        assert (Alert.objects.get().state, told()) == ("firing", [OPENED])
        post(1300)
        engine.process_due_alerts(now=clock.now() + timedelta(hours=25))
        assert told() == [OPENED, ("resolved", "office@example.org")]


def test_overdue_figures_are_told_days_after_they_were_due() -> None:
    factories.world()
    year = clock.today().year
    factories.plan("running", str(year))
    target = factories.target("sales", plan="running")
    AlertRule.objects.exclude(code="figures-overdue").update(active=False)
    factories.figure("sales", f"{year}-01", 100)
    assess.process_series_changes(now=clock.now())
    Alert.objects.all().delete()
    judged = evaluate.evaluate_targets(
        targets=Target.objects.filter(pk=target.pk).for_assessment(), as_of=date(year, 4, 1), today=clock.today()
    )
    assert judged[0].assessment.overdue
    checked = [EvaluatedTarget(judged[0], "on_track", False, was_overdue=False)]
    noon = clock.start_of_day(date(year, 4, 1)) + timedelta(hours=12)
    engine.process_evaluations(evaluated_targets=checked, now=noon)
    held = Alert.objects.get()
    assert (held.state, held.rule.code, Delivery.objects.count()) == ("pending", "figures-overdue", 0)
    due = due_day(date(year, 4, 1), 5, DueUnit.WORKING_DAYS)
    assert held.next_check_at == clock.start_of_day(due + timedelta(days=1))
    engine.process_evaluations(evaluated_targets=checked, now=held.next_check_at)
    assert (Alert.objects.get().state, Delivery.objects.get().event) == ("firing", "opened")


def test_a_target_may_have_several_silences(api: Api) -> None:
    for days in (1, 30):
        until = (clock.now() + timedelta(days=days)).isoformat()
        api.post(path("silence/"), {"until": until, "reason": "x"}).ok(201)
    engine.process_due_alerts(now=clock.now())
    assert alert().next_check_at == Silence.objects.latest("ends_at").ends_at
