"""The living demo plan, loaded first on days on which a rule about days may fail."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
import time_machine

from tests.targets.demo.first_day import CHECKS, MAIL, FirstDay, load, noon

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(scope="module", autouse=True)
def history(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    with shared_rows(), time_machine.travel(noon(date(2026, 6, 30))):
        load("--history-only")


def check(first: FirstDay) -> None:
    with MAIL, time_machine.travel(noon(first.day)):
        load()
        for look in CHECKS.values():
            look(first)


DAYS = {
    "New Year's Day": FirstDay(date(2027, 1, 1), ["demo-2026", "demo-2027"], 2026),
    "29 February": FirstDay(date(2028, 2, 29), ["demo-2028"], 2028),
}
MORE_DAYS = {
    "the day before the first figures of a year": FirstDay(date(2027, 2, 2), ["demo-2026", "demo-2027"], 2026),
    "the day of the first figures of a year": FirstDay(date(2027, 2, 3), ["demo-2027"], 2027),
    "the day on which the figures of January are due": FirstDay(date(2029, 2, 10), ["demo-2029"], 2029),
    "the day after": FirstDay(date(2029, 2, 11), ["demo-2029"], 2029),
    "mid year": FirstDay(date(2030, 6, 30), ["demo-2030"], 2030),
    "31 December": FirstDay(date(2031, 12, 31), ["demo-2031"], 2031),
    **{
        f"the fifth of a month in {year}": FirstDay(date(year, year - 2024, 5), [f"demo-{year}"], year)
        for year in range(2027, 2037)
    },
}


@pytest.mark.parametrize("first", DAYS.values(), ids=DAYS)
def test_the_living_plan_lives_on(first: FirstDay) -> None:
    check(first)


@pytest.mark.long
@pytest.mark.parametrize("first", MORE_DAYS.values(), ids=MORE_DAYS)
def test_the_living_plan_lives_on_more_days(first: FirstDay) -> None:
    check(first)
