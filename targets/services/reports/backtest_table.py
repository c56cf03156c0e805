"""A back-test of a plan as a Markdown page, in the active language."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from kpitracker.lib.i18n.text import text, translate
from targets.domain.choices import ErrorUnit, OutlookMethod, PlainMethod
from targets.models import Target
from targets.payloads.backtests import BacktestTotalsPayload
from targets.services.evaluation import payloads
from targets.services.reports.backtest import BacktestPoint, SpanAssessment
from targets.services.reports.backtest_payloads import backtest_totals, label_status
from targets.services.text import formatting

_METHOD_NAMES = {
    OutlookMethod.EVEN: text("even", "đều"),
    OutlookMethod.SEASONAL: text("seasonal", "theo mùa"),
    OutlookMethod.REST: text("rest", "phần còn lại"),
    OutlookMethod.MILESTONES: text("milestones", "theo mốc"),
    OutlookMethod.LINE: text("line", "đường thẳng"),
    OutlookMethod.STAY: text("stay", "giữ nguyên"),
    OutlookMethod.DRIFT: text("drift", "mức tăng thêm"),
}
_PLAIN_NAMES = {
    PlainMethod.STAY: text("stay", "giữ nguyên"),
    PlainMethod.EVEN: text("even", "đều"),
    PlainMethod.LINE: text("line", "đường thẳng"),
    PlainMethod.LAST_YEAR: text("last year's share", "tỷ lệ năm trước"),
}
_UNIT_NAMES = {
    ErrorUnit.PERCENT: text("% of the result", "% kết quả"),
    ErrorUnit.POINTS: text("points", "điểm"),
    ErrorUnit.PLACES: text("places", "bậc"),
}
_UNIT_SIGNS = {
    ErrorUnit.PERCENT: text(" %", " %"),
    ErrorUnit.POINTS: text(" points", " điểm"),
    ErrorUnit.PLACES: text(" places", " bậc"),
}


def render_backtest(points: Sequence[BacktestPoint]) -> str:
    """A table of what was said and what came, the errors by method, those of plain methods, and the share inside ranges.

    Targets of which nothing was known at any end of a quarter are only named.
    """
    totals = backtest_totals(points)
    shown_spans = {point.span for point in points if point.before.actual is not None}
    silent_labels = dict.fromkeys(_span_label(point) for point in points if point.span not in shown_spans)
    lines = [*_point_lines([point for point in points if point.span in shown_spans]), ""]
    if silent_labels:
        names = ", ".join(f"`{label}`" for label in silent_labels)
        lines += [translate(f"Nothing was known in time of {names}.", f"Không có số liệu kịp thời của {names}."), ""]
    return "\n".join([*lines, *_total_lines(totals)])


def _point_lines(points: Iterable[BacktestPoint]) -> Iterator[str]:
    yield _table_row(
        [
            translate("target", "chỉ tiêu"),
            translate("as of", "đến ngày"),
            translate("status", "trạng thái"),
            translate("known", "đã biết"),
            translate("outlook", "dự kiến"),
            translate("method", "cách tính"),
            translate("range", "khoảng"),
            translate("came", "kết quả"),
            translate("error", "sai số"),
            *(str(name) for name in _PLAIN_NAMES.values()),
        ]
    )
    yield _table_row(["---", "---", "---", *["--:"] * 2, "---", *["--:"] * 7])
    for point in points:
        yield _table_row(_point_cells(point))


def _point_cells(point: BacktestPoint) -> list[str]:
    before, outlook, result = point.before, point.before.outlook, point.result

    def number(value: Decimal | None) -> str:
        indicator = point.span.target.indicator
        shown = payloads.display_decimal(value, indicator)
        return "–" if shown is None else formatting.format_number(shown, indicator.decimals)

    value_range = (
        "–" if outlook.low is None or outlook.method is None else f"{number(outlook.low)} … {number(outlook.high)}"
    )
    return [
        f"`{_span_label(point)}`",
        point.day.isoformat(),
        label_status(point.span.target, before) or "–",
        number(before.actual),
        number(outlook.value) if outlook.method else "–",
        str(_METHOD_NAMES[outlook.method]) if outlook.method else "–",
        value_range,
        _result_cell(number(result.actual), point.span.target, result) if result else "–",
        _error_cell(point),
        *(number(before.plain.get(method)) for method in _PLAIN_NAMES),
    ]


def _result_cell(value: str, target: Target, result: SpanAssessment) -> str:
    word = label_status(target, result)
    return f"{value} ({word})" if word else value


def _error_cell(point: BacktestPoint) -> str:
    tested = point.outlook_with_result
    if tested is None or tested.error is None or tested.unit is None:
        return "–"
    return f"{_format_error(tested.error)}{_UNIT_SIGNS[tested.unit]}"


def _format_error(error: Decimal | str) -> str:
    return formatting.format_number(format(Decimal(error), "f"), 1).replace("-", "−")


def _span_label(point: BacktestPoint) -> str:
    target, period = point.span.target, point.span.period
    return target.indicator.code if period == target.plan.period else f"{target.indicator.code} {period}"


def _total_lines(totals: BacktestTotalsPayload) -> Iterator[str]:
    yield translate(
        f"{totals['rows']} ends of quarters: at {totals['without_value']} nothing was known yet, at {totals['settled']} the "
        f"result was known already, {totals['without_result']} outlooks have no result yet, {totals['tested']} are tested.",
        f"{totals['rows']} thời điểm cuối quý: {totals['without_value']} chưa biết số liệu nào, {totals['settled']} đã có "
        f"kết quả, {totals['without_result']} dự kiến chưa có kết quả để so, {totals['tested']} được kiểm chứng.",
    )
    if totals["errors"]:
        yield from ["", *_error_lines(totals), "", *_plain_lines(totals), ""]
    if totals["inside_percent"] is not None:
        percent = formatting.format_number(totals["inside_percent"], 1)
        yield translate(
            f"{totals['ranges']} of the tested outlooks have a range; the result lies inside {totals['inside']} of them ({percent} %).",
            f"{totals['ranges']} dự kiến được kiểm chứng có khoảng; kết quả nằm trong {totals['inside']} khoảng ({percent} %).",
        )


def _error_lines(totals: BacktestTotalsPayload) -> Iterator[str]:
    yield _table_row(
        [
            translate("errors of outlooks in", "sai số của dự kiến, tính bằng"),
            translate("method", "cách tính"),
            translate("outlooks", "số dự kiến"),
            translate("mean absolute error", "sai số tuyệt đối trung bình"),
            translate("mean error", "sai số trung bình"),
        ]
    )
    yield _table_row(["---", "---", *["--:"] * 3])
    for row in totals["errors"]:
        method = _METHOD_NAMES[OutlookMethod(row["method"])] if row["method"] else text("all", "tất cả")
        errors = _format_error(row["mean_absolute_error"]), _format_error(row["mean_error"])
        yield _table_row([str(_UNIT_NAMES[ErrorUnit(row["error_unit"])]), str(method), str(row["outlooks"]), *errors])


def _plain_lines(totals: BacktestTotalsPayload) -> Iterator[str]:
    yield _table_row(
        [
            translate("mean absolute error in", "sai số tuyệt đối trung bình, tính bằng"),
            translate("plain method", "cách đơn giản"),
            translate("outlooks compared", "số dự kiến so sánh"),
            translate("of the outlooks", "của dự kiến"),
            translate("of the plain method", "của cách đơn giản"),
        ]
    )
    yield _table_row(["---", "---", *["--:"] * 3])
    for row in totals["plain"]:
        errors = _format_error(row["mean_absolute_error_of_outlooks"]), _format_error(row["mean_absolute_error"])
        method = _PLAIN_NAMES[PlainMethod(row["method"])]
        yield _table_row([str(_UNIT_NAMES[ErrorUnit(row["error_unit"])]), str(method), str(row["outlooks"]), *errors])


def _table_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
