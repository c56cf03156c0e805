"""The series of an indicator: posted figures and computed values."""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count

from indicators.api.v1.representation import is_forecast_revision, warning_rows
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.regions import MAX_NAMED_AREAS, Completeness, SumReason, sum_reason
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.models import Area, Indicator, Revision
from indicators.payloads import SeriesPointPayload, SumCompletenessPayload
from indicators.services.figures import revision_store
from indicators.services.figures.series import find_predecessors, load_resolvers

PeriodRow = tuple[Period, SeriesPointPayload]

# A computed value has at least the six decimals that a posted one may have, and two more than the indicator shows.
_MIN_DECIMALS, _EXTRA_DECIMALS = 6, 2


def series_rows(
    *,
    indicator: Indicator,
    area: Area,
    first: date | None,
    last: date | None,
    as_of: date,
    recorded_by: datetime | None,
    with_predecessors: bool = False,
) -> list[SeriesPointPayload]:
    """Rows in order of their periods, for periods that lie within first..last.

    `with_predecessors`: also the rows of areas that merged into this one, and the sums over all of them for periods
    before the merger.
    """
    source_areas = [area, *(find_predecessors(area) if with_predecessors else ())]
    rows = [row for source_area in source_areas for row in _area_rows(indicator, source_area, as_of, recorded_by)]
    if len(source_areas) > 1:
        rows += _premerger_rows(indicator, area, as_of, recorded_by)
    return [
        row
        for period, row in sorted(rows, key=lambda item: (item[0].start, item[0].end))
        if (first is None or period.start >= first) and (last is None or period.end <= last)
    ]


def _area_rows(indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None) -> list[PeriodRow]:
    if indicator.formula:
        return _computed_rows(indicator, area, as_of, recorded_by)
    rows = _stored_rows(indicator, area, as_of, recorded_by)
    return rows + _sum_rows(indicator, area, as_of, recorded_by) if indicator.regional else rows


def _stored_rows(indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None) -> list[PeriodRow]:
    in_force = Revision.objects.in_force(as_of, recorded_by).filter(
        measurement__indicator=indicator, measurement__area=area
    )
    known_revisions = Revision.objects.known_as_of(as_of, recorded_by).filter(
        measurement__indicator=indicator, measurement__area=area
    )
    revision_counts = dict(known_revisions.values_list("measurement").annotate(count=Count("pk")))
    return [
        _stored_row(revision, indicator, area, revision_counts[revision.measurement_id])
        for revision in in_force.select_related("measurement")
    ]


def _stored_row(revision: Revision, indicator: Indicator, area: Area, revision_count: int) -> PeriodRow:
    period = Period(revision.measurement.period_start, revision.measurement.period_end)
    return period, {
        "period": str(period),
        "area": area.code,
        "value": None if revision.value is None else format(revision.value, "f"),
        "qualifier": revision.qualifier,
        "stage": revision.stage,
        "is_forecast": is_forecast_revision(revision, period.end, indicator.kind),
        "published": "unknown" if revision.published is None else revision.published.isoformat(),
        "revision": revision.number,
        "revisions": revision_count,
        "computed": False,
        "basis": None,
        "completeness": None,
        "warnings": warning_rows(revision_store.parse_warnings(revision)),
    }


def _computed_rows(indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None) -> list[PeriodRow]:
    resolver = load_resolvers({(indicator.pk, area.pk)}, as_of, today=None, recorded_by=recorded_by)[area.pk]
    return [
        (period, _formula_row(indicator, area, period, value))
        for period, value in resolver.computed_values(indicator.code)
    ]


def _formula_row(
    indicator: Indicator, area: Area, period: Period, value: Decimal, reason: SumReason | None = None
) -> SeriesPointPayload:
    decimals = max(_MIN_DECIMALS, indicator.decimals + _EXTRA_DECIMALS)
    formatted = to_plain_string(round_half_up(value, decimals))
    return {**_computed_row(area, period, formatted), "basis": reason.value if reason else None}


def _computed_row(area: Area, period: Period, value: str | None) -> SeriesPointPayload:
    """A row of a value that was computed, not posted."""
    return {
        "period": str(period),
        "area": area.code,
        "value": value,
        "qualifier": None,
        "stage": None,
        "is_forecast": False,
        "published": None,
        "revision": None,
        "revisions": None,
        "computed": True,
        "basis": None,
        "completeness": None,
        "warnings": [],
    }


def _sum_rows(indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None) -> list[PeriodRow]:
    """Sums over the child areas of an area. A span that lacks a figure of one of them has no value, only a completeness."""
    resolver = load_resolvers({(indicator.pk, area.pk)}, as_of, today=None, recorded_by=recorded_by)[area.pk]
    sums_by_period = {figure.period: figure for figure in resolver.regional_sums(indicator.code)}
    return [
        (period, _sum_row(area, period, sums_by_period.get(period), completeness, SumReason.SUM))
        for period, completeness in resolver.completeness.get(indicator.code, {}).items()
    ]


def _sum_row(
    area: Area, period: Period, figure: Figure | None, completeness: Completeness, reason: SumReason
) -> SeriesPointPayload:
    completeness_payload: SumCompletenessPayload = {
        "reported": completeness.reported,
        "expected": completeness.expected,
        "missing": list(completeness.missing[:MAX_NAMED_AREAS]),
    }
    if figure is None:
        return {**_computed_row(area, period, None), "basis": reason.value, "completeness": completeness_payload}
    return {
        **_computed_row(area, period, to_plain_string(figure.numeric_value)),
        "qualifier": figure.qualifier,
        "stage": figure.stage,
        "published": "unknown" if figure.published is None else figure.published.isoformat(),
        "basis": reason.value,
        "completeness": completeness_payload,
    }


def _premerger_rows(indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None) -> list[PeriodRow]:
    """Sums over the area and those that merged into it, before the merger. Empty without regional aggregation."""
    resolver = load_resolvers(
        {(indicator.pk, area.pk)}, as_of, today=None, recorded_by=recorded_by, with_predecessors=True
    )[area.pk]
    if not indicator.formula:
        return [
            (
                figure.period,
                _sum_row(
                    area,
                    figure.period,
                    figure,
                    Completeness(len(figure.parts), len(figure.parts)),
                    SumReason.BEFORE_MERGE,
                ),
            )
            for figure in resolver.regional_sums(indicator.code)
            if sum_reason(figure) is SumReason.BEFORE_MERGE
        ]
    return [
        (period, _formula_row(indicator, area, period, value, SumReason.BEFORE_MERGE))
        for period, value in resolver.computed_values(indicator.code)
        if any(
            sum_reason(source.figure) is SumReason.BEFORE_MERGE
            for source in resolver.explain(indicator.code, period).figures
        )
    ]
