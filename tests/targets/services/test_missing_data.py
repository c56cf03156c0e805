"""Data that vanishes, or never comes, resolves no alert: it stays open, says since when, and reminds."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from indicators.models import Measurement
from indicators.services.figures import recording
from kpitracker.lib import clock
from targets.models import Alert, AlertRule, Delivery, Plan
from targets.services.alerting import engine, replay, scheduled, user_responses
from targets.services.assessment import assess, daily
from targets.services.text import alert_messages, formatting
from tests import factories
from tests.support import api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

START = date(2024, 12, 2)  # a Monday
BY = factories.BY


def morning(day: date) -> datetime:
    return clock.start_of_day(day) + timedelta(hours=8)


def run_jobs(day: date) -> None:
    now = morning(day)
    while assess.process_series_changes(now=now):
        pass
    daily.assess_expired(now=now)
    scheduled.run_daily_scan(now=now)
    engine.process_due_alerts(now=now)


def post(day: date, value: object, period: str = "2024-01/2024-11", **values: Any) -> None:
    factories.figure("sales", period, value, published=day, now=morning(day), **values)


def withdraw(day: date) -> None:
    figure = Measurement.objects.get(period_end=date(2024, 11, 30))
    recording.withdraw_figure(figure_id=figure.pk, reason="Wrong file", by=BY, now=morning(day))


def not_available(day: date) -> None:
    post(day, None)


@pytest.fixture
def alert() -> Alert:
    """Sales of eleven months fall far short of 1,200 in the year."""
    AlertRule.objects.exclude(code="status-worrying").update(active=False)
    AlertRule.objects.update(escalate_days=0)
    factories.world()
    run_jobs(START - timedelta(days=1))
    post(START, 700)
    run_jobs(START)
    return Alert.objects.get(state="firing")


def live_through(last: date, what: dict[date, Callable[[date], None]] | None = None) -> None:
    for number in range(1, (last - START).days + 1):
        day = START + timedelta(days=number)
        if what and day in what:
            what[day](day)
        run_jobs(day)


def messages() -> list[str]:
    rows = Delivery.objects.filter(channel="email").order_by("pk")
    return [f"{row.snapshot['at'][:10]} {row.event} {row.status}" for row in rows]


VANISHED = date(2024, 12, 4)
VANISHING: dict[str, Callable[[date], None]] = {
    "the figure is withdrawn": withdraw,
    "its value is not available any more": not_available,
    "it is suppressed": lambda day: post(day, None, missing_reason="suppressed"),
    "it is withdrawn by a post": lambda day: post(day, None, missing_reason="withdrawn"),
    "it is withdrawn quietly": lambda day: post(day, None, missing_reason="withdrawn", quiet=True),
}


@pytest.mark.parametrize("vanish", VANISHING.values(), ids=VANISHING)
def test_data_that_vanishes_resolves_nothing(alert: Alert, vanish: Callable[[date], None]) -> None:
    live_through(date(2024, 12, 10), {VANISHED: vanish})
    alert.refresh_from_db()
    assert (alert.state, alert.status, alert.data_missing_since) == ("firing", "off_track", VANISHED)
    assert messages() == ["2024-12-02 opened off_track", "2024-12-09 reminder no_data"]
    row = api_of().get(f"alerts/{alert.pk}/").ok()
    assert row["data_missing_since"] == "2024-12-04"
    assert "is missing since 4 December 2024" in row["message"]
    with translation.override("en"):
        texts = alert_messages.message_texts(Delivery.objects.latest("pk").snapshot, "reminder", alert.opened_at)
    assert texts["why"] == "The data is missing since 4 December 2024: the figures vanished or never came."
    # The pages say of which day the numbers of an alert are, and that they are gone.
    with translation.override("en"):
        line, day = alert_messages.dated_alert_line(alert), formatting.format_short_day(alert.snapshot["as_of"])
    assert line.startswith(f"As of {day}: ")
    assert line.endswith(texts["why"])
    assert texts["opening"].startswith("The alert stays open")


ENDINGS: dict[str, tuple[Callable[[date], None], str, str]] = {
    "a value that is well": (lambda day: post(day, 1180), "resolved", "resolved on_track"),
    "a value that is as bad": (lambda day: post(day, 710), "firing", "reminder no_data"),
    "the year's result, which is met": (lambda day: post(day, 1300, "2024"), "resolved", "resolved exceeded"),
    "the year's result, which is missed": (lambda day: post(day, 900, "2024"), "firing", "worse missed"),
    "a person": (
        lambda day: _resolve(day),
        "resolved",
        "resolved no_data",
    ),
}  # fmt: skip


def _resolve(day: date) -> None:
    user_responses.resolve_alert(alert=Alert.objects.get(), by=BY, now=morning(day), reason="Known")


@pytest.mark.parametrize(("end", "state", "last"), ENDINGS.values(), ids=ENDINGS)
def test_what_ends_it(alert: Alert, end: Callable[[date], None], state: str, last: str) -> None:
    live_through(date(2024, 12, 11), {VANISHED: withdraw, date(2024, 12, 11): end})
    alert.refresh_from_db()
    assert alert.state == state
    assert messages()[-1].partition(" ")[2] == last
    if last != "resolved no_data":
        assert alert.data_missing_since is None


@pytest.mark.parametrize("vanish", VANISHING.values(), ids=VANISHING)
def test_an_older_figure_that_is_well_resolves_nothing(alert: Alert, vanish: Callable[[date], None]) -> None:
    post(START - timedelta(days=20), 1100, "2024-01/2024-10", quiet=True)
    live_through(date(2024, 12, 16), {VANISHED: vanish})
    alert.refresh_from_db()
    assert api_of().get("targets/plan:sales:city/status/?as_of=2024-12-16").ok()["status"] == "on_track"
    assert (alert.state, alert.status, alert.data_missing_since) == ("firing", "off_track", VANISHED)
    assert messages() == ["2024-12-02 opened off_track", "2024-12-09 reminder on_track"]


def test_a_figure_that_reaches_as_far_ends_it(alert: Alert) -> None:
    post(START - timedelta(days=20), 1100, "2024-01/2024-10", quiet=True)
    live_through(date(2024, 12, 11), {VANISHED: withdraw, date(2024, 12, 11): lambda day: post(day, 1180)})
    alert.refresh_from_db()
    assert (alert.state, alert.data_missing_since) == ("resolved", None)


def test_a_result_that_never_comes_resolves_nothing(alert: Alert) -> None:
    live_through(date(2025, 4, 30))
    alert.refresh_from_db()
    # The year's figure was due on 20 January. The reminders grow apart: 5, 10, 20 and 20 working days.
    assert (alert.state, alert.data_missing_since) == ("firing", date(2025, 1, 21))
    assert messages() == [
        "2024-12-02 opened off_track",
        "2024-12-09 reminder off_track",
        "2024-12-23 reminder off_track",
        "2025-01-20 reminder off_track",
        "2025-02-17 reminder no_data",
        "2025-03-17 reminder no_data",
        "2025-04-14 reminder no_data",
    ]


def test_a_replay_says_the_same(alert: Alert) -> None:
    with transaction.atomic():
        live_through(date(2025, 2, 20), {VANISHED: withdraw, date(2024, 12, 20): lambda day: post(day, 720)})
    rules = list(AlertRule.objects.filter(code="status-worrying"))
    replayed = replay.replay(
        plan=Plan.objects.get(), rules=rules, first=START, last=date(2025, 2, 20), today=date(2025, 2, 20)
    )
    assert [f"{row.day} {row.event} {row.snapshot['status']}" for row in replayed] == messages()


def withdraw_all(day: date) -> None:
    withdraw(day)
    post(day, None, "2024-01")


KINDS: dict[str, dict[str, Any]] = {
    "a shortfall": {"kind": "variance_beyond", "amount": 100},
    "a shortfall in percent": {"kind": "variance_beyond", "amount": 10, "in_percent": True},
    "a pace out of reach": {"kind": "pace_out_of_reach"},
}


@pytest.mark.parametrize("values", KINDS.values(), ids=KINDS)
def test_no_kind_of_rule_about_the_value_ends_with_it(alert: Alert, values: dict[str, Any]) -> None:
    AlertRule.objects.create(code="other", name="Other", **values)
    post(START, 240, "2023")
    post(START, 20, "2024-01")
    post(START, 650)
    run_jobs(START)
    about_value = Alert.objects.get(rule__code="other")
    assert about_value.state == "firing"
    live_through(date(2024, 12, 10), {VANISHED: withdraw_all})
    about_value.refresh_from_db()
    assert (about_value.state, about_value.data_missing_since) == ("firing", VANISHED)
