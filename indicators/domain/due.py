"""When figures are due (domain.md section 6). A due day has passed when the day is after it."""

from datetime import date, timedelta


def due_day(end: date, due_days: int) -> date:
    """The day by which a figure for a span that ends on `end` is due, in calendar days."""
    return end + timedelta(days=due_days)


def has_passed(due: date, as_of: date) -> bool:
    return as_of > due
