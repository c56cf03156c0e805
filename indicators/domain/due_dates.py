"""When figures are due (domain.md section 6). A due day has passed from the day after it on."""

from datetime import date, timedelta

from .calendars import WEEKENDS_ONLY, Calendar
from .choices import DueUnit
from .date_math import ONE_DAY


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
    return as_of > due
