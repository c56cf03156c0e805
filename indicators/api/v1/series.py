"""The series of an indicator: posted figures and computed values."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count

from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.regions import NAMED, Basis, Coverage, basis_of
from indicators.domain.rounding import half_up, plain
from indicators.models import Area, Indicator, Revision
from indicators.services import history, regions
from indicators.services.books import gather

Row = tuple[Period, dict[str, Any]]


def series_rows(
    *,
    indicator: Indicator,
    area: Area,
    first: date | None,
    last: date | None,
    as_of: date,
    recorded_by: datetime | None,
    predecessors: bool = False,
) -> list[dict[str, Any]]:
    """Rows in order of their periods, for periods that lie within first..last.

    `predecessors`: also the rows of areas that merged into this one, and the joint values before the merger.
    """
    places = [area, *(regions.predecessors(area) if predecessors else ())]
    rows = [row for place in places for row in _of_area(indicator, place, as_of, recorded_by)]
    if len(places) > 1:
        rows += _before_merging(indicator, area, as_of, recorded_by)
    return [
        row | {"period": str(period)}
        for period, row in sorted(rows, key=lambda each: (each[0].start, each[0].end))
        if (first is None or period.start >= first) and (last is None or period.end <= last)
    ]


def _of_area(indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None) -> list[Row]:
    if indicator.formula:
        return _computed(indicator, area, as_of, recorded_by)
    rows = _stored(indicator, area, as_of, recorded_by)
    return rows + _summed(indicator, area, as_of, recorded_by) if indicator.regional else rows


def _stored(indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None) -> list[Row]:
    in_force = Revision.objects.in_force(as_of, recorded_by).filter(
        measurement__indicator=indicator, measurement__area=area
    )
    known = Revision.objects.known(as_of, recorded_by).filter(measurement__indicator=indicator, measurement__area=area)
    counts = dict(known.values_list("measurement").annotate(count=Count("pk")))
    return [
        (_period(revision), _stored_row(revision, area, counts[revision.measurement_id]))
        for revision in in_force.select_related("measurement")
    ]


def _period(revision: Revision) -> Period:
    return Period(revision.measurement.period_start, revision.measurement.period_end)


def _stored_row(revision: Revision, area: Area, revisions: int) -> dict[str, Any]:
    return {
        "period": "",
        "area": area.code,
        "value": None if revision.value is None else format(revision.value, "f"),
        "qualifier": revision.qualifier,
        "stage": revision.stage,
        "published": "unknown" if revision.published is None else revision.published.isoformat(),
        "revision": revision.number,
        "revisions": revisions,
        "computed": False,
        "basis": None,
        "completeness": None,
        "warnings": [{"slug": item.slug, "detail": item.detail} for item in history.warnings(revision)],
    }


def _computed(indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None) -> list[Row]:
    book = gather({(indicator.pk, area.pk)}, as_of, None, recorded_by)[area.pk]
    return [(period, _formula_row(indicator, area, value)) for period, value in book.computed(indicator.code)]


def _formula_row(indicator: Indicator, area: Area, value: Decimal) -> dict[str, Any]:
    return _row(area, plain(half_up(value, max(6, indicator.decimals + 2))))


def _row(area: Area, value: str | None, **said: Any) -> dict[str, Any]:
    """A row of a value that was computed, not posted."""
    return {
        "period": "",
        "area": area.code,
        "value": value,
        "qualifier": None,
        "stage": None,
        "published": None,
        "revision": None,
        "revisions": None,
        "computed": True,
        "basis": None,
        "completeness": None,
        "warnings": [],
        **said,
    }


def _summed(indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None) -> list[Row]:
    """Sums over the parts of an area. A span with missing parts has only its completeness, no value."""
    book = gather({(indicator.pk, area.pk)}, as_of, None, recorded_by)[area.pk]
    known = {figure.period: figure for figure in book.sums(indicator.code)}
    return [
        (span, _sum_row(area, known.get(span), coverage, Basis.SUM))
        for span, coverage in book.coverage.get(indicator.code, {}).items()
    ]


def _sum_row(area: Area, figure: Figure | None, coverage: Coverage, basis: Basis) -> dict[str, Any]:
    shown = {"have": coverage.have, "of": coverage.of, "missing": list(coverage.missing[:NAMED])}
    if figure is None:
        return _row(area, None, basis=basis.value, completeness=shown)
    return _row(
        area,
        plain(figure.amount),
        qualifier=figure.qualifier,
        stage=figure.stage,
        published="unknown" if figure.published is None else figure.published.isoformat(),
        basis=basis.value,
        completeness=shown,
    )


def _before_merging(indicator: Indicator, area: Area, as_of: date, recorded_by: datetime | None) -> list[Row]:
    """Joint values of the area and of those that merged into it, before the merger, if figures can be added up."""
    book = gather({(indicator.pk, area.pk)}, as_of, None, recorded_by, territory=True)[area.pk]
    if not indicator.formula:
        return [
            (figure.period, _sum_row(area, figure, Coverage(len(figure.parts), len(figure.parts)), Basis.BEFORE_MERGE))
            for figure in book.sums(indicator.code)
            if basis_of(figure) is Basis.BEFORE_MERGE
        ]
    return [
        (period, _formula_row(indicator, area, value) | {"basis": Basis.BEFORE_MERGE.value})
        for period, value in book.computed(indicator.code)
        if any(basis_of(used.figure) is Basis.BEFORE_MERGE for used in book.explain(indicator.code, period).figures)
    ]
