"""Figures become overdue when their due day is over: once, on days of 23 and 25 hours, and when a clock is moved."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kpitracker.lib import clock
from targets.models import Alert, AlertRule, Assessment, Delivery
from targets.services.alerting import engine
from targets.services.assessment import daily
from tests import factories

pytestmark = pytest.mark.django_db

# In Berlin the clock goes forward on 29 March 2026 and back on 25 October.
DAYS = {
    "the day before the clock goes forward": (date(2026, 3, 28), 28, "2026-02"),
    "the day on which the clock goes forward": (date(2026, 3, 29), 29, "2026-02"),
    "the day on which the clock goes back": (date(2026, 10, 25), 25, "2026-09"),
    "a day like any other": (date(2026, 6, 10), 10, "2026-05"),
}


def world(due_days: int, period: str) -> None:
    AlertRule.objects.exclude(code="figures-overdue").update(active=False)
    AlertRule.objects.filter(active=True).update(offset_days=0, remind_days=0, escalate_days=0)
    factories.area()
    factories.department(email="office@example.org")
    factories.indicator(department="statistics", due_days=due_days)
    factories.plan(period=period)
    factories.target()
    # As it was before its due day.
    Assessment.objects.update(overdue=False, valid_through=date(2026, 1, 1))


def sweep(now: datetime) -> None:
    daily.assess_expired(now=now)
    engine.process_due_alerts(now=now)


@pytest.mark.parametrize(("due", "due_days", "period"), DAYS.values(), ids=DAYS)
@pytest.mark.parametrize("down", [0, 30], ids=["swept every hour", "nobody swept for thirty hours over it"])
def test_it_is_told_once_and_by_the_first_sweep_of_the_next_day(
    settings: Any, due: date, due_days: int, period: str, down: int
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    world(due_days, period)
    begin = datetime(due.year, due.month, due.day, 0, 30, tzinfo=UTC) - timedelta(days=1)
    over = clock.start_of_day(due + timedelta(days=1))
    ticks = [begin + timedelta(hours=hour) for hour in range(96)]
    first = None
    for number, tick in enumerate(ticks):
        if over - timedelta(hours=1) < tick < over + timedelta(hours=down):
            continue
        sweep(tick)
        if number % 5 == 0:
            # Somebody puts the clock back by an hour, and forward again.
            sweep(tick - timedelta(hours=1))
        if first is None and Alert.objects.filter(state="firing").exists():
            first = tick
    assert first == next(tick for tick in ticks if tick >= over + timedelta(hours=down))
    assert clock.local_day(Alert.objects.get().opened_at) >= due + timedelta(days=1)
    assert [row.event for row in Delivery.objects.all()] == ["opened"]
