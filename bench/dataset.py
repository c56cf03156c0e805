"""The world that is measured: 500 indicators in 20 areas, and a department that reports them all."""

import json
import os
from collections.abc import Iterator
from datetime import date
from typing import Any

INDICATORS, AREAS = 500, 20
A_PERIOD = INDICATORS * AREAS
ROWS, ANCHOR_ROWS = int(os.environ.get("BENCH_ROWS", "50000")), 100_000

ANCHOR = """CREATE TABLE {anchor} (
    id {serial} PRIMARY KEY, indicator_id integer NOT NULL, area_id integer NOT NULL, period_start date NOT NULL,
    period_end date NOT NULL, value {number} NOT NULL, status smallint NOT NULL, source text NOT NULL,
    recorded_at {time} NOT NULL, UNIQUE (indicator_id, area_id, period_start))"""
ANCHOR_COLUMNS = "indicator_id, area_id, period_start, period_end, value, status, source, recorded_at"


def make() -> str:
    """Through the services; the key of a whole organisation's integration."""
    from indicators.models import Area, Department, Indicator
    from indicators.services.access import api_keys
    from kpitracker.lib import clock
    from kpitracker.lib.actor import Scope, system_actor

    department = Department.objects.create(code="statistics", name="Statistics")
    Area.objects.bulk_create(Area(code=f"area-{n}", name=f"Area {n}") for n in range(AREAS))
    Indicator.objects.bulk_create(
        Indicator(code=f"indicator-{n}", name=f"Indicator {n}", accumulation="sum", department=department)
        for n in range(INDICATORS)
    )
    scopes = [Scope.READ, Scope.FIGURES_WRITE]
    return api_keys.issue_key(
        scopes=scopes, by=system_actor("bench"), now=clock.now(), department=department, rate=0
    ).secret


def places(count: int) -> Iterator[tuple[int, int, int]]:
    """(month since 2000, indicator, area), period by period, as departments report."""
    for k in range(count):
        month, rest = divmod(k, A_PERIOD)
        yield month, *divmod(rest, AREAS)


def value(k: int, bump: int) -> str:
    return f"{((k + 1) * 7919 + bump) % 10_000_000 / 100:.2f}"


def figures(count: int, bump: int = 0) -> Iterator[dict[str, Any]]:
    for k, (month, indicator, area) in enumerate(places(count)):
        yield {
            "indicator": f"indicator-{indicator}",
            "area": f"area-{area}",
            "period": f"{2000 + month // 12}-{month % 12 + 1:02}",
            "value": value(k, bump),
            "stage": "estimate",
            "source": f"https://statistics.example.gov/reports/{indicator}",
        }


def body(count: int, bump: int = 0) -> bytes:
    return json.dumps(list(figures(count, bump))).encode()


def anchor_rows(count: int) -> Iterator[tuple[Any, ...]]:
    for k, (month, indicator, area) in enumerate(places(count)):
        first = date(2000 + month // 12, month % 12 + 1, 1)
        yield (
            indicator,
            area,
            first.isoformat(),
            first.replace(day=28).isoformat(),
            value(k, 0),
            k % 4,
            f"dept-{area}",
            "2026-01-01 00:00:00+00:00",
        )
