"""The JSON payloads of back-tests. Numbers are in the unit of the indicator, errors in `error_unit`: predicted minus real."""

from typing import Annotated, TypedDict

from kpitracker.lib.json_types import DateText, DecimalText, JsonObject, component, described, one_of
from targets.domain.choices import ErrorUnit, OutlookMethod, PlainMethod, RangeBasis, Status
from targets.payloads.assessments import StatusLabel, TargetFields


class BacktestOutlookPayload(TypedDict):
    """What was expected of the end of the period. `method` is null when the result was there already."""

    value: DecimalText | None
    low: DecimalText | None
    high: DecimalText | None
    method: Annotated[str, one_of(OutlookMethod)] | None
    range_from: Annotated[str, one_of(RangeBasis)] | None


class PlainMethodsPayload(TypedDict):
    """What plain methods expected. `last_year`: what was there divided by last year's share at that time."""

    stay: DecimalText | None
    even: DecimalText | None
    line: DecimalText | None
    last_year: DecimalText | None


class BacktestRow(TargetFields):
    """What was said of a period at the end of a quarter, by what had been published by then, and what came.

    Status and version are null for periods of other years, for which there was no target.
    """

    target: str
    as_of: DateText
    version: int | None
    status: Annotated[str, one_of(Status)] | None
    label: StatusLabel | None
    actual: DecimalText | None
    covered_through: DateText | None
    outlook: BacktestOutlookPayload
    plain: PlainMethodsPayload
    result: Annotated[DecimalText | None, described("Null: no result of the whole period is known.")]
    result_status: Annotated[str, one_of(Status)] | None
    error: Annotated[DecimalText | None, described("Null also when there was nothing left to expect.")]
    error_unit: Annotated[str, one_of(ErrorUnit)] | None
    inside_range: bool | None


class OutlookErrorsPayload(TypedDict):
    """The errors of the outlooks by one method; `method` null: by any. `mean_error` above 0: they lie too high."""

    error_unit: Annotated[str, one_of(ErrorUnit)]
    method: Annotated[str, one_of(OutlookMethod)] | None
    outlooks: int
    mean_absolute_error: DecimalText
    mean_error: DecimalText


class PlainComparisonPayload(TypedDict):
    """A plain method, and the outlooks of the same rows."""

    error_unit: Annotated[str, one_of(ErrorUnit)]
    method: Annotated[str, one_of(PlainMethod)]
    outlooks: int
    mean_absolute_error: DecimalText
    mean_absolute_error_of_outlooks: DecimalText


class BacktestTotalsPayload(TypedDict):
    """`without_value`: rows on whose day no figure of the period had been published. `settled`: those that knew the result.

    `without_result`: rows with an outlook whose result is not known. `tested`: all others.
    `inside_percent`: in how many of the tested outlooks with a range (`ranges`) the result lay.
    """

    rows: int
    without_value: int
    settled: int
    without_result: int
    tested: int
    ranges: int
    inside: int
    inside_percent: DecimalText | None
    errors: list[OutlookErrorsPayload]
    plain: list[PlainComparisonPayload]


class BacktestDocument(TypedDict):
    as_of: Annotated[DateText, described("Results are those known on this day.")]
    totals: BacktestTotalsPayload
    rows: list[BacktestRow]


class PlanBacktestPayload(BacktestDocument):
    plan: Annotated[JsonObject, component("Plan")]


class TargetBacktestPayload(BacktestDocument):
    target: str
