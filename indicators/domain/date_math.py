"""Arithmetic on single days. A result before the first year of the calendar raises OverflowError."""

from calendar import isleap
from datetime import MINYEAR, date, timedelta

ONE_DAY = timedelta(days=1)

_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def month_length(year: int, month: int) -> int:
    """Number of days in a month, 28 to 31."""
    return 29 if month == 2 and isleap(year) else _MONTH_LENGTHS[month - 1]


def is_month_end(day: date) -> bool:
    return day.day >= 28 and day.day == month_length(day.year, day.month)


def month_number(day: date) -> int:
    """Months since the year 0, so that differences count months."""
    return day.year * 12 + day.month - 1


def month_start(number: int) -> date:
    """First day of a month that is given by its `month_number`."""
    year, month = divmod(number, 12)
    _check_year(year)
    return date(year, month + 1, 1)


def start_months_later(day: date, months: int) -> date:
    """Move the first day of a span by `months`: same day of the month, or the last day of a shorter month."""
    first = month_start(month_number(day) + months)
    return first.replace(day=min(day.day, month_length(first.year, first.month)))


def day_months_later(day: date, months: int) -> date:
    """Move the last day of a span by `months`; the end of a month stays the end of a month."""
    later = start_months_later(day, months)
    return later.replace(day=month_length(later.year, later.month)) if is_month_end(day) else later


def start_years_before(day: date, years: int) -> date:
    """Move the first day of a span `years` back: same day; 29 February becomes 28 in other years."""
    year = _check_year(day.year - years)
    return date(year, day.month, min(day.day, month_length(year, day.month)))


def day_years_before(day: date, years: int) -> date:
    """Move the last day of a span `years` back; the end of a month stays the end of a month.

    One step, not year by year (domain.md section 2): four years before 29 February 2024 is 29 February 2020.
    """
    year = _check_year(day.year - years)
    length = month_length(year, day.month)
    return date(year, day.month, length if is_month_end(day) else day.day)


def _check_year(year: int) -> int:
    if year < MINYEAR:
        raise OverflowError("before the first year of the calendar")
    return year
