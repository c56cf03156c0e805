"""What rules find beside the assessment, through a year: each occasion is told once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import translation

from kpitracker.lib import clock
from kpitracker.lib.models import JobRun
from targets.models import Action, Alert, AlertRule, Delivery, Target
from targets.services.alerting import engine, scheduled, user_responses
from targets.services.assessment import assess, daily
from targets.services.notifications import webhook_payload as events_of
from targets.services.planning import actions, targets
from targets.services.text import alert_facts, alert_messages
from tasks.channels import email
from tests import factories

pytestmark = pytest.mark.django_db

OPENED, WORSE, OVER = "opened", "worse", "resolved"


@pytest.fixture(autouse=True)
def world() -> None:
    """Twelve hundred in 2024, a hundred a month; a month's figures are due twenty days after it."""
    AlertRule.objects.update(active=False)
    with at("2024-02-15"):
        factories.world()
        post("2024-01", 100)


def at(day: str) -> Any:
    return time_machine.travel(datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=3))


def only(code: str, **values: Any) -> AlertRule:
    """One rule that is switched on, of those of a new house."""
    AlertRule.objects.update(active=False)
    AlertRule.objects.filter(code=code).update(active=True, **values)
    return AlertRule.objects.get(code=code)


def post(period: str, value: int, *, of: str = "sales", **values: Any) -> None:
    factories.figure(of, period, value, **values)
    assess.process_series_changes(now=clock.now())


def sweep(day: str) -> None:
    with at(day):
        daily.assess_expired(now=clock.now())
        scheduled.run_daily_scan(now=clock.now())
        engine.process_due_alerts(now=clock.now())


def told() -> list[tuple[str, str]]:
    """Event and what it says beside the status."""
    with translation.override("en"):
        return [
            (delivery.event, alert_facts.message_context(delivery.snapshot)["why"])
            for delivery in Delivery.objects.order_by("pk")
        ]


def events() -> list[str]:
    return [event for event, _ in told()]


class TestDueSoon:
    """Of February: due on Wednesday, 20 March; three worked days before that is Friday, the 15th."""

    @pytest.fixture(autouse=True)
    def rule(self) -> None:
        only("figures-due-soon")

    def test_is_told_so_many_worked_days_before_and_not_again(self) -> None:
        sweep("2024-03-14")
        assert told() == []
        for day in ("2024-03-15", "2024-03-18", "2024-03-20"):
            sweep(day)
        assert told() == [(OPENED, "The figures of February 2024 are due on 20 March 2024 and have not come yet.")]
        with translation.override("vi"):
            message = alert_messages.summary_line(Alert.objects.get().snapshot)
        assert message.endswith("Số liệu tháng 2/2024 đến hạn ngày 20/03/2024, hiện chưa có.")

    def test_ends_when_the_figure_comes(self) -> None:
        sweep("2024-03-15")
        with at("2024-03-19"):
            post("2024-02", 100)
        assert told()[1:] == [(OVER, "")]

    def test_is_taken_over_by_what_is_overdue(self) -> None:
        sweep("2024-03-15")
        sweep("2024-03-21")
        assert events() == [OPENED, OVER]
        with translation.override("en"):
            assert "overdue now" in alert_messages.event_sentence(OVER, Delivery.objects.latest("pk").snapshot)

    def test_closed_by_hand_it_is_not_told_again_of_the_same_day(self) -> None:
        sweep("2024-03-15")
        with at("2024-03-15"):
            user_responses.resolve_alert(
                alert=Alert.objects.get(), by=factories.BY, now=clock.now(), reason="They know"
            )
        sweep("2024-03-18")
        assert events() == [OPENED, OVER]
        with at("2024-03-19"):
            post("2024-02", 100)
        sweep("2024-04-18")
        assert events() == [OPENED, OVER, OPENED]

    def test_nothing_is_due_soon_while_something_is_overdue(self) -> None:
        for day in ("2024-03-21", "2024-04-19"):
            sweep(day)
        assert told() == []

    def test_what_has_come_early_is_not_asked_for(self) -> None:
        with at("2024-03-05"):
            post("2024-02", 100)
        sweep("2024-03-18")
        assert told() == []

    def test_two_sweepers_and_a_run_that_was_cut_off_tell_it_once(self) -> None:
        for _ in range(3):
            sweep("2024-03-15")
            JobRun.objects.filter(job=scheduled.JOB_NAME).delete()
        assert events() == [OPENED]


class TestActionOverdue:
    @pytest.fixture(autouse=True)
    def action(self) -> Action:
        only("action-overdue")
        with at("2024-03-01"):
            return factories.action(Target.objects.get(), "2024-03-11", text="Hire two  people", person="Lan")

    def close(self, action: Action, day: str) -> None:
        with at(day):
            actions.update_action(action=action, by=factories.BY, now=clock.now(), state="done")
        sweep(day)

    def test_begins_the_day_after_and_ends_when_it_is_closed(self, action: Action) -> None:
        sweep("2024-03-11")
        assert told() == []
        sweep("2024-03-12")
        sweep("2024-03-13")
        assert told() == [(OPENED, "Overdue since 11 March 2024: Hire two people (Statistics, Lan).")]
        self.close(action, "2024-03-14")
        assert told()[1:] == [(OVER, "")]

    def test_it_is_brought_to_mind_as_any_other(self) -> None:
        only("action-overdue", remind_days=2)
        sweep("2024-03-12")
        sweep("2024-03-14")
        assert [event for event, _ in told()] == [OPENED, "reminder"]
        assert told()[1][1].startswith("Overdue since")

    def test_a_second_one_makes_it_worse_and_both_must_end(self, action: Action) -> None:
        sweep("2024-03-12")
        with at("2024-03-12"):
            other = factories.action(Target.objects.get(), "2024-03-13", text="Buy a van")
        sweep("2024-03-14")
        assert told()[1] == (
            WORSE,
            "Overdue since 13 March 2024: Buy a van (Statistics). The same applies to 1 more action.",
        )
        self.close(other, "2024-03-15")
        assert len(told()) == 2
        self.close(action, "2024-03-18")
        assert events() == [OPENED, WORSE, OVER]

    def test_closed_by_hand_it_is_told_anew_only_of_a_later_one(self) -> None:
        sweep("2024-03-12")
        with at("2024-03-12"):
            user_responses.resolve_alert(alert=Alert.objects.get(), by=factories.BY, now=clock.now(), reason="Known")
            factories.action(Target.objects.get(), "2024-03-19")
        sweep("2024-03-13")
        assert events() == [OPENED, OVER]
        sweep("2024-03-20")
        assert events() == [OPENED, OVER, OPENED]


def test_mail_and_programs_are_told_what_was_found(mailoutbox: list[Any]) -> None:
    only("figures-due-soon")
    sweep("2024-03-15")
    delivery = Delivery.objects.get()
    email.send(delivery)
    message = "The figures of February 2024 are due on 20 March 2024 and have not come yet."
    (html, _), body = mailoutbox[0].alternatives[0], mailoutbox[0].body
    assert f"\n\n{message}\n" in body
    assert "Số liệu tháng 2/2024 đến hạn ngày 20/03/2024, hiện chưa có." in body
    assert message in html
    data = events_of.build_payload(delivery)["data"]
    assert data["finding"] == {"kind": "due_soon", "period": "2024-02", "due": "2024-03-20"}
    assert data["message"]["en"].endswith(message)


def test_a_target_that_worried_is_back_on_track() -> None:
    only("back-on-track")
    with at("2024-03-10"):
        post("2024-02", 40)
    assert told() == []
    with at("2024-04-10"):
        post("2024-03", 200)
    assert told() == [(OPENED, "It was off track and is on track now.")]
    row = Alert.objects.get()
    assert (row.state, row.severity, row.next_check_at) == ("resolved", "info", None)
    with at("2024-05-10"):
        post("2024-04", 100)
    assert len(told()) == 1


class TestMetEarly:
    @pytest.fixture(autouse=True)
    def rule(self) -> None:
        only("met-early")

    def test_by_figures_of_a_part_of_the_year_once(self) -> None:
        with at("2024-10-07"):
            post("2024-01/2024-09", 1250)
        assert told() == [
            (OPENED, "It is met already, by figures through 30 September 2024; its period ends on 31 December 2024.")
        ]
        with at("2024-11-07"):
            post("2024-01/2024-10", 1400)
        assert len(told()) == 1

    def test_by_an_estimate_of_the_year_before_its_end(self) -> None:
        with at("2024-12-11"):
            post("2024", 1250)
        assert told() == [(OPENED, "It is met before its period ends, on 31 December 2024.")]

    def test_the_result_after_the_year_is_not_early(self) -> None:
        with at("2025-01-11"):
            post("2024", 1250)
        assert told() == []


# what the rule says, the figure before and after -> what is told
REVISIONS: dict[str, tuple[dict[str, Any], int, int, str]] = {
    "by more than the percent": ({"amount": 5}, 100, 94, "from 100 to 94 (−6 %)."),
    "up as well as down": ({"amount": 5}, 100, 106, "from 100 to 106 (6 %)."),
    "by just the percent": ({"amount": 5}, 100, 95, ""),
    "by more than the amount": ({"amount": 5, "in_percent": False}, 1000, 994, "from 1,000 to 994 (−0.6 %)."),
    "by just the amount": ({"amount": 5, "in_percent": False}, 1000, 995, ""),
    "from nothing": ({"amount": 5}, 0, 1, "from 0 to 1."),
}


class TestRevisedBeyond:
    @pytest.mark.parametrize(("rule", "before", "after", "said"), REVISIONS.values(), ids=REVISIONS)
    def test_by_how_much(self, rule: dict[str, Any], before: int, after: int, said: str) -> None:
        only("figure-revised", **rule)
        with at("2024-03-10"):
            post("2024-02", before)
        assert told() == []
        with at("2024-04-02"):
            post("2024-02", after)
        expected = [(OPENED, f"The figure of February 2024 was revised {said}")] if said else []
        assert told() == expected

    def test_each_revision_once_whatever_else_comes(self) -> None:
        only("figure-revised")
        with at("2024-03-10"):
            post("2024-01", 50)
            post("2024-02", 100)
            post("2024-01", 70)
        assert [why for _, why in told()] == [
            "The figure of January 2024 was revised from 100 to 50 (−50 %).",
            "The figure of January 2024 was revised from 50 to 70 (40 %).",
        ]
        assert {alert.state for alert in Alert.objects.all()} == {"resolved"}

    def test_whoever_looks_first_tells_and_the_job_does_not_repeat_it(self) -> None:
        only("figure-revised")
        with at("2024-03-10"):
            factories.figure("sales", "2024-01", 50)
            targets.update_target(target=Target.objects.get(), by=factories.BY, now=clock.now(), section="x")
            post("2024-02", 100)
        assert len(told()) == 1

    def test_of_several_at_once_the_greatest(self) -> None:
        only("figure-revised")
        with at("2024-03-10"):
            post("2024-02", 100)
        with at("2024-04-02"):
            factories.figure("sales", "2024-01", 80)
            factories.figure("sales", "2024-02", 30)
            assess.process_series_changes(now=clock.now())
        assert told() == [
            (
                OPENED,
                "The figure of February 2024 was revised from 100 to 30 (−70 %). The same applies to 1 more figure.",
            )
        ]

    @pytest.mark.parametrize(
        ("month", "stage", "said"),
        [
            pytest.param("2024-02", "forecast", [], id="called a forecast"),
            pytest.param("2024-03", "", [], id="a forecast by its day"),
            pytest.param(
                "2024-02", "", ["The figure of February 2024 was revised from 100 to 50 (−50 %)."], id="an estimate"
            ),
        ],
    )
    def test_what_replaces_a_forecast_revises_nothing(self, month: str, stage: str, said: list[str]) -> None:
        only("figure-revised")
        with at("2024-02-20"):
            post(month, 100, stage=stage)
        with at("2024-04-02"):
            post("2024-02", 50)
            post("2024-03", 50)
        assert [why for _, why in told()] == said

    def test_history_that_is_loaded_is_no_news(self) -> None:
        only("figure-revised")
        with at("2024-03-10"):
            post("2024-01", 50, published="2024-03-09")
            post("2024-02", 100)
        assert told() == []

    def test_of_a_formula_the_input_is_named(self) -> None:
        with at("2024-02-16"):
            factories.indicator("double", formula="2 * sales")
            factories.target("double", lower=2400)
        only("figure-revised", indicator=Target.objects.get(indicator__code="double").indicator)
        with at("2024-03-10"):
            post("2024-01", 50)
        assert [why for _, why in told()] == [
            "The figure of January 2024 (Sales, City) was revised from 100 to 50 (−50 %)."
        ]


class TestTargetAmended:
    @pytest.fixture(autouse=True)
    def rule(self) -> None:
        only("target-amended")

    def amend(self, announced: str, **values: Any) -> None:
        with at("2024-05-06"):
            targets.amend_target(
                target=Target.objects.get(),
                by=factories.BY,
                now=clock.now(),
                announced=date.fromisoformat(announced),
                act="12/NQ-HĐND",
                **values,
            )

    def test_when_the_new_version_is_in_force(self) -> None:
        self.amend("2024-05-06", lower=1000)
        assert told() == [(OPENED, "The target was amended on 6 May 2024 (12/NQ-HĐND), version 2: 1,200 became 1,000.")]
        sweep("2024-05-07")
        assert len(told()) == 1

    def test_on_the_day_of_its_announcement(self) -> None:
        self.amend("2024-06-03", lower=1000)
        assert told() == []
        sweep("2024-06-03")
        assert events() == [OPENED]

    def test_also_what_leaves_the_number_as_it_is(self) -> None:
        self.amend("2024-05-06", reason="A misprint.")
        assert told()[0][1].endswith("version 2; its number stays 1,200. A misprint.")

    def test_a_change_that_is_no_amendment_is_not_told(self) -> None:
        with at("2024-05-06"):
            targets.update_target(target=Target.objects.get(), by=factories.BY, now=clock.now(), section="x")
        assert told() == []
