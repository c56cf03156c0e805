"""Health checks for monitoring systems: liveness of the process and readiness of the service.

The responses name no version and no host: anyone may read them.
"""

import threading
import time
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from indicators.models import Revision
from kpitracker.lib import clock
from kpitracker.lib.db import damage
from kpitracker.lib.db.locks_and_triggers import is_busy, short_transaction
from kpitracker.lib.models import CommitSequence
from targets.services.monitoring import service_state
from targets.services.notifications import pause

# The endpoint needs no key, and each check writes to the database: it runs once a second at most.
_CACHE_SECONDS = 1.0
# Together less than a second, however long others write and the broker is silent.
_WRITE_SECONDS, _BROKER_SECONDS = 0.3, 0.25
# A writer gives up after that time: after that no one could store a figure.
_BUSY_SECONDS = 20.0
_OK = "ok"


def liveness_view(request: HttpRequest) -> JsonResponse:
    """Respond without touching the database: this process is alive."""
    return JsonResponse({"status": "live"})


class _CachedHealth:
    """The last result of the readiness check, and when it was made."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.checked_at = float("-inf")
        self.payload: dict[str, Any] = {}
        self.is_migrated = False
        self.stored_at = time.monotonic()


_cache = _CachedHealth()


@never_cache
def readiness_view(request: HttpRequest) -> JsonResponse:
    """Return 503 when figures cannot be stored or read or the sweep does not run; `degraded` with 200 when the broker
    is down, delivery is paused, mail goes to files in production, or the database is busy.
    """
    with _cache.lock:
        if time.monotonic() - _cache.checked_at > _CACHE_SECONDS:
            _cache.payload, _cache.checked_at = _check_health(), time.monotonic()
        payload = _cache.payload
    return JsonResponse(payload, status=503 if payload["status"] == "unavailable" else 200)


def _check_health() -> dict[str, Any]:
    checks = {"database": "down", "migrations": "unknown", "sweep": "unknown", "delivery": "unknown"}
    sweep_age = None
    try:
        # The rows themselves, not an index.
        Revision.objects.order_by("-id").values_list("missing_reason", "recorded_at").first()
        checks["database"] = "damaged" if damage.has_damage() else _store_something()
        checks["migrations"] = _OK if _is_migrated() else "behind"
        sweep_age = service_state.sweep_age(clock.now())
        is_stale = sweep_age is None or sweep_age > service_state.STALE_AFTER.total_seconds()
        checks["sweep"] = "stale" if is_stale else _OK
        checks["delivery"] = "paused" if pause.is_paused() else _OK
    except DatabaseError as error:
        # The checks that are not "ok" report it.
        if damage.is_damage(error):
            damage.record_damage(error)
    vital_ok = checks["database"] in (_OK, "busy") and checks["migrations"] == checks["sweep"] == _OK
    checks["broker"] = _OK if _broker_answers() else "down"
    checks["mail"] = "files" if settings.PRODUCTION and settings.MAIL_IN_FILES else _OK
    all_ok = all(state == _OK for state in checks.values())
    status = "ready" if all_ok else "degraded" if vital_ok else "unavailable"
    return {"status": status, "checks": checks, "sweep_age_seconds": None if sweep_age is None else round(sweep_age, 1)}


def _store_something() -> str:
    """`ok`; `busy` while other writers take longer than a probe waits; `down` when no writer can get its turn."""
    try:
        with short_transaction(_WRITE_SECONDS):
            CommitSequence.lock("ready")
    except OperationalError as error:
        if not is_busy(error) or time.monotonic() - _cache.stored_at > _BUSY_SECONDS:
            return "down"
        return "busy"
    _cache.stored_at = time.monotonic()
    return _OK


def _is_migrated() -> bool:
    """Check until all migrations are applied, then remember it: no process outlives a reversed migration."""
    if not _cache.is_migrated:
        executor = MigrationExecutor(connection)
        _cache.is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _cache.is_migrated


def _broker_answers() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_BROKER_SECONDS, socket_connect_timeout=_BROKER_SECONDS
    )
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()
