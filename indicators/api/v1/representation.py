"""Figures as rows of responses."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter

from indicators.domain.choices import IndicatorKind
from indicators.domain.figures import is_forecast
from indicators.domain.periods import Period
from indicators.models import Area, Department, Indicator, Measurement, Revision
from indicators.payloads import FigureResultPayload, MeasurementPayload, WarningPayload
from indicators.services.figures import revision_store
from indicators.services.figures.recording import RecordResult
from kpitracker.lib import clock
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.rest.renderers import iso_timestamp

QUIET = OpenApiParameter("quiet", bool, description="Notify no one: for loads of history. Needs `figures:history`.")


def revision_row(
    revision: Revision, measurement: Measurement, indicator: tuple[str, str], area: str, department: str | None
) -> MeasurementPayload:
    """One revision of a figure. `id` is the id of the figure, the same for all its revisions.

    `indicator`: its code and its kind.
    """
    code, kind = indicator
    return {
        "id": str(measurement.pk),
        "indicator": code,
        "area": area,
        "period": str(Period(measurement.period_start, measurement.period_end)),
        "value": None if revision.value is None else format(revision.value, "f"),
        "missing_reason": revision.missing_reason or None,
        "qualifier": revision.qualifier,
        "stage": revision.stage,
        "is_forecast": is_forecast_revision(revision, measurement.period_end, kind),
        "published": "unknown" if revision.published is None else revision.published.isoformat(),
        "recorded_at": iso_timestamp(revision.recorded_at),
        "source": revision.source,
        "note": revision.note,
        "department": department,
        "revision": revision.number,
        "current": measurement.current_revision == revision.pk,
        "warnings": warning_rows(revision_store.parse_warnings(revision)),
    }


def is_forecast_revision(revision: Revision, period_end: date, kind: str) -> bool:
    known_on = revision.published or clock.local_day(revision.recorded_at)
    return is_forecast(revision.stage, known_on, period_end, IndicatorKind(kind))


def warning_rows(warnings: Iterable[ProblemItem]) -> list[WarningPayload]:
    return [{"slug": item.slug, "detail": str(item.detail)} for item in warnings]


def record_result(result: RecordResult, *, quiet: bool) -> FigureResultPayload:
    department_codes = dict(result.department_codes)

    def build_row(revision: Revision) -> MeasurementPayload:
        department = revision.department_id or 0
        if department not in department_codes:
            department_codes[department] = codes_by_id(Department, {department}).get(department)
        indicator = result.indicator.code, result.indicator.kind
        return revision_row(revision, result.measurement, indicator, result.area.code, department_codes[department])

    row = build_row(result.revision)
    row["warnings"] = warning_rows(result.warnings)
    if result.previous is None:
        return cast("FigureResultPayload", {"outcome": result.outcome.value, "quiet": quiet, **row})
    return {"outcome": result.outcome.value, "quiet": quiet, **row, "previous": build_row(result.previous)}


def codes_by_id(model: type[Indicator] | type[Area] | type[Department], ids: set[int]) -> dict[int, str]:
    return dict(model.objects.filter(pk__in=ids).values_list("pk", "code"))


def _codes_and_kinds(ids: set[int]) -> QuerySet[Indicator, tuple[int, str, str]]:
    return Indicator.objects.filter(pk__in=ids).values_list("pk", "code", "kind")


def revision_rows(revisions: Sequence[Revision]) -> list[MeasurementPayload]:
    """Rows of revisions whose `measurement` is loaded, with three queries for their codes."""
    indicator_ids = {item.measurement.indicator_id for item in revisions}
    indicators = {pk: (code, kind) for pk, code, kind in _codes_and_kinds(indicator_ids)}
    areas = codes_by_id(Area, {item.measurement.area_id for item in revisions})
    departments = codes_by_id(Department, {item.department_id for item in revisions if item.department_id})
    return [
        revision_row(
            revision,
            revision.measurement,
            indicators[revision.measurement.indicator_id],
            areas[revision.measurement.area_id],
            departments.get(revision.department_id or 0),
        )
        for revision in revisions
    ]
