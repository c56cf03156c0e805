"""The edge's clock. Views, jobs and commands look here; everything below is given the time."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def today() -> date:
    """The day in the instance's time zone (`TIME_ZONE`), whatever the zone of the request."""
    return timezone.localtime(timezone.now(), timezone.get_default_timezone()).date()


def local_day(moment: datetime) -> date:
    return timezone.localtime(moment, timezone.get_default_timezone()).date()
