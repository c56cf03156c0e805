"""Metrics of the service in the text format of Prometheus. They need a key of the whole organisation."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from rest_framework.request import Request
from rest_framework.views import APIView

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import Forbidden
from kpitracker.lib.http import refusals
from kpitracker.lib.i18n.text import text
from targets.services.monitoring import service_state


class _ServiceCollector(Collector):
    """Gauges that are read from the database: every process and every machine reports the same values. Counters of
    refused callers are of this machine.
    """

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        now = clock.now()
        state = service_state.service_state(now)
        yield _gauge("kpitracker_sweep_age_seconds", "Seconds since the last full sweep.", state.sweep_age)
        yield _gauge("kpitracker_marks", "Posted figures that wait for assessment.", state.marks)
        yield _gauge(
            "kpitracker_oldest_mark_seconds", "Age of the oldest posted figure that waits.", state.oldest_mark or 0
        )
        yield _gauge(
            "kpitracker_oldest_delivery_seconds", "Delay of the oldest message that is due.", state.oldest_delivery or 0
        )
        yield _gauge(
            "kpitracker_delivery_paused",
            "1: delivery is paused, nothing is sent until it is resumed.",
            int(state.is_paused),
        )
        yield _gauge("kpitracker_imports", "Long imports that are not finished.", state.imports)
        deliveries = GaugeMetricFamily("kpitracker_deliveries", "Messages not sent.", labels=["channel", "state"])
        for labels, count in sorted(state.deliveries.items()):
            deliveries.add_metric(labels, count)
        yield deliveries
        alerts = GaugeMetricFamily("kpitracker_alerts", "Alerts that are open.", labels=["severity"])
        for severity, count in sorted(state.alerts.items()):
            alerts.add_metric([severity], count)
        yield alerts
        refused = CounterMetricFamily("kpitracker_refusals", "Callers sent away by this machine.", labels=["kind"])
        for kind, count in refusals.count_refusals().items():
            refused.add_metric([kind], count)
        yield refused


def _gauge(name: str, documentation: str, value: float | None) -> GaugeMetricFamily:
    """Without a value the gauge has no sample: a missing value is not zero."""
    family = GaugeMetricFamily(name, documentation)
    if value is not None:
        family.add_metric([], value)
    return family


class MetricsView(APIView):
    read_scopes = (Scope.READ,)
    schema: Any = None

    def get(self, request: Request) -> HttpResponse:
        if get_actor(request).department is not None:
            raise Forbidden(
                detail=text("A key of the whole organisation is needed.", "Cần khóa của toàn tổ chức."),
            )
        registry = CollectorRegistry()
        registry.register(_ServiceCollector())
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
