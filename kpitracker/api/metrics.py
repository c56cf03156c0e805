"""Metrics of the service in the text format of Prometheus. They need a key of the whole organisation."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from rest_framework.request import Request
from rest_framework.views import APIView

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, actor
from kpitracker.lib.errors import NotPermitted
from kpitracker.lib.texts import text
from targets.services import watch


class _Gauges(Collector):
    """Gauges that are read from the database: every process and every machine reports the same values."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = clock.now()
        found = watch.state(now)
        yield _one("kpitracker_sweep_age_seconds", "Seconds since the last full sweep.", found.sweep_age)
        yield _one("kpitracker_marks", "Posted figures that wait for assessment.", found.marks)
        yield _one(
            "kpitracker_oldest_mark_seconds", "Age of the oldest posted figure that waits.", found.oldest_mark or 0
        )
        yield _one(
            "kpitracker_oldest_delivery_seconds", "Delay of the oldest message that is due.", found.oldest_delivery or 0
        )
        yield _one(
            "kpitracker_delivery_held", "1: delivery is paused, nothing is sent until it is resumed.", int(found.held)
        )
        yield _one("kpitracker_imports", "Long imports that are not finished.", found.imports)
        deliveries = GaugeMetricFamily("kpitracker_deliveries", "Messages not sent.", labels=["channel", "state"])
        for labels, number in sorted(found.deliveries.items()):
            deliveries.add_metric(labels, number)
        yield deliveries
        alerts = GaugeMetricFamily("kpitracker_alerts", "Alerts that are open.", labels=["severity"])
        for severity, number in sorted(found.alerts.items()):
            alerts.add_metric([severity], number)
        yield alerts


def _one(name: str, meaning: str, value: float | None) -> GaugeMetricFamily:
    """Without a value the gauge has no sample: a missing value is not zero."""
    family = GaugeMetricFamily(name, meaning)
    if value is not None:
        family.add_metric([], value)
    return family


class MetricsView(APIView):
    read_scopes = (Scope.READ,)
    schema: Any = None

    def get(self, request: Request) -> HttpResponse:
        if actor(request).department is not None:
            raise NotPermitted(
                detail=text("A key of the whole organisation is needed.", "Cần khóa của toàn tổ chức."),
            )
        registry = CollectorRegistry()
        registry.register(_Gauges())
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
