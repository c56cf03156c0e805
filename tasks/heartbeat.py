"""Records the last full sweep, and sends a heartbeat to an external monitor that alarms when it is missing."""

import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from kpitracker.lib.models import CommitSequence
from kpitracker.lib.outbound.http_post import NoResponse, send_post
from kpitracker.lib.outbound.ssrf import DestinationBlocked
from targets.services.monitoring import service_state

log = logging.getLogger(__name__)

_INTERVAL = timedelta(seconds=60)
_COUNTER_NAME = "heartbeat"


def send_heartbeat(*, now: datetime) -> bool:
    """Record that a sweep has finished, and send a heartbeat once a minute. Return whether one was accepted."""
    service_state.record_sweep(now=now)
    if not settings.HEARTBEAT_URL or not _is_due(now):
        return False
    try:
        # The operator chooses this URL, so it may lie in the internal network.
        host = urlsplit(settings.HEARTBEAT_URL).hostname or ""
        response = send_post(settings.HEARTBEAT_URL, b"", {}, allowed=[host])
    except (DestinationBlocked, NoResponse) as error:
        log.warning("The heartbeat was not taken: %s", error)
        return False
    return 200 <= response.status < 300


def _is_due(now: datetime) -> bool:
    """Whether a heartbeat is due. Of several sweeps at the same time only one gets True."""
    timestamp = int(now.timestamp())
    _, is_first = CommitSequence.objects.get_or_create(name=_COUNTER_NAME, defaults={"value": timestamp})
    overdue = CommitSequence.objects.filter(name=_COUNTER_NAME, value__lte=timestamp - int(_INTERVAL.total_seconds()))
    return is_first or overdue.update(value=timestamp) == 1
