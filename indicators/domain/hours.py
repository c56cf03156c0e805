"""When a contact may receive messages: outside quiet hours, on working days only, or in a daily or weekly digest.

All times are local times of the instance, without a time zone.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from .calendars import WEEKENDS_ONLY, Calendar

DIGEST_AT: Final = time(7, 30)
_DAY: Final = timedelta(days=1)
_MONDAY: Final = 0
# Longer than any run of holidays. A longer run means a wrong calendar: then the message is sent at once, not lost.
_FARTHEST: Final = 60


class Digest(StrEnum):
    """`NONE`: each message is sent at once."""

    NONE = ""
    DAILY = "daily"
    WEEKLY = "weekly"


class Hours(NamedTuple):
    """When messages may be delivered to a contact.

    Nothing is sent from `quiet_from` to `quiet_until`: both are set, or neither. Quiet hours run over midnight when
    `quiet_until` is the earlier time.
    """

    quiet_from: time | None = None
    quiet_until: time | None = None
    worked_days: bool = False
    digest: Digest = Digest.NONE


ANY_TIME: Final = Hours()


def next_time(at: datetime, hours: Hours, calendar: Calendar = WEEKENDS_ONLY) -> datetime:
    """The first moment, not before `at`, at which a message may be sent; for a digest, the time of the next digest."""
    # A digest starts with the day before: quiet hours may have moved its digest past midnight.
    for number in range(-1 if hours.digest else 0, _FARTHEST):
        day = at.date() + number * _DAY
        if hours.worked_days and not calendar.is_worked(day):
            continue
        found = _digest_on(day, hours, calendar) if hours.digest else _free_on(day, at, hours)
        if found is not None and found >= at:
            return found
    return at


def _free_on(day: date, at: datetime, hours: Hours) -> datetime | None:
    """The first moment of the day outside the quiet hours, not before `at`; None when the day has none left."""
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
    """Whether it is Monday or, with working days only, the first working day of the week."""
    if day.weekday() == _MONDAY:
        return True
    earlier = [day - number * _DAY for number in range(1, day.weekday() + 1)]
    return hours.worked_days and not any(map(calendar.is_worked, earlier))
