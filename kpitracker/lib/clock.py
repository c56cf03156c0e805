"""The clock. Only views, jobs and commands read it; all code below takes the time as an argument."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def today() -> date:
    """Today in the time zone of the instance (`TIME_ZONE`), independent of the request."""
    return timezone.localtime(timezone.now(), timezone.get_default_timezone()).date()


def local_day(moment: datetime) -> date:
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def start_of_day(day: date) -> datetime:
    """The first moment of a day, in the time zone of the instance."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


def start_of_next_day(day: date) -> datetime:
    """The first moment after a day, in the time zone of the instance."""
    return start_of_day(day + timedelta(days=1))
