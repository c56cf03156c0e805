"""The alarm about the alarm: when the last full sweep was, and a sign of life to somebody outside who misses it."""

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
    """Note that a sweep came to its end, and tell it outside once a minute; whether it was told."""
    watch.note_sweep(now=now)
    if not settings.HEARTBEAT_URL or not _is_due(now):
        return False
    try:
        # Where it goes is said by the operator: it may lie within his house.
        host = urlsplit(settings.HEARTBEAT_URL).hostname or ""
        answer = post(settings.HEARTBEAT_URL, b"", {}, allowed=[host])
    except (Blocked, NoAnswer) as error:
        log.warning("The heartbeat was not taken: %s", error)
        return False
    return 200 <= answer.status < 300


def _is_due(now: datetime) -> bool:
    """Of many sweeps at one time one sends it."""
    moment = int(now.timestamp())
    _, first = Counter.objects.get_or_create(name=_NAME, defaults={"value": moment})
    late = Counter.objects.filter(name=_NAME, value__lte=moment - int(_EVERY.total_seconds()))
    return first or late.update(value=moment) == 1
