"""When somebody may be told."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.calendars import Calendar
from indicators.domain.delivery_hours import ANY_TIME, DeliveryHours, DigestFrequency, next_delivery_time

# In November 2026 the 16th is a Monday; the 20th (a Friday) is a holiday here, and the Saturday after it is worked.
CALENDAR = Calendar(days_off=frozenset([date(2026, 11, 20)]), working_weekend_days=frozenset([date(2026, 11, 21)]))
NIGHT = DeliveryHours(time(21), time(7))
NOON = DeliveryHours(time(12), time(13, 30))
WORK = DeliveryHours(working_days_only=True)
DAILY = DeliveryHours(digest=DigestFrequency.DAILY)
WEEKLY = DeliveryHours(digest=DigestFrequency.WEEKLY)

RULES = [
    ("who asks for nothing is told at once", ANY_TIME, "2026-11-16 03:00", "2026-11-16 03:00"),
    ("outside the quiet hours at once", NIGHT, "2026-11-16 20:59", "2026-11-16 20:59"),
    ("before midnight in the quiet hours: in the morning", NIGHT, "2026-11-16 21:00", "2026-11-17 07:00"),
    ("after midnight in the quiet hours: in the same morning", NIGHT, "2026-11-17 02:15", "2026-11-17 07:00"),
    ("the last quiet moment is over when it is over", NIGHT, "2026-11-17 07:00", "2026-11-17 07:00"),
    ("quiet hours within a day", NOON, "2026-11-16 12:30", "2026-11-16 13:30"),
    ("before quiet hours within a day", NOON, "2026-11-16 11:59", "2026-11-16 11:59"),
    ("on a worked day at any time", WORK, "2026-11-16 03:00", "2026-11-16 03:00"),
    ("on a Sunday: when Monday begins", WORK, "2026-11-15 12:00", "2026-11-16 00:00"),
    ("on a holiday: on the Saturday that is worked for it", WORK, "2026-11-20 12:00", "2026-11-21 00:00"),
    (
        "on a Sunday with quiet hours: on Monday morning",
        NIGHT._replace(working_days_only=True),
        "2026-11-15 12:00",
        "2026-11-16 07:00",
    ),
    (
        "on the evening before a day off: on the next worked morning",
        NIGHT._replace(working_days_only=True),
        "2026-11-19 22:00",
        "2026-11-21 07:00",
    ),
    ("a digest of the same day", DAILY, "2026-11-16 07:29", "2026-11-16 07:30"),
    ("what comes with the digest goes with it", DAILY, "2026-11-16 07:30", "2026-11-16 07:30"),
    ("after today's digest with tomorrow's", DAILY, "2026-11-16 07:31", "2026-11-17 07:30"),
    ("a digest comes on Sundays, too", DAILY, "2026-11-14 08:00", "2026-11-15 07:30"),
    ("but not to whom only worked days count", DAILY._replace(working_days_only=True), "2026-11-19 08:00", "2026-11-21 07:30"),
    ("a weekly digest on Monday", WEEKLY, "2026-11-17 08:00", "2026-11-23 07:30"),
    (
        "where Monday is off on the first worked day of the week",
        WEEKLY._replace(working_days_only=True),
        "2026-12-26 08:00",
        "2026-12-29 07:30",
    ),
    ("a digest waits for the end of quiet hours", DeliveryHours(time(6), time(9), digest=DigestFrequency.DAILY), "2026-11-16 05:00", "2026-11-16 09:00"),
]  # fmt: skip


@pytest.mark.parametrize(("hours", "at", "expected"), [row[1:] for row in RULES], ids=[row[0] for row in RULES])
def test_when_somebody_may_be_told(hours: DeliveryHours, at: str, expected: str) -> None:
    calendar = CALENDAR._replace(days_off=CALENDAR.days_off | {date(2026, 12, 28)})
    assert next_delivery_time(datetime.fromisoformat(at), hours, calendar) == datetime.fromisoformat(expected)


some_hours = st.builds(
    DeliveryHours, st.times(), st.times(), st.booleans(), st.sampled_from(list(DigestFrequency))
) | st.builds(DeliveryHours, working_days_only=st.booleans(), digest=st.sampled_from(list(DigestFrequency)))  # fmt: skip


@given(at=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31)), hours=some_hours)  # noqa: DTZ001
def test_it_is_never_too_early_never_in_quiet_hours_and_stays_once_found(at: datetime, hours: DeliveryHours) -> None:
    result = next_delivery_time(at, hours, CALENDAR)
    assert result >= at
    # A digest that had to wait until tomorrow may meet the next one.
    assert next_delivery_time(result, hours, CALENDAR) == result or (hours.digest and hours.quiet_from)
    assert not hours.working_days_only or CALENDAR.is_working_day(result.date())
    first, last = hours.quiet_from, hours.quiet_until
    if first and last and result != at:
        inside = first <= result.time() < last if first <= last else not last <= result.time() < first
        assert not inside
