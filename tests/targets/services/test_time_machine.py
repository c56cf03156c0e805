"""What was known on a day does not change afterwards, whatever is posted, withdrawn or amended, and for which day."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from indicators.api.v1.series import series_rows
from indicators.models import Area, Indicator
from kpitracker.lib import clock
from kpitracker.lib.errors import NotFound
from targets.domain.choices import Goal, Profile
from targets.models import Target
from targets.services.evaluation import evaluate
from targets.services.planning import targets
from tests import factories
from tests.example_counts import amount

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BEGINNING = datetime(2024, 3, 1, 2, tzinfo=UTC)
PERIODS = [
    *("2023-01/2023-03", "2023-04", "2023-05", "2023", "2024-01", "2024-02", "2024-01/2024-02", "2024-03"),
    *("2024-Q1", "2024-04", "2024-05"),
]
REACH = 90
HISTORIES = amount(15, 15, full=110, quick=10)
Seen = dict[str, Any]

happened = Counter[str]()


class TimeMachine(RuleBasedStateMachine):
    """A clock that only goes forward, and people who write what happened before."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.now = BEGINNING
        self.amended = 0
        self.remembered: list[tuple[date, datetime, Seen]] = []
        self.by_day: dict[date, Seen] = {}

    def teardown(self) -> None:
        try:
            for place in range(len(self.remembered)):
                self.check(place)
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    @property
    def today(self) -> date:
        return clock.local_day(self.now)

    @rule(days=st.integers(1, 25))
    def a_time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(
        of=st.sampled_from(["sales", "stock"]),
        period=st.sampled_from(PERIODS),
        value=st.sampled_from([None, -5, 0, 1, 20, 90, 300]),
        before=st.sampled_from([0, 1, 20, 60, None]),
    )
    def a_figure_is_posted_or_withdrawn(self, of: str, period: str, value: int | None, before: int | None) -> None:
        published = None if before is None else self.today - timedelta(days=before)
        factories.figure(of, period, value, published=published, now=self.moment())
        self.forget(published or self.today)
        happened[
            "withdrawn" if value is None else "undated" if before is None else "backdated" if before else "posted"
        ] += 1

    @rule(
        of=st.sampled_from(["sales", "growth"]),
        lower=st.sampled_from([1, 100, 1000]),
        before=st.sampled_from([0, 0, 30]),
    )
    def a_target_is_amended(self, of: str, lower: int, before: int) -> None:
        announced = self.today - timedelta(days=before)
        target = Target.objects.get(indicator__code=of)
        targets.amend_target(
            target=target, by=factories.BY, now=self.moment(), announced=announced, lower=Decimal(lower)
        )
        self.forget(announced)
        self.amended += 1
        happened["amended"] += 1

    @rule(back=st.integers(0, REACH))
    def somebody_looks(self, back: int) -> None:
        day = self.today - timedelta(days=back)
        seen = look(day, self.today, self.now)
        self.remembered.append((day, self.now, seen))
        # By the day alone it is the same, until somebody writes what was known then.
        assert look(day, self.today, None) == seen
        self.by_day[day] = seen

    @rule(data=st.data())
    def somebody_looks_again(self, data: st.DataObject) -> None:
        if self.remembered:
            self.check(data.draw(st.integers(0, len(self.remembered) - 1)))
        for day, seen in list(self.by_day.items())[-2:]:
            assert look(day, self.today, None) == seen
            happened["by the day alone"] += 1

    def check(self, place: int) -> None:
        day, moment, seen = self.remembered[place]
        assert look(day, self.today, moment) == seen
        happened["looked again"] += 1

    def moment(self) -> datetime:
        """Later than everything that was looked at."""
        self.now += timedelta(seconds=1)
        return self.now

    def forget(self, since: date) -> None:
        """What may rightly change: answers by the day alone, of days on which it is now said to have been known."""
        self.by_day = {day: seen for day, seen in self.by_day.items() if day < since}


def look(day: date, today: date, recorded_by: datetime | None) -> Seen:
    """Every target's assessment, and every series."""
    results: Seen = {}
    for target in Target.objects.for_list():
        try:
            judged = evaluate.evaluate_target(target=target, as_of=day, today=today, recorded_by=recorded_by)
            results[target.identifier] = judged.payload
        except NotFound as error:
            results[target.identifier] = error.slug
    area = Area.objects.get()
    for indicator in Indicator.objects.all():
        results[indicator.code] = series_rows(
            indicator=indicator, area=area, first=None, last=None, as_of=day, recorded_by=recorded_by
        )
    return results


def promise(of: str, **values: Any) -> None:
    announced, recorded = date(2024, 1, 15), BEGINNING - timedelta(days=30)
    stated = {"plan": "plan", "goal": Goal.AT_LEAST, "announced": announced, **values}
    targets.create_target(by=factories.BY, now=recorded, indicator=of, **stated)


def test_the_past_stays_as_it_was_known() -> None:
    factories.area()
    factories.indicator("sales", due_days=5)
    factories.indicator("stock", accumulation="last")
    factories.indicator("growth", formula="yoy(sales)", kind="rate")
    factories.plan()
    promise("sales", lower=Decimal(1200), profile=Profile.SEASONAL)
    promise("growth", lower=Decimal(10))
    promise("stock", lower=Decimal(100), baseline=Decimal(20))
    happened.clear()
    bounded = settings(
        max_examples=HISTORIES,
        stateful_step_count=16,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(TimeMachine, settings=bounded)
    assert min(happened[value] for value in ("posted", "backdated", "undated", "withdrawn", "amended")) > 2, happened
    assert min(happened[value] for value in ("looked again", "by the day alone")) > HISTORIES / 6, happened
