"""Records the last full sweep, and sends a heartbeat to an external monitor that alarms when it is missing."""

import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from kpitracker.lib.models import Counter
from kpitracker.lib.outbound.guard import Blocked
from kpitracker.lib.outbound.posting import NoAnswer, post
from targets.services import watch

log = logging.getLogger(__name__)

_EVERY = timedelta(seconds=60)
_NAME = "heartbeat"


def beat(*, now: datetime) -> bool:
    """Record that a sweep has finished, and send a heartbeat once a minute. Return whether one was accepted."""
    watch.note_sweep(now=now)
    if not settings.HEARTBEAT_URL or not _is_due(now):
        return False
    try:
        # The operator chooses this URL, so it may lie in the internal network.
        host = urlsplit(settings.HEARTBEAT_URL).hostname or ""
        answer = post(settings.HEARTBEAT_URL, b"", {}, allowed=[host])
    except (Blocked, NoAnswer) as error:
        log.warning("The heartbeat was not taken: %s", error)
        return False
    return 200 <= answer.status < 300


def _is_due(now: datetime) -> bool:
    """Whether a heartbeat is due. Of several sweeps at the same time only one gets True."""
    moment = int(now.timestamp())
    _, first = Counter.objects.get_or_create(name=_NAME, defaults={"value": moment})
    late = Counter.objects.filter(name=_NAME, value__lte=moment - int(_EVERY.total_seconds()))
    return first or late.update(value=moment) == 1
