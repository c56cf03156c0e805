"""A back-test as the API and the files show it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from indicators.domain.choices import IndicatorKind
from indicators.domain.rounding import round_half_up, to_plain_string
from targets.domain.backtest import OutlookWithResult, compare_with_plain, count_ranges, error_unit, sum_up_errors
from targets.domain.choices import PlainMethod
from targets.domain.rollup import format_percent
from targets.models import Target
from targets.payloads.backtests import (
    BacktestRow,
    BacktestTotalsPayload,
    OutlookErrorsPayload,
    PlainComparisonPayload,
    PlainMethodsPayload,
)
from targets.services.evaluation import payloads
from targets.services.reports.backtest import BacktestPoint, SpanAssessment
from targets.services.text.status_labels import status_label

_ERROR_PLACES = 6


def backtest_rows(points: Sequence[BacktestPoint]) -> list[BacktestRow]:
    """One row for each point, with the label of its status in the active language."""
    return [_backtest_row(point) for point in points]


def _backtest_row(point: BacktestPoint) -> BacktestRow:
    target, before, result, tested = point.span.target, point.before, point.result, point.outlook_with_result
    outlook, unit = before.outlook, error_unit(IndicatorKind(target.indicator.kind))
    format_number = partial(payloads.display_decimal, indicator=target.indicator)
    return {
        "target": target.identifier,
        **payloads.target_fields(target),
        "period": str(point.span.period),
        "as_of": point.day.isoformat(),
        "version": before.version,
        "status": before.status.value if before.status else None,
        "label": label_status(target, before, provisional=before.provisional) or None,
        "actual": format_number(before.actual),
        "covered_through": payloads.iso_date(before.covered_through),
        "outlook": {
            "value": format_number(outlook.value),
            "low": format_number(outlook.low),
            "high": format_number(outlook.high),
            "method": outlook.method.value if outlook.method else None,
            "range_from": outlook.range_from.value if outlook.range_from else None,
        },
        "plain": _plain_predictions(point),
        "result": format_number(result.actual) if result else None,
        "result_status": result.status.value if result and result.status else None,
        "error": _format_error(tested.error) if tested else None,
        "error_unit": unit.value if unit else None,
        "inside_range": tested.is_inside_range if tested else None,
    }


def label_status(target: Target, assessment: SpanAssessment, *, provisional: bool = False) -> str:
    """Return the word for the status of a target; empty for another year, which has none."""
    if assessment.status is None:
        return ""
    is_below, is_rank = assessment.is_below, target.indicator.kind == IndicatorKind.RANK
    return status_label(
        assessment.status, target.goal or "", is_rank=is_rank, provisional=provisional, is_below=is_below
    )


def _plain_predictions(point: BacktestPoint) -> PlainMethodsPayload:
    plain: Mapping[PlainMethod, Decimal] = point.before.plain
    format_number = partial(payloads.display_decimal, indicator=point.span.target.indicator)
    return {
        "stay": format_number(plain.get(PlainMethod.STAY)),
        "even": format_number(plain.get(PlainMethod.EVEN)),
        "line": format_number(plain.get(PlainMethod.LINE)),
        "last_year": format_number(plain.get(PlainMethod.LAST_YEAR)),
    }


def _format_error(error: Decimal | None) -> str | None:
    return None if error is None else to_plain_string(round_half_up(error, _ERROR_PLACES))


def backtest_totals(points: Sequence[BacktestPoint]) -> BacktestTotalsPayload:
    tested = [outlook for point in points if (outlook := point.outlook_with_result)]
    ranges = count_ranges(tested)
    return {
        "rows": len(points),
        "without_value": sum(point.before.actual is None for point in points),
        "settled": sum(point.before.final for point in points),
        "without_result": sum(point.before.outlook.method is not None and point.result is None for point in points),
        "tested": len(tested),
        "ranges": ranges.ranges,
        "inside": ranges.inside,
        "inside_percent": format_percent(ranges.inside, ranges.ranges),
        "errors": _error_rows(tested),
        "plain": _plain_rows(tested),
    }


def _error_rows(tested: Sequence[OutlookWithResult]) -> list[OutlookErrorsPayload]:
    return [
        {
            "error_unit": errors.unit.value,
            "method": errors.method.value if errors.method else None,
            "outlooks": errors.outlooks,
            "mean_absolute_error": _format_error(errors.mean_absolute) or "0",
            "mean_error": _format_error(errors.mean) or "0",
        }
        for errors in sum_up_errors(tested)
    ]


def _plain_rows(tested: Sequence[OutlookWithResult]) -> list[PlainComparisonPayload]:
    return [
        {
            "error_unit": comparison.unit.value,
            "method": comparison.method.value,
            "outlooks": comparison.outlooks,
            "mean_absolute_error": _format_error(comparison.mean_absolute) or "0",
            "mean_absolute_error_of_outlooks": _format_error(comparison.mean_absolute_of_outlooks) or "0",
        }
        for comparison in compare_with_plain(tested)
    ]
