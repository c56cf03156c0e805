"""Rate limit of each API key, in requests a minute."""

from rest_framework.exceptions import Throttled

from indicators.models import ApiKey
from kpitracker.lib.rest import rate_limit


def count_request(key: ApiKey) -> None:
    """Count a request of the key. A burst of up to one minute's requests is allowed. Raises `Throttled`."""
    if key.rate and (wait := rate_limit.limiter.take(key.prefix, key.rate)):
        raise Throttled(wait)
