"""When a contact may receive messages: outside quiet hours, on working days only, or in a daily or weekly digest.

All times are local times of the instance, without a time zone.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from .calendars import WEEKENDS_ONLY, Calendar

DIGEST_TIME: Final = time(7, 30)
_DAY: Final = timedelta(days=1)
_MONDAY: Final = 0
# Longer than any run of holidays. A longer run means a wrong calendar: then the message is sent at once, not lost.
_MAX_DAYS_AHEAD: Final = 60


class DigestFrequency(StrEnum):
    """`NONE`: each message is sent at once."""

    NONE = ""
    DAILY = "daily"
    WEEKLY = "weekly"


class ReportFrequency(StrEnum):
    """How often a contact gets the report for a meeting: never, every week, or in the first week of each month."""

    NONE = ""
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class DeliveryHours(NamedTuple):
    """When messages may be delivered to a contact.

    Nothing is sent from `quiet_from` to `quiet_until`: both are set, or neither. Quiet hours run over midnight when
    `quiet_until` is the earlier time.
    """

    quiet_from: time | None = None
    quiet_until: time | None = None
    working_days_only: bool = False
    digest: DigestFrequency = DigestFrequency.NONE


ANY_TIME: Final = DeliveryHours()


def next_delivery_time(at: datetime, hours: DeliveryHours, calendar: Calendar = WEEKENDS_ONLY) -> datetime:
    """The first moment, not before `at`, at which a message may be sent; for a digest, the time of the next digest."""
    # A digest starts with the day before: quiet hours may have moved its digest past midnight.
    for offset in range(-1 if hours.digest else 0, _MAX_DAYS_AHEAD):
        day = at.date() + offset * _DAY
        if hours.working_days_only and not calendar.is_working_day(day):
            continue
        candidate = _digest_time_on(day, hours, calendar) if hours.digest else _first_free_time_on(day, at, hours)
        if candidate is not None and candidate >= at:
            return candidate
    return at


def weekly_time_on(day: date, hours: DeliveryHours, calendar: Calendar = WEEKENDS_ONLY) -> datetime | None:
    """The time of a weekly digest on this day; None when it comes on another day."""
    moment = _first_weekly_time(day, hours, calendar)
    return moment if moment.date() == day else None


def is_first_of_month(day: date, hours: DeliveryHours, calendar: Calendar = WEEKENDS_ONLY) -> bool:
    """Whether the first weekly digest of the month comes on this day."""
    return _first_weekly_time(day.replace(day=1), hours, calendar).date() == day


def _first_weekly_time(day: date, hours: DeliveryHours, calendar: Calendar) -> datetime:
    weekly = hours._replace(digest=DigestFrequency.WEEKLY)
    return next_delivery_time(datetime.combine(day, time.min), weekly, calendar)


def _first_free_time_on(day: date, at: datetime, hours: DeliveryHours) -> datetime | None:
    """The first moment of the day outside the quiet hours, not before `at`; None when the day has none left."""
    start = max(at, datetime.combine(day, time.min))
    quiet_from, quiet_until = hours.quiet_from, hours.quiet_until
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return start
    if quiet_from < quiet_until:
        return datetime.combine(day, quiet_until) if quiet_from <= start.time() < quiet_until else start
    if start.time() >= quiet_from:
        return None
    return max(start, datetime.combine(day, quiet_until))


def _digest_time_on(day: date, hours: DeliveryHours, calendar: Calendar) -> datetime | None:
    if hours.digest is DigestFrequency.WEEKLY and not _is_weekly_digest_day(day, hours, calendar):
        return None
    return next_delivery_time(datetime.combine(day, DIGEST_TIME), hours._replace(digest=DigestFrequency.NONE), calendar)


def _is_weekly_digest_day(day: date, hours: DeliveryHours, calendar: Calendar) -> bool:
    """Whether it is Monday or, with working days only, the first working day of the week."""
    if day.weekday() == _MONDAY:
        return True
    earlier_days = [day - offset * _DAY for offset in range(1, day.weekday() + 1)]
    return hours.working_days_only and not any(map(calendar.is_working_day, earlier_days))
