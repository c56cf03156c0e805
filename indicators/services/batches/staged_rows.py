"""Copies the staged rows of a slice into the tables of figures: each table by one statement of the database."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache

from django.db import connection
from django.db.models import F

from indicators.domain.periods import Period
from indicators.models import Approval, Indicator, Measurement, Revision, StagedFigure, StagedRevision, StagedSlice
from indicators.querysets import SeriesKey
from indicators.services.batches.existing_figures import IDENTITY_COLUMNS
from indicators.services.batches.storage import CURRENT_COLUMNS, REVISION_COLUMNS, SHARED_COLUMNS, ConcurrentWrite
from indicators.services.figures.figure_changes import FigureChange
from kpitracker.lib.db import bulk

_FIGURES, _STAGED_FIGURES, _REVISIONS, _STAGED_REVISIONS, _APPROVALS = (
    model._meta.db_table for model in (Measurement, StagedFigure, Revision, StagedRevision, Approval)
)
# Rows were staged before they are stored. `recorded_at` is only later where the clock of an earlier writer was.
_MOMENT = "CASE WHEN s.recorded_at > %s THEN s.recorded_at ELSE %s END"


def _values(names: Iterable[str]) -> str:
    return ", ".join(_MOMENT if name == "recorded_at" else f"s.{name}" for name in names)


_OWN_COLUMNS = [*CURRENT_COLUMNS, *SHARED_COLUMNS]
_FIGURE_COLUMNS = [*IDENTITY_COLUMNS, *_OWN_COLUMNS]
_REVISION_COLUMNS = [*[name for name in REVISION_COLUMNS if name != "id"], "warnings", *SHARED_COLUMNS]
_ASSIGNMENTS = ", ".join(f"{name} = {_values([name])}" for name in _OWN_COLUMNS)
# Only names of our own tables and columns go into these statements.
_INSERT_FIGURES = f"""
    INSERT INTO {_FIGURES} (id, {", ".join(_FIGURE_COLUMNS)})
    SELECT s.figure, {_values(_FIGURE_COLUMNS)} FROM {_STAGED_FIGURES} s
    WHERE s.was_revisions IS NULL AND s.slice_id = %s ORDER BY s.id"""  # noqa: S608  # nosec B608
_CHANGE_FIGURES = f"""
    UPDATE {_FIGURES} SET {_ASSIGNMENTS} FROM {_STAGED_FIGURES} s
    WHERE s.current_revision IS NOT NULL AND s.slice_id = %s
          AND {_FIGURES}.id = s.figure AND {_FIGURES}.revisions = s.was_revisions"""  # noqa: S608  # nosec B608
_COUNT_REVISIONS = f"""
    UPDATE {_FIGURES} SET revisions = s.revisions FROM {_STAGED_FIGURES} s
    WHERE s.current_revision IS NULL AND s.revisions <> s.was_revisions AND s.slice_id = %s
          AND {_FIGURES}.id = s.figure AND {_FIGURES}.revisions = s.was_revisions"""  # noqa: S608  # nosec B608
_INSERT_REVISIONS = f"""
    INSERT INTO {_REVISIONS} (id, {", ".join(_REVISION_COLUMNS)})
    SELECT s.revision, {_values(_REVISION_COLUMNS)} FROM {_STAGED_REVISIONS} s WHERE s.slice_id = %s ORDER BY s.id"""  # noqa: S608  # nosec B608
_INSERT_APPROVALS = f"""
    INSERT INTO {_APPROVALS} (revision_id, state, decided_by, reason)
    SELECT s.revision, 'pending', '', '' FROM {_STAGED_REVISIONS} s WHERE s.pending AND s.slice_id = %s"""  # noqa: S608  # nosec B608
_COUNT_KEPT = f"""
    SELECT count(*) FROM {_STAGED_FIGURES} s JOIN {_FIGURES} m ON m.id = s.figure AND m.revisions = s.was_revisions
    WHERE s.revisions = s.was_revisions AND s.slice_id = %s"""  # noqa: S608  # nosec B608
_SERIES = "COALESCE(s.indicator_id, m.indicator_id), COALESCE(s.area_id, m.area_id)"
_CHANGED = f"""
    FROM {_STAGED_FIGURES} s LEFT JOIN {_FIGURES} m ON m.id = s.figure
    WHERE (s.was_revisions IS NULL OR s.revisions <> s.was_revisions) AND s.slice_id = %s"""
_CHANGED_FIGURES = f"""
    SELECT {_SERIES}, CAST(COALESCE(s.period_start, m.period_start) AS text),
           CAST(COALESCE(s.period_end, m.period_end) AS text) {_CHANGED}"""  # nosec B608
_CHANGED_SERIES = f"SELECT DISTINCT {_SERIES} {_CHANGED}"  # nosec B608


def write_rows(staged: StagedSlice, now: datetime) -> None:
    """Raises `ConcurrentWrite` or IntegrityError when another transaction has written one of the figures."""
    moment = bulk.moment_text(now)
    rows = StagedFigure.objects.filter(slice=staged)
    changing = rows.exclude(was_revisions=None).exclude(was_revisions=F("revisions"))
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_FIGURES, [moment, moment, staged.pk])
        changed = 0
        if expected := changing.count():
            for statement, moments in ((_CHANGE_FIGURES, [moment, moment]), (_COUNT_REVISIONS, [])):
                cursor.execute(statement, [*moments, staged.pk])
                changed += cursor.rowcount
        if changed != expected:
            raise ConcurrentWrite
        cursor.execute(_INSERT_REVISIONS, [moment, moment, staged.pk])
        cursor.execute(_INSERT_APPROVALS, [staged.pk])


def count_kept(staged: StagedSlice) -> int:
    """How many figures that stay as they are have as many revisions as when the slice was staged."""
    return int(next(bulk.select_rows(_COUNT_KEPT, [staged.pk]))[0])


def count_decided(staged: StagedSlice) -> int:
    """How many revisions of the figures of the slice have been approved or rejected."""
    figures = StagedFigure.objects.filter(slice=staged).exclude(was_revisions=None).values("figure")
    return int(Approval.objects.exclude(state="pending").filter(revision__measurement__in=figures).count())


def load_changes(staged: StagedSlice, indicators: dict[int, Indicator]) -> list[FigureChange]:
    """The figures that the slice will change, without their values. `indicators`: by id."""
    parse_day = cache(date.fromisoformat)
    return [
        FigureChange(indicators[indicator], area, Period(parse_day(start), parse_day(end)), None)
        for indicator, area, start, end in bulk.select_rows(_CHANGED_FIGURES, [staged.pk])
    ]


def changed_series(staged: StagedSlice) -> set[SeriesKey]:
    return {(indicator, area) for indicator, area in bulk.select_rows(_CHANGED_SERIES, [staged.pk])}


def delete_rows(staged: StagedSlice) -> None:
    for model in (StagedFigure, StagedRevision):
        rows = model._base_manager.filter(slice=staged)
        rows._raw_delete(rows.db)
    staged.delete()
