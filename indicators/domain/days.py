"""Arithmetic on single days. Moving out of the calendar raises OverflowError."""

from calendar import isleap
from datetime import MINYEAR, date, timedelta

ONE_DAY = timedelta(days=1)

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def month_length(year: int, month: int) -> int:
    """Days in a month, 28 to 31."""
    return 29 if month == 2 and isleap(year) else _LENGTHS[month - 1]


def is_month_end(day: date) -> bool:
    return day.day >= 28 and day.day == month_length(day.year, day.month)


def month_number(day: date) -> int:
    """Months since the year 0, so that differences count months."""
    return day.year * 12 + day.month - 1


def month_start(number: int) -> date:
    """First day of the month of that number, see month_number."""
    year, month = divmod(number, 12)
    _check_year(year)
    return date(year, month + 1, 1)


def start_months_later(day: date, months: int) -> date:
    """The day that begins a span so many months later: the same day, or the last that there is."""
    first = month_start(month_number(day) + months)
    return first.replace(day=min(day.day, month_length(first.year, first.month)))


def day_months_later(day: date, months: int) -> date:
    """The day that ends a span so many months later: month ends stay month ends."""
    later = start_months_later(day, months)
    return later.replace(day=month_length(later.year, later.month)) if is_month_end(day) else later


def start_years_before(day: date, years: int) -> date:
    """The day that begins a span so many years earlier: the same day, 28 for 29 February."""
    year = _check_year(day.year - years)
    return date(year, day.month, min(day.day, month_length(year, day.month)))


def day_years_before(day: date, years: int) -> date:
    """The day that ends a span so many years earlier: month ends stay month ends.

    In one step (domain.md section 2): 29 February 2024 four years before is 29 February 2020.
    """
    year = _check_year(day.year - years)
    length = month_length(year, day.month)
    return date(year, day.month, length if is_month_end(day) else day.day)


def _check_year(year: int) -> int:
    if year < MINYEAR:
        raise OverflowError("before the first year of the calendar")
    return year
