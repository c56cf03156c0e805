"""When somebody may be told: not in his quiet hours, on worked days only if he asks for that, or once a day or a week.

Times are those of the clock on the wall where the service stands, without a zone.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from .calendars import WEEKENDS_ONLY, Calendar

DIGEST_AT: Final = time(7, 30)
_DAY: Final = timedelta(days=1)
_MONDAY: Final = 0
# Longer than any row of holidays; beyond it something is wrong with the calendar, and rather disturbed than not told.
_FARTHEST: Final = 60


class Digest(StrEnum):
    """`NONE`: each message when it comes."""

    NONE = ""
    DAILY = "daily"
    WEEKLY = "weekly"


class Hours(NamedTuple):
    """`quiet_from` to `quiet_until` nothing is sent (over midnight where the end is the earlier time); both or none."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    worked_days: bool = False
    digest: Digest = Digest.NONE


ANY_TIME: Final = Hours()


def next_time(at: datetime, hours: Hours, calendar: Calendar = WEEKENDS_ONLY) -> datetime:
    """The first moment from `at` on at which he may be told; of a digest the next one."""
    # From the day before on: its digest may have had to wait over midnight.
    for number in range(-1 if hours.digest else 0, _FARTHEST):
        day = at.date() + number * _DAY
        if hours.worked_days and not calendar.is_worked(day):
            continue
        found = _digest_on(day, hours, calendar) if hours.digest else _free_on(day, at, hours)
        if found is not None and found >= at:
            return found
    return at


def _free_on(day: date, at: datetime, hours: Hours) -> datetime | None:
    """The first moment of the day, and not before `at`, outside the quiet hours."""
    start = max(at, datetime.combine(day, time.min))
    first, last = hours.quiet_from, hours.quiet_until
    if first is None or last is None or first == last:
        return start
    if first < last:
        return datetime.combine(day, last) if first <= start.time() < last else start
    if start.time() >= first:
        return None
    return max(start, datetime.combine(day, last))


def _digest_on(day: date, hours: Hours, calendar: Calendar) -> datetime | None:
    if hours.digest is Digest.WEEKLY and not _begins_week(day, hours, calendar):
        return None
    return next_time(datetime.combine(day, DIGEST_AT), hours._replace(digest=Digest.NONE), calendar)


def _begins_week(day: date, hours: Hours, calendar: Calendar) -> bool:
    """Monday, or where only worked days count the first of the week."""
    if day.weekday() == _MONDAY:
        return True
    earlier = [day - number * _DAY for number in range(1, day.weekday() + 1)]
    return hours.worked_days and not any(map(calendar.is_worked, earlier))
