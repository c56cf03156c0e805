"""The series of an indicator: what was posted, or what follows from it."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count

from indicators.domain.periods import Period
from indicators.domain.rounding import half_up, plain
from indicators.models import Area, Indicator, Revision
from indicators.services import history
from indicators.services.books import gather


def series_rows(
    *,
    indicator: Indicator,
    area: Area,
    first: date | None,
    last: date | None,
    as_of: date,
    recorded_by: datetime | None,
) -> list[dict[str, Any]]:
    """Rows in order of their periods, of periods that lie within first..last."""
    rows = (
        _computed(indicator, area, as_of, recorded_by)
        if indicator.formula
        else _stored(indicator, area, as_of, recorded_by)
    )
    return [
        row | {"period": str(period)}
        for period, row in sorted(rows, key=lambda each: (each[0].start, each[0].end))
        if (first is None or period.start >= first) and (last is None or period.end <= last)
    ]


def _stored(
    indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None
) -> list[tuple[Period, dict[str, Any]]]:
    in_force = Revision.objects.in_force(as_of, recorded_by).filter(
        measurement__indicator=indicator, measurement__area=area
    )
    known = Revision.objects.known(as_of, recorded_by).filter(measurement__indicator=indicator, measurement__area=area)
    counts = dict(known.values_list("measurement").annotate(count=Count("pk")))
    return [
        (_period(revision), _stored_row(revision, counts[revision.measurement_id]))
        for revision in in_force.select_related("measurement")
    ]


def _period(revision: Revision) -> Period:
    return Period(revision.measurement.period_start, revision.measurement.period_end)


def _stored_row(revision: Revision, revisions: int) -> dict[str, Any]:
    return {
        "period": "",
        "value": None if revision.value is None else format(revision.value, "f"),
        "qualifier": revision.qualifier,
        "stage": revision.stage,
        "published": "unknown" if revision.published is None else revision.published.isoformat(),
        "revision": revision.number,
        "revisions": revisions,
        "computed": False,
        "warnings": [{"slug": item.slug, "detail": item.detail} for item in history.warnings(revision)],
    }


def _computed(
    indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None
) -> list[tuple[Period, dict[str, Any]]]:
    book = gather({(indicator.pk, area.pk)}, as_of, None, recorded_by)[area.pk]
    return [
        (
            period,
            {
                "period": "",
                "value": plain(half_up(value, max(6, indicator.decimals + 2))),
                "qualifier": None,
                "stage": None,
                "published": None,
                "revision": None,
                "revisions": None,
                "computed": True,
                "warnings": [],
            },
        )
        for period, value in book.computed(indicator.code)
    ]
