"""What one posted figure is checked against, read by three statements in plain SQL: the references with the figure, which
is locked; its surroundings; its revisions.

The general look-ups ask one table after the other, and Django builds each query again. They are still the rule:
`tests/indicators/services/test_posting_reads.py` compares both.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.db import connection

from indicators.domain.choices import IndicatorKind
from indicators.domain.figures import is_forecast
from indicators.domain.periods import Period
from indicators.models import Approval, Area, Indicator, Measurement, Revision
from kpitracker.lib import clock
from kpitracker.lib.db.plain_sql import column_names, fetch_models, fetch_rows, to_date, to_datetime
from kpitracker.lib.numbers import canonical_decimal

Result = TypeVar("Result")
Argument = TypeVar("Argument")


class Located(NamedTuple):
    """The references of a posted figure, locked against deletion, and the figure, locked until the transaction ends.

    `measurement`: None when there is no such figure yet. `department_code`: of the department that posts it, if any.
    """

    indicator: Indicator
    area: Area
    measurement: Measurement | None
    department_code: str | None


def lock_figure(indicator: str, area: str | None, period: Period, department: int | None) -> Located | None:
    """`area`: a code, or None for the home area. `department`: the id of the caller's; without one the indicator's posts.

    None when a code is unknown, or there is no single home area.
    """
    key_share, for_update = ("FOR KEY SHARE", "FOR UPDATE") if connection.vendor == "postgresql" else ("", "")
    area_code = area or settings.HOME_AREA
    area_condition = "code = %s" if area_code else "parent_id IS NULL"
    sql = f"""
        WITH the_indicator AS (SELECT * FROM indicators_indicator WHERE code = %s {key_share}),
        the_area AS (SELECT * FROM indicators_area WHERE {area_condition} {key_share}),
        the_figure AS (
            SELECT * FROM indicators_measurement WHERE indicator_id = (SELECT id FROM the_indicator)
            AND area_id IN (SELECT id FROM the_area) AND period_start = %s AND period_end = %s {for_update}
        )
        SELECT {column_names(Indicator, "i")}, {column_names(Area, "a")}, {column_names(Measurement, "m")}, d.code
        FROM the_indicator i CROSS JOIN the_area a LEFT JOIN the_figure m ON m.area_id = a.id
        LEFT JOIN indicators_department d ON d.id = COALESCE(%s, i.department_id)
    """  # noqa: S608  # nosec B608
    codes = [indicator, *([area_code] if area_code else [])]
    results = fetch_models(sql, [*codes, *period, department], Indicator, Area, Measurement)
    if len(results) != 1:
        return None
    (indicator_row, area_row, measurement), (department_code,) = results[0]
    return Located(indicator_row, area_row, measurement, department_code)


class Surroundings:
    """What the checks of one figure read, and its neighbours: figures with a value between the days of `reach`."""

    def __init__(self, indicator: Indicator, rows: Sequence[tuple[Any, ...]]) -> None:
        self._kind = IndicatorKind(indicator.kind)
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        for name, *values in rows:
            self._rows.setdefault(name, []).append(tuple(values))
        self._results: dict[Callable[..., Any], Any] = {}

    def once(self, load: Callable[[Argument, "Surroundings"], Result], argument: Argument) -> Result:
        """What a function of a higher layer reads of the figure, `argument`: it is called once for all checks."""
        if load not in self._results:
            self._results[load] = load(argument, self)
        return cast("Result", self._results[load])

    def pairs(self, name: str) -> list[tuple[Any, Any]]:
        """The two ids of each row of this name, as in the statement."""
        return [(row[0], row[1]) for row in self._rows.get(name, ())]

    def ids(self, name: str) -> list[int]:
        return [row[0] for row in self._rows.get(name, ())]

    def measured_values(self, start: date | None = None) -> dict[Period, Decimal]:
        """The values of the neighbours that are no forecasts; `start`: only of those that begin on this day.

        Raises `InvalidOperation` for a damaged number.
        """
        values = {}
        for _, _, first, last, published, recorded_at, stage, value in self._rows.get("neighbour", ()):
            period = Period(to_date(first), to_date(last))
            known_on = to_date(published) if published else clock.local_day(to_datetime(recorded_at))
            if start in (None, period.start) and not is_forecast(stage, known_on, period.end, self._kind):
                values[period] = canonical_decimal(Decimal(value))
        return values


_NO_REACH = (date.max, date.min, date.max)
# The first part gives the columns their types on PostgreSQL. The small tables are read whole: an index would not help.
_SURROUNDINGS_SQL = """
    SELECT 'neighbour', indicator_id, area_id, period_start, period_end, published, recorded_at, stage, value
    FROM indicators_measurement WHERE indicator_id = %s AND area_id = %s AND period_start BETWEEN %s AND %s
    AND period_end >= %s AND value IS NOT NULL
    UNION ALL SELECT 'duty', department_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM indicators_reportingduty
    WHERE indicator_id = %s AND area_id = %s AND COALESCE(valid_from, %s) <= %s AND COALESCE(valid_to, %s) >= %s
    UNION ALL SELECT 'restricted', id, department_id, NULL, NULL, NULL, NULL, NULL, NULL FROM indicators_indicator
    WHERE restricted
    UNION ALL SELECT 'merged', successor_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM indicators_area
    WHERE successor_id IS NOT NULL AND valid_to IS NOT NULL
    UNION ALL SELECT 'formula', indicator_id, input_id, NULL, NULL, NULL, NULL, NULL, NULL FROM indicators_formulainput
    UNION ALL SELECT 'part', indicator_id, part_id, NULL, NULL, NULL, NULL, NULL, NULL FROM (
        SELECT indicator_id, part_id FROM indicators_indicatorpart ORDER BY id
    ) AS parts
"""


def read_surroundings(
    indicator: Indicator, area: Area, day: date, reach: tuple[date, date, date] | None
) -> Surroundings:
    """`reach`: the earliest and the latest first day of a neighbour, and its earliest last day; None: no neighbours are read.

    `day`: the duties of this day.
    """
    series = [indicator.pk, area.pk]
    parameters = [*series, *(reach or _NO_REACH), *series, *[day] * 4]
    return Surroundings(indicator, fetch_rows(_SURROUNDINGS_SQL, parameters))


def load_revisions(measurement: UUID) -> list[tuple[Revision, str | None]]:
    """The revisions of a figure, first to last, with their approvals, and the code of the department that posted each."""
    sql = f"""
        SELECT {column_names(Revision, "r")}, {column_names(Approval, "a")}, d.code
        FROM indicators_revision r LEFT JOIN indicators_approval a ON a.revision_id = r.id
        LEFT JOIN indicators_department d ON d.id = r.department_id WHERE r.measurement_id = %s ORDER BY r.number
    """  # noqa: S608  # nosec B608
    pk = measurement if connection.vendor == "postgresql" else measurement.hex
    revisions = []
    for (revision, approval), (department_code,) in fetch_models(sql, [pk], Revision, Approval):
        # Also a missing approval is cached, so that reading it needs no query.
        revision._state.fields_cache["approval"] = approval
        if approval is not None:
            approval._state.fields_cache["revision"] = revision
        revisions.append((revision, department_code))
    return revisions
