"""The clock. Only views, jobs and commands read it; all code below takes the time as an argument."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def today() -> date:
    """Today in the time zone of the instance (`TIME_ZONE`), independent of the request."""
    return timezone.localtime(timezone.now(), timezone.get_default_timezone()).date()


def local_day(moment: datetime) -> date:
    return timezone.localtime(moment, timezone.get_default_timezone()).date()
