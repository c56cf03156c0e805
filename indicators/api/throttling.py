"""Fair limits: so many requests a minute for each key."""

from rest_framework.exceptions import Throttled

from indicators.models import ApiKey
from kpitracker.lib import rates


def count(key: ApiKey) -> None:
    """One more request of the key; a burst of a minute's worth is served and a flood is not. Raises `Throttled`."""
    if key.rate and (wait := rates.limiter.take(key.prefix, key.rate)):
        raise Throttled(wait)
