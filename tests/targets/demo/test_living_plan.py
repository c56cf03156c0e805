"""The living demo plan, loaded on an ordinary day: what a new user sees, who is told, and what loading again adds."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date

import pytest
import time_machine
from django.core import mail

from indicators.models import Area, Measurement
from indicators.services.figures import recording
from kpitracker.lib import clock
from targets.demo.invented_figures import OFF_TRACK, list_figures
from targets.demo.living_plan import AREA
from targets.models import Action, Alert, Delivery, Plan
from tests import factories
from tests.support import api_of
from tests.targets.demo.first_day import CHECKS, MAIL, FirstDay, load, noon

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TODAY = FirstDay(date(2026, 11, 30), ["demo-2026"], 2026)
Letters = list[str]


@pytest.fixture(scope="module")
def letters(shared_rows: Callable[[], AbstractContextManager[None]]) -> Letters:
    """The messages of the first day, on which the history was there already."""
    with shared_rows(), MAIL, time_machine.travel(noon(TODAY.day)):
        assert "invented" not in load("--history-only")
        assert not Area.objects.filter(code=AREA).exists()
        real = real_rows()
        load()
        assert real_rows() == real
        return [str(letter.body) for letter in mail.outbox]


@pytest.fixture(autouse=True)
def today(letters: Letters) -> Iterator[None]:
    with MAIL, time_machine.travel(noon(TODAY.day)):
        yield


def real_rows() -> tuple[list[object], object]:
    """All figures of real areas, and what the scorecard counts of the plan of 2024."""
    rows = Measurement.objects.exclude(area__code=AREA).order_by("pk")
    card = api_of().get("plans/hcmc-2024/scorecard/").ok()["totals"]
    return list(rows.values_list("pk", "value", "revisions")), card


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_on_an_ordinary_day(check: Callable[[FirstDay], None]) -> None:
    check(TODAY)


def test_the_one_message_says_in_both_languages_that_the_figures_are_invented(letters: Letters) -> None:
    (body,) = letters
    assert "figures invented for demonstration" in body
    assert "số liệu giả định" in body


def test_the_real_city_stays_the_home_area_and_the_plan_of_2024_that_of_its_committee() -> None:
    assert Area.objects.by_code_or_home(None).code == "hcmc"
    owner = Plan.objects.get(code="hcmc-2024").department
    assert owner is not None
    assert owner.code == "ubnd-tphcm"


class TestLaterLoading:
    def test_in_the_same_year_adds_the_figures_that_came_since_and_no_second_alert(self) -> None:
        first = Measurement.objects.filter(area__code=AREA).count()
        with time_machine.travel(noon(date(2026, 12, 20))):
            assert "no new plan, 6 figures" in load()
            assert Measurement.objects.filter(area__code=AREA).count() == first + 6
            opened = [alert for alert in Alert.objects.all() if alert.rule.kind == "status_is"]
            assert [alert.target.indicator.code for alert in opened] == [OFF_TRACK]
            assert Delivery.objects.filter(alert__in=opened, event="opened").count() == 1
            assert Action.objects.count() == 1

    def test_opens_no_alert_after_the_first_was_resolved(self) -> None:
        api = api_of()
        api.post(f"alerts/{Alert.objects.get().pk}/resolve/", {"reason": "seen"}).ok()
        with time_machine.travel(noon(date(2026, 12, 4))):
            load()
            assert not Alert.objects.exclude(state="resolved").filter(rule__kind="status_is").exists()

    def test_in_the_next_year_adds_a_plan_with_an_alert_of_its_own_and_ends_the_old_one(self) -> None:
        with time_machine.travel(noon(date(2027, 1, 20))):
            assert "demo-2027" in load()
            assert not Alert.objects.filter(target__plan__code="demo-2027").exists()
        with time_machine.travel(noon(date(2027, 3, 20))):
            assert "no new plan" in load()
            new = Alert.objects.filter(target__plan__code="demo-2027", rule__kind="status_is")
            assert [alert.target.indicator.code for alert in new] == [OFF_TRACK]
            assert Action.objects.filter(target__plan__code="demo-2027").count() == 1
            old = api_of().rows("statuses/?plan=demo-2026")
            finals = {row["target"].split(":")[1]: row["status"] for row in old}
            assert finals[OFF_TRACK] == "missed"
            assert finals["foreign-visitors"] in ("met", "exceeded")

    def test_keeps_a_figure_that_was_changed_since(self) -> None:
        factories.figure("tourism-revenue", "2026-10", 99999, area=AREA)
        load()
        kept = Measurement.objects.get(area__code=AREA, indicator__code="tourism-revenue", period_start="2026-10-01")
        assert kept.value == 99999

    def test_keeps_a_withdrawal(self) -> None:
        mistaken = Measurement.objects.get(
            area__code=AREA, indicator__code=OFF_TRACK, period_start="2026-01-01", period_end="2026-10-31"
        )
        recording.withdraw_figure(figure_id=mistaken.pk, reason="wrong", by=factories.BY, now=clock.now())
        assert "0 figures written" in load()
        mistaken.refresh_from_db()
        assert mistaken.value is None


def test_the_figures_of_the_rule_are_those_that_are_stored() -> None:
    stored = Measurement.objects.filter(area__code=AREA)
    rule = {(figure.indicator, *figure.period, figure.value) for figure in list_figures(clock.today())}
    assert set(stored.values_list("indicator__code", "period_start", "period_end", "value")) == rule
