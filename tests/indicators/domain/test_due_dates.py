"""Due days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar, due_day, has_passed
from indicators.domain.choices import DueUnit

from .builders import day


@pytest.mark.parametrize(
    ("end", "days", "due"),
    [
        pytest.param("2024-01-31", 10, "2024-02-10", id="ten days behind a month"),
        pytest.param("2024-02-19", 10, "2024-02-29", id="over the end of February"),
        pytest.param("2024-12-31", 0, "2024-12-31", id="on the last day itself"),
    ],
)
def test_due_day(end: str, days: int, due: str) -> None:
    assert due_day(day(end), days) == day(due)


def test_a_due_day_has_passed_the_day_after() -> None:
    due = day("2024-02-10")
    assert [has_passed(due, day(value)) for value in ("2024-02-09", "2024-02-10", "2024-02-11")] == [False, False, True]


# Quốc khánh 2024: Saturday 31 August to Tuesday 3 September off; Friday 7 February 2025 swapped for the Saturday.
HOLIDAYS = Calendar(
    frozenset(map(day, ("2024-08-31", "2024-09-02", "2024-09-03", "2025-02-07"))),
    frozenset(map(day, ("2025-02-08",))),
)


@pytest.mark.parametrize(
    ("end", "days", "calendar", "due"),
    [
        pytest.param("2024-01-31", 1, WEEKENDS_ONLY, "2024-02-01", id="the next day"),
        pytest.param("2024-01-31", 10, WEEKENDS_ONLY, "2024-02-14", id="two weekends in between"),
        pytest.param("2024-08-31", 1, WEEKENDS_ONLY, "2024-09-02", id="from a Saturday on"),
        pytest.param("2024-08-31", 0, WEEKENDS_ONLY, "2024-08-31", id="none is the last day itself, also a Saturday"),
        pytest.param("2024-08-31", 1, HOLIDAYS, "2024-09-04", id="behind the holidays"),
        pytest.param("2025-02-06", 1, HOLIDAYS, "2025-02-08", id="on the Saturday that is worked instead"),
        pytest.param("2025-02-06", 2, HOLIDAYS, "2025-02-10", id="and the Monday behind it"),
    ],
)
def test_working_days(end: str, days: int, calendar: Calendar, due: str) -> None:
    assert due_day(day(end), days, DueUnit.WORKING_DAYS, calendar) == day(due)


DAYS = st.dates(date(2024, 1, 1), date(2025, 12, 31))
CALENDARS = st.builds(Calendar, st.frozensets(DAYS, max_size=9), st.frozensets(DAYS, max_size=9))


@given(DAYS, st.integers(1, 60), CALENDARS)
def test_so_many_days_are_worked_up_to_the_due_day_and_it_is_one_of_them(
    end: date, days: int, calendar: Calendar
) -> None:
    due = due_day(end, days, DueUnit.WORKING_DAYS, calendar)
    between = [end + timedelta(days=number) for number in range(1, (due - end).days + 1)]
    assert sum(map(calendar.is_working_day, between)) == days
    assert calendar.is_working_day(due)
