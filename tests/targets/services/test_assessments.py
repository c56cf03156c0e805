"""Marks, and what is made of them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from indicators.models import Area, Indicator, SeriesChange
from indicators.services.catalogue import areas, indicators
from kpitracker.lib import clock
from kpitracker.lib.errors import Conflict
from kpitracker.lib.models import JobRun
from targets.models import Alert, Assessment, Delivery, StatusChange, Target
from targets.services.assessment import assess, daily
from targets.services.evaluation import comparison, evaluate
from targets.services.planning import targets
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BY = factories.BY


def now(**later: float) -> datetime:
    return timezone.now() + timedelta(**later)


def test_the_largest_figures_there_may_be_are_judged() -> None:
    factories.world()
    for month in ("2024-01", "2024-02"):
        factories.figure("sales", month, "999999999999999999")
    assert assess.process_series_changes(now=now()) == 2
    row = Assessment.objects.get()
    assert (row.status, str(row.actual)) == ("exceeded", "1999999999999999998")


class TestAMarkThatCannotBeLookedAt:
    @pytest.fixture(autouse=True)
    def broken(self) -> None:
        factories.world()
        factories.indicator("broken")
        factories.target("broken")
        factories.figure("broken", "2024", 5)
        factories.figure("sales", "2024", 1300)
        with pytest.MonkeyPatch.context() as patch:
            self.spoil(patch)

    def spoil(self, patch: pytest.MonkeyPatch) -> None:
        whole = evaluate.evaluate_version

        def judge(task: evaluate.EvaluationTask, *rest: object) -> evaluate.Evaluation:
            if task.target.indicator.code == "broken":
                raise ArithmeticError
            return whole(task, *rest)  # type: ignore[arg-type]

        patch.setattr(evaluate, "evaluate_version", judge)
        self.looked_at = assess.process_series_changes(now=now())

    def test_holds_no_other(self) -> None:
        assert Assessment.objects.get(target__indicator__code="sales").status == "exceeded"

    def test_is_put_off_and_kept(self) -> None:
        mark = SeriesChange.objects.get()
        assert mark.retry_at > now(minutes=5)
        assert assess.process_series_changes(now=now()) == 0
        assert assess.process_series_changes(now=now(minutes=11)) == 1
        assert Assessment.objects.get(target__indicator__code="broken").status == "missed"


class TestWhoeverLooksFirstTells:
    """A figure posted now is waiting; somebody else assesses its target before the job does."""

    @pytest.fixture(autouse=True)
    def worse(self) -> None:
        self.target = factories.world()
        factories.figure("sales", "2024", 1300)
        assess.process_series_changes(now=now())
        factories.figure("sales", "2024", 900)

    def check(self) -> None:
        assess.process_series_changes(now=now())
        assert Alert.objects.count() == 1
        assert not StatusChange.objects.get(after="missed").quiet

    def test_a_change_of_the_target(self) -> None:
        targets.update_target(target=self.target, by=BY, now=now(), section="x")
        self.check()

    def test_an_amendment(self) -> None:
        targets.amend_target(target=self.target, by=BY, now=now(), announced=date(2024, 2, 1), act="x")
        self.check()

    def test_the_daily_round(self) -> None:
        daily.assess_expired(now=now())
        self.check()

    def test_a_later_mark_of_history(self) -> None:
        SeriesChange.objects.create(
            indicator=self.target.indicator, area=self.target.area, quiet=True, recorded_at=now(), retry_at=now()
        )
        assess.assess(targets=[self.target.pk], now=now())
        self.check()


class TestTheDailyRound:
    def test_runs_once_a_day_and_says_through_when(self) -> None:
        factories.world()
        assert daily.last_assessed_day() is None
        daily.assess_expired(now=now())
        today = daily.last_assessed_day()
        assert today is not None
        Assessment.objects.all().delete()
        assert daily.assess_expired(now=now()) == 0
        assert daily.assess_expired(now=now(days=1)) == 1
        assert daily.last_assessed_day() == today + timedelta(1)

    def test_goes_on_where_it_was_cut_off(self) -> None:
        factories.world()
        factories.indicator("jobs")
        jobs = factories.target("jobs")
        # Not the present time: eleven minutes later it may be another day.
        noon = timezone.localtime(now()).replace(hour=12)
        day = noon.date()
        JobRun.objects.create(job=daily.DAILY_JOB, slot=day.isoformat(), started_at=noon - timedelta(minutes=1))
        jobs.assessment.delete()
        assert daily.assess_expired(now=noon) == 0
        assert daily.last_assessed_day() is None
        assert daily.assess_expired(now=noon + timedelta(minutes=11)) == 1
        assert daily.last_assessed_day() == day

    def test_looks_only_at_what_no_longer_holds(self) -> None:
        factories.world()
        factories.indicator("jobs")
        for of, period in (("sales", "2198"), ("jobs", "2199")):
            factories.target(of, period=period)
        held = Assessment.objects.exclude(target__period_end=date(2024, 12, 31))
        held.update(status="missed")
        Assessment.objects.filter(target__period_end=date(2198, 12, 31)).update(
            valid_through=clock.today() - timedelta(1)
        )
        assert daily.assess_expired(now=now()) == 1
        assert sorted(held.values_list("target__period_end__year", "status")) == [(2198, "not_due"), (2199, "missed")]


def test_sums_over_areas_hold_until_their_parts_are_others() -> None:
    factories.world()
    factories.area("district", parent="city")
    factories.indicator("shops", regional="sum")
    summed = factories.target("shops")
    assert not Assessment.objects.filter(valid_through=date.min).exists()
    areas.update_area(area=Area.objects.get(code="district"), by=BY, now=now(), valid_to=date(2024, 6, 30))
    assert Assessment.objects.get(valid_through=date.min).target == summed


HOLDING = {
    "until a due day is over": ({}, "2024-02-15", "2024-02-20"),
    "on a due day": ({}, "2024-02-20", "2024-02-20"),
    "until the last due day is over": ({}, "2025-01-10", "2025-01-20"),
    "for ever after it": ({}, "2025-01-21", None),
    "until another version is in force": ({"announced": date(2024, 2, 18)}, "2024-02-15", "2024-02-17"),
    "until a due day before the other version": ({"announced": date(2024, 3, 1)}, "2024-02-15", "2024-02-20"),
}


@pytest.mark.parametrize(("amended", "day", "last"), HOLDING.values(), ids=HOLDING)
def test_an_assessment_holds(amended: dict[str, Any], day: str, last: str | None) -> None:
    target = factories.world()
    factories.figure("sales", "2024-01", 90, published="2024-02-10")
    if amended:
        targets.amend_target(target=target, by=BY, now=now(), lower=2400, **amended)

    def judged(on: date) -> Any:
        (result,) = evaluate.evaluate_targets(
            targets=Target.objects.all().for_assessment(), as_of=on, today=clock.today()
        )
        return result

    first = date.fromisoformat(day)
    result = judged(first)
    holds = comparison.last_valid_day(result)
    assert holds == (date.fromisoformat(last) if last else date.max)
    days = [first + timedelta(n) for n in range((min(holds, first + timedelta(400)) - first).days + 1)]
    assert all(judged(value).payload == result.payload for value in days)
    if last:
        assert judged(holds + timedelta(1)).payload != result.payload


class TestAChangeOfTheIndicator:
    def test_is_seen_by_pollers(self) -> None:
        factories.world()
        before = Assessment.objects.get().change
        indicators.update_indicator(indicator=Indicator.objects.get(), by=BY, now=now(), name="Renamed")
        assert Assessment.objects.get().change > before

    def test_is_refused_where_a_target_would_not_hold(self) -> None:
        factories.area()
        factories.indicator(accumulation="last")
        factories.plan()
        factories.target("sales", profile="path", baseline=1000)
        with pytest.raises(Conflict) as error:
            indicators.update_indicator(indicator=Indicator.objects.get(), by=BY, now=now(), accumulation="sum")
        assert error.value.slug == "in-use"
        assert Indicator.objects.get().accumulation in ("sum", "last")


def test_a_formula_carries_a_figure_to_every_target_above_it() -> None:
    factories.world()
    factories.indicator("double", formula="2 * sales")
    factories.indicator("again", formula="double + 0")
    factories.target("again", lower=10)
    factories.figure("sales", "2024", 6)
    assess.process_series_changes(now=now())
    assert Assessment.objects.get(target__indicator__code="again").status == "exceeded"


def test_the_alert_of_a_restricted_target_goes_only_to_departments_that_may_see_it() -> None:
    factories.area()
    factories.department("leaders", email="leaders@example.org")
    factories.department("keeper", parent="leaders", email="keeper@example.org")
    factories.department("outsider", parent="leaders", email="outsider@example.org")
    factories.indicator(department="keeper", restricted=True)
    factories.plan()
    factories.target(department="outsider")
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    # The one above both of them sees it; the one that answers for the target does not.
    assert Delivery.objects.get().recipient == "leaders@example.org"
