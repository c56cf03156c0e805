"""Working days, and when figures are due (domain.md section 6).

Working days are Monday to Friday, except holidays, plus weekend days that a decree makes working days.
"""

from datetime import date, timedelta
from typing import Final, NamedTuple

from .choices import DueUnit
from .periods import ONE_DAY

_SATURDAY: Final = 5


class Calendar(NamedTuple):
    """`days_off` are holidays; `working_weekend_days` are weekend days with work. A day in both is a working day."""

    days_off: frozenset[date] = frozenset()
    working_weekend_days: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        return day in self.working_weekend_days or (day.weekday() < _SATURDAY and day not in self.days_off)


WEEKENDS_ONLY: Final = Calendar()


def due_day(end: date, due_days: int, unit: DueUnit = DueUnit.DAYS, calendar: Calendar = WEEKENDS_ONLY) -> date:
    """The due day of a figure for a span that ends on `end`: `due_days`, counted in `unit`, later.

    0 means the last day itself, whether it is a working day or not.
    """
    if unit == DueUnit.DAYS:
        return end + timedelta(days=due_days)
    day, remaining_days = end, due_days
    while remaining_days:
        day += ONE_DAY
        remaining_days -= calendar.is_working_day(day)
    return day


def has_passed(due: date, as_of: date) -> bool:
    """Whether a due day has passed on a day: from the day after it on."""
    return as_of > due
