"""Health checks for monitoring systems: liveness of the process and readiness of the service.

The answers name no version and no host: anyone may read them.
"""

import threading
import time
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from kpitracker.lib import clock
from kpitracker.lib.models import Counter
from targets.services import holding, watch

# The endpoint needs no key, and each check writes to the database: it runs once a second at most.
_KEPT = 1.0
_OK = "ok"


def live(request: HttpRequest) -> JsonResponse:
    """Answer without touching the database: this process is alive."""
    return JsonResponse({"status": "live"})


class _Looked:
    """The last result of the readiness check, and when it was made."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.at = float("-inf")
        self.found: dict[str, Any] = {}
        self.migrated = False


_looked = _Looked()


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Return 503 when figures cannot be stored or the sweep does not run; `degraded` when the broker is down."""
    with _looked.lock:
        if time.monotonic() - _looked.at > _KEPT:
            _looked.found, _looked.at = _look(), time.monotonic()
        found = _looked.found
    return JsonResponse(found, status=503 if found["status"] == "unavailable" else 200)


def _look() -> dict[str, Any]:
    checks = {"database": "down", "migrations": "unknown", "sweep": "unknown", "delivery": "unknown"}
    age = None
    try:
        with transaction.atomic():
            Counter.hold("ready")
        checks["database"] = _OK
        checks["migrations"] = _OK if _migrated() else "behind"
        age = watch.sweep_age(clock.now())
        stale = age is None or age > watch.STALE.total_seconds()
        checks["sweep"] = "stale" if stale else _OK
        checks["delivery"] = "held" if holding.is_held() else _OK
    except DatabaseError:
        pass  # The checks that are not "ok" report it.
    vital = all(checks[name] == _OK for name in ("database", "migrations", "sweep"))
    checks["broker"] = _OK if _broker_answers() else "down"
    well = all(each == _OK for each in checks.values())
    status = "ready" if well else "degraded" if vital else "unavailable"
    return {"status": status, "checks": checks, "sweep_age_seconds": None if age is None else round(age, 1)}


def _migrated() -> bool:
    """Check until all migrations are applied, then remember it: no process outlives a reversed migration."""
    if not _looked.migrated:
        executor = MigrationExecutor(connection)
        _looked.migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _looked.migrated


def _broker_answers() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()
